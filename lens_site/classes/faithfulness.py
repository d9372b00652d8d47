"""How far the importance tells what the logit does when concepts go or come (methods.md §3)."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lens_site.importance import AnyScore, ImageScore, LinearScore, metrics
from lens_site.results.numbers import rounded
from lens_site.results.schema import Curve, Faithfulness

ORDERS = 4
"""Random orders of the concepts, for every image, behind the random curves."""

CURVE_IMAGES = 24
"""Images behind the curves when the head is not linear and each step costs a pass through it."""


def measure_faithfulness(
    score: AnyScore,
    codes: Float[Tensor, "n s k"],
    phi: Float[Tensor, "n k"],
    *,
    generator: torch.Generator,
) -> Faithfulness:
    """Curves and correlation of the importance, beside random orders."""
    if not isinstance(score, LinearScore) and len(codes) > CURVE_IMAGES:
        chosen = torch.linspace(0, len(codes) - 1, CURVE_IMAGES).long().to(codes.device)
        codes, phi = codes[chosen], phi[chosen]
        if isinstance(score, ImageScore):
            score = _of_some(score, chosen)
    with torch.no_grad():
        removed = metrics.deletion(score, codes, phi)
        restored = metrics.insertion(score, codes, phi)
        by_chance = metrics.random_order(score, codes, generator=generator, orders=ORDERS)
        fidelity = metrics.mu_fidelity(score, codes, phi, generator=generator)
    notes = (removed.note, restored.note, fidelity.note)
    return Faithfulness(
        deletion=_curve(removed),
        insertion=_curve(restored),
        random_deletion=_curve(by_chance[0]),
        random_insertion=_curve(by_chance[1]),
        mu_fidelity=None if fidelity.value is None else rounded(fidelity.value),
        images=len(codes),
        notes=tuple(dict.fromkeys(note for note in notes if note)),
    )


def _of_some(score: ImageScore, chosen: Int[Tensor, " m"]) -> ImageScore:
    """Return the score whose image i is the i-th of the chosen ones."""
    return ImageScore(lambda codes, images: score.function(codes, chosen[images]))


def _curve(curve: metrics.Curve) -> Curve:
    return Curve(
        values=None if curve.values is None else tuple(rounded(v) for v in curve.values),
        auc=None if curve.auc is None else rounded(curve.auc),
    )
