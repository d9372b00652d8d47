"""Pictures whose magnitudes are fixed: all that can change is the phase of each wave.

Notation of ``spectrum``; k pictures, phases φ (k, 3, s, s // 2 + 1) in radians:
x = σ(m + C^(1/2) F⁻¹(M e^(iφ))). Source: Fel et al. 2023, MACO (arXiv 2306.06805), §3.2.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from lens_site.visualization.spectrum import Pictures, Spectrum, to_logits

Phases = Float[Tensor, "k 3 side half"]


@dataclass(frozen=True)
class Painter:
    """Paints pictures from phases; M is one for all of them, or one for each."""

    mean: Float[Tensor, " 3"]
    mixing: Float[Tensor, "3 3"]
    magnitude: Float[Tensor, "one_or_k 3 side half"]

    def __call__(self, phases: Phases) -> Float[Tensor, "k 3 side side"]:
        """Return x, in (0, 1); differentiable."""
        side = phases.shape[2]
        waves = torch.polar(self.magnitude.expand_as(phases), phases)
        z = torch.fft.irfft2(waves, s=(side, side))
        y = torch.einsum("cd,kdhw->kchw", self.mixing, z) + self.mean[:, None, None]
        return torch.sigmoid(y)

    def part(self, of: slice) -> "Painter":
        """Return the painter of some of the pictures."""
        if len(self.magnitude) == 1:
            return self
        return Painter(self.mean, self.mixing, self.magnitude[of])


def from_noise(spectrum: Spectrum, k: int, *, generator: Generator) -> tuple[Painter, Phases]:
    """Return the painter of MACO, and the same random phases for each of k pictures."""
    magnitude = spectrum.magnitude[None]
    drawn = torch.rand(magnitude.shape, generator=generator, device=generator.device)
    phases = (2 * torch.pi * drawn).to(magnitude.device)
    return Painter(spectrum.mean, spectrum.mixing, magnitude), phases.repeat(k, 1, 1, 1)


def from_pictures(pictures: Pictures, spectrum: Spectrum) -> tuple[Painter, Phases]:
    """Return the painter whose magnitudes are the pictures' own, and their phases.

    What it paints at first are the pictures, of any size, but for their darkest and lightest pixels
    (``spectrum.DARKEST``).
    """
    y = to_logits(pictures) - spectrum.mean[:, None, None]
    waves = torch.fft.rfft2(torch.einsum("cd,kdhw->kchw", spectrum.mixing.inverse(), y))
    return Painter(spectrum.mean, spectrum.mixing, waves.abs()), waves.angle()
