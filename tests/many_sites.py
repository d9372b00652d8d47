"""Runs that differ in all that a page has words for: what is known, how it was computed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from kinds import write_kinds
from made_across import classes, model_of, write
from tiny_results import Made, make_class, with_parts, write_run
from two_runs import CUP, EGGNOG, ESPRESSO, coded, codes, write_side, write_two

from lens_site.cli import several
from lens_site.results import store
from lens_site.results.comparison import Comparison, ComparisonRow, write_comparison
from lens_site.results.schema import (
    BrowserNetwork,
    ClassStatus,
    ConceptName,
    Names,
    Tried,
    Unreadable,
)

TABLE = Comparison(
    title="Importance methods compared",
    paragraphs=("insertion: higher is better.",),
    rows=tuple(
        ComparisonRow(
            method=method, class_="0967-espresso", concepts=concepts, seconds=seconds,
            metrics={"deletion": 1 - gain, "insertion": gain, "relative_l2": gain / 2},
            curves={"deletion": (1.0, 1 - gain, 0.0)},
        )
        for concepts in (2, 4)
        for method, seconds, gain in (
            ("gradient-input", 1e-5, 0.7), ("hsic", 4.0, 0.66), ("random order", None, 0.5),
        )
    ),
    machine={"cores": 2},
)  # fmt: skip


def full(folder: Path) -> Path:
    """Everything: findings, parts, names, a comparison, mistakes."""
    made = [with_parts(one, 0.6, 0.4) for one in classes()]
    run = write(folder, made, model_of(made))
    results = {r.name.index: r for r, _ in made}
    store.write_names(run, Names(
        model="clip", vocabulary="words.txt", vocabulary_sha256="0" * 64, terms=3, threshold=0.9,
        keys={i: r.key for i, r in results.items()},
        names=(ConceptName(index=967, concept=1, term="foam", score=0.95, tiles=4, low=4),),
    ))  # fmt: skip
    write_comparison(run, "importance", TABLE)
    return run


def kinds(folder: Path) -> Path:
    """Classes from all over the tree, with handles."""
    return write_kinds(folder / "run")


def small(folder: Path) -> Path:
    """Views of one photograph; one image, one concept; no labels; nothing that takes long."""
    return write_run(
        folder / "run",
        make_class(967, bare=True, wrong=None, apart=False),
        make_class(968, "cup", images=1, concepts=1, wrong=0),
        make_class(969, "eggnog", images=1, concepts=2, wrong=1),
        make_class(970, "alp", images=8, concepts=2, wrong=1, apart=False, same_class=0.5),
        views_of_few=True,
    )


def crops(folder: Path) -> Path:
    """Windows of the picture, a head that is not linear, the lead over the runner-up."""
    made = make_class(
        967, patches="crops", adds_up=False, apart=False,
        tried=(Tried(concepts=5, logit_r2=0.4), Tried(concepts=10, logit_r2=0.5)),
    )  # fmt: skip
    other = make_class(968, "cup", patches="crops", adds_up=False)
    changed = [(r.model_copy(update={"score": "margin"}), f) for r, f in (made, other)]
    run = write_run(
        folder / "run", *changed, linear=False, patches="crops", score="margin", layer="blocks.5"
    )
    return _with(run, unreadable=tuple(Unreadable(key=f"{i}.jpg", reason="cut") for i in range(3)))


def few(folder: Path) -> Path:
    """One class; others failed or were seen too rarely."""
    absent = (
        ClassStatus(index=1, slug="0001-a", name="a", status="few", images=1),
        ClassStatus(index=2, slug="0002-b", name="b", status="failed", images=30, reason="broken"),
    )
    run = write_run(folder / "run", make_class(967), absent=absent)
    return _with(run, browser=BrowserNetwork(), unreadable=(Unreadable(key="x", reason="cut"),))


def empty(folder: Path) -> Path:
    """No class at all."""
    return write_run(folder / "run")


def _with(run: Path, **changed: Any) -> Path:
    store.write_run(run, store.read_run(run).model_copy(update=changed))
    return run


RUNS: dict[str, Callable[[Path], Path]] = {
    make.__name__: make for make in (full, kinds, small, crops, few, empty)
}


def alike(folder: Path) -> tuple[Path, Path]:
    """Two networks that share a concept, differ on some images, and one class alone."""
    return _compared(*write_two(folder))


def unlike(folder: Path) -> tuple[Path, Path]:
    """Codes of both signs, none or all in common, one silent; too few common images, or none."""
    two, one, same = codes(2, seed=4) - 1, codes(1, seed=5), codes(1, seed=7) - 1
    second = write_side(
        folder, "net-b",
        _blended(coded(ESPRESSO, codes(2, seed=3) - 1, range(40))),
        coded(CUP, one[:5], range(105, 110)),
        coded(EGGNOG, codes(1, seed=6), range(140, 180)),
        coded((970, "alp"), 3 * same, range(200, 240)),
        facts={"name": "OtherNet"},
    )  # fmt: skip
    first = write_side(
        folder, "net-a",
        _blended(coded(ESPRESSO, two, range(40))),
        coded(CUP, one[:7], range(100, 107)),
        coded(EGGNOG, one[:1], range(139, 140)),
        coded((970, "alp"), np.concatenate([same, 0 * same], axis=3), range(200, 240)),
    )  # fmt: skip
    return _compared(first, second)


def _blended(made: Made) -> Made:
    result, files = made
    return result.model_copy(update={"strategies": ()}), files


def _compared(first: Path, second: Path) -> tuple[Path, Path]:
    several.compare([first, second], lambda *_: None)
    return first, second


PAIRS: dict[str, Callable[[Path], tuple[Path, Path]]] = {
    make.__name__: make for make in (alike, unlike)
}
