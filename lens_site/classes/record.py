"""The arrays of a class written down as the schema wants them; nothing is computed here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from safetensors.numpy import save

from lens_site import prototypes
from lens_site.classes.concepts import ClassConcepts
from lens_site.classes.grouping import Grouping
from lens_site.classes.inputs import ClassImages, FinerMaps, Settings
from lens_site.classes.kept import Answers
from lens_site.classes.maps import mean_maps
from lens_site.classes.pictures import Pictures
from lens_site.classes.visualizing import Visualized
from lens_site.classifier import Classifier
from lens_site.importance.summary import class_alignment
from lens_site.results.numbers import rounded
from lens_site.results.schema import (
    Alignment,
    ClassResult,
    Concept,
    Covering,
    Extraction,
    ImageEntry,
    Part,
    Recursion,
    Tile,
)
from lens_site.results.store import ARRAYS, sha256

ALIGNED = 5
"""Best-aligned classes shown with a concept."""

STATE = "extractor."
"""Before the names of the extractor's own arrays, among the stored ones."""


@dataclass(frozen=True)
class Made:
    """All that was computed for one class; ``coverings`` are in the order of the concepts."""

    images: ClassImages
    concepts: ClassConcepts
    grouping: Grouping
    coverings: Sequence[Covering | None]
    pictures: Pictures
    visualized: Visualized | None
    portable: Mapping[str, bytes]


def record(
    made: Made, classifier: Classifier, settings: Settings, finer: FinerMaps | None
) -> tuple[ClassResult, dict[str, bytes]]:
    """Return the result of a class and all its files, with their checksums in the result."""
    images, concepts, grouping = made.images, made.concepts, made.grouping
    files = {
        **made.pictures.files, **grouping.files, **made.portable, ARRAYS: _arrays(concepts)
    }  # fmt: skip
    if made.visualized is not None:
        files |= made.visualized.files
    result = ClassResult(
        key=images.key,
        name=classifier.labels[images.index],
        predicted=images.predicted,
        grid=concepts.codes_nhwk.shape[1:3],
        images=_images(images, concepts, grouping, classifier, settings),
        concepts=_concepts(made, classifier),
        groups=grouping.groups,
        strategies=grouping.strategies,
        separation=grouping.separation,
        edges=grouping.edges,
        rivals=concepts.rivals,
        kept=concepts.kept,
        refits=None if concepts.refits is None else concepts.refits.record,
        metrics=concepts.metrics,
        extraction=_extraction(concepts, settings),
        recursion=None if finer is None else _recursion(finer),
        score=settings.score,
        importance_method=settings.importance,
        adds_up=concepts.adds_up,
        faithfulness=concepts.faithfulness,
        remarks=concepts.summary.remarks,
        sprite=made.pictures.sprite,
        sharp=made.pictures.sharp,
        visualizations=None if made.visualized is None else made.visualized.made,
        graph_files=tuple(grouping.files),
        maps_file=prototypes.MAPS,
        files={name: sha256(data) for name, data in sorted(files.items())},
    )
    return result, files


def _arrays(concepts: ClassConcepts) -> bytes:
    """Pack dictionary, importance, codes (in half precision), and what rebuilds the extractor."""
    state = concepts.extractor.state()
    return save(
        {
            "codes": np.ascontiguousarray(concepts.codes_nhwk, dtype=np.float16),
            "dictionary": np.ascontiguousarray(concepts.dictionary, dtype=np.float32),
            "importance": np.ascontiguousarray(concepts.phi, dtype=np.float32),
            "order": np.ascontiguousarray(concepts.order, dtype=np.int64),
            **{STATE + name: array.cpu().numpy() for name, array in state.items()},
        }
    )


def _images(
    images: ClassImages,
    concepts: ClassConcepts,
    grouping: Grouping,
    classifier: Classifier,
    settings: Settings,
) -> tuple[ImageEntry, ...]:
    return tuple(
        ImageEntry(
            key=name,
            label=int(label) if label >= 0 else None,
            label_name=classifier.labels[int(label)].name if label >= 0 else None,
            probability=images.probabilities[i],
            logit=rounded(images.logits[i]),
            **_lead(i, concepts.explained.answers, crops=settings.crops),
            importance=tuple(rounded(v) for v in concepts.phi[i]),
            everything_else=rounded(concepts.everything_else[i]),
            dominant=int(concepts.summary.dominant[i]) + 1,
            strategy=grouping.assignment[i],
            membership=grouping.memberships[i] if grouping.memberships else (),
            x=rounded(grouping.layout[i, 0]),
            y=rounded(grouping.layout[i, 1]),
        )
        for i, (name, label) in enumerate(zip(images.names, images.labels, strict=True))
    )


