"""From the images predicted as one class to its result: the stages, in order.

Only this module knows both the configuration and the stages. Shapes: n images, k concepts,
a grid of h × w positions with p channels, s = h · w.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import networkx as nx
import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float, Int
from PIL import Image
from safetensors.numpy import save
from torch import Tensor

from lens_site import extraction, importance, prototypes, strategies
from lens_site.classifier import Classifier
from lens_site.config import BuildConfig
from lens_site.extraction import Extractor
from lens_site.extraction.metrics import dead_concepts, r2, relative_l2, sparsity
from lens_site.importance import LinearScore, Score
from lens_site.importance.gradients import effective_weights
from lens_site.importance.summary import (
    Summary,
    class_alignment,
    explained_logit,
    global_shares,
    summarize,
)
from lens_site.results.schema import (
    Alignment,
    ClassResult,
    Concept,
    Edge,
    Extraction,
    ImageEntry,
    LabelCount,
    Metrics,
    Sprite,
    Strategy,
    Tile,
)
from lens_site.results.store import ARRAYS, sha256

ALIGNED = 5
"""Best-aligned classes shown with a concept."""

TILES = 10
"""Tiles shown with a concept."""


@dataclass(frozen=True)
class ClassImages:
    """The images of one class, in a fixed order; ``label`` is −1 for an unlabelled image."""

    index: int
    key: str
    predicted: int
    names: tuple[str, ...]
    labels: Int[np.ndarray, " n"]
    probabilities: tuple[float, ...]


@dataclass(frozen=True)
class Explanation:
    """All arrays of a class, concepts in order of importance."""

    extractor: Extractor
    dictionary: Float[np.ndarray, "k p"]
    codes_nhwk: Float[np.ndarray, "n h w k"]
    phi: Float[np.ndarray, "n k"]
    logits: Float[np.ndarray, " n"]
    summary: Summary
    metrics: Metrics


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
        sprite=Sprite(
            file=prototypes.SPRITE, columns=prototypes.COLUMNS, size=prototypes.THUMBNAIL
        ),
        files={name: sha256(data) for name, data in sorted(files.items())},
    )
    return result, files


def explain(
    images: ClassImages,
    features: Float[Tensor, "n h w p"],
    classifier: Classifier,
    config: BuildConfig,
) -> Explanation:
    """Take steps one and two: concepts, codes, importance of each concept for each image."""
    n, h, w, _ = features.shape
    rows = rearrange(features, "n h w p -> (n h w) p")
    generator = torch.Generator(rows.device).manual_seed(config.seed)
    extractor = extraction.METHODS[config.extraction](config.concepts)
    extractor.fit(rows, generator=generator)
    codes_rk = extractor.encode(rows)
    codes_nsk = rearrange(codes_rk, "(n s) k -> n s k", n=n)
    score = class_score(classifier, extractor, images.index, (h, w))
    attributor = importance.METHODS[config.importance]()
    phi = attributor.attribute(score, codes_nsk, generator=generator).cpu().numpy()
    with torch.no_grad():
        logits = classifier.head(rearrange(features, "n h w p -> n p h w"))[:, images.index]
        rebuilt = score(codes_nsk)
    weights = _class_weights(classifier, features, images.index)
    dictionary = extractor.dictionary.cpu().numpy()
    codes_nk = codes_nsk.mean(dim=1).cpu().numpy()
    order = np.argsort(-np.abs(global_shares(phi)), kind="stable")
    summary = summarize(
        phi[:, order],
        codes_nk[:, order],
        images.labels,
        images.index,
        dictionary=dictionary[order],
        weights=weights,
        generator=np.random.default_rng(config.seed),
    )
    return Explanation(
        extractor=extractor,
        dictionary=dictionary[order],
        codes_nhwk=codes_rk.cpu().numpy().reshape(n, h, w, -1)[..., order],
        phi=phi[:, order],
        logits=logits.cpu().numpy(),
        summary=summary,
        metrics=measure(extractor, rows, codes_rk, logits, rebuilt),
    )


def class_score(
    classifier: Classifier, extractor: Extractor, index: int, grid: tuple[int, int]
) -> Score | LinearScore:
    """y(u) = h(decode(u))_c, in closed form when the head is linear in the pooled features."""
    if classifier.linear is not None:
        weight, bias = classifier.linear.weight[index], classifier.linear.bias[index]
        unit = torch.eye(extractor.k, device=weight.device)
        origin = extractor.decode(torch.zeros_like(unit[:1]))
        gamma = (extractor.decode(unit) - origin) @ weight
        return LinearScore(gamma, float(origin[0] @ weight + bias))

    def score(codes: Tensor) -> Tensor:
        decoded = extractor.decode(rearrange(codes, "m s k -> (m s) k"))
        maps = rearrange(decoded, "(m h w) p -> m p h w", h=grid[0], w=grid[1])
        return classifier.head(maps)[:, index]

    return score


def _class_weights(
    classifier: Classifier, features: Float[Tensor, "n h w p"], index: int
) -> Float[np.ndarray, " p"]:
    """W_c, or the mean gradient of the logit when the head is not linear."""
    if classifier.linear is not None:
        return classifier.linear.weight[index].cpu().numpy()
    h, w = features.shape[1:3]

    def logit(activations: Tensor) -> Tensor:
        return classifier.head(rearrange(activations, "m (h w) p -> m p h w", h=h, w=w))[:, index]

    rows = rearrange(features, "n h w p -> n (h w) p")
    return effective_weights(logit, rows, batch=64).cpu().numpy()


def measure(
    extractor: Extractor, rows: Tensor, codes: Tensor, logits: Tensor, rebuilt: Tensor
) -> Metrics:
    """Metrics of both steps that cost no further fit (methods.md §1 and §2)."""
    restored = extractor.decode(codes)
    return Metrics(
        explained_logit=explained_logit(logits.cpu().numpy(), rebuilt.detach().cpu().numpy()),
        relative_l2=relative_l2(rows, restored),
        r2=r2(rows, restored),
        sparsity=sparsity(codes),
        dead_concepts=dead_concepts(codes),
    )


def _arrays(found: Explanation) -> bytes:
    """Pack dictionary, importance and codes (in half precision) for further computation."""
    return save(
        {
            "codes": np.ascontiguousarray(found.codes_nhwk, dtype=np.float16),
            "dictionary": np.ascontiguousarray(found.dictionary, dtype=np.float32),
            "importance": np.ascontiguousarray(found.phi, dtype=np.float32),
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


def rounded(value: float | np.floating) -> float:
    """Six significant digits: what float32 can vouch for, and files half as long."""
    return float(f"{float(value):.6g}")


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
