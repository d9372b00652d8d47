"""Small results with real files, made without a network: the one builder for all tests.

A class of n images and k concepts has contributions φ that halve from concept to concept; a third
of its images put the second before the first, and the last concept speaks against the class. With
``apart`` these two kinds are its strategies; the leading groups are there always. What a slow
method or an old run leaves out, ``bare`` leaves out.
"""

import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from lens_site.results import store
from lens_site.results.schema import (
    Alignment,
    BrowserNetwork,
    ClassifierInfo,
    ClassName,
    ClassResult,
    ClassStatus,
    Concept,
    Covering,
    Credit,
    Curve,
    DataInfo,
    Edge,
    Extraction,
    Faithfulness,
    Histogram,
    ImageEntry,
    Kept,
    LabelCount,
    Metrics,
    Part,
    PictureCheck,
    Recursion,
    Refits,
    Rival,
    RunResult,
    Runtime,
    Separation,
    Sharp,
    Sprite,
    Strategy,
    Tile,
    Tried,
    Visualization,
    Visualizations,
)

Made = tuple[ClassResult, dict[str, bytes]]
"""A class result and its files."""

SIDE, COLUMNS, TILES = 16, 5, 5
"""Side of a thumbnail in pixels; columns of the sprite; tiles of a concept."""

SHARP_COLUMNS, SHARP_ROWS, SHARP = 3, 2, 8
"""Grid of a sheet of larger pictures, and how many there are at most: one sheet and a bit."""

CUP = 968
"""Label of the images that are mistakes."""

TINY = ("0607-jack-o-lantern", "0967-espresso")
"""Classes of the smallest run."""

METRICS = Metrics(
    explained_logit=0.8, relative_l2=0.56, r2=0.6, sparsity=0.5, dead_concepts=0, logit_r2=0.7,
    wasserstein_1=0.01, frechet_distance=2.5,
    ood=0.4, ood_real=0.3, sample=2009,
)  # fmt: skip

ABSENT = (
    ClassStatus(index=1, slug="0001-goldfish", name="goldfish", status="few", images=2),
    ClassStatus(
        index=2, slug="0002-shark", name="shark", status="failed", images=9, reason="NaN <here>"
    ),
)
"""A class that was predicted too rarely, and one that failed."""


def write_tiny_run(results: Path) -> Path:
    """Write ``results/tiny``: two classes of four images and two concepts, none absent."""
    names = ((607, "jack-o'-lantern"), (967, "espresso"))
    classes = [make_class(index, name, images=4, concepts=2) for index, name in names]
    return write_run(results / "tiny", *classes, absent=())


def write_run(folder: Path, *classes: Made, **difficulty: Any) -> Path:
    """Write these classes and ``make_run`` of them through the store, as a build does."""
    for result, files in classes:
        store.write_class(folder, result, files)
    store.write_run(folder, make_run(*classes, **difficulty))
    return folder


def make_run(
    *classes: Made,
    absent: tuple[ClassStatus, ...] = ABSENT,
    views_of_few: bool = False,
    linear: bool = True,
    **config: str,
) -> RunResult:
    """The run of these classes; ``config`` are options it was built with."""
    return RunResult(
        run="r1",
        lens_version="0.1.0",
        config={"extraction": "nmf", "importance": "gradient-input", "device": None, **config},
        versions={"numpy": "2"},
        device="cpu",
        runtime=Runtime(name="onnxruntime"),
        data=DataInfo(
            name="demo", description="A few photographs.", images=80, labeled=40,
            license="[CC BY 4.0](https://creativecommons.org/licenses/by/4.0/)",
            credits=(Credit(key="c", title="Coffee", author="A. Author", license="CC0",
                            source="https://example.org/coffee"),),
            views_of_few=views_of_few,
        ),
        classifier=ClassifierInfo(
            name="TinyNet", source="a test", weights_sha256="0" * 64, parameters=1234,
            classes=1000, preprocessing={"size": 224, "mean": (0.5, 0.5, 0.5)},
            feature_shape=(8, 7, 7), linear_head=linear, head_error=1e-7,
        ),
        accuracy=None,
        classes=(*(_status(result) for result, _ in classes), *absent),
        unreadable=(),
        browser=BrowserNetwork(reason="TinyNet has a part that no browser has."),
    )  # fmt: skip


