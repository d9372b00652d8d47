"""``-k auto``: the smallest number of concepts that is enough, found without trying all."""

import numpy as np
import pytest
import torch
from torch import Tensor

from lens_site.classes import how_many
from lens_site.extraction import METHODS, Convergence, Extractor
from lens_site.extraction.methods.nmf import NMF

PATCHES = 4


class Fake(Extractor):
    """Learns nothing, and remembers on how many rows."""

    name = "fake"
    fitted: list[tuple[int, int]]

    def _fit(self, activations, generator, progress):
        self.fitted.append((self.k, len(activations)))
        return {"dictionary": torch.eye(self.k, activations.shape[1])}, Convergence((), 0, "fake")

    def _encode(self, activations):
        return activations @ self.dictionary.T


@pytest.fixture
def fitted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    monkeypatch.setattr(Fake, "fitted", [], raising=False)
    return Fake.fitted


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def choose(reached: dict[int, float | None], *, n: int = 10, p: int = 40):
    """Choose among dictionaries whose ŷ correlate with y as told."""
    y = np.resize([1.0, -1.0], n)
    free = np.resize([1.0, 1.0, -1.0, -1.0], n // 4 * 4)  # of no correlation with y
    free = np.append(free, np.zeros(n - len(free)))

    def rebuild(extractor: Extractor, codes: Tensor) -> np.ndarray:
        assert codes.shape == (n, PATCHES, extractor.k)
        r2 = reached[extractor.k]
        if r2 is None:
            return np.zeros(n)
        return 5 + np.sqrt(r2) * y + np.sqrt((1 - r2) * n / len(free.nonzero()[0])) * free

    activations = torch.rand(n, PATCHES, p, generator=generator())
    return how_many.choose_number(Fake, activations, y, rebuild, generator=generator())


def test_stops_at_the_first_small_gain(fitted: list[tuple[int, int]]) -> None:
    k, tried = choose({5: 0.3, 10: 0.5, 15: 0.56, 20: 0.6, 25: 0.9, 30: 0.91}, n=12)
    assert k == 15
    assert [(t.concepts, t.logit_r2) for t in tried] == [(5, 0.3), (10, 0.5), (15, 0.56), (20, 0.6)]
    assert [k for k, _ in fitted] == [5, 10, 15, 20]


def test_the_largest_when_all_gain(fitted: list[tuple[int, int]]) -> None:
    k, tried = choose({k: k / 31 for k in how_many.TRIED}, n=12)
    assert k == 30
    assert tuple(t.concepts for t in tried) == how_many.TRIED


def test_what_does_not_vary_explains_nothing(fitted: list[tuple[int, int]]) -> None:
    k, tried = choose({5: None, 10: 0.04, 15: 0.9}, n=12)
    assert (k, tried[0].logit_r2) == (5, 0.0)


@pytest.mark.parametrize(
    ("n", "p", "numbers"), [(12, 12, [5, 10]), (12, 3, [3]), (1, 40, [4]), (12, 5, [5])]
)
def test_no_more_than_rows_and_channels_allow(
    fitted: list[tuple[int, int]], n: int, p: int, numbers: list[int]
) -> None:
    k, tried = choose(
        dict.fromkeys(numbers, None) | {5: 0.1, 10: 0.9} if n > 1 else {4: None}, n=n, p=p
    )
    assert [t.concepts for t in tried] == numbers
    assert k == numbers[-1]


def test_fits_on_a_sample_and_encodes_all(
    fitted: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(how_many, "SAMPLE", 31)
    choose({5: 0.3, 10: 0.31}, n=12)
    assert fitted == [(5, 31), (10, 31)]


def test_real_dictionaries_of_planted_concepts() -> None:
    """Thirteen concepts add up to the logit: 15 find them all, 10 cannot."""
    drawn = generator()
    planted = torch.rand(13, 40, generator=drawn) ** 3
    used = (torch.rand(60, PATCHES, 13, generator=drawn) < 0.15).float()
    activations = used @ planted
    weight = torch.randn(40, generator=drawn)
    y = (activations.mean(dim=1) @ weight).numpy()

    def rebuild(extractor: Extractor, codes: Tensor) -> np.ndarray:
        return (extractor.decode(codes.mean(dim=1)) @ weight).numpy()

    def found() -> tuple[int, object]:
        return how_many.choose_number(NMF, activations, y, rebuild, generator=generator())

    k, tried = found()
    assert (k, tried) == found()
    assert k == 15
    assert tried[2].logit_r2 > 0.99
    assert tried[1].logit_r2 < 0.9


def test_every_method_can_be_asked() -> None:
    activations = torch.rand(8, PATCHES, 6, generator=generator())
    weight = torch.linspace(0, 1, 6)
    y = (activations.mean(dim=1) @ weight).numpy()
    for make in (METHODS["kmeans"], METHODS["pca"]):
        k, tried = how_many.choose_number(
            make,
            activations,
            y,
            lambda e, codes: (e.decode(codes.flatten(0, 1)) @ weight).view(8, -1).mean(1).numpy(),
            generator=generator(),
        )
        assert k == tried[0].concepts == 5
        assert tried[0].logit_r2 > 0.3
