"""What natural pictures are made of, against NumPy, and where there are too few of them."""

import numpy as np
import pytest
import torch

from lens_site.errors import StageError
from lens_site.visualization import from_noise, from_pictures, measure, one_over_f
from lens_site.visualization.spectrum import DARKEST


def pictures(n: int = 6, side: int = 12, *, seed: int = 0) -> torch.Tensor:
    """Smooth pictures whose colors go together, and which are brighter than gray."""
    generator = torch.Generator().manual_seed(seed)
    gray = torch.rand(n, 1, side, side, generator=generator)
    color = torch.rand(n, 3, side, side, generator=generator)
    tint = torch.tensor([0.25, 0.15, 0.0])[:, None, None]
    return 0.55 * gray + 0.2 * color + tint


def test_a_spectrum_is_what_numpy_says() -> None:
    x = pictures()
    spectrum = measure([x[:4], x[4:]])
    clipped = np.clip(x.double().numpy(), DARKEST, 1 - DARKEST)
    y = np.log(clipped / (1 - clipped))
    pixels = y.transpose(1, 0, 2, 3).reshape(3, -1)
    covariance = np.cov(pixels, bias=True)
    assert spectrum.photographs == 6
    assert np.allclose(spectrum.mean, pixels.mean(axis=1), atol=1e-5)
    assert spectrum.mean[0] > spectrum.mean[2] + 0.5, "red is brighter than blue"
    assert np.allclose(spectrum.mixing @ spectrum.mixing, covariance, atol=1e-4)
    values, vectors = np.linalg.eigh(covariance)
    unmixing = vectors @ np.diag(values**-0.5) @ vectors.T
    centered = y - pixels.mean(axis=1)[:, None, None]
    z = np.einsum("cd,ndhw->nchw", unmixing, centered)
    magnitude = np.abs(np.fft.fft2(z)).mean(axis=0)[:, :, :7]
    assert np.allclose(spectrum.magnitude, magnitude, rtol=1e-4, atol=1e-4)


def test_gray_pictures_have_a_spectrum_too() -> None:
    spectrum = measure([pictures()[:, :1].expand(-1, 3, -1, -1)])
    assert bool(spectrum.magnitude.isfinite().all())
    with pytest.raises(StageError, match="no picture to measure"):
        measure([])


def test_what_is_painted_keeps_the_magnitude_and_the_colors() -> None:
    spectrum = measure([pictures()])
    painter, phases = from_noise(spectrum, 2, generator=torch.Generator().manual_seed(0))
    x = painter(phases + torch.rand(2, 1, 1, 1)).double()
    assert 0 < float(x.min()) < float(x.max()) < 1
    y = torch.logit(x) - spectrum.mean.double()[:, None, None]
    z = torch.einsum("cd,kdhw->kchw", spectrum.mixing.double().inverse(), y)
    inside = (slice(None), slice(None), slice(1, 6), slice(1, 6))  # waves that are not real
    kept = torch.fft.rfft2(z).abs()[inside]
    assert torch.allclose(
        kept, spectrum.magnitude.double()[None][inside].expand_as(kept), rtol=1e-3
    )


@pytest.mark.parametrize("side", [12, 15])
def test_pictures_are_painted_again_from_their_own_phases(side: int) -> None:
    x = pictures(side=side).clamp(DARKEST, 1 - DARKEST)
    painter, phases = from_pictures(x, one_over_f(20))
    assert torch.allclose(painter(phases), x, atol=1e-4)
    assert torch.equal(painter.part(slice(1, 3))(phases[1:3]), painter(phases)[1:3])


@pytest.mark.parametrize("side", [16, 17])
def test_without_photographs_magnitudes_fall_about_as_one_over_f(side: int) -> None:
    spectrum = one_over_f(side)
    assert spectrum.photographs == 0
    row = spectrum.magnitude[0, 0]
    assert bool((row[2:] < row[1:-1]).all())
    assert float(row[1] / row[2]) == pytest.approx(2**1.3, rel=1e-5)
    painter, phases = from_noise(spectrum, 1, generator=torch.Generator().manual_seed(0))
    z = torch.fft.irfft2(torch.polar(painter.magnitude, phases), s=(side, side))
    assert float(z.square().mean()) == pytest.approx(0.33, rel=0.35)