def make_class(
    index: int = 967,
    name: str = "espresso",
    *,
    images: int = 40,
    concepts: int = 4,
    wrong: int | None = 3,
    explained: float = 0.8,
    same_class: float = 0.97,
    apart: bool = True,
    bare: bool = False,
    synonyms: tuple[str, ...] = (),
    null_share: float = 0.05,
    patches: str = "grid",
    tried: tuple[Tried, ...] = (),
    metrics: Metrics = METRICS,
    adds_up: bool = True,
) -> Made:
    """A class result and its files; ``wrong=None`` leaves the images unlabeled."""
    phi = contributions(images, concepts)
    share, dominant = phi.sum(0) / np.abs(phi).sum(), phi.argmax(1)
    labels = [None if wrong is None else (CUP if i < wrong else index) for i in range(images)]
    kinds = [g for g in (np.flatnonzero(dominant == 0), np.flatnonzero(dominant != 0)) if len(g)]
    groups = tuple(
        _strategy(number, group, phi, _labels(group, labels, index), wrong or 0)
        for number, group in enumerate(kinds, start=1)
    )
    strategies = groups if apart else ()
    files = _files(images, concepts, bare)
    result = ClassResult(
        key="key",
        name=ClassName(
            index=index, slug=_slug(index, name), name=name, synonyms=(name, *synonyms),
            definition=f"definition of {name}", wordnet="n00000001",
        ),
        predicted=images,
        grid=(7, 7),
        images=tuple(
            _image(i, phi[i], labels[i], name, kinds if apart else []) for i in range(images)
        ),
        concepts=tuple(
            _concept(
                c, float(share[c]), null_share, np.flatnonzero(dominant == c), images,
                _labels(np.flatnonzero(dominant == c), labels, index), bare,
                (Alignment(index=index, name=name, cosine=0.4),
                 Alignment(index=CUP, name="cup", cosine=0.3)),
            )
            for c in range(concepts)
        ),
        groups=groups,
        strategies=strategies,
        separation=None if bare else _separation(images, len(strategies)),
        rivals=() if bare else (_rival(phi),),
        kept=None if bare else _kept(phi, same_class),
        refits=None if bare else Refits(
            halves=4, seeds=2, images=images, stability=0.7, random_patches=0.4
        ),
        edges=tuple(
            Edge(strategy=s.number, concept=c + 1, weight=s.profile[c])
            for s in strategies or groups
            for c in range(concepts)
        ),
        metrics=metrics.model_copy(update={"explained_logit": explained}),
        extraction=Extraction(
            method="nmf", concepts=concepts, patches=patches, rows=49 * images, iterations=9,
            stopped="the loss stood still", losses=(1.0, 0.5), tried=tried,
        ),
        importance_method="gradient-input",
        adds_up=adds_up,
        faithfulness=faithfulness(share),
        remarks=(),
        sprite=Sprite(file="images.webp", columns=COLUMNS, size=SIDE),
        sharp=None if bare else _sharp(images),
        visualizations=None if bare else _visualizations(),
        graph_files=("graph.json.gz", "graph.graphml.gz"),
        maps_file="maps.txt",
        files={file: store.sha256(data) for file, data in files.items()},
    )  # fmt: skip
    return result, files


def with_parts(made: Made, *weights: float) -> Made:
    """The class with its first concept taken apart; the j-th part (from 0) has 3 − j tiles."""
    result, files = made
    first, *others = result.concepts
    parts = tuple(
        Part(number=j + 1, weight=weight, tiles=first.tiles[: max(3 - j, 0)])
        for j, weight in enumerate(weights)
    )
    parted = first.model_copy(update={"parts": parts, "parts_file": "parts-01.webp"})
    files = {**files, "parts-01.webp": sheet(3 * len(weights), 3, 90)}
    update = {
        "concepts": (parted, *others),
        "recursion": Recursion(layer="blocks.<4>", grid=(14, 14)),
        "files": {file: store.sha256(data) for file, data in files.items()},
    }
    return result.model_copy(update=update), files


