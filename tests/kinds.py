"""Invented results for some classes of ImageNet from all over the tree, and for all of them."""

from collections.abc import Iterable
from pathlib import Path

from tiny_results import Made, make_class, write_run

from lens_site.classifier.labels import imagenet_labels
from lens_site.results.schema import Alignment

LABELS = imagenet_labels().names

GOLDFISH, CHIHUAHUA, RETRIEVER, SHEPHERD, TABBY, COFFEE_MUG = 1, 151, 207, 235, 281, 504
DISK_BRAKE, JERSEY, SCOOTER, BICYCLE, ESPRESSO, CUP, EGGNOG = 535, 610, 670, 671, 967, 968, 969

KINDS = (
    GOLDFISH, CHIHUAHUA, RETRIEVER, SHEPHERD, TABBY, COFFEE_MUG, JERSEY, SCOOTER, BICYCLE,
    ESPRESSO, CUP, EGGNOG,
)  # fmt: skip
"""All but the disk brake, which only a concept of the motor scooter counts toward."""


def alignment(index: int, cosine: float) -> Alignment:
    return Alignment(index=index, name=LABELS[index].name, cosine=cosine)


def make_kind(index: int) -> Made:
    """The class with its words and WordNet id; those of the motor scooter point at disk brakes."""
    result, files = make_class(index, images=4, concepts=2)
    towards = (index, DISK_BRAKE, CUP, EGGNOG) if index == SCOOTER else (index,)
    aligned = tuple(alignment(other, 0.4 - i / 10) for i, other in enumerate(towards))
    concepts = tuple(c.model_copy(update={"aligned": aligned}) for c in result.concepts)
    return result.model_copy(update={"name": LABELS[index], "concepts": concepts}), files


def write_kinds(folder: Path, indices: Iterable[int] = KINDS) -> Path:
    return write_run(folder, *map(make_kind, indices), absent=())
