"""On what the claims of a class rest: measured by the network, by refits and by a null."""

from typing import Any

from pydantic import Field

from lens_site.results.measures import MEASURES
from lens_site.results.schema.record import Record


class Covering(Record):
    """What the network says when the places of a concept are covered in the picture."""

    fall: float = Field(description="mean fall of the class logit, as a share of it")
    fall_at_random: float = Field(description="the same for as many random places")
    images: int
    places: int = Field(description="patches covered in each image")


class Separation(Record):
    """Whether the images form separate groups, against one continuous cloud (methods.md §4)."""

    method: str
    groups: int = Field(description="strategies; 0 where none are supported")
    p_value: float | None = Field(description="rank among the draws of the null; None: not tested")
    draws: int = Field(description="draws of the null")
    agreement: float | None = Field(
        default=None, description="adjusted Rand index of re-clustered halves"
    )
    agreement_null: float | None = Field(default=None, description="the same, median of the null")
    reason: str = Field(default="", description="why there are none, in words")


class Rival(Record):
    """A class that often comes second: what speaks for the class rather than for it."""

    index: int
    name: str
    images: int = Field(description="images whose runner-up it is")
    margin: float = Field(description="mean of y_c − y_rival over these images")
    differences: tuple[float, ...] = Field(
        description="mean contribution of each concept to that difference"
    )
    constant: float = Field(description="part of the difference that is there without any concept")
    everything_else: float = Field(description="part of it that the concepts leave out")


class Kept(Record):
    """What the network says with every activation replaced by its reconstruction."""

    same_class: float = Field(description="share of images whose predicted class stays")
    probability: float = Field(description="mean probability of the class before")
    probability_kept: float = Field(description="the same after")
    skill: float | None = Field(
        description="1 − Σ|y − ŷ| / Σ|y − median(y)|; 0 is no better than that constant guess"
    )
    margin_skill: float | None = Field(
        description="the same for the margin over the strongest other class"
    )
    margin_r2: float | None = Field(description="squared correlation of margin and kept margin")
    bias: float = Field(description="the logit without any concept")
    mean_part: float | None = Field(
        default=None, description="of it, what the mean that centered codes leave out adds"
    )
    everything_else: float = Field(
        description="Σ(y − ŷ) / ΣΣ|φ|, in the unit of the concepts' shares"
    )


class Refits(Record):
    """How well the concepts are found again (methods.md §6); higher is better."""

    halves: int = Field(description="refits on halves of the images")
    seeds: int = Field(description="refits with other seeds")
    images: int
    stability: float = Field(description="mean matched cosine between halves")
    random_patches: float = Field(description="the same of k random patches with the dictionary")


def _measured(key: str) -> Any:
    return Field(description=MEASURES[key].description)


class Metrics(Record):
    """How far to trust the explanation.

    The first six are taken on all patches of the class, the rest on a sample of them, drawn by
    the seed.
    """

    explained_logit: float = _measured("explained_logit")
    logit_r2: float | None = _measured("logit_r2")
    relative_l2: float = _measured("relative_l2")
    r2: float = _measured("r2")
    sparsity: float = _measured("sparsity")
    dead_concepts: int = _measured("dead_concepts")
    wasserstein_1: float = _measured("wasserstein_1")
    frechet_distance: float = _measured("frechet_distance")
    ood: float = _measured("ood")
    ood_real: float | None = Field(
        default=None, description="mean distance from a real patch to the nearest other real patch"
    )
    sample: int = Field(description="patches behind the three distances")


class Curve(Record):
    """Class logit over the share of concepts changed 0, 1/k, …, 1, as a share of the full one."""

    values: tuple[float, ...] | None = Field(description="k + 1 values; None when undefined")
    auc: float | None = Field(description="area under them by the trapezoid rule")


class Faithfulness(Record):
    """How far the importance tells what the logit does when concepts go or come."""

    deletion: Curve = Field(description="most important concepts taken out first; low is good")
    insertion: Curve = Field(description="most important concepts put in first; high is good")
    random_deletion: Curve
    random_insertion: Curve
    mu_fidelity: float | None = _measured("mu_fidelity")
    images: int = Field(description="images the curves are the mean of")
    notes: tuple[str, ...] = Field(description="what is undefined or a convention, and why")