def contributions(images: int, concepts: int) -> np.ndarray:
    """φ of shape (images, concepts): concept 1 leads, the last one is negative."""
    phi = np.tile(0.5 ** np.arange(concepts), (images, 1))
    if concepts > 1:
        phi[: images // 3, [0, 1]] = phi[: images // 3, [1, 0]]
    if concepts > 2:
        phi[:, -1] = -0.2
    return phi


def faithfulness(share: np.ndarray) -> Faithfulness:
    """Curves of an additive logit: the steepest order, and the straight line of chance."""
    steps = np.concatenate([[0.0], np.sort(share)[::-1]]).cumsum() / (share.sum() or 1.0)
    line = np.linspace(0.0, 1.0, len(steps))

    def curve(values: np.ndarray) -> Curve:
        return Curve(values=tuple(map(float, values)), auc=float(values.mean()))

    return Faithfulness(
        deletion=curve(1 - steps), insertion=curve(steps), random_deletion=curve(1 - line),
        random_insertion=curve(line), mu_fidelity=1.0, images=40, notes=(),
    )  # fmt: skip


def sheet(cells: int, columns: int, hue: int) -> bytes:
    """A grid of squares, each with a color of its own."""
    picture = Image.new("RGB", (SIDE * columns, SIDE * -(-cells // columns)))
    for cell in range(cells):
        row, column = divmod(cell, columns)
        color = ((37 * cell + hue) % 256, (91 * cell) % 256, hue % 256)
        picture.paste(color, (SIDE * column, SIDE * row, SIDE * (column + 1), SIDE * (row + 1)))
    written = io.BytesIO()
    picture.save(written, "WEBP", quality=75)
    return written.getvalue()


def _files(images: int, concepts: int, bare: bool) -> dict[str, bytes]:
    """Sprite, strips, and maps that light one cell of each image for concept 1."""
    tiles = min(TILES, images)
    files = {"images.webp": sheet(images, COLUMNS, 200)}
    if not bare:
        files |= {"drawn.webp": sheet(concepts, 3, 60), "accentuated.webp": sheet(concepts, 3, 70)}
    for c in range(concepts):
        files[f"tiles-{c + 1:02d}.webp"] = sheet(tiles, tiles, 20 * c)
        files[f"heat-{c + 1:02d}.webp"] = sheet(tiles, tiles, 20 * c + 10)
    sharp, full = _sharp(images), SHARP_COLUMNS * SHARP_ROWS
    for i, name in enumerate(sharp.files):
        files[name] = sheet(min(full, len(sharp.images) - i * full), SHARP_COLUMNS, 60 + i)
    maps = ["7 7", *("1:" + "A" * (i % 49) + "_" + "A" * (48 - i % 49) for i in range(images))]
    files |= {"graph.json.gz": b"{}", "graph.graphml.gz": b"<graphml/>"}
    files["maps.txt"] = "\n".join(maps).encode()
    return files


def _sharp(images: int) -> Sharp:
    """The last images, from the last one down, on as many sheets as they take."""
    held = range(images - 1, max(images - 1 - SHARP, -1), -1)
    sheets = -(-len(held) // (SHARP_COLUMNS * SHARP_ROWS))
    return Sharp(
        files=tuple(f"sharp-{i + 1}.webp" for i in range(sheets)), columns=SHARP_COLUMNS,
        rows=SHARP_ROWS, size=2 * SIDE, images=tuple(held),
    )  # fmt: skip


def _slug(index: int, name: str) -> str:
    words = "".join(letter if letter.isalnum() else " " for letter in name).split()
    return f"{index:04d}-{'-'.join(words)}".lower()


def _labels(chosen: np.ndarray, labels: list[int | None], index: int) -> dict[str, Any]:
    """How often the labels of these images are right, where they have any."""
    known = [labels[i] for i in chosen if labels[i] is not None]
    if not known:
        return {"reliability": None}
    right = sum(label == index for label in known) / len(known)
    return {
        "reliability": right,
        "reliability_interval": (max(right - 0.1, 0.0), min(right + 0.05, 1.0)),
    }


def _separation(images: int, groups: int) -> Separation:
    few = images < 40
    return Separation(
        method="k-means", groups=groups, p_value=None if few else 0.02 if groups else 0.4,
        draws=0 if few else 99, agreement=None if few else 0.9 if groups else 0.1,
        agreement_null=None if few else 0.1,
        reason=f"{images} images are too few to look for groups" if few and not groups else "",
    )  # fmt: skip


def _rival(phi: np.ndarray) -> Rival:
    """A cup: the concepts speak for the class, but for the last one; the rest against it."""
    differences = 0.5 * phi.mean(0)
    return Rival(
        index=CUP, name="cup", images=len(phi), margin=float(differences.sum() + 0.2),
        differences=tuple(map(float, differences)), constant=0.5, everything_else=-0.3,
    )  # fmt: skip


def _kept(phi: np.ndarray, same_class: float) -> Kept:
    return Kept(
        same_class=same_class, probability=0.77, probability_kept=0.91, skill=0.3,
        margin_skill=0.2, margin_r2=0.18, bias=0.6,
        everything_else=-0.1 * len(phi) / float(np.abs(phi).sum()),
    )  # fmt: skip


def _image(
    i: int, phi: np.ndarray, label: int | None, name: str, groups: list[np.ndarray]
) -> ImageEntry:
    strategy = next((n for n, group in enumerate(groups, start=1) if i in group), None)
    return ImageEntry(
        key=f"folder/{i}.jpg",
        label=label,
        label_name={None: None, CUP: "cup"}.get(label, name),
        probability=0.9,
        logit=float(phi.sum() + 0.5),
        importance=tuple(map(float, phi)),
        everything_else=-0.1,
        dominant=int(phi.argmax()) + 1,
        strategy=strategy,
        membership=tuple(
            0.8 if n == strategy else 0.2 / max(len(groups) - 1, 1)
            for n in range(1, len(groups) + 1)
        )
        if len(groups) > 1
        else (1.0,) * len(groups),
        x=float(np.cos(i)),
        y=float(np.sin(i)),
    )


def _concept(
    c: int, share: float, null_share: float, dominated: np.ndarray, images: int,
    labels: dict[str, Any], bare: bool, aligned: tuple[Alignment, ...],
) -> Concept:  # fmt: skip
    return Concept(
        number=c + 1,
        share=share,
        interval=(share - 0.02, share + 0.02),
        null_share=null_share,
        prevalence=len(dominated) / images,
        dominates=len(dominated),
        **labels,
        **({} if bare else _rests_on(c, share)),
        **({} if bare else _examples(images)),
        important=len(dominated) >= 3,
        aligned=aligned,
        tiles=tuple(
            Tile(image=i, row=0, column=0, box=(0.0, 0.0, 0.5, 0.5), code=1.0)
            for i in range(min(TILES, images))
        ),
        tiles_file=f"tiles-{c + 1:02d}.webp",
        heat_file=f"heat-{c + 1:02d}.webp",
    )


def _rests_on(c: int, share: float) -> dict[str, Any]:
    """What the claims of concept c rest on: the third is not found again."""
    return {
        "found_again": 0.2 if c == 2 else 0.9,
        "share_range": (share - 0.05, share + 0.03),
        "covering": Covering(fall=0.34 / (c + 1), fall_at_random=0.1, images=8, places=6),
        "histogram": Histogram(low=0.0, high=2.0, counts=(4, 10, 6, 1), leads=(0, 5, 6, 1)),
        "mean_map": tuple(tuple((i + j) / 12 for j in range(7)) for i in range(7)),
        "visualization": _visualization(c),
    }


def _examples(images: int) -> dict[str, Any]:
    """Typical and weak images, the last ones of the class: their right lower quarter."""
    tiles = tuple(
        Tile(image=i, row=3, column=3, box=(0.5, 0.5, 1.0, 1.0), code=0.1)
        for i in range(max(images - 4, 0), images)
    )
    return {"typical": tiles[:2], "weak": tiles[2:]}


def _visualization(c: int) -> Visualization:
    """The network does not rank the picture of the second concept first."""
    return Visualization(
        cell=c,
        drawn=PictureCheck(rank=3 if c == 1 else 1, ratio=0.7 if c == 1 else 2.5,
                           likeness=(0.6, 0.4)),
        accentuated=PictureCheck(rank=1, ratio=4.0, likeness=(0.9, 0.8)),
        likeness_of_tiles=(0.8, 0.7),
        likeness_of_others=(0.5, 0.3),
    )  # fmt: skip


def _visualizations() -> Visualizations:
    return Visualizations(
        level="preview", photographs=200, layers=("blocks.<4>", "blocks.<2>"),
        drawn=Sprite(file="drawn.webp", columns=3, size=SIDE),
        accentuated=Sprite(file="accentuated.webp", columns=3, size=SIDE),
    )  # fmt: skip


def _strategy(
    number: int, group: np.ndarray, phi: np.ndarray, labels: dict[str, Any], wrong: int
) -> Strategy:
    profile = phi[group].mean(0) / np.abs(phi[group]).sum(1).mean()
    others = np.delete(phi, group, axis=0)
    mistakes = (LabelCount(index=CUP, name="cup", count=wrong),) if wrong and number > 1 else ()
    return Strategy(
        number=number,
        size=len(group),
        prevalence=len(group) / len(phi),
        **labels,
        apart=tuple(map(float, profile - others.mean(0) / np.abs(others).sum(1).mean()))
        if len(others)
        else (),
        profile=tuple(map(float, profile)),
        dominant=int(phi[group[0]].argmax()) + 1,
        x=number - 1.5,
        y=0.5,
        prototypes=tuple(map(int, group[:6])),
        outliers=tuple(map(int, group[-2:])),
        mistaken=tuple(int(i) for i in group[:2] if i < wrong),
        mistakes=mistakes,
    )


def _status(result: ClassResult) -> ClassStatus:
    name = result.name
    return ClassStatus(
        index=name.index, slug=name.slug, name=name.name, status="built",
        images=len(result.images),
    )  # fmt: skip
