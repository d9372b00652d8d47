"""Why this class rather than that one: what each concept adds to the difference of two logits.

Notation: class c, rival c'; d(u) = y_c(u) − y_c'(u) as a function of the codes u. n images, k
concepts, s positions.
"""

from collections import Counter

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from lens_site.activations import Activations
from lens_site.classes.kept import BothAnswers
from lens_site.classes.scores import BATCH, acting_codes, class_score
from lens_site.classifier import Classifier
from lens_site.extraction import Extractor
from lens_site.importance import AnyScore
from lens_site.importance.attributor import evaluate
from lens_site.importance.gradient import gradient
from lens_site.results.numbers import rounded
from lens_site.results.schema import Rival

MOST = 3
"""Rivals of a class."""


def find_rivals(
    classifier: Classifier,
    extractor: Extractor,
    activations: Activations,
    codes: Float[Tensor, "n s k"],
    both: BothAnswers,
    index: int,
    order: Int[np.ndarray, " k"],
) -> tuple[Rival, ...]:
    """Compare with the most frequent runner-up classes, each over the images whose second it is.

    Means over those images of gradient × input of d, which is u_i v_i·(W_c − W_c') where the
    head is linear; of d at u = 0, the constant; and of what d loses by the reconstruction,
    everything else. With a linear head constant + Σ_i differences + everything else is the
    margin; with another the gradient leaves a rest. ``differences`` are in ``order``.

    Crops are read as the cells of a map, so runners-up and margins are then those of the crops.
    """
    if len(classifier.labels) < 2:
        return ()
    counted = Counter(both.before.runner_up.tolist())
    frequent = sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:MOST]
    rivals = []
    for rival, count in frequent:
        members = np.flatnonzero(both.before.runner_up == rival)
        margin, kept = (
            float((answers.logit - answers.at_runner_up)[members].mean())
            for answers in (both.before, both.after)
        )
        chosen = torch.from_numpy(members).to(codes.device)
        against = chosen.new_full((len(codes),), rival)
        score = class_score(classifier, extractor, index, activations, against)
        constant, differences = _attribute(score, codes, chosen)
        rivals.append(
            Rival(
                index=rival,
                name=classifier.labels[rival].name,
                images=count,
                margin=rounded(margin),
                differences=tuple(rounded(v) for v in differences[order]),
                constant=rounded(constant),
                everything_else=rounded(margin - kept),
            )
        )
    return tuple(rivals)


def _attribute(
    score: AnyScore, codes: Float[Tensor, "n s k"], chosen: Int[Tensor, " m"]
) -> tuple[float, Float[np.ndarray, " k"]]:
    """Mean over the chosen images of d(0), and of Σ_s u_si ∂d/∂u_si."""
    acting = acting_codes(score, codes[chosen])
    slopes = gradient(score, acting, batch=BATCH, images=chosen)
    with torch.no_grad():
        nothing = torch.split(torch.zeros_like(acting), BATCH)
        parts = zip(nothing, torch.split(chosen, BATCH), strict=True)
        constant = torch.cat([evaluate(score, *part) for part in parts]).double().mean()
    terms = (acting * slopes).sum(dim=1, dtype=torch.float64).mean(dim=0)
    return float(constant), terms.cpu().numpy()
