"""Small runs with real files, named by their difficulty, for the tests of the site."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from lens_site.results import store
from lens_site.results.schema import (
    Alignment,
    ClassifierInfo,
    ClassName,
    ClassResult,
    ClassStatus,
    Concept,
    Credit,
    Curve,
    DataInfo,
    Edge,
    Extraction,
    Faithfulness,
    ImageEntry,
    LabelCount,
    Metrics,
    Part,
    Recursion,
    RunResult,
    Sprite,
    Strategy,
    Tile,
    Tried,
)

SIDE = 16


def grid(cells: int, columns: int, hue: int) -> bytes:
    """A grid of squares, each with a color of its own."""
    rows = -(-cells // columns)
    sheet = Image.new("RGB", (SIDE * columns, SIDE * rows))
    for cell in range(cells):
        row, column = divmod(cell, columns)
        color = ((37 * cell + hue) % 256, (91 * cell) % 256, hue % 256)
        sheet.paste(color, (SIDE * column, SIDE * row, SIDE * (column + 1), SIDE * (row + 1)))
    written = io.BytesIO()
    sheet.save(written, "WEBP", quality=75)
    return written.getvalue()


def contributions(images: int, concepts: int) -> np.ndarray:
    """φ of shape (images, concepts): concept 1 leads, the last one is negative."""
    base = 0.5 ** np.arange(concepts)
    phi = np.tile(base, (images, 1))
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


METRICS = Metrics(
    explained_logit=0.8, relative_l2=0.56, r2=0.6, sparsity=0.5, dead_concepts=0, logit_r2=0.7,
    stability=0.25, stability_images=40, wasserstein_1=0.01, frechet_distance=2.5,
    ood=0.4, sample=2009,
)  # fmt: skip


def with_parts(
    made: tuple[ClassResult, dict[str, bytes]], *weights: float
) -> tuple[ClassResult, dict[str, bytes]]:
    """The class with its first concept taken apart; the j-th part (from 0) has 3 − j tiles."""
    result, files = made
    first, *others = result.concepts
    parts = tuple(
        Part(number=j + 1, weight=weight, tiles=first.tiles[: max(3 - j, 0)])
        for j, weight in enumerate(weights)
    )
    taken = first.model_copy(update={"parts": parts, "parts_file": "parts-01.webp"})
    files = {**files, "parts-01.webp": grid(3 * len(weights), 3, 90)}
    update = {
        "concepts": (taken, *others),
        "recursion": Recursion(layer="blocks.<4>", grid=(14, 14)),
        "files": {file: store.sha256(data) for file, data in files.items()},
    }
    return result.model_copy(update=update), files


def make_class(
    index: int = 967,
    name: str = "espresso",
    *,
    images: int = 40,
    concepts: int = 4,
    wrong: int | None = 3,
    explained: float = 0.8,
    synonyms: tuple[str, ...] = (),
    null_share: float = 0.05,
    patches: str = "grid",
    tried: tuple[Tried, ...] = (),
    metrics: Metrics = METRICS,
) -> tuple[ClassResult, dict[str, bytes]]:
    """A class result and its files; ``wrong=None`` leaves the images unlabelled."""
    phi = contributions(images, concepts)
    share = phi.sum(0) / np.abs(phi).sum()
    dominant = phi.argmax(1)
    labels = [None if wrong is None else (968 if i < wrong else index) for i in range(images)]
    tiles = tuple(
        Tile(image=i, row=0, column=0, box=(0.0, 0.0, 0.5, 0.5), code=1.0)
        for i in range(min(5, images))
    )

    def reliability(chosen: list[int]) -> float | None:
        if wrong is None or not chosen:
            return None
        return sum(labels[i] == index for i in chosen) / len(chosen)

    found = tuple(
        Concept(
            number=c + 1,
            share=float(share[c]),
            interval=(float(share[c] - 0.02), float(share[c] + 0.02)),
            null_share=null_share,
            prevalence=float(np.mean(dominant == c)),
            dominates=int(np.sum(dominant == c)),
            reliability=reliability([i for i in range(images) if dominant[i] == c]),
            important=bool(np.sum(dominant == c) >= 3),
            aligned=(
                Alignment(index=index, name=name, cosine=0.4),
                Alignment(index=968, name="cup", cosine=0.3),
            ),
            tiles=tiles,
            tiles_file=f"tiles-{c + 1:02d}.webp",
            heat_file=f"heat-{c + 1:02d}.webp",
        )
        for c in range(concepts)
    )
    groups = [g for g in (np.flatnonzero(dominant == 0), np.flatnonzero(dominant != 0)) if len(g)]
    strategies = tuple(
        Strategy(
            number=s + 1,
            size=len(group),
            prevalence=len(group) / images,
            reliability=reliability(list(group)),
            profile=tuple(map(float, phi[group].mean(0) / np.abs(phi[group]).sum(1).mean())),
            dominant=int(dominant[group[0]]) + 1,
            x=-0.5 + s,
            y=0.5,
            prototypes=tuple(map(int, group[:6])),
            outliers=tuple(map(int, group[-2:])),
            mistakes=(LabelCount(index=968, name="cup", count=wrong),) if wrong and s else (),
        )
        for s, group in enumerate(groups)
    )
    number = {int(i): s.number for s, group in zip(strategies, groups, strict=True) for i in group}
    files = {"images.webp": grid(images, 5, 200)}
    for c in range(concepts):
        files[f"tiles-{c + 1:02d}.webp"] = grid(len(tiles), len(tiles), 20 * c)
        files[f"heat-{c + 1:02d}.webp"] = grid(len(tiles), len(tiles), 20 * c + 10)
    slug = f"{index:04d}-" + "-".join("".join(x if x.isalnum() else " " for x in name).split())
    result = ClassResult(
        key="key",
        name=ClassName(
            index=index, slug=slug.lower(), name=name, synonyms=(name, *synonyms),
            definition=f"definition of {name}", wordnet="n00000001",
        ),
        predicted=images,
        grid=(7, 7),
        images=tuple(
            ImageEntry(
                key=f"folder/{i}.jpg",
                label=labels[i],
                label_name={None: None, 968: "cup"}.get(labels[i], name),
                probability=0.9,
                logit=float(phi[i].sum() + 0.5),
                importance=tuple(map(float, phi[i])),
                dominant=int(dominant[i]) + 1,
                strategy=number[i],
                x=float(np.cos(i)),
                y=float(np.sin(i)),
            )
            for i in range(images)
        ),
        concepts=found,
        strategies=strategies,
        edges=tuple(
            Edge(strategy=s.number, concept=c + 1, weight=s.profile[c])
            for s in strategies
            for c in range(concepts)
        ),
        metrics=metrics.model_copy(update={"explained_logit": explained}),
        extraction=Extraction(
            method="nmf", concepts=concepts, patches=patches, rows=49 * images, iterations=9,
            stopped="the loss stood still", losses=(1.0, 0.5), tried=tried,
        ),
        importance="gradient-input",
        faithfulness=faithfulness(share),
        remarks=(),
        sprite=Sprite(file="images.webp", columns=5, size=SIDE),
        files={file: store.sha256(data) for file, data in files.items()},
    )  # fmt: skip
    return result, files


def write_run(
    folder: Path,
    *classes: tuple[ClassResult, dict[str, bytes]],
    views_of_few: bool = False,
    linear: bool = True,
    **config: str,
) -> Path:
    """Write a run with these classes, one that was too rare and one that failed."""
    for result, files in classes:
        store.write_class(folder, result, files)
    built = [
        ClassStatus(
            index=r.name.index, slug=r.name.slug, name=r.name.name, status="built",
            images=len(r.images),
        )
        for r, _ in classes
    ]  # fmt: skip
    absent = [
        ClassStatus(index=1, slug="0001-goldfish", name="goldfish", status="few", images=2),
        ClassStatus(
            index=2, slug="0002-shark", name="shark", status="failed", images=9, reason="NaN <here>"
        ),
    ]
    store.write_run(
        folder,
        RunResult(
            run="r1",
            lens_version="0.1.0",
            config={
                "extraction": "nmf", "importance": "gradient-input", "device": None, **config
            },
            versions={"numpy": "2"},
            device="cpu",
            data=DataInfo(
                name="demo", description="A few photographs.", images=80, labelled=40,
                credits=(Credit(key="c", title="Coffee", author="A. Author", licence="CC0",
                                source="https://example.org/coffee"),),
                views_of_few=views_of_few,
            ),
            classifier=ClassifierInfo(
                name="TinyNet", source="a test", weights_sha256="0" * 64, parameters=1234,
                classes=1000, preprocessing={"size": 224, "mean": (0.5, 0.5, 0.5)},
                feature_shape=(8, 7, 7), linear_head=linear, head_error=1e-7,
            ),
            accuracy=None,
            classes=(*built, *absent),
            unreadable=(),
        ),
    )  # fmt: skip
    return folder
