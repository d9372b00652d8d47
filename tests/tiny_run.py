"""The smallest run that renders: two classes of four images, two concepts, one strategy."""

import io
from pathlib import Path

from PIL import Image

from lens_site.results import store
from lens_site.results.schema import (
    ClassifierInfo,
    ClassName,
    ClassResult,
    ClassStatus,
    Concept,
    Curve,
    DataInfo,
    Edge,
    Extraction,
    Faithfulness,
    ImageEntry,
    Metrics,
    RunResult,
    Sprite,
    Strategy,
    Tile,
)

NAMES = (
    ClassName(index=607, slug="0607-jack-o-lantern", name="jack-o'-lantern", synonyms=("pumpkin",)),
    ClassName(index=967, slug="0967-espresso", name="espresso", definition="strong coffee"),
)
IMAGES, CONCEPTS = 4, 2
LINE = Curve(values=(1.0, 0.5, 0.0), auc=0.5)


def write_tiny_run(results: Path) -> Path:
    """Write the run below ``results`` through the store, as a build does."""
    run_dir = results / "tiny"
    for name in NAMES:
        files = {f"{kind}-{n}.webp": picture(IMAGES) for kind in ("tiles", "heat") for n in (1, 2)}
        files["sprite.webp"] = picture(IMAGES)
        store.write_class(run_dir, class_result(name, files), files)
    store.write_run(run_dir, run_result())
    return run_dir


def picture(cells: int) -> bytes:
    """A strip of square cells, each of another color."""
    strip = Image.new("RGB", (32 * cells, 32))
    for cell in range(cells):
        strip.paste((60 * cell, 200 - 40 * cell, 90), (32 * cell, 0, 32 * cell + 32, 32))
    written = io.BytesIO()
    strip.save(written, "WEBP", quality=75)
    return written.getvalue()


def class_result(name: ClassName, files: dict[str, bytes]) -> ClassResult:
    return ClassResult(
        key="0" * 64,
        name=name,
        predicted=IMAGES,
        grid=(7, 7),
        images=tuple(image(position, name) for position in range(IMAGES)),
        concepts=tuple(concept(number) for number in range(1, CONCEPTS + 1)),
        strategies=(strategy(),),
        edges=(Edge(strategy=1, concept=1, weight=0.75), Edge(strategy=1, concept=2, weight=0.25)),
        metrics=Metrics(
            explained_logit=0.8,
            relative_l2=0.5,
            r2=0.75,
            sparsity=0.5,
            dead_concepts=0,
            logit_r2=0.7,
            stability=0.25,
            stability_images=4,
            wasserstein_1=0.01,
            frechet_distance=2.5,
            ood=0.4,
            sample=2009,
        ),
        extraction=Extraction(
            method="nmf",
            concepts=CONCEPTS,
            patches="grid",
            rows=49 * IMAGES,
            iterations=10,
            stopped="the error stood still",
            losses=(2.0, 1.0),
        ),
        importance="gradient-input",
        faithfulness=Faithfulness(
            deletion=LINE,
            insertion=LINE,
            random_deletion=LINE,
            random_insertion=LINE,
            mu_fidelity=None,
            images=IMAGES,
            notes=(),
        ),
        remarks=(),
        sprite=Sprite(file="sprite.webp", columns=IMAGES, size=32),
        files={file: store.sha256(data) for file, data in files.items()},
    )


def image(position: int, name: ClassName) -> ImageEntry:
    return ImageEntry(
        key=f"{position}.jpg",
        label=name.index,
        label_name=name.name,
        probability=0.9,
        logit=8.0,
        importance=(6.0, 2.0),
        dominant=1,
        strategy=1,
        x=position / IMAGES,
        y=-position / IMAGES,
    )


def concept(number: int) -> Concept:
    share = (0.75, 0.25)[number - 1]
    return Concept(
        number=number,
        share=share,
        interval=(share - 0.1, share + 0.1),
        null_share=0.05,
        prevalence=float(number == 1),
        dominates=IMAGES if number == 1 else 0,
        reliability=1.0 if number == 1 else None,
        important=True,
        aligned=(),
        tiles=tuple(
            Tile(image=i, row=0, column=0, box=(0.0, 0.0, 0.25, 0.25), code=1.0)
            for i in range(IMAGES)
        ),
        tiles_file=f"tiles-{number}.webp",
        heat_file=f"heat-{number}.webp",
    )


def strategy() -> Strategy:
    return Strategy(
        number=1,
        size=IMAGES,
        prevalence=1.0,
        reliability=1.0,
        profile=(0.75, 0.25),
        dominant=1,
        x=0.4,
        y=-0.4,
        prototypes=(0, 1),
        outliers=(3,),
        mistakes=(),
    )


def run_result() -> RunResult:
    return RunResult(
        run="tiny",
        lens_version="0",
        config={"data": "made by a test"},
        versions={"python": "3.11"},
        device="cpu",
        data=DataInfo(name="made", description="colored squares", images=8, labelled=8),
        classifier=ClassifierInfo(
            name="none",
            source="made by a test",
            weights_sha256="0" * 64,
            parameters=0,
            classes=1000,
            preprocessing={"size": 32},
            feature_shape=(8, 7, 7),
            linear_head=True,
            head_error=0.0,
        ),
        accuracy=1.0,
        classes=tuple(
            ClassStatus(index=n.index, slug=n.slug, name=n.name, status="built", images=IMAGES)
            for n in NAMES
        ),
        unreadable=(),
    )
