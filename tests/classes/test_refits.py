"""Concepts are found again where they are planted, and a shuffled dictionary is not."""

import numpy as np
import pytest
import torch
from torch import Tensor

from lens_site.classes.refits import SEEDS, SPLITS, RefitFigures, match, refit
from lens_site.extraction import METHODS, Convergence, Extractor
from lens_site.importance.summary import global_shares

N, S, P, K = 48, 9, 24, 4
METHODS_HERE = ("nmf", "kmeans", "pca")


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def planted(method: str) -> Tensor:
    """Rows of one concept each, or for pca of all of them, orthogonal and of different sizes."""
    drawn = generator(7)
    noise = 0.02 * torch.rand(N, S, P, generator=drawn)
    if method == "pca":
        atoms = torch.linalg.qr(torch.randn(P, K, generator=drawn)).Q.T
        codes = torch.randn(N, S, K, generator=drawn) * torch.tensor([4.0, 3.0, 2.0, 1.0])
        return 5 + codes @ atoms + noise
    atoms = torch.zeros(K, P)
    for i in range(K):  # channels of their own, and some that neighbors share
        atoms[i, 5 * i : 5 * i + 8] = 0.2 + torch.rand(8, generator=drawn)
    which = torch.randint(K, (N, S), generator=drawn)
    return (1 + 0.2 * torch.rand(N, S, 1, generator=drawn)) * atoms[which] + noise


def fitted(method: str, activations: Tensor) -> Extractor:
    return METHODS[method](K).fit(activations.flatten(0, 1), generator=generator())


WEIGHT = torch.linspace(-1, 2, P)


def contributions(extractor: Extractor, codes: Tensor) -> Tensor:
    return codes.mean(dim=1) * (extractor.dictionary @ WEIGHT)


def shares_of(extractor: Extractor, activations: Tensor) -> np.ndarray:
    codes = extractor.encode(activations.flatten(0, 1)).unflatten(0, activations.shape[:2])
    return global_shares(contributions(extractor, codes).numpy())


def again(extractor: Extractor, activations: Tensor, *, seed: int = 1) -> RefitFigures:
    shares = shares_of(extractor, activations)
    made = refit(extractor, activations, contributions, shares, generator=generator(seed))
    assert made is not None
    return made


@pytest.mark.parametrize("method", METHODS_HERE)
def test_planted_concepts_are_found_again(method: str) -> None:
    activations = planted(method)
    made = again(fitted(method, activations), activations)
    assert min(made.found_again) > 0.95
    assert max(made.found_again) < 1 + 1e-6
    assert made.record.stability > 0.95
    assert made.record.random_patches < min(made.found_again) - 0.1
    assert (made.record.halves, made.record.seeds) == (2 * SPLITS, SEEDS)


@pytest.mark.parametrize("method", METHODS_HERE)
def test_a_shuffled_dictionary_is_not_found_again(method: str) -> None:
    activations = planted(method)
    true = fitted(method, activations)
    state = true.state()
    mixed = torch.stack(
        [atom[torch.randperm(P, generator=generator(i))] for i, atom in enumerate(true.dictionary)]
    )
    false = type(true).load(state | {"dictionary": mixed})
    made = again(false, activations)
    assert np.mean(made.found_again) < made.record.random_patches + 0.1
    assert max(made.found_again) < 0.8
    # refits know nothing of it: they agree with one another as ever
    assert made.record.stability == again(true, activations).record.stability


@pytest.mark.parametrize("method", METHODS_HERE)
def test_one_seed_gives_one_result_whatever_the_order_of_concepts(method: str) -> None:
    activations = planted(method)
    extractor = fitted(method, activations)
    made = again(extractor, activations)
    assert again(extractor, activations) == made
    order = [2, 0, 3, 1]
    state = extractor.state()
    turned = type(extractor).load(state | {"dictionary": extractor.dictionary[order]})
    moved = again(turned, activations)
    assert moved.found_again == pytest.approx([made.found_again[i] for i in order])
    assert moved.share_ranges == tuple(made.share_ranges[i] for i in order)
    assert moved.record.stability == made.record.stability


