"""Strategies measured on planted profiles: whether groups are found, and one cloud left whole.

Profiles of k concepts are drawn, with seeds: mixtures of 2 to 6 groups, from weak to very strong,
and single clouds without groups. Nothing of a class or a network is needed.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score

from lens_site import strategies
from lens_site.bench.machine import machine
from lens_site.bench.subject import Report
from lens_site.errors import ConfigError
from lens_site.results.comparison import Comparison, ComparisonRow
from lens_site.results.numbers import rounded

CONCEPTS = 10

GROUPS = (2, 3, 4, 5, 6)

STRENGTHS = {
    "weak": (1.25, 4.0),
    "medium": (2.0, 8.0),
    "strong": (3.4, 20.0),
    "very strong": (5.0, 80.0),
}
"""How far groups are apart: gain of a group's own concepts, in the logarithm; Dirichlet weight.

The gains are such that grouping by leading concept reaches .27, .56, .87 and .97.
"""

LEADING, SILHOUETTE = "leading concept", "k-means, silhouette"
"""What methods are compared with."""

FLAT = 0.25
"""Silhouette under which k-means without a null calls the images one group (Kaufman 1990)."""

SMALLEST, LARGEST = 10, 2_000
"""Images that a planted class can have."""

Points = Float[np.ndarray, "n k"]
Group = Callable[[Points, int], Int[np.ndarray, " n"]]
"""Profiles and a seed to the group of every image."""


def patterns(n: int, groups: int, strength: str, seed: int) -> tuple[Points, np.ndarray]:
    """Logistic-normal profiles; each group has a concept of its own that is raised, and another."""
    draw = np.random.default_rng([seed, groups, n])
    lead = draw.permutation(CONCEPTS)[:groups]
    raised = np.eye(CONCEPTS)[lead]
    for row, first in zip(raised, lead, strict=True):
        row[draw.choice(np.delete(np.arange(CONCEPTS), first))] += 0.5
    truth = np.arange(n) % groups
    logs = np.linspace(0.8, -0.8, CONCEPTS) + STRENGTHS[strength][0] * raised[truth]
    return strategies.profiles(np.exp(logs + 0.6 * draw.normal(size=logs.shape))), truth


def centers(n: int, groups: int, strength: str, seed: int) -> tuple[Points, np.ndarray]:
    """Dirichlet profiles around random centers, of which no two are near."""
    draw = np.random.default_rng([seed, groups, n])
    while True:
        middle = draw.dirichlet(np.full(CONCEPTS, 0.4), groups)
        if (np.abs(middle[:, None] - middle).sum(axis=2) + 9 * np.eye(groups)).min() > 0.7:
            break
    truth = np.arange(n) % groups
    weight = STRENGTHS[strength][1]
    return strategies.profiles(
        np.stack([draw.dirichlet(weight * middle[t] + 0.05) for t in truth])
    ), truth


def cloud(kind: str, n: int, seed: int) -> Points:
    """One cloud without groups, of a kind in ``CLOUDS``."""
    return strategies.profiles(CLOUDS[kind](n, np.random.default_rng([seed, n])))


def _correlated(n: int, draw: np.random.Generator) -> np.ndarray:
    loadings = draw.normal(size=(3, CONCEPTS))
    logs = 0.6 * draw.normal(size=(n, 3)) @ loadings + 0.3 * draw.normal(size=(n, CONCEPTS))
    return np.exp(logs + SLOPE)


def _line(n: int, draw: np.random.Generator) -> np.ndarray:
    ends = strategies.profiles(np.exp(draw.normal(size=(2, CONCEPTS))))
    along = draw.beta(1.5, 1.5, (n, 1))
    noise = np.exp(0.15 * draw.normal(size=(n, CONCEPTS)))
    blend: np.ndarray = (along * ends[0] + (1 - along) * ends[1]) * noise
    return blend


SLOPE = np.linspace(1, -1, CONCEPTS)

CLOUDS: dict[str, Callable[[int, np.random.Generator], np.ndarray]] = {
    "flat Dirichlet": lambda n, draw: draw.dirichlet(np.ones(CONCEPTS), n),
    "sloped Dirichlet": lambda n, draw: draw.dirichlet(np.linspace(8, 1, CONCEPTS), n),
    "sparse Dirichlet": lambda n, draw: draw.dirichlet(np.full(CONCEPTS, 0.5), n),
    "gamma": lambda n, draw: draw.gamma(np.linspace(3, 0.6, CONCEPTS), 1, (n, CONCEPTS)),
    "logistic-normal": lambda n, draw: np.exp(draw.normal(size=(n, CONCEPTS)) + SLOPE),
    "correlated logistic-normal": _correlated,
    "signed normal": lambda n, draw: draw.normal(np.linspace(3, 0.3, CONCEPTS), 0.7, (n, CONCEPTS)),
    "line": _line,
}
"""Single clouds: importance as each draws it."""


def by_method(word: str) -> Group:
    """Group by a method of strategies; all one where it finds none."""

    def group(points: Points, seed: int) -> np.ndarray:
        membership = strategies.find(points, method=word, seed=seed).membership
        return strategies.assigned(membership) if membership.size else np.zeros(len(points), int)

    return group


def by_leading(points: Points, seed: int) -> Int[np.ndarray, " n"]:
    """Group by leading concept."""
    return strategies.leading(points)


def by_silhouette(points: Points, seed: int) -> Int[np.ndarray, " n"]:
    """k-means on the same square roots, the number by its silhouette alone."""
    roots = np.sign(points) * np.sqrt(np.abs(points))
    best, found = FLAT, np.zeros(len(points), dtype=int)
    for g in range(2, 9):
        groups = KMeans(g, n_init=4, random_state=seed).fit_predict(roots)
        value = float(silhouette_score(roots, groups))
        if value > best:
            best, found = value, groups
    return found


@dataclass(frozen=True)
class Problem:
    """What one row of the table is measured on: a name, and profiles with their true groups."""

    name: str
    draws: tuple[tuple[Points, np.ndarray | None], ...]


def problems(sizes: Sequence[int], seeds: int) -> list[Problem]:
    """Mixtures of each strength and size, groups in turn; and clouds of each kind and size."""
    made = []
    for n in sizes:
        for family in (patterns, centers):
            for strength in STRENGTHS:
                draws = [
                    family(n, GROUPS[seed % len(GROUPS)], strength, seed) for seed in range(seeds)
                ]
                made.append(Problem(f"{strength} {family.__name__}, n = {n}", tuple(draws)))
        for kind in CLOUDS:
            clouds = tuple((cloud(kind, n, seed), None) for seed in range(seeds))
            made.append(Problem(f"one cloud, {kind}, n = {n}", clouds))
    return made


def compare(
    methods: Sequence[str], *, sizes: Sequence[int], seeds: int, report: Report
) -> Comparison:
    """Measure methods × problems: adjusted Rand index, or how often one cloud is split."""
    groups = {**{word: by_method(word) for word in methods}}
    groups |= {LEADING: by_leading, SILHOUETTE: by_silhouette}
    asked = problems(sizes, seeds)
    rows: list[ComparisonRow] = []
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for problem in asked:
            for name, group in groups.items():
                report(len(rows), len(asked) * len(groups), f"{name}, {problem.name}")
                rows.append(_row(name, group, problem))
    finally:
        torch.set_num_threads(threads)
    return Comparison(
        title="Ways to find strategies compared",
        paragraphs=(
            f"Planted profiles of {CONCEPTS} concepts, {seeds} draws a problem; mixtures of "
            f"{GROUPS[0]} to {GROUPS[-1]} groups.",
            "adjusted_rand: agreement with the planted groups; 0 is chance, 1 is all right.",
            "wrongly_split: share of single clouds in which groups are found; low is good.",
        ),
        rows=tuple(rows),
        machine=machine(),
    )


def parse_sizes(text: str) -> tuple[int, ...]:
    """Numbers of images, as ``60,200``.

    Raises
    ------
    ConfigError
        For a word that is no number from 10 to 2,000.
    """
    words = [word.strip() for word in text.split(",") if word.strip()]
    wrong = [w for w in words if not w.isdecimal() or not SMALLEST <= int(w) <= LARGEST]
    if wrong or not words:
        raise ConfigError(
            f"sizes: {wrong[0] if wrong else text!r} is no number from {SMALLEST} to {LARGEST:,}; "
            "give 60,200"
        )
    return tuple(dict.fromkeys(int(w) for w in words))


def in_words(table: Comparison) -> str:
    """Problems down, methods across: adjusted Rand index, or share of clouds split."""
    methods = list(dict.fromkeys(row.method for row in table.rows))
    lines = [table.title, *table.paragraphs, "", _line_of("", methods)]
    for problem in dict.fromkeys(row.class_ for row in table.rows):
        rows = {row.method: row.metrics for row in table.rows if row.class_ == problem}
        lines.append(_line_of(problem, [_figure(rows[method]) for method in methods]))
    return "\n".join(lines)


def _line_of(problem: str, cells: Sequence[str]) -> str:
    return f"{problem:44}" + "".join(f"{cell:>22}" for cell in cells)


def _figure(metrics: dict[str, float | None]) -> str:
    right, split = metrics["adjusted_rand"], metrics["wrongly_split"]
    return f"{right:.2f}" if right is not None else f"{split:.0%} split"


def _row(name: str, group: Group, problem: Problem) -> ComparisonRow:
    begun = time.process_time()
    found = [group(points, seed) for seed, (points, _) in enumerate(problem.draws)]
    seconds = (time.process_time() - begun) / len(found)
    right = [
        adjusted_rand_score(truth, groups)
        for groups, (_, truth) in zip(found, problem.draws, strict=True)
        if truth is not None
    ]
    split = [
        len(np.unique(groups)) > 1
        for groups, (_, truth) in zip(found, problem.draws, strict=True)
        if truth is None
    ]
    return ComparisonRow(
        method=name,
        class_=problem.name,
        concepts=CONCEPTS,
        metrics={
            "adjusted_rand": rounded(np.mean(right)) if right else None,
            "wrongly_split": rounded(np.mean(split)) if split else None,
        },
        seconds=rounded(seconds),
    )
