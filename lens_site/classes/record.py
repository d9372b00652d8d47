"""The arrays of a class written down as the schema wants them; nothing is computed here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import networkx as nx
import numpy as np
from jaxtyping import Float, Int
from safetensors.numpy import save

from lens_site import prototypes, strategies
from lens_site.classes.concepts import ClassConcepts
from lens_site.classes.inputs import ClassImages, FinerMaps, Settings
from lens_site.classes.pictures import Pictures, WeightedTiles
from lens_site.classifier import Classifier
from lens_site.importance.summary import class_alignment
from lens_site.results.numbers import rounded
from lens_site.results.schema import (
    Alignment,
    ClassResult,
    Concept,
    Edge,
    Extraction,
    ImageEntry,
    LabelCount,
    Part,
    Recursion,
    Sprite,
    Strategy,
    Tile,
)
from lens_site.results.store import ARRAYS, sha256

ALIGNED = 5
"""Best-aligned classes shown with a concept."""

STATE = "extractor."
"""Before the names of the extractor's own arrays, among the stored ones."""


@dataclass(frozen=True)
class Grouping:
    """The strategies of a class, the place of every image, and the graph of both."""

    layout: Float[np.ndarray, "n 2"]
    assignment: Int[np.ndarray, " n"]
    strategies: tuple[strategies.Strategy, ...]
    graph: nx.Graph


def record(
    images: ClassImages,
    concepts: ClassConcepts,
    grouping: Grouping,
    pictures: Pictures,
    classifier: Classifier,
    settings: Settings,
    finer: FinerMaps | None,
) -> tuple[ClassResult, dict[str, bytes]]:
    """Return the result of a class and all its files, with their checksums in the result."""
    files = {**pictures.files, ARRAYS: _arrays(concepts)}
    result = ClassResult(
        key=images.key,
        name=classifier.labels[images.index],
        predicted=images.predicted,
        grid=concepts.codes_nhwk.shape[1:3],
        images=_images(images, concepts, grouping, classifier),
        concepts=_concepts(concepts, pictures, classifier),
        strategies=_strategies(grouping.strategies, classifier),
        edges=_edges(grouping.graph),
        metrics=concepts.metrics,
        extraction=_extraction(concepts, settings),
        recursion=None if finer is None else _recursion(finer),
        importance_method=settings.importance,
        adds_up=concepts.adds_up,
        faithfulness=concepts.faithfulness,
        remarks=concepts.summary.remarks,
        sprite=Sprite(
            file=prototypes.SPRITE, columns=prototypes.COLUMNS, size=prototypes.THUMBNAIL
        ),
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
) -> tuple[ImageEntry, ...]:
    return tuple(
        ImageEntry(
            key=name,
            label=int(label) if label >= 0 else None,
            label_name=classifier.labels[int(label)].name if label >= 0 else None,
            probability=images.probabilities[i],
            logit=rounded(images.logits[i]),
            importance=tuple(rounded(v) for v in concepts.phi[i]),
            dominant=int(concepts.summary.dominant[i]) + 1,
            strategy=int(grouping.assignment[i]),
            x=rounded(grouping.layout[i, 0]),
            y=rounded(grouping.layout[i, 1]),
        )
        for i, (name, label) in enumerate(zip(images.names, images.labels, strict=True))
    )


def _concepts(
    concepts: ClassConcepts, pictures: Pictures, classifier: Classifier
) -> tuple[Concept, ...]:
    summary = concepts.summary
    return tuple(
        Concept(
            number=i + 1,
            share=rounded(summary.shares[i]),
            interval=cast(tuple[float, float], tuple(rounded(v) for v in summary.intervals[i])),
            null_share=rounded(summary.null_shares[i]),
            prevalence=rounded(summary.prevalence[i]),
            dominates=int(summary.dominates[i]),
            reliability=summary.reliability[i],
            important=summary.important[i],
            aligned=aligned,
            tiles=_tiles(pictures.tiles[i]),
            tiles_file=prototypes.tiles_file(i),
            heat_file=prototypes.heat_file(i),
            parts=_sub_concepts(pictures.parts.get(i, ())),
            parts_file=prototypes.parts_file(i) if i in pictures.parts else "",
        )
        for i, aligned in enumerate(_aligned(concepts.dictionary, classifier))
    )


def _sub_concepts(parts: Sequence[WeightedTiles]) -> tuple[Part, ...]:
    return tuple(
        Part(number=j, weight=rounded(weight), tiles=_tiles(tiles))
        for j, (weight, tiles) in enumerate(parts, start=1)
    )


def _recursion(finer: FinerMaps) -> Recursion:
    _, rows, columns, _ = finer.patches.shape
    return Recursion(layer=finer.layer, grid=(rows, columns))


def _tiles(tiles: Sequence[prototypes.Tile]) -> tuple[Tile, ...]:
    return tuple(
        Tile(image=t.image, row=t.row, column=t.column, box=t.box, code=rounded(t.code))
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


def _strategies(
    groups: Sequence[strategies.Strategy], classifier: Classifier
) -> tuple[Strategy, ...]:
    n = sum(len(g.members) for g in groups)
    return tuple(
        Strategy(
            number=number,
            size=len(group.members),
            prevalence=rounded(len(group.members) / n),
            reliability=group.reliability,
            profile=tuple(rounded(v) for v in group.profile),
            dominant=group.dominant + 1,
            x=rounded(group.center[0]),
            y=rounded(group.center[1]),
            prototypes=group.prototypes,
            outliers=group.outliers,
            mistakes=tuple(
                LabelCount(index=label, name=classifier.labels[label].name, count=count)
                for label, count in group.mistakes
            ),
        )
        for number, group in enumerate(groups, start=1)
    )


def _edges(graph: nx.Graph) -> tuple[Edge, ...]:
    return tuple(
        Edge(strategy=strategy, concept=concept, weight=rounded(weight))
        for strategy, concept, weight in strategies.edges(graph)
    )


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