def _lead(i: int, answers: Answers, *, crops: bool) -> dict[str, Any]:
    """Fields of an image's margin; empty where that of the whole picture is not known."""
    if crops or not np.isfinite(answers.margin[i]):
        return {}
    return {"margin": rounded(answers.margin[i]), "runner_up": int(answers.runner_up[i])}


def _concepts(made: Made, classifier: Classifier) -> tuple[Concept, ...]:
    summary, pictures = made.concepts.summary, made.pictures
    again, ranges = _found_again(made.concepts)
    places = mean_maps(made.concepts.codes_nhwk)
    return tuple(
        Concept(
            number=i + 1,
            share=rounded(summary.shares[i]),
            interval=cast(tuple[float, float], tuple(rounded(v) for v in summary.intervals[i])),
            null_share=rounded(summary.null_shares[i]),
            prevalence=rounded(summary.prevalence[i]),
            dominates=int(summary.dominates[i]),
            reliability=summary.reliability[i],
            reliability_interval=summary.reliability_intervals[i],
            important=summary.important[i],
            found_again=again[i],
            share_range=ranges[i],
            covering=made.coverings[i],
            mean_map=places[i],
            histogram=pictures.examples[i].histogram,
            aligned=aligned,
            typical=_tiles(pictures.examples[i].typical),
            weak=_tiles(pictures.examples[i].weak),
            tiles=_tiles(pictures.tiles[i]),
            tiles_file=prototypes.tiles_file(i),
            heat_file=prototypes.heat_file(i),
            visualization=None if made.visualized is None else made.visualized.concepts.get(i),
            **_sub_concepts(i, pictures),
        )
        for i, aligned in enumerate(_aligned(made.concepts.dictionary, classifier))
    )


def _found_again(
    concepts: ClassConcepts,
) -> tuple[list[float | None], list[tuple[float, float] | None]]:
    """Figures of the refits in the order of the concepts; None where there are none."""
    order, refits = concepts.order.tolist(), concepts.refits
    if refits is None:
        return [None] * len(order), [None] * len(order)
    ranges = refits.share_ranges
    return (
        [refits.found_again[i] for i in order],
        [None if ranges is None else ranges[i] for i in order],
    )


def _sub_concepts(i: int, pictures: Pictures) -> dict[str, Any]:
    """Fields of a concept that was taken apart; empty for any other."""
    apart = pictures.parts.get(i)
    if apart is None:
        return {}
    return {
        "parts": tuple(
            Part(number=j, weight=rounded(weight), tiles=_tiles(tiles))
            for j, (weight, tiles) in enumerate(apart.tiles, start=1)
        ),
        "parts_r2": rounded(apart.r2),
        "parts_r2_random": rounded(apart.r2_random),
        "parts_file": prototypes.parts_file(i),
    }


def _recursion(finer: FinerMaps) -> Recursion:
    _, rows, columns, _ = finer.patches.shape
    return Recursion(layer=finer.layer, grid=(rows, columns))


def _tiles(tiles: Sequence[prototypes.Tile]) -> tuple[Tile, ...]:
    return tuple(
        Tile(
            image=t.image,
            row=t.row,
            column=t.column,
            box=cast(prototypes.Box, tuple(map(rounded, t.box))),
            code=rounded(t.code),
        )
        for t in tiles
    )


def _aligned(dictionary: np.ndarray, classifier: Classifier) -> list[tuple[Alignment, ...]]:
    if classifier.linear is None:
        return [()] * len(dictionary)
    classes, cosines = class_alignment(
        dictionary, classifier.linear.weight.cpu().numpy(), top=ALIGNED
    )
    return [
        tuple(
            Alignment(index=int(c), name=classifier.labels[int(c)].name, cosine=rounded(v))
            for c, v in zip(classes_i, cosines_i, strict=True)
        )
        for classes_i, cosines_i in zip(classes, cosines, strict=True)
    ]


def _extraction(concepts: ClassConcepts, settings: Settings) -> Extraction:
    convergence = concepts.extractor.convergence
    return Extraction(
        method=settings.extraction,
        concepts=concepts.extractor.k,
        tried=concepts.tried,
        patches="crops" if settings.crops else "grid",
        rows=int(np.prod(concepts.codes_nhwk.shape[:3])),
        iterations=convergence.iterations,
        stopped=convergence.stopped,
        losses=tuple(rounded(loss) for loss in convergence.losses),
    )
