"""Steps one and two for one class: its concepts, and how much each counts in each image.

Shapes: n images, k concepts, a grid of h × w positions with p channels, s = h · w.
"""

from dataclasses import dataclass

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float, Int
from torch import Tensor

from lens_site import extraction, importance
from lens_site.classifier import Classifier
from lens_site.config import BuildConfig
from lens_site.extraction import Extractor
from lens_site.importance import LinearScore, Score
from lens_site.importance import metrics as faithful
from lens_site.importance.gradients import effective_weights
from lens_site.importance.summary import Summary, global_shares, summarize
from lens_site.quality import measure
from lens_site.results.numbers import rounded
from lens_site.results.schema import Curve, Faithfulness, Metrics

ORDERS = 4
"""Random orders of the concepts, for every image, behind the random curves."""

STATE = "extractor."
"""Before the names of the extractor's own arrays, among the stored ones."""

CURVE_IMAGES = 24
"""Images behind the curves when the head is not linear and each step costs a pass through it."""


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
    """All arrays of a class, concepts in order of importance.

    ``order`` says which of the extractor's concepts each of them is.
    """

    extractor: Extractor
    order: Int[np.ndarray, " k"]
    dictionary: Float[np.ndarray, "k p"]
    codes_nhwk: Float[np.ndarray, "n h w k"]
    phi: Float[np.ndarray, "n k"]
    logits: Float[np.ndarray, " n"]
    summary: Summary
    metrics: Metrics
    faithfulness: Faithfulness


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
    acting = acting_codes(score, codes_nsk)
    attributor = importance.METHODS[config.importance]()
    phi_nk = attributor.attribute(score, acting, generator=generator)
    phi = phi_nk.cpu().numpy()
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
        order=order,
        dictionary=dictionary[order],
        codes_nhwk=codes_rk.cpu().numpy().reshape(n, h, w, -1)[..., order],
        phi=phi[:, order],
        logits=logits.cpu().numpy(),
        summary=summary,
        faithfulness=faithfulness(score, acting, phi_nk, generator=generator),
        metrics=measure(
            extractor,
            rearrange(features, "n h w p -> n (h w) p"),
            codes_nsk,
            logits.cpu().numpy(),
            rebuilt.cpu().numpy(),
            generator=generator,
        ),
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


def acting_codes(
    score: Score | LinearScore, codes: Float[Tensor, "n s k"]
) -> Float[Tensor, "n positions k"]:
    """Codes as far as the score tells them apart: a linear head sees their mean, and no more."""
    return codes.mean(dim=1, keepdim=True) if isinstance(score, LinearScore) else codes


def faithfulness(
    score: Score | LinearScore,
    codes: Float[Tensor, "n s k"],
    phi: Float[Tensor, "n k"],
    *,
    generator: torch.Generator,
) -> Faithfulness:
    """Curves and correlation of the importance, beside random orders (methods.md §3)."""
    if not isinstance(score, LinearScore) and len(codes) > CURVE_IMAGES:
        chosen = torch.linspace(0, len(codes) - 1, CURVE_IMAGES).long().to(codes.device)
        codes, phi = codes[chosen], phi[chosen]
    with torch.no_grad():
        removed, restored = (
            faithful.deletion(score, codes, phi),
            faithful.insertion(score, codes, phi),
        )
        by_chance = faithful.random_order(score, codes, generator=generator, orders=ORDERS)
        fidelity = faithful.mu_fidelity(score, codes, phi, generator=generator)
    said = (removed.note, restored.note, fidelity.note)
    return Faithfulness(
        deletion=_curve(removed),
        insertion=_curve(restored),
        random_deletion=_curve(by_chance[0]),
        random_insertion=_curve(by_chance[1]),
        mu_fidelity=None if fidelity.value is None else rounded(fidelity.value),
        images=len(codes),
        notes=tuple(dict.fromkeys(note for note in said if note)),
    )


def _curve(curve: faithful.Curve) -> Curve:
    return Curve(
        values=None if curve.values is None else tuple(rounded(v) for v in curve.values),
        auc=None if curve.auc is None else rounded(curve.auc),
    )


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
