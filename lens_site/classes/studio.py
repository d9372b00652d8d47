"""What pictures of concepts are made with: the same for all classes of a run."""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from lens_site import visualization
from lens_site.activations.encode import CPU_BATCH
from lens_site.classifier import Classifier, Encoded
from lens_site.classifier.preprocessing import Preprocessing
from lens_site.errors import ClassifierError, ConfigError, first_line
from lens_site.results.schema import VisualizationLevel
from lens_site.visualization import ENOUGH, Level, Spectrum
from lens_site.visualization import one_over_f as usual_spectrum

__all__ = [
    "ENOUGH",
    "Spectrum",
    "Studio",
    "as_images",
    "check_gradients",
    "choose_side",
    "encode_pictures",
    "natural_spectrum",
    "open_studio",
    "usual_spectrum",
]

EARLIER = 2
"""Earlier layers at which activations are compared."""

PIXELS_CPU, PIXELS_GPU = 2**20, 2**23
"""Pixels of crops that go through the network at once: bounds the memory."""

STEP = 32
"""Sides of crops are multiples of it, as networks like them."""

Pictures = Float[Tensor, "n 3 side side"]
"""RGB in [0, 1]."""


@dataclass(frozen=True)
class Studio:
    """A network, its pictures' spectrum, and how much work a picture is worth.

    ``side`` is that of the crops the network is shown, in pixels; ``earlier`` are the same network
    cut earlier, the last such layer first.
    """

    name: VisualizationLevel
    classifier: Classifier
    side: int
    earlier: tuple[Classifier, ...]
    spectrum: Spectrum

    @property
    def level(self) -> Level:
        """How much work goes into each picture."""
        return visualization.LEVELS[self.name]

    def look(self, pictures: Pictures) -> Float[Tensor, "n p h w"]:
        """Return the network's maps; differentiable."""
        images = as_images(pictures, self.classifier.preprocessing)
        return self.classifier.encode_for_gradients(images).maps

    def at_once(self, crops: int) -> int:
        """How many concepts fit into a pass with so many crops of each."""
        pixels = PIXELS_CPU if self.classifier.device.type == "cpu" else PIXELS_GPU
        return max(1, pixels // (crops * self.side**2))


def open_studio(classifier: Classifier, name: VisualizationLevel, spectrum: Spectrum) -> Studio:
    """Choose the side of crops, and cut the network at earlier layers where it can be.

    Raises
    ------
    ConfigError
        When the network's gradients by its pictures cannot be had.
    """
    side = choose_side(classifier, visualization.LEVELS[name].seen)
    earlier: list[Classifier] = []
    try:
        while len(earlier) < EARLIER:
            last = earlier[-1] if earlier else classifier
            earlier.append(last.at_finer_layer(nonnegative=False))
    except ClassifierError:
        pass  # then there are fewer, or none, and the record says so
    return Studio(name, classifier, side, tuple(earlier), spectrum.to(classifier.device))


def choose_side(classifier: Classifier, seen: float) -> int:
    """Return the side of crops in pixels: ``seen`` of the input's, or that where nothing else goes.

    Transformers, for one, often take one size only; their pictures cost more.

    Raises
    ------
    ConfigError
        When there is no gradient even at the network's own size.
    """
    own = classifier.preprocessing.crop
    wanted = min(own, max(STEP, round(seen * own / STEP) * STEP))
    reason = ""
    for side in dict.fromkeys((wanted, own)):
        reason = _refusal(classifier, side)
        if not reason:
            return side
    raise ConfigError(
        f"visualization: pictures cannot be made with {classifier.name}: {reason}; it has to be "
        "differentiable by its input; give --visualization off"
    )


def check_gradients(classifier: Classifier) -> None:
    """Refuse, before an hour's work, a network without gradients; raises ConfigError."""
    choose_side(classifier, 1.0)


def _refusal(classifier: Classifier, side: int) -> str:
    """Why pictures of this side lead to no gradient; empty where they do."""
    generator = torch.Generator().manual_seed(0)
    images = torch.randn(2, 3, side, side, generator=generator).to(classifier.device)
    try:
        with torch.inference_mode(False), torch.enable_grad():
            images = images.clone().requires_grad_()
            maps = classifier.encode_for_gradients(images).maps
            (slope,) = torch.autograd.grad(maps.square().sum(), images)
    except Exception as error:  # a network can refuse a size in as many ways as it can be written
        return first_line(error)
    if not bool(slope.isfinite().all()):
        return "its gradient is not finite"
    return "" if bool(slope.any()) else "its gradient is 0 everywhere"


def natural_spectrum(batches: Iterable[Tensor], preprocessing: Preprocessing) -> Spectrum:
    """Measure the spectrum of prepared images, any number (n, 3, side, side) a batch.

    Raises
    ------
    StageError
        When there is none.
    """
    mean, std = _scale(preprocessing)
    return visualization.measure((batch * std + mean).clamp(0, 1) for batch in batches)


def as_images(pictures: Pictures, preprocessing: Preprocessing) -> Pictures:
    """Prepare RGB pictures as the network wants them."""
    mean, std = (value.to(pictures.device) for value in _scale(preprocessing))
    return (pictures - mean) / std


@torch.no_grad()
def encode_pictures(classifier: Classifier, pictures: Pictures) -> Encoded:
    """Return g(x) of RGB pictures, some at a time."""
    images = as_images(pictures.to(classifier.device), classifier.preprocessing)
    parts = [classifier.encode(part) for part in torch.split(images, CPU_BATCH)]
    return Encoded(torch.cat([p.maps for p in parts]), torch.cat([p.context for p in parts]))


def _scale(preprocessing: Preprocessing) -> tuple[Tensor, Tensor]:
    mean, std = torch.tensor(preprocessing.mean), torch.tensor(preprocessing.std)
    return mean[:, None, None], std[:, None, None]
