"""Ascent against an optimum that is known, and what must not matter to it."""

import math
from dataclasses import replace

import pytest
import torch
from einops import rearrange
from torch import Tensor

from lens_site.visualization import Directions, Effort, apart, ascend, from_noise, one_over_f
from lens_site.visualization.ascent import Ascended, objective
from lens_site.visualization.crops import cut, middle, windows

SIDE = 16
WHOLE = Effort(80, 1, share=1.0, spread=0.0, off_center=0.0, rate=0.3, noise=0.0)
CROPS = Effort(6, 3, share=0.6, spread=0.1, off_center=0.1, rate=0.3)


def made(effort: Effort, look: object, vectors: Tensor, **options: object) -> Ascended:
    spectrum = one_over_f(SIDE)
    generator = torch.Generator().manual_seed(0)
    painter, phases = from_noise(spectrum, len(vectors), generator=generator)
    wanted = Directions(vectors, torch.zeros(vectors.shape[1]))
    given = {"side": SIDE, "at_once": 8, "generator": generator, **options}
    return ascend(painter, phases, wanted, look, effort, **given)  # type: ignore[arg-type]


def colors(pictures: Tensor) -> Tensor:
    """A network of three channels: how much of red, green, blue is in each quarter."""
    return torch.nn.functional.adaptive_avg_pool2d(pictures, 2) ** 2


def test_a_linear_network_is_driven_to_its_known_optimum() -> None:
    """Of Σ w·y only the phases can change: at best every wave adds M |F(C^½ w)| / s²."""
    spectrum = one_over_f(SIDE)
    weights = torch.randn(3, SIDE, SIDE, generator=torch.Generator().manual_seed(3))

    def look(pictures: Tensor) -> Tensor:
        sums = (torch.logit(pictures) * weights).sum(dim=(1, 2, 3))
        return 1_000 + sums[:, None, None, None]

    done = made(WHOLE, look, torch.ones(1, 1))
    mixed = torch.einsum("cd,chw->dhw", spectrum.mixing, weights)
    sizes = torch.fft.fft2(mixed).abs()
    both = torch.cat([spectrum.magnitude, spectrum.magnitude[:, :, 1:-1].flip(2)], dim=2)
    constant = 1_000 + float((weights * spectrum.mean[:, None, None]).sum())
    best = constant + float((both * sizes).sum()) / SIDE**2
    first, last = float(done.gains[0, 0]), float(done.gains[-1, 0])
    assert first < constant + 0.3 * (best - constant)
    assert constant + 0.97 * (best - constant) < last <= best * (1 + 1e-5)


def test_the_objective_is_its_formula() -> None:
    generator = torch.Generator().manual_seed(0)
    maps = torch.randn(6, 5, 2, 2, generator=generator)
    wanted = Directions(torch.randn(3, 5, generator=generator), torch.randn(5, generator=generator))
    by_hand = torch.zeros(3)
    for n in range(6):
        a, v = maps[n].flatten(1).mean(1) - wanted.origin, wanted.vectors[n % 3]
        dot = float(a @ v)
        by_hand[n % 3] += dot * max(dot / float(a.norm() * v.norm()), 0.1) ** 2 / 2
    assert torch.allclose(objective(maps, wanted), by_hand, atol=1e-5)


def test_each_picture_gets_its_own_color() -> None:
    done = made(replace(CROPS, steps=40), colors, torch.eye(3))
    shown = done.pictures[:, :, 4:12, 4:12].mean(dim=(2, 3))
    own = shown.diagonal()
    others = (shown.sum(dim=0) - own) / 2
    assert bool((own > others + 0.05).all())
    assert bool((done.gains[-1] > 1.5 * done.gains[0]).all())


def test_the_same_seed_gives_the_same_bytes_and_another_does_not() -> None:
    one, two = (made(CROPS, colors, torch.eye(3)).pictures for _ in range(2))
    assert torch.equal(one, two)
    other = made(CROPS, colors, torch.eye(3), generator=torch.Generator().manual_seed(5))
    assert not torch.allclose(one, other.pictures, atol=1e-3)


@pytest.mark.parametrize("at_once", [1, 2])
def test_a_batch_gives_what_single_pictures_give(at_once: int) -> None:
    whole = made(CROPS, colors, torch.eye(3))
    parts = made(CROPS, colors, torch.eye(3), at_once=at_once)
    alone = made(CROPS, colors, torch.eye(3)[1:2])
    assert torch.allclose(whole.pictures, parts.pictures, atol=1e-4)
    assert torch.allclose(whole.pictures[1], alone.pictures[0], atol=1e-4)
    assert torch.allclose(whole.attention[1], alone.attention[0], rtol=1e-2)


def test_the_pull_keeps_a_picture_near_to_where_it_came_from() -> None:
    def moved(pull: float) -> float:
        effort = replace(CROPS, steps=20, rate=0.1, pull=pull)
        start = made(replace(effort, steps=1, rate=1e-9), colors, torch.eye(3))
        done = made(effort, colors, torch.eye(3))
        return float((done.pictures - start.pictures).square().mean())

    assert moved(1_000.0) < 0.5 * moved(0.0)


def test_windows_lie_inside_and_have_the_size_that_is_asked_for() -> None:
    effort = Effort(2_000, 2_000, share=0.5, spread=0.15, off_center=0.12, rate=0.3)
    drawn = windows(100, effort, generator=torch.Generator().manual_seed(0))
    assert all(0 <= w.left <= 100 - w.size and 0 <= w.top <= 100 - w.size for w in drawn)
    sizes = torch.tensor([float(w.size) for w in drawn])
    middles = torch.tensor([w.left + w.size / 2 for w in drawn])
    assert float(sizes.mean()) == pytest.approx(50, abs=1)
    assert float(sizes.std()) == pytest.approx(15, abs=1)
    assert float(middles.mean()) == pytest.approx(50, abs=1)


def test_crops_are_cut_where_they_should_be() -> None:
    picture = rearrange(torch.arange(36.0), "(h w) -> 1 1 h w", h=6).expand(1, 3, 6, 6)
    assert middle(picture, 1 / 3, 2)[0, 0].tolist() == [[14, 15], [20, 21]]
    whole = windows(6, WHOLE, generator=torch.Generator().manual_seed(0))[0]
    assert torch.equal(cut(picture, whole, 6), picture)


def test_directions_are_turned_from_what_they_share() -> None:
    angle = math.radians(30)
    atoms = torch.tensor([[1.0, 0.0, 0.0], [math.cos(angle), math.sin(angle), 0.0]])
    turned = apart(5 * atoms)
    assert torch.allclose(turned.norm(dim=1), torch.ones(2))
    assert float(turned[0] @ turned[1]) < float(atoms[0] @ atoms[1]) - 0.5
    assert float(turned[0] @ atoms[0]) > float(turned[0] @ atoms[1])
    assert torch.allclose(apart(torch.eye(3)), torch.eye(3), atol=1e-6)
