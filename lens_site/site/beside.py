"""Figures of two class results, side by side."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from lens_site.results.measures import EXTRACTION, IMPORTANCE
from lens_site.results.schema import ClassResult
from lens_site.site.language import later, many, say
from lens_site.site.numbers import percent, short, whole
from lens_site.site.retold import sentence

UNKNOWN = "–"


@dataclass(frozen=True)
class Figure:
    """A figure of both, and what it is."""

    name: str
    words: str
    first: str
    second: str


@dataclass(frozen=True)
class Kind:
    """A figure that any class has: its name, what it is, and how it is written."""

    name: str
    words: Callable[[], str]
    """What it is, in the language of the site."""
    tell: Callable[[ClassResult], str]
    of_one_network: bool = False
    """Whether it is in the unit of the activations: between two networks it says nothing."""


def figures(first: ClassResult, second: ClassResult, *, alike: bool) -> tuple[Figure, ...]:
    """Return the figures that either has, those of the images before those of the concepts.

    ``alike`` says whether both are of one layer of one network.
    """
    kinds = (kind for kind in KINDS if alike or not kind.of_one_network)
    told = (Figure(say(k.name), k.words(), k.tell(first), k.tell(second)) for k in kinds)
    return tuple(f for f in told if {f.first, f.second} != {UNKNOWN})


def _reliability(result: ClassResult) -> str:
    right = [i.label == result.name.index for i in result.images if i.label is not None]
    return percent(sum(right) / len(right)) if right else UNKNOWN


def _concepts(result: ClassResult) -> str:
    matter = sum(c.important for c in result.concepts)
    return say("{number} of {all}", number=matter, all=len(result.concepts))


def _groups(result: ClassResult) -> str:
    groups = len(result.strategies)
    return many("{n} group", "{n} groups", groups) if groups else say("none")


def _number(key: str, result: ClassResult) -> str:
    faithful, refits = result.faithfulness, result.refits
    values = {
        **result.metrics.model_dump(),
        "instability": 1 - refits.stability if refits else None,
        "deletion": faithful.deletion.auc,
        "insertion": faithful.insertion.auc,
        "mu_fidelity": faithful.mu_fidelity,
    }
    value = values.get(key)
    return UNKNOWN if value is None else short(float(value))


KINDS = (
    Kind(
        later("images"), partial(say, later("That the run gives the class.")),
        lambda r: whole(r.predicted),
    ),
    Kind(
        later("reliability"), partial(say, later("Labeled as the class, of those with a label.")),
        _reliability,
    ),
    Kind(later("concepts"), partial(say, later("That matter, of all.")), _concepts),
    Kind(later("groups"), partial(say, later("Of images that stand apart.")), _groups),
    Kind(
        later("still named"),
        partial(say, later("Images that the network names alike, shown only its concepts.")),
        lambda r: percent(r.kept.same_class) if r.kept else UNKNOWN,
    ),
    *(
        Kind(m.name, partial(sentence, m), partial(_number, m.key),
             of_one_network=m.key in ("wasserstein_1", "frechet_distance"))
        for m in (*EXTRACTION, *IMPORTANCE)
    ),
)  # fmt: skip
