"""Steps one and two for one class: its concepts, and how much each counts in each image.

Shapes: n images, k concepts, a grid of h × w positions with p channels, s = h · w.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float, Int
from torch import Tensor

from lens_site import extraction, how_many, importance
from lens_site.activations import Activations
from lens_site.classifier import Classifier, Encoded
from lens_site.config import BuildConfig
from lens_site.errors import StageError, first_line
from lens_site.extraction import Extractor
from lens_site.importance import AnyScore, ContextScore, LinearScore
from lens_site.importance import metrics as faithful
from lens_site.importance.attributor import evaluate
from lens_site.importance.gradients import effective_weights
from lens_site.importance.summary import Summary, by_importance, summarize
from lens_site.quality import measure
from lens_site.results.numbers import rounded
from lens_site.results.schema import Curve, Faithfulness, Metrics, Tried

ORDERS = 4
"""Random orders of the concepts, for every image, behind the random curves."""

STATE = "extractor."
"""Before the names of the extractor's own arrays, among the stored ones."""

BATCH = 64
"""Images whose logits are computed from codes at a time."""

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
    logits: tuple[float, ...]


@dataclass(frozen=True)
class Explanation:
    """All arrays of a class, concepts in order of importance.

    ``order`` says which of the extractor's concepts each of them is.
    """

    extractor: Extractor
    tried: tuple[Tried, ...]
    order: Int[np.ndarray, " k"]
    dictionary: Float[np.ndarray, "k p"]
    codes_nhwk: Float[np.ndarray, "n h w k"]
    phi: Float[np.ndarray, "n k"]
    summary: Summary
    metrics: Metrics
    faithfulness: Faithfulness


def explain(
    images: ClassImages, found: Activations, classifier: Classifier, config: BuildConfig
) -> Explanation:
    """Take steps one and two: concepts, codes, importance of each concept for each image."""
    n, h, w, _ = found.patches.shape
    generator = torch.Generator(found.patches.device).manual_seed(config.seed)
    k, tried = _number(images, found, classifier, config, generator)
    extractor = extraction.METHODS[config.extraction](k)
    extractor.fit(found.rows, generator=generator)
    codes_nsk = rearrange(extractor.encode(found.rows), "(n s) k -> n s k", n=n)
    score = class_score(classifier, extractor, images.index, found)
    acting = acting_codes(score, codes_nsk)
    attributor = importance.METHODS[config.importance]()
    phi_nk = attributor.attribute(score, acting, generator=generator)
    phi = phi_nk.cpu().numpy()
    dictionary = extractor.dictionary.cpu().numpy()
    codes_nk = codes_nsk.mean(dim=1).cpu().numpy()
    order = by_importance(phi)
    summary = summarize(
        phi[:, order],
        codes_nk[:, order],
        images.labels,
        images.index,
        dictionary=dictionary[order],
        weights=_class_weights(classifier, found, images.index),
        generator=np.random.default_rng(config.seed),
    )
    return Explanation(
        extractor=extractor,
        tried=tried,
        order=order,
        dictionary=dictionary[order],
        codes_nhwk=codes_nsk.cpu().numpy().reshape(n, h, w, -1)[..., order],
        phi=phi[:, order],
        summary=summary,
        faithfulness=faithfulness(score, acting, phi_nk, generator=generator),
        metrics=measure(
            extractor,
            rearrange(found.patches, "n h w p -> n (h w) p"),
            codes_nsk,
            np.array(images.logits),
            rebuilt(score, codes_nsk),
            generator=generator,
        ),
    )


def _number(
    images: ClassImages,
    found: Activations,
    classifier: Classifier,
    config: BuildConfig,
    generator: torch.Generator,
) -> tuple[int, tuple[Tried, ...]]:
    """Return the number of concepts asked for, or for ``auto`` the one that suits the class."""
    if config.concepts != "auto":
        return config.concepts, ()

    def rebuild(extractor: Extractor, codes: Tensor) -> np.ndarray:
        return rebuilt(class_score(classifier, extractor, images.index, found), codes)

    return how_many.choose(
        extraction.METHODS[config.extraction],
        rearrange(found.patches, "n h w p -> n (h w) p"),
        np.array(images.logits),
        rebuild,
        generator=generator,
    )


