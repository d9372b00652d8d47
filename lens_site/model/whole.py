"""Everything across the classes of a run, in its order: gather, compare, group, lay out, audit."""

from collections.abc import Sequence

import numpy as np

from lens_site.model import similar
from lens_site.model.atlas import layout
from lens_site.model.audit import Subject, audit
from lens_site.model.concepts import ClassFacts, Concepts, gather
from lens_site.model.shared import Shared, shared
from lens_site.results.numbers import rounded
from lens_site.results.schema import (
    ConceptPoint,
    Member,
    ModelResult,
    Neighbor,
    SharedGroup,
    model_key,
)


def across(facts: Sequence[ClassFacts], *, seed: int) -> ModelResult:
    """Compute what is found across classes; the same classes and seed give the same result."""
    concepts = gather(sorted(facts, key=lambda one: one.index))
    likeness = similar.likeness(concepts, np.random.default_rng([seed, len(concepts.rows)]))
    groups = () if likeness is None else shared(concepts, likeness)
    records = tuple(_group(concepts, n, group) for n, group in enumerate(groups, start=1))
    looks, findings = audit(Subject(concepts.facts, records))
    return ModelResult(
        key=model_key({one.index: one.key for one in facts}),
        classes=tuple(one.index for one in concepts.facts),
        left_out=concepts.left_out,
        reference=None if likeness is None else likeness.reference,
        points=_points(concepts, likeness, groups, seed),
        groups=records,
        looks=looks,
        findings=findings,
    )


def _group(concepts: Concepts, number: int, group: Shared) -> SharedGroup:
    return SharedGroup(
        number=number,
        members=tuple(Member(**_name(concepts, r)) for r in group.rows),
        cosine=rounded(group.cosine),
        least=rounded(group.least),
    )


def _points(
    concepts: Concepts,
    likeness: similar.Likeness | None,
    groups: Sequence[Shared],
    seed: int,
) -> tuple[ConceptPoint, ...]:
    places = layout(concepts, seed=seed)
    group_of = {r: n for n, group in enumerate(groups, start=1) for r in group.rows}
    mutual = set() if likeness is None else {(a, b) for a, b in likeness.pairs.tolist()}

    def neighbors(r: int) -> tuple[Neighbor, ...]:
        if likeness is None:
            return ()
        near = zip(likeness.near[r].tolist(), likeness.cosines[r].tolist(), strict=True)
        return tuple(
            Neighbor(
                **_name(concepts, s), cosine=rounded(c), mutual=(min(r, s), max(r, s)) in mutual
            )
            for s, c in near
        )

    return tuple(
        ConceptPoint(
            **_name(concepts, r),
            x=rounded(places[r, 0]),
            y=rounded(places[r, 1]),
            group=group_of.get(r),
            neighbors=neighbors(r),
        )
        for r in range(len(concepts.rows))
    )


def _name(concepts: Concepts, r: int) -> dict[str, int]:
    return {"index": int(concepts.classes[r]), "concept": int(concepts.numbers[r])}
