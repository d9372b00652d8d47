"""What natural pictures are made of: the mean color, how colors go together, how much of each wave.

Notation: n pictures x in (0, 1) of s × s pixels; y = logit(x), where a picture may take any value;
mean color m (3) and covariance C (3, 3) of the pixels of y; z = C^(−1/2) (y − m), whose three
channels are uncorrelated. The spectrum is the mean magnitude of the Fourier transform of z:
M = E|F z|, of shape (3, s, s // 2 + 1) as ``rfft2`` lays it out.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from lens_site.errors import StageError

DARKEST = 0.02
"""A pixel nearer to 0 or 1 counts as this near, for its logit would be endless."""

ENOUGH = 50
"""Distinct photographs of which a spectrum can be measured."""

MEAN = (0.0, -0.2, -0.5)
MIXING = ((1.40, 0.73, 0.53), (0.73, 1.14, 0.80), (0.53, 0.80, 1.38))
FALL, VARIANCE = 1.3, 0.33
"""m, C^(1/2), and how M falls with the frequency, as measured on 200 photographs of 200 classes of
ImageNet; the variance is that of z with these magnitudes and any phases."""

FLOOR = 1e-6
"""Least variance of a mixture of colors: gray pictures have none in two of them."""

Pictures = Float[Tensor, "n 3 side side"]
"""RGB in [0, 1]."""


@dataclass(frozen=True)
class Spectrum:
    """m, C^(1/2) and M; ``photographs`` says how many it was measured on, 0 for none."""

    mean: Float[Tensor, " 3"]
    mixing: Float[Tensor, "3 3"]
    magnitude: Float[Tensor, "3 side half"]
    photographs: int

    @property
    def side(self) -> int:
        """Pixels of a side of its pictures."""
        return self.magnitude.shape[1]

    @property
    def color(self) -> Float[Tensor, "3 1 1"]:
        """The mean color, as RGB in (0, 1)."""
        return torch.sigmoid(self.mean)[:, None, None]

    def to(self, device: torch.device) -> "Spectrum":
        """Return the same on a device."""
        mean, mixing, magnitude = (a.to(device) for a in (self.mean, self.mixing, self.magnitude))
        return Spectrum(mean, mixing, magnitude, self.photographs)


def measure(batches: Iterable[Tensor]) -> Spectrum:
    """Measure natural pictures, any number (n, 3, side, side) a batch, all of one size.

    Source: Fel et al. 2023, MACO (arXiv 2306.06805), §3.2. What we chose: magnitudes and colors are
    those of logits, so that a picture made of them needs no clipping.

    Raises
    ------
    StageError
        Without a picture.
    """
    latents = [to_logits(batch) for batch in batches]
    if not sum(map(len, latents)):
        raise StageError("visualization: no picture to measure a spectrum on; wanted some")
    y = torch.cat(latents).double()
    mean = y.mean(dim=(0, 2, 3))
    centered = y - mean[:, None, None]
    covariance = torch.einsum("nchw,ndhw->cd", centered, centered) / centered[:, 0].numel()
    values, vectors = torch.linalg.eigh(covariance)
    roots = values.clamp_min(FLOOR).sqrt()
    z = torch.einsum("cd,ndhw->nchw", vectors / roots @ vectors.T, centered)
    magnitude = torch.fft.rfft2(z).abs().mean(dim=0)
    return Spectrum(mean.float(), (vectors * roots @ vectors.T).float(), magnitude.float(), len(y))


def one_over_f(side: int) -> Spectrum:
    """Take what photographs have in common: magnitudes fall about as 1/f, colors go together.

    For sets of fewer photographs than ``ENOUGH``. Source: Field 1987; the figures are ours.
    """
    rows = torch.fft.fftfreq(side, dtype=torch.float64) * side
    columns = torch.fft.rfftfreq(side, dtype=torch.float64) * side
    magnitude = torch.hypot(rows[:, None], columns).clamp_min(1.0) ** -FALL
    times = torch.full((side // 2 + 1,), 2.0, dtype=torch.float64)
    times[0] = 1.0  # every other column stands for its mirror image too
    if side % 2 == 0:
        times[-1] = 1.0
    variance = (magnitude.square() * times).sum() / side**4
    channel = (magnitude * (VARIANCE / variance).sqrt()).float()
    return Spectrum(torch.tensor(MEAN), torch.tensor(MIXING), channel.repeat(3, 1, 1), 0)


def to_logits(pictures: Pictures) -> Pictures:
    """Return y of x."""
    return torch.logit(pictures, eps=DARKEST)
