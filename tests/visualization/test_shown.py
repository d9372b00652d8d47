"""What of a picture is shown, the file it is shown in, and what the network says of it."""

import numpy as np
import pytest
import torch

from lens_site.visualization import Sheet, likeness, likeness_within, mask, read, standings, write


def test_a_mask_shows_what_was_looked_at() -> None:
    attention = torch.zeros(2, 40, 40)
    attention[:, 8:32, 8:32] = torch.tensor([1.0, 1e-9])[:, None, None]
    shown = mask(attention)
    assert 0 <= float(shown.min()) < float(shown.max()) <= 1
    assert float(shown[:, 15:25, 15:25].min()) == pytest.approx(1, abs=1e-3)
    assert float(shown[:, :2, :2].max()) == 0
    assert torch.allclose(shown[0], shown[1], atol=1e-3), "whatever the unit of the gradient"
    assert bool(mask(torch.zeros(1, 40, 40)).isfinite().all())


@pytest.mark.parametrize("count", [3, 12])
def test_a_file_gives_back_its_pictures_on_a_ground(count: int) -> None:
    sheet = Sheet("x.webp", count, 16, 95)
    levels = torch.linspace(0.1, 0.9, count)[:, None, None, None]
    colors = levels.expand(count, 3, 16, 16)
    shown = torch.ones(count, 1, 16, 16)
    shown[..., :8] = 0
    data = write(sheet, torch.cat([colors, shown], dim=1))
    back = read(sheet, data, torch.tensor([1.0, 0.0, 0.5])[:, None, None])
    assert back.shape == (count, 3, 16, 16)
    assert torch.allclose(back[..., 10:], colors[..., 10:], atol=0.03)
    assert torch.allclose(
        back[:, :, 8, 2], torch.tensor([1.0, 0.0, 0.5]).expand(count, 3), atol=0.01
    )
    assert data == write(sheet, torch.cat([colors, shown], dim=1))


def test_ranks_and_ratios() -> None:
    codes = torch.tensor([[4.0, 2.0, 1.0], [4.0, 2.0, 1.0], [1.0, 3.0, 3.0], [0.0, 0.0, 0.0]])
    told = [(s.rank, s.ratio) for s in standings(codes, [0, 1, 2, 0])]
    assert told == [(1, 2.0), (2, 0.5), (2, 1.0), (3, 0.0)], "a tie is not first"
    assert [s.ratio for s in standings(torch.tensor([[1.0, 0.0]]), [0])] == [99.0]
    assert standings(torch.tensor([[1.0]]), [0])[0].rank == 1
    assert standings(torch.tensor([[-1.0, -2.0]]), [0])[0].rank == 2, "it is not there at all"


def test_likeness_is_the_mean_correlation() -> None:
    generator = torch.Generator().manual_seed(0)
    one, other = torch.randn(2, 7, generator=generator), torch.randn(3, 7, generator=generator)
    table = np.corrcoef(np.concatenate([one, other]))
    assert likeness(one, other) == pytest.approx(table[:2, 2:].mean(), abs=1e-5)
    pairs = [table[2, 3], table[2, 4], table[3, 4]]
    assert likeness_within(other) == pytest.approx(np.mean(pairs), abs=1e-5)
    assert likeness(one[:1], -one[:1]) == pytest.approx(-1, abs=1e-5)
    assert likeness_within(one[:1]) == 1
