"""Tiny runs with a ``model.json``: made-up findings and groups over made-up classes."""

from pathlib import Path
from typing import Any

from tiny_results import Made, make_class, write_run

from lens_site.results import store
from lens_site.results.schema import (
    ConceptPoint,
    Finding,
    Look,
    Member,
    ModelResult,
    Neighbor,
    Reference,
    SharedGroup,
    model_key,
)

NAMES = ((607, "jack-o'-lantern <b>"), (967, "espresso"), (968, "cup"), (969, "eggnog"))

FINDINGS = (
    Finding(kind="misleads", index=967, concept=2, value=0.75, interval=(0.5, 0.9), expected=0.08,
            images=40, share=0.3, share_interval=(0.2, 0.4)),
    Finding(kind="off-center", index=607, concept=1, value=0.9, interval=(0.85, 0.95),
            expected=0.49, images=40, share=0.5, share_interval=(0.4, 0.6)),
    Finding(kind="recurs", group=1, value=0.2, expected=0.3, images=120, share=0.2,
            share_interval=(0.1, 0.3)),
    Finding(kind="strategy", index=967, strategy=2, value=0.6, interval=(0.4, 0.8), expected=0.1,
            images=20),
    Finding(kind="lost", index=968, concept=3, value=0.3, expected=0.4, images=40, share=0.1,
            share_interval=(-0.01, 0.2)),
)  # fmt: skip


def classes(count: int = 4, **given: Any) -> list[Made]:
    return [make_class(index, name, **given) for index, name in NAMES[:count]]


def model_of(made: list[Made], **changed: Any) -> ModelResult:
    """All concepts on a grid, the first of each class alike, one finding of each kind."""
    members = [Member(index=r.name.index, concept=c.number) for r, _ in made for c in r.concepts]
    firsts = tuple(m for m in members if m.concept == 1)
    kinds = [f.kind for f in FINDINGS]
    shared = len(made) > 1
    usual: dict[str, Any] = {
        "key": model_key({r.name.index: r.key for r, _ in made}),
        "classes": tuple(r.name.index for r, _ in made),
        "reference": None if not shared else Reference(
            random_median=0.2, random_high=0.5, shuffled_median=0.3, shuffled_high=0.4, again=0.76,
            threshold=0.76, pairs=6, pairs_shuffled=0, absolute=False,
        ),
        "points": tuple(
            ConceptPoint(
                **m.model_dump(), x=-1 + 2 * (i % 4) / 3, y=1 - i / 8,
                group=1 if m.concept == 1 and shared else None,
                neighbors=tuple(
                    Neighbor(**n.model_dump(), cosine=0.9, mutual=True)
                    for n in firsts if m.concept == 1 and n.index != m.index
                ),
            )
            for i, m in enumerate(members)
        ),
        "groups": (SharedGroup(number=1, members=firsts, cosine=0.9, least=0.85),)
        if shared
        else (),
        "looks": tuple(Look(kind=kind, looked=9, found=1) for kind in kinds),
        "findings": FINDINGS,
    }  # fmt: skip
    return ModelResult(**{**usual, **changed})


def write(folder: Path, made: list[Made], model: ModelResult | None) -> Path:
    run = write_run(folder / "run", *made)
    if model is not None:
        store.write_model(run, model)
    return run
