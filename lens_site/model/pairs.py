"""Two runs on the same images compared: which concepts both use, and whether they say the same.

Read from class results alone. A class result holds codes of the images that its run gives the class
(``max_images`` at most), so concepts are compared over the images that both runs give it; what they
say of the others is counted where both runs explain them, in whatever class.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float
from safetensors import SafetensorError, safe_open
from threadpoolctl import threadpool_limits

from lens_site.errors import ResultError, UsageError, first_line
from lens_site.model.matching import Matching, match
from lens_site.model.places import in_common
from lens_site.results import store
from lens_site.results.numbers import rounded
from lens_site.results.schema import (
    Alone,
    ClassName,
    ClassPair,
    ClassResult,
    LabelCount,
    Match,
    PairResult,
    RunResult,
    Said,
    pair_key,
)

FEWEST = 10
"""Common images from which on concepts are compared."""

INSTEAD = 5
"""Other classes that are named."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Side:
    """One of the two runs: its classes by slug, and the class it gives each image."""

    folder: Path
    run: RunResult
    keys: Mapping[str, str]
    names: Mapping[int, ClassName]
    given: Mapping[str, int]

    @property
    def zoom(self) -> float:
        """Short side of a picture over the side of what the network sees."""
        facts = self.run.classifier.preprocessing
        resize, crop = facts.get("resize"), facts.get("crop")
        if facts.get("squash") or not (isinstance(resize, int) and isinstance(crop, int)):
            return 1.0
        return resize / crop

    def result(self, slug: str) -> ClassResult:
        """Read the result of one class."""
        return store.read_class(self.folder, slug, verify=False)


def read(run_dir: Path) -> Side:
    """Read all classes of a run once; raises ResultError for one that is damaged."""
    run = store.read_run(run_dir)
    keys: dict[str, str] = {}
    names: dict[int, ClassName] = {}
    given: dict[str, int] = {}
    for status in run.classes:
        if status.status == "built":
            result = store.read_class(run_dir, status.slug, verify=False)
            keys[status.slug], names[status.index] = result.key, result.name
            given |= dict.fromkeys((image.key for image in result.images), status.index)
    return Side(run_dir, run, keys, names, given)


def key_of(first: Side, second: Side) -> str:
    """Return the key that the result over two runs would have."""
    return pair_key(first.keys, second.keys)


def compare(first: Side, second: Side, progress: Progress = lambda done, total: None) -> PairResult:
    """Compare two runs on the same images; the same runs give the same result.

    Raises
    ------
    UsageError
        When the runs are of different images.
    ResultError
        When the arrays of a class are damaged.
    """
    common = first.given.keys() & second.given.keys()
    if first.run.data.name != second.run.data.name or not common:
        raise UsageError(
            f"runs: {first.run.run} is of the images {first.run.data.name!r} and {second.run.run} "
            f"of {second.run.data.name!r}, and {len(common)} image names are the same; wanted two "
            "runs of the same images"
        )
    slugs = sorted(first.keys.keys() & second.keys.keys())
    classes = []
    with threadpool_limits(1):  # the same sums on any number of cores
        for done, slug in enumerate(slugs, start=1):
            classes.append(_class(first, second, slug))
            progress(done, len(slugs))
    return PairResult(
        key=key_of(first, second),
        runs=(first.run.run, second.run.run),
        images=len(common),
        agree=sum(first.given[key] == second.given[key] for key in common),
        classes=tuple(classes),
    )


def _class(first: Side, second: Side, slug: str) -> ClassPair:
    one, other = first.result(slug), second.result(slug)
    places = {image.key: position for position, image in enumerate(other.images)}
    joined = [(i, places[e.key]) for i, e in enumerate(one.images) if e.key in places]
    said = {"first_said": _said(one, second), "second_said": _said(other, first)}
    facts = {"index": one.name.index, "slug": slug, "images": len(joined), **said}
    if len(joined) < FEWEST:
        return ClassPair.model_validate(
            {**facts, "grid": one.grid, "absolute": False, "matches": (), "first_alone": (),
             "second_alone": (), "reason": f"{len(joined)} common images are too few to compare "
             f"concepts; it takes {FEWEST}"}
        )  # fmt: skip
    rows = np.array(joined)
    u, v = in_common(
        _codes(first, slug)[rows[:, 0]], _codes(second, slug)[rows[:, 1]],
        (first.zoom, second.zoom),
    )  # fmt: skip
    absolute = bool((u < 0).any() or (v < 0).any())
    generator = np.random.default_rng([one.name.index, len(joined)])
    found = match(u, v, absolute=absolute, generator=generator)
    flipped = Matching(
        found.correlations.T, found.second_lines, found.first_lines, found.pairs[:, ::-1]
    )
    return ClassPair.model_validate(
        {**facts, "grid": u.shape[1:3], "absolute": absolute, "matches": _matches(found),
         "first_alone": _alone(found, one), "second_alone": _alone(flipped, other)}
    )  # fmt: skip


def _codes(side: Side, slug: str) -> Float[np.ndarray, "n h w k"]:
    path = side.folder / slug / store.ARRAYS
    try:
        with safe_open(path, "np") as file:
            return np.asarray(file.get_tensor("codes"), dtype=np.float64)
    except (OSError, SafetensorError) as error:
        raise ResultError(f"{path}: is damaged ({first_line(error)}); {store.AGAIN}") from error


def _matches(found: Matching) -> tuple[Match, ...]:
    return tuple(
        Match(
            first=i + 1, second=j + 1, correlation=rounded(found.correlations[i, j]),
            chance=rounded(found.line(i, j)),
        )
        for i, j in found.pairs.tolist()
    )  # fmt: skip


def _alone(found: Matching, result: ClassResult) -> tuple[Alone, ...]:
    """Concepts that fire and have no match, in their order."""
    matched = set(found.pairs[:, 0].tolist())
    nearest = found.correlations.argmax(axis=1).tolist()
    return tuple(
        Alone(
            concept=c.number,
            nearest=j + 1 if found.correlations[i, j] > 0 else None,
            correlation=rounded(found.correlations[i, j]),
            chance=rounded(found.line(i, j)),
        )
        for i, (c, j) in enumerate(zip(result.concepts, nearest, strict=True))
        if c.tiles and i not in matched
    )


def _said(result: ClassResult, by: Side) -> Said:
    """Count what another run says of the images of a class."""
    answers = [by.given[image.key] for image in result.images if image.key in by.given]
    return Said(
        images=len(answers),
        same=answers.count(result.name.index),
        instead=_counted([a for a in answers if a != result.name.index], by.names),
    )


def _counted(indices: Sequence[int], names: Mapping[int, ClassName]) -> tuple[LabelCount, ...]:
    most = sorted(Counter(indices).items(), key=lambda item: (-item[1], item[0]))[:INSTEAD]
    return tuple(LabelCount(index=i, name=names[i].name, count=count) for i, count in most)
