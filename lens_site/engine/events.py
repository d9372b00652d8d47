"""What an engine reports while it works; it prints nothing itself."""

from collections.abc import Callable
from dataclasses import dataclass

from lens_site.results.schema import ClassName, ClassStatus


@dataclass(frozen=True)
class Loaded:
    """Classifier and images are there; ``runtime`` says what the encoder runs on."""

    classifier: str
    device: str
    data: str
    images: int
    found: str
    """What the source found, in a line."""
    runtime: str


@dataclass(frozen=True)
class Predicted:
    """So many more images have their prediction; ``cached`` ones needed no forward pass."""

    images: int
    cached: bool


@dataclass(frozen=True)
class Expected:
    """Classes that will have to be computed as far as is known now, and their images in all."""

    classes: int
    images: int


@dataclass(frozen=True)
class Part:
    """A part of the images comes next, one of a shard's."""

    name: str
    images: int


@dataclass(frozen=True)
class Planned:
    """Classes to compute, and classes whose result is still right."""

    compute: int
    current: int


@dataclass(frozen=True)
class ClassBegun:
    """One class is at work."""

    name: ClassName
    images: int


@dataclass(frozen=True)
class ClassEnded:
    """One class is built or has failed, after so many seconds.

    Those of a processor are of its own thread, once its activations are there.
    """

    status: ClassStatus
    seconds: float
    processor_seconds: float
    """Without its part of the forward passes; NaN where another machine computed it."""


@dataclass(frozen=True)
class ClassLeft:
    """One class that was at work is left to another shard, which took this one for gone."""

    name: ClassName


@dataclass(frozen=True)
class Elsewhere:
    """So many more classes have got their fate from other shards."""

    classes: int


@dataclass(frozen=True)
class Waiting:
    """There is nothing to do here until others are done with something."""

    what: str


@dataclass(frozen=True)
class Comparing:
    """All classes are there; their concepts are compared with each other."""

    classes: int


Event = (
    Loaded
    | Part
    | Predicted
    | Expected
    | Planned
    | ClassBegun
    | ClassEnded
    | ClassLeft
    | Elsewhere
    | Waiting
    | Comparing
)
Report = Callable[[Event], None]
