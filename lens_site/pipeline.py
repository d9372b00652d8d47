"""From the images predicted as one class to its result: the stages, in order.

Only this module and ``explanation``, its first half, know the configuration and the stages.
Shapes: n images, k concepts, a grid of h × w positions with p channels.
"""

from collections.abc import Callable, Sequence
from typing import cast

import networkx as nx
import numpy as np
from jaxtyping import Float
from PIL import Image
from safetensors.numpy import save
from torch import Tensor

from lens_site import prototypes, strategies
from lens_site.classifier import Classifier
from lens_site.config import BuildConfig
from lens_site.explanation import STATE, ClassImages, Explanation, explain
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
    Sprite,
    Strategy,
    Tile,
)
from lens_site.results.store import ARRAYS, sha256

ALIGNED = 5
"""Best-aligned classes shown with a concept."""

TILES = 10
"""Tiles shown with a concept."""


def compute_class(
    images: ClassImages,
    features: Float[Tensor, "n h w p"],
    open_image: Callable[[int, int], Image.Image],
    classifier: Classifier,
    config: BuildConfig,
) -> tuple[ClassResult, dict[str, bytes]]:
    """Explain one class; return its result and the files that belong to it.

    ``open_image(i, min_side)`` gives image i, its shorter side no less than ``min_side``.

    Raises
    ------
    StageError
        When the activations do not suit the method, or are fewer than the concepts.
    """
    found = explain(images, features, classifier, config)
    profiles = strategies.profiles(found.phi)
    layout = strategies.embed(profiles, seed=config.seed)
    assignment = strategies.find(found.phi, method=config.strategies, seed=config.seed)
    groups = strategies.describe(profiles, assignment, layout, images.labels, images.index)
    graph = strategies.build(profiles, assignment, layout)
    tiles = [prototypes.select(codes, count=TILES) for codes in np.moveaxis(found.codes_nhwk, 3, 0)]

    def view(i: int) -> Image.Image:
        preprocessing = classifier.preprocessing
        return preprocessing.view(open_image(i, round(prototypes.VIEW_SIDE * preprocessing.zoom)))

    files = prototypes.draw(tiles, found.codes_nhwk, view)
    files[prototypes.MAPS] = prototypes.code_maps(found.codes_nhwk, found.phi)
    files[ARRAYS] = _arrays(found)
    result = ClassResult(
        key=images.key,
        name=classifier.labels[images.index],
        predicted=images.predicted,
        grid=found.codes_nhwk.shape[1:3],
        images=_images(images, found, layout, assignment, classifier),
        concepts=_concepts(found, tiles, classifier),
        strategies=_strategies(groups, classifier),
        edges=_edges(graph),
        metrics=found.metrics,
        extraction=_extraction(found, config),
        importance=config.importance,
        faithfulness=found.faithfulness,
        remarks=found.summary.remarks,
        sprite=Sprite(
            file=prototypes.SPRITE, columns=prototypes.COLUMNS, size=prototypes.THUMBNAIL
        ),
        files={name: sha256(data) for name, data in sorted(files.items())},
    )
    return result, files


def _arrays(found: Explanation) -> bytes:
    """Pack dictionary, importance, codes (in half precision), and what rebuilds the extractor."""
    state = found.extractor.state()
    return save(
        {
            "codes": np.ascontiguousarray(found.codes_nhwk, dtype=np.float16),
            "dictionary": np.ascontiguousarray(found.dictionary, dtype=np.float32),
            "importance": np.ascontiguousarray(found.phi, dtype=np.float32),
            "order": np.ascontiguousarray(found.order, dtype=np.int64),
            **{STATE + name: array.cpu().numpy() for name, array in state.items()},
        }
    )


def _images(
    images: ClassImages,
    found: Explanation,
    layout: np.ndarray,
    assignment: np.ndarray,
    classifier: Classifier,
) -> tuple[ImageEntry, ...]:
    return tuple(
        ImageEntry(
            key=name,
            label=int(label) if label >= 0 else None,
            label_name=classifier.labels[int(label)].name if label >= 0 else None,
            probability=images.probabilities[i],
            logit=rounded(found.logits[i]),
            importance=tuple(rounded(v) for v in found.phi[i]),
            dominant=int(found.summary.dominant[i]) + 1,
            strategy=int(assignment[i]),
            x=rounded(layout[i, 0]),
            y=rounded(layout[i, 1]),
        )
        for i, (name, label) in enumerate(zip(images.names, images.labels, strict=True))
    )


def _concepts(
    found: Explanation, tiles: Sequence[Sequence[prototypes.Tile]], classifier: Classifier
) -> tuple[Concept, ...]:
    summary = found.summary
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
            tiles=tuple(
                Tile(image=t.image, row=t.row, column=t.column, box=t.box, code=rounded(t.code))
                for t in tiles[i]
            ),
            tiles_file=prototypes.tiles_file(i),
            heat_file=prototypes.heat_file(i),
        )
        for i, aligned in enumerate(_aligned(found.dictionary, classifier))
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


def _extraction(found: Explanation, config: BuildConfig) -> Extraction:
    convergence = found.extractor.convergence
    return Extraction(
        method=config.extraction,
        concepts=config.concepts,
        patches=config.patches,
        rows=int(np.prod(found.codes_nhwk.shape[:3])),
        iterations=convergence.iterations,
        stopped=convergence.stopped,
        losses=tuple(rounded(loss) for loss in convergence.losses),
    )