def class_score(
    classifier: Classifier, extractor: Extractor, index: int, found: Activations
) -> AnyScore:
    """y(u) = h(decode(u))_c, in closed form when the head is linear in the pooled features.

    ``found`` are the images that the codes will be of: their grid and their context.
    """
    if classifier.linear is not None:
        weight, bias = classifier.linear.weight[index], classifier.linear.bias[index]
        unit = torch.eye(extractor.k, device=weight.device)
        origin = extractor.decode(torch.zeros_like(unit[:1]))
        gamma = (extractor.decode(unit) - origin) @ weight
        return LinearScore(gamma, float(origin[0] @ weight + bias))
    logit = patch_score(classifier, index, found)

    def score(codes: Tensor, context: Tensor) -> Tensor:
        decoded = extractor.decode(rearrange(codes, "m s k -> (m s) k"))
        return logit.function(rearrange(decoded, "(m s) p -> m s p", m=len(codes)), context)

    return ContextScore(score, found.context)


def patch_score(classifier: Classifier, index: int, found: Activations) -> ContextScore:
    """y(a) = h(a)_c, a score of patches instead of codes."""
    h, w = found.patches.shape[1:3]

    def score(patches: Tensor, context: Tensor) -> Tensor:
        maps = rearrange(patches, "m (h w) p -> m p h w", h=h, w=w)
        try:
            return classifier.head(Encoded(maps, context))[:, index]
        except RuntimeError as error:
            if (h, w) == classifier.parts.feature_shape[1:]:
                raise
            raise StageError(
                f"patches: the network above layer {classifier.parts.layer} cannot read {h} x {w} "
                f"crops in place of its own places ({first_line(error)}); use --patches grid"
            ) from error

    return ContextScore(score, found.context)


@torch.no_grad()
def rebuilt(score: AnyScore, codes: Float[Tensor, "n s k"]) -> Float[np.ndarray, " n"]:
    """ŷ: the logit of every image as its codes have it."""
    images = torch.arange(len(codes), device=codes.device)
    parts = zip(torch.split(codes, BATCH), torch.split(images, BATCH), strict=True)
    return torch.cat([evaluate(score, *part) for part in parts]).cpu().numpy()


def acting_codes(score: AnyScore, codes: Float[Tensor, "n s k"]) -> Float[Tensor, "n positions k"]:
    """Codes as far as the score tells them apart: a linear head sees their mean, and no more."""
    return codes.mean(dim=1, keepdim=True) if isinstance(score, LinearScore) else codes


def faithfulness(
    score: AnyScore,
    codes: Float[Tensor, "n s k"],
    phi: Float[Tensor, "n k"],
    *,
    generator: torch.Generator,
) -> Faithfulness:
    """Curves and correlation of the importance, beside random orders (methods.md §3)."""
    if not isinstance(score, LinearScore) and len(codes) > CURVE_IMAGES:
        chosen = torch.linspace(0, len(codes) - 1, CURVE_IMAGES).long().to(codes.device)
        codes, phi = codes[chosen], phi[chosen]
        if isinstance(score, ContextScore):
            score = replace(score, context=score.context[chosen])
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
    classifier: Classifier, found: Activations, index: int
) -> Float[np.ndarray, " p"]:
    """W_c, or the mean gradient of the logit when the head is not linear."""
    if classifier.linear is not None:
        return classifier.linear.weight[index].cpu().numpy()
    patches = rearrange(found.patches, "n h w p -> n (h w) p")
    return (
        effective_weights(patch_score(classifier, index, found), patches, batch=BATCH).cpu().numpy()
    )
