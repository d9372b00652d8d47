"""From the images predicted as one class to its result: the stages, in order.

Only this module and ``explanation``, its first half, know the configuration and the stages.
Shapes: n images, k concepts, a grid of h × w positions with p channels.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import cast

import networkx as nx
import numpy as np
from jaxtyping import Float
from PIL import Image
from safetensors.numpy import save

from lens_site import prototypes, strategies
from lens_site.activations import Activations
from lens_site.classifier import Classifier
from lens_site.config import BuildConfig
from lens_site.errors import ConfigError
from lens_site.explanation import STATE, ClassImages, Explanation, explain
from lens_site.extraction import METHODS
from lens_site.images import crops
from lens_site.importance.summary import class_alignment
from lens_site.recursion import Earlier, sub_concepts
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

TILES, MINOR_TILES, PART_TILES = 10, 5, 4
"""Tiles shown with an important concept, with another one, and with a sub-concept."""

MOST_TILES = 80
"""Tiles of all important concepts together: with many of them, each shows fewer."""

WeightedTiles = tuple[float, Sequence[prototypes.Tile]]
"""A sub-concept: its weight and its tiles."""


def compute_class(
    images: ClassImages,
    activations: Activations,
    open_image: Callable[[int, int], Image.Image],
    classifier: Classifier,
    config: BuildConfig,
    earlier: Earlier | None = None,
) -> tuple[ClassResult, dict[str, bytes]]:
    """Explain one class; return its result and the files that belong to it.

    ``open_image(i, min_side)`` gives image i, its shorter side no less than ``min_side``.
    With ``earlier``, important concepts are taken apart again.

    Raises
    ------
    StageError
        When the activations do not suit the method, or are fewer than the concepts.
    """
    found = explain(images, activations, classifier, config)
    profiles = strategies.profiles(found.phi)
    layout = strategies.embed(profiles, seed=config.seed)
    assignment = strategies.find(found.phi, method=config.strategies, seed=config.seed)
    groups = strategies.describe(profiles, assignment, layout, images.labels, images.index)
    graph = strategies.build(profiles, assignment, layout)
    boxes = _boxes(found.codes_nhwk.shape[1:3], prototypes.WINDOW, classifier, config)
    by_concept = list(np.moveaxis(found.codes_nhwk, 3, 0))
    many = min(TILES, max(MINOR_TILES, MOST_TILES // max(1, sum(found.summary.important))))
    tiles = [
        prototypes.select(codes, boxes, count=many if important else MINOR_TILES)
        for codes, important in zip(by_concept, found.summary.important, strict=True)
    ]
    parts = _parts(found, earlier, classifier, config) if earlier is not None else {}

    def view(i: int) -> Image.Image:
        preprocessing = classifier.preprocessing
        enough = prototypes.SIDE / (boxes[0, 0, 2] - boxes[0, 0, 0])  # no tile is enlarged
        return preprocessing.view(open_image(i, round(enough * preprocessing.zoom)))

    sheets = [
        sheet
        for i, codes in enumerate(by_concept)
        for sheet in prototypes.strips(i, tiles[i], codes)
    ]
    sheets += [prototypes.parts(i, [t for _, t in some]) for i, some in parts.items()]
    files = prototypes.draw(sheets, len(images.names), view)
    files[prototypes.MAPS] = prototypes.code_maps(found.codes_nhwk, found.phi)
    files[ARRAYS] = _arrays(found)
    result = ClassResult(
        key=images.key,
        name=classifier.labels[images.index],
        predicted=images.predicted,
        grid=found.codes_nhwk.shape[1:3],
        images=_images(images, found, layout, assignment, classifier),
        concepts=_concepts(found, tiles, parts, classifier),
        strategies=_strategies(groups, classifier),
        edges=_edges(graph),
        metrics=found.metrics,
        extraction=_extraction(found, config),
        recursion=None if earlier is None else _recursion(earlier),
        importance=config.importance,
        faithfulness=found.faithfulness,
        remarks=found.summary.remarks,
        sprite=Sprite(
            file=prototypes.SPRITE, columns=prototypes.COLUMNS, size=prototypes.THUMBNAIL
        ),
        files={name: sha256(data) for name, data in sorted(files.items())},
    )
    return result, files


def check(classifier: Classifier, config: BuildConfig) -> None:
    """Refuse, before an hour's work, a method that cannot take the network's activations.

    Raises
    ------
    ConfigError
        When the method needs non-negative activations and the network's are not.
    """
    lowest = classifier.parts.lowest
    if METHODS[config.extraction].nonnegative_input and lowest < 0:
        raise ConfigError(
            f"extraction: {config.extraction} needs non-negative activations, those of layer "
            f"{classifier.parts.layer} of {classifier.name} go down to {lowest:.2g}; give "
            "--extraction semi-nmf, pca or sae, or the --layer of a ReLU"
        )


def earlier(classifier: Classifier, config: BuildConfig) -> Classifier:
    """Cut the classifier at an earlier layer that suits the method, for ``--recursive``."""
    return classifier.earlier(nonnegative=METHODS[config.extraction].nonnegative_input)


def _parts(
    found: Explanation, earlier: Earlier, classifier: Classifier, config: BuildConfig
) -> dict[int, list[WeightedTiles]]:
    """Sub-concepts of the important concepts that have any, with their tiles."""
    important = [i for i, yes in enumerate(found.summary.important) if yes]
    made = sub_concepts(
        found.codes_nhwk, important, earlier.patches, method=config.extraction, seed=config.seed
    )
    boxes = _boxes(earlier.patches.shape[1:3], prototypes.FINE_WINDOW, classifier, config)
    return {
        i: [
            (float(weight), prototypes.select(codes, boxes, count=PART_TILES))
            for weight, codes in zip(parts.weights, np.moveaxis(parts.codes, 3, 0), strict=True)
        ]
        for i, parts in made.items()
    }


def _boxes(
    grid: tuple[int, ...], window: float, classifier: Classifier, config: BuildConfig
) -> Float[np.ndarray, "h w 4"]:
    """Which part of the view each patch stands for."""
    if config.patches == "crops":
        return crops.boxes(classifier.preprocessing.crop)
    return prototypes.windows(*grid, side=window)


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
            logit=rounded(images.logits[i]),
            importance=tuple(rounded(v) for v in found.phi[i]),
            dominant=int(found.summary.dominant[i]) + 1,
            strategy=int(assignment[i]),
            x=rounded(layout[i, 0]),
            y=rounded(layout[i, 1]),
        )
        for i, (name, label) in enumerate(zip(images.names, images.labels, strict=True))
    )


def _concepts(
    found: Explanation,
    tiles: Sequence[Sequence[prototypes.Tile]],
    parts: Mapping[int, Sequence[WeightedTiles]],
    classifier: Classifier,
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
            tiles=_tiles(tiles[i]),
            tiles_file=prototypes.tiles_file(i),
            heat_file=prototypes.heat_file(i),
            parts=tuple(
                Part(number=j, weight=rounded(weight), tiles=_tiles(some))
                for j, (weight, some) in enumerate(parts.get(i, ()), start=1)
            ),
            parts_file=prototypes.parts_file(i) if i in parts else "",
        )
        for i, aligned in enumerate(_aligned(found.dictionary, classifier))
    )


def _recursion(earlier: Earlier) -> Recursion:
    _, rows, columns, _ = earlier.patches.shape
    return Recursion(layer=earlier.layer, grid=(rows, columns))


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


def _extraction(found: Explanation, config: BuildConfig) -> Extraction:
    convergence = found.extractor.convergence
    return Extraction(
        method=config.extraction,
        concepts=found.extractor.k,
        tried=found.tried,
        patches=config.patches,
        rows=int(np.prod(found.codes_nhwk.shape[:3])),
        iterations=convergence.iterations,
        stopped=convergence.stopped,
        losses=tuple(rounded(loss) for loss in convergence.losses),
    )
