"""The images of a class grouped: by leading concept, by strategy; their places and their graph."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from lens_site import strategies
from lens_site.classes.concepts import ClassConcepts
from lens_site.classes.inputs import ClassImages, Settings
from lens_site.classifier.labels import Labels
from lens_site.importance.summary import wilson
from lens_site.results.numbers import rounded
from lens_site.results.schema import Edge, LabelCount, Separation, Strategy
from lens_site.results.shown import MISTAKEN

NODE_LINK, GRAPHML = "graph.json.gz", "graph.graphml.gz"
"""Files of the strategic cluster graph."""


@dataclass(frozen=True)
class Grouping:
    """Groups of the n images, as the schema wants them, and the files of their graph.

    ``assignment`` numbers strategies from 1, all None where there are none; then ``memberships``
    are empty and the ends of ``edges`` are leading groups.
    """

    layout: Float[np.ndarray, "n 2"]
    assignment: tuple[int | None, ...]
    memberships: tuple[tuple[float, ...], ...]
    groups: tuple[Strategy, ...]
    strategies: tuple[Strategy, ...]
    separation: Separation
    edges: tuple[Edge, ...]
    files: dict[str, bytes]


def group_images(
    images: ClassImages, concepts: ClassConcepts, settings: Settings, labels: Labels
) -> Grouping:
    """Group images classified for the same reason, place them, and draw the graph of both.

    Raises
    ------
    StageError
        When there is no image or no concept, or an importance that is not finite.
    """
    profiles = strategies.profiles(concepts.phi)
    layout = strategies.embed(profiles, seed=settings.seed)
    leading = strategies.leading(profiles)
    found = strategies.find(concepts.phi, method=settings.strategies, seed=settings.seed)
    there = found.membership.shape[1] > 0
    belongs = strategies.assigned(found.membership) + 1 if there else None

    def described(assignment: np.ndarray) -> tuple[Strategy, ...]:
        groups = strategies.describe(profiles, assignment, layout, images.labels, images.index)
        return _records(groups, images, labels)

    graph = strategies.build(
        profiles,
        leading if belongs is None else belongs,
        layout,
        hubs="group" if belongs is None else "strategy",
    )
    return Grouping(
        layout=layout,
        assignment=(None,) * len(profiles) if belongs is None else tuple(belongs.tolist()),
        memberships=tuple(tuple(rounded(v) for v in row) for row in found.membership),
        groups=described(leading),
        strategies=() if belongs is None else described(belongs),
        separation=_separation(found, settings.strategies),
        edges=tuple(
            Edge(strategy=hub, concept=concept, weight=rounded(weight))
            for hub, concept, weight in strategies.edges(graph)
        ),
        files={NODE_LINK: strategies.node_link(graph), GRAPHML: strategies.graphml(graph)},
    )


def _separation(found: strategies.Found, method: str) -> Separation:
    return Separation(
        method=method,
        groups=found.membership.shape[1],
        p_value=found.p_value,
        draws=found.draws,
        agreement=None if found.agreement is None else rounded(found.agreement),
        agreement_null=None if found.agreement_null is None else rounded(found.agreement_null),
        reason=found.reason,
    )


def _records(
    groups: Sequence[strategies.Strategy], images: ClassImages, labels: Labels
) -> tuple[Strategy, ...]:
    n = len(images.names)
    return tuple(
        Strategy(
            number=number,
            size=len(group.members),
            prevalence=rounded(len(group.members) / n),
            reliability=rounded(group.right / group.labeled) if group.labeled else None,
            reliability_interval=_interval(group.right, group.labeled),
            apart=tuple(rounded(v) for v in group.apart),
            profile=tuple(rounded(v) for v in group.profile),
            dominant=group.dominant + 1,
            x=rounded(group.center[0]),
            y=rounded(group.center[1]),
            prototypes=group.prototypes,
            outliers=group.outliers,
            mistaken=surest_mistakes(images, group.members)[:MISTAKEN],
            mistakes=tuple(
                LabelCount(index=label, name=labels[label].name, count=count)
                for label, count in group.mistakes
            ),
        )
        for number, group in enumerate(groups, start=1)
    )


def surest_mistakes(images: ClassImages, among: Iterable[int]) -> tuple[int, ...]:
    """Return those whose label is another class, the surest first."""
    wrong = (i for i in among if images.labels[i] not in (-1, images.index))
    return tuple(sorted(wrong, key=lambda i: (-images.probabilities[i], i)))


def _interval(right: int, labeled: int) -> tuple[float, float] | None:
    if not labeled:
        return None
    low, high = wilson(right, labeled) or (0.0, 1.0)
    return rounded(low), rounded(high)
