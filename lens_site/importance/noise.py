"""What SmoothGrad, SquareGrad and VarGrad share: saliency at many noisy copies of the codes."""

from abc import abstractmethod

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from lens_site.errors import StageError
from lens_site.importance.attributor import AnyScore, Attributor, Codes, Phi
from lens_site.importance.gradient import gradient


class NoisyGradient(Attributor):
    """A statistic of the saliency at u + ε, ε Gaussian, drawn anew at every position.

    Source: Smilkov et al. 2017 (arXiv 1706.03825). As there, the deviation of ε is a fraction
    of the range of the input, here max(u) − min(u) over the positions and concepts of an image.

    Parameters
    ----------
    samples
        Draws of ε an image.
    noise
        Standard deviation of ε, as a fraction of the range.
    """

    def __init__(self, *, samples: int = 32, noise: float = 0.1, batch: int = 64) -> None:
        super().__init__(batch=batch)
        self.samples = self._at_least(1, "samples", samples)
        if not noise >= 0:
            raise StageError(f"{self.name}: noise is {noise}; it must be 0 or more")
        self.noise = noise

    def estimate(self, score: AnyScore, codes: Codes, *, generator: Generator) -> Phi:
        """Φ from ``samples`` noisy gradients an image."""
        return torch.stack([self._image(score, codes[i], i, generator) for i in range(len(codes))])

    @abstractmethod
    def reduce(self, slopes: Float[Tensor, "samples k"]) -> Float[Tensor, " k"]:
        """Return φ of one image from the saliency of each sample."""

    def _image(
        self, score: AnyScore, codes: Float[Tensor, "s k"], image: int, generator: Generator
    ) -> Float[Tensor, " k"]:
        deviation = self.noise * (codes.max() - codes.min())
        shape = (self.samples, *codes.shape)
        noise = torch.randn(shape, generator=generator, device=generator.device, dtype=codes.dtype)
        noisy = codes + deviation * noise.to(codes.device)
        images = torch.full((self.samples,), image, device=codes.device)
        slopes = gradient(score, noisy, batch=self.batch, images=images)
        return self.reduce(slopes.sum(dim=1))
