"""What the network itself says with every activation replaced by its reconstruction.

Notation: class c; y' the logit of any class c', y that of c, on the true activations A; ŷ', ŷ the
same on their reconstructions Â = decode(U). Margin m = y − max_{c'≠c} y', m̂ likewise. n images, k
concepts, h × w patches with p channels, s = h · w. Source: methods of this project, §6.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float, Int
from torch import Tensor

from lens_site.activations import Activations
from lens_site.classes.inputs import ClassImages
from lens_site.classes.scores import BATCH, Rivals
from lens_site.classifier import Classifier, Encoded
from lens_site.extraction import Extractor, metrics
from lens_site.results.numbers import rounded
from lens_site.results.schema import Kept


@dataclass(frozen=True)
class Answers:
    """What the head says of n images: logit and probability of c, and the strongest other class.

    ``runner_up`` is that class, and ``at_runner_up`` the logit of it; after the replacement it is
    the logit of the class that was the runner-up before, and ``strongest`` the largest other one.
    With one class only ``strongest`` is −∞.
    """

    logit: Float[np.ndarray, " n"]
    probability: Float[np.ndarray, " n"]
    strongest: Float[np.ndarray, " n"]
    runner_up: Int[np.ndarray, " n"]
    at_runner_up: Float[np.ndarray, " n"]

    @property
    def margin(self) -> Float[np.ndarray, " n"]:
        """Logit of the class over the strongest other one."""
        margin: np.ndarray = self.logit - self.strongest
        return margin


@dataclass(frozen=True)
class BothAnswers:
    """On the true activations, on their reconstructions, and without any concept.

    ``bias`` is the mean of what is explained at u = 0, ``own_bias`` at activations of 0.
    """

    before: Answers
    after: Answers
    bias: float
    own_bias: float


def ask(classifier: Classifier, activations: Activations, index: int) -> Answers:
    """Run the network's head on the true activations of a class.

    Crops are read as the cells of a map; so this is then of the crops, not of the picture.
    """
    parts = _split(activations.patches, activations.context)
    return _answers((_head(classifier, *part) for part in parts), index, None)


def ask_both(
    classifier: Classifier,
    extractor: Extractor,
    activations: Activations,
    codes: Float[Tensor, "n s k"],
    index: int,
    before: Answers,
    rivals: Rivals = None,
) -> BothAnswers:
    """Run the head on what the concepts make of the activations of a class.

    The context of each image, a transformer's class token, stays as it was. ``before`` is what
    ``ask`` returns; the biases are of the lead over the ``rivals`` where these are given.
    """
    h, w = activations.patches.shape[1:3]
    context = activations.context

    def decoded(codes: Float[Tensor, "m s k"]) -> Float[Tensor, "m h w p"]:
        rows = extractor.decode(rearrange(codes, "m s k -> (m s) k"))
        return rearrange(rows, "(m h w) p -> m h w p", h=h, w=w)

    kept = (_head(classifier, decoded(part), around) for part, around in _split(codes, context))
    after = _answers(kept, index, before.runner_up)
    # without a context all images are alike once nothing of their patches is left
    few = len(codes) if context.shape[1] else 1

    def mean(batches: Iterator[Float[Tensor, "m classes"]]) -> float:
        logits = torch.cat(list(batches)).double()
        explained = logits[:, index].mean()
        if rivals is not None:
            rows = torch.arange(len(rivals), device=logits.device).clamp(max=few - 1)
            explained = explained - logits[rows, rivals].mean()
        return float(explained)

    nothing = _split(torch.zeros_like(codes[:few]), context[:few])
    zeros = _split(torch.zeros_like(activations.patches[:few]), context[:few])
    bias = mean(_head(classifier, decoded(part), around) for part, around in nothing)
    own_bias = mean(_head(classifier, *part) for part in zeros)
    return BothAnswers(before, after, bias, own_bias)


def measure_kept(
    images: ClassImages,
    extractor: Extractor,
    both: BothAnswers,
    phi: Float[np.ndarray, "n k"],
    *,
    crops: bool,
    margin: bool = False,
) -> tuple[Kept, Float[np.ndarray, " n"]]:
    """Return what the concepts keep of the network's answers, and everything else of every image.

    Everything else, y − ŷ, or with ``margin`` the same of the lead over the runner-up that each
    image had before, has the logit's unit and sign: at a linear head, and for importance
    that adds up, y = bias + Σ_i φ_i + (y − ŷ). Its total is Σ(y − ŷ) / ΣΣ|φ|, as shares are, and 0
    where Φ is; for importance in another unit than logits that ratio says nothing.

    With ``crops``, the crops' mean is not the picture's own map. What is compared is then the
    picture as the network saw it (y and probability stored with it) with the head on the
    reconstructed crops: everything else holds what cropping changes too. The margin of a picture
    is not stored, so its figures are None.
    """
    before, after = both.before, both.after
    y, probability = before.logit, before.probability
    if crops:
        y, probability = (np.array(x, np.float64) for x in (images.logits, images.probabilities))
    margins = not crops and bool(np.isfinite(before.strongest).all())
    else_n = before.margin - (after.logit - after.at_runner_up) if margin else y - after.logit
    size = np.abs(phi).sum(dtype=np.float64)
    return Kept(
        same_class=rounded((after.logit > after.strongest).mean()),
        probability=rounded(probability.mean()),
        probability_kept=rounded(after.probability.mean()),
        skill=_rounded(skill(y, after.logit)),
        margin_skill=_rounded(skill(before.margin, after.margin)) if margins else None,
        margin_r2=_rounded(metrics.logit_r2(before.margin, after.margin)) if margins else None,
        bias=rounded(both.bias),
        mean_part=rounded(both.bias - both.own_bias) if extractor.centered_codes else None,
        everything_else=rounded(else_n.sum() / size) if size > 0 else 0.0,
    ), else_n


def skill(y: Float[np.ndarray, " n"], y_hat: Float[np.ndarray, " n"]) -> float | None:
    """1 − Σ|y − ŷ| / Σ|y − median(y)|: 1 is exact, 0 as good as guessing the median for all.

    None where y does not vary, and for one image: the guess is exact there. Absolute errors,
    because the median is the constant they like best: no constant scores above 0.
    """
    if np.ptp(y) <= 1e-6 * np.abs(y).max():
        return None
    return float(1 - np.abs(y - y_hat).sum() / np.abs(y - np.median(y)).sum())


def _split(rows: Tensor, context: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    return zip(torch.split(rows, BATCH), torch.split(context, BATCH), strict=True)


@torch.no_grad()
def _head(
    classifier: Classifier, patches: Float[Tensor, "m h w p"], context: Float[Tensor, "m t p"]
) -> Float[Tensor, "m classes"]:
    """All logits; a linear head reads any grid, if need be by its formula."""
    linear, (h, w) = classifier.linear, patches.shape[1:3]
    if linear is not None and (h, w) != classifier.parts.feature_shape[1:]:
        return patches.mean(dim=(1, 2)) @ linear.weight.T + linear.bias
    return classifier.head(Encoded(rearrange(patches, "m h w p -> m p h w"), context))


def _answers(
    batches: Iterator[Float[Tensor, "m classes"]], index: int, of: Int[np.ndarray, " n"] | None
) -> Answers:
    """Shrink all logits to what is asked of them, batch by batch; ``of`` names the runners-up."""
    columns: list[tuple[Tensor, ...]] = []
    start = 0
    for batch in batches:
        logits = batch.double()
        others = logits.clone()
        others[:, index] = -torch.inf
        strongest, runner_up = others.max(dim=1)
        asked = runner_up
        if of is not None:
            asked = torch.from_numpy(of[start : start + len(logits)]).to(logits.device)
        start += len(logits)
        at = logits.gather(1, asked[:, None])[:, 0]
        own = logits[:, index]
        columns.append((own, logits.softmax(dim=1)[:, index], strongest, runner_up, at))
    return Answers(*(torch.cat(column).cpu().numpy() for column in zip(*columns, strict=True)))


def _rounded(value: float | None) -> float | None:
    return None if value is None else rounded(value)