def test_the_order_of_images_changes_nothing_that_is_planted() -> None:
    activations = planted("nmf")
    extractor = fitted("nmf", activations)
    made = again(extractor, activations)
    turned = again(extractor, activations.flip(0))
    assert turned == again(extractor, activations.flip(0))
    assert turned.found_again == pytest.approx(made.found_again, abs=0.02)


def test_signs_are_free_where_the_method_leaves_them() -> None:
    activations = planted("pca")
    extractor = fitted("pca", activations)
    flipped = type(extractor).load(extractor.state() | {"dictionary": -extractor.dictionary})
    assert again(flipped, activations).found_again == again(extractor, activations).found_again
    cosines, partner = match(torch.eye(3), -torch.eye(3)[[2, 0, 1]], sign_free=True)
    assert cosines.tolist() == [1.0, 1.0, 1.0]
    assert partner.tolist() == [1, 2, 0]
    assert match(torch.eye(3), -torch.eye(3), sign_free=False)[0].tolist() != [1.0, 1.0, 1.0]


@pytest.mark.parametrize("method", ["nmf", "kmeans"])
def test_shares_of_the_matches_lie_around_the_share(method: str) -> None:
    activations = planted(method)
    extractor = fitted(method, activations)
    shares = shares_of(extractor, activations)
    assert np.abs(np.subtract.outer(shares, shares)[np.triu_indices(K, 1)]).min() > 0.04
    for share, (low, high) in zip(shares, again(extractor, activations).share_ranges, strict=True):
        assert low - 1e-5 <= share <= high + 1e-5
        assert share - 0.02 < low < high < share + 0.02


def test_without_contributions_there_are_no_ranges() -> None:
    activations = planted("kmeans")
    made = refit(
        fitted("kmeans", activations), activations, None, np.zeros(K), generator=generator(1)
    )
    assert made is not None
    assert made.share_ranges is None
    assert made.found_again == again(fitted("kmeans", activations), activations).found_again


def test_dead_atoms_match_nothing() -> None:
    cosines, partner = match(torch.eye(2, 3), torch.tensor([[0.0, 0, 0], [2, 0, 0]]), False)
    assert cosines.tolist() == [1.0, 0.0]
    assert partner.tolist() == [1, 0]


class Watched(Extractor):
    """Learns nothing, and remembers which images it was fitted on."""

    name = "watched"
    refit_rows = 10 * S + 1
    fits: list[list[int]]

    def _fit(self, activations, generator, progress):
        images = activations[:, 0].view(-1, S)
        assert (images == images[:, :1]).all()  # whole images
        self.fits.append(images[:, 0].int().tolist())
        return {"dictionary": torch.eye(self.k, P)}, Convergence((), 0, "watched")

    def _encode(self, activations):
        return activations[:, : self.k]


@pytest.mark.parametrize("n", [15, 48])
def test_halves_have_no_image_in_common(n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    fits: list[list[int]] = []
    monkeypatch.setattr(Watched, "fits", fits, raising=False)
    activations = torch.arange(1.0, n + 1)[:, None, None].expand(n, S, P)
    extractor = Watched(K).fit(activations.flatten(0, 1), generator=generator())
    fits.clear()
    made = again(extractor, activations)
    assert len(fits) == 2 * SPLITS + SEEDS
    for one, other in zip(fits[: 2 * SPLITS : 2], fits[1 : 2 * SPLITS : 2], strict=True):
        assert not set(one) & set(other)
        assert len(one) == min(10, n // 2)
        assert len(other) == min(10, n - n // 2)
    assert [len(one) for one in fits[2 * SPLITS :]] == [10] * SEEDS
    assert len({tuple(one) for one in fits}) == len(fits)
    assert made.record.images == 10


def test_what_cannot_be_refitted(monkeypatch: pytest.MonkeyPatch) -> None:
    activations = planted("kmeans")
    extractor = fitted("kmeans", activations)
    assert (
        refit(extractor, activations[:1], contributions, np.zeros(K), generator=generator()) is None
    )
    few = activations[:3, :2]  # two rows in a half, for four concepts
    assert refit(extractor, few, contributions, np.zeros(K), generator=generator()) is None
    monkeypatch.setattr(METHODS["kmeans"], "refit_rows", 0)
    assert refit(extractor, activations, contributions, np.zeros(K), generator=generator()) is None
