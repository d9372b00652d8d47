"""Covering the places of a concept, on a network whose logit can be read off the picture."""

import numpy as np
import pytest
import torch
from torch import Tensor

from lens_site.classes import covering
from lens_site.classes.covering import blur, cells, cover, strongest_images
from lens_site.classifier import Classifier, load_classifier
from lens_site.images import crops
from lens_site.results.schema import Covering

N, GRID, SIDE, BLOCK = 40, 8, 64, 3
RED, GREEN = 0, 1
PLACES = 8  # 6/49 of 64
TRIED = 3  # two concepts, 40 images


@pytest.fixture(scope="module")
def tiny() -> Classifier:
    return load_classifier("tiny_model:net", device="cpu")


@pytest.fixture(scope="module")
def painted() -> tuple[Tensor, np.ndarray]:
    """Dark pictures with a red and a green block each, and the codes that know where."""
    drawn = np.random.default_rng(0)
    pictures = torch.from_numpy(drawn.random((N, 3, SIDE, SIDE), dtype=np.float32)) * 0.15
    codes = np.zeros((N, GRID, GRID, 2), dtype=np.float32)
    for i in range(N):
        for color, column in ((RED, drawn.integers(0, 2)), (GREEN, drawn.integers(4, 6))):
            row, size = drawn.integers(0, GRID - BLOCK), SIDE // GRID
            where = slice(row, row + BLOCK), slice(column, column + BLOCK)
            rows, columns = (slice(size * one.start, size * one.stop) for one in where)
            pictures[i, color, rows, columns] = 1.0
            codes[(i, *where, color)] = 1 + 0.1 * drawn.random()
    return pictures, codes


def logits(tiny: Classifier, pictures: Tensor) -> np.ndarray:
    return tiny.head(tiny.encode(pictures))[:, RED].numpy()


def covered(
    tiny: Classifier, pictures: Tensor, codes: np.ndarray, *, seed: int = 0, batch_size: int = 16
) -> tuple[Covering | None, ...]:
    return cover(
        tiny, RED, pictures.__getitem__, codes, logits(tiny, pictures),
        cells(*codes.shape[1:3]), batch_size=batch_size, generator=np.random.default_rng(seed),
    )  # fmt: skip


def figures(made: tuple[Covering | None, ...]) -> list[Covering]:
    assert all(one is not None for one in made)
    return [one for one in made if one is not None]


def test_the_places_of_a_concept_carry_the_logit(tiny, painted) -> None:
    red, green = figures(covered(tiny, *painted))
    assert red.fall > 0.15  # a blurred block keeps much of its color
    assert green.fall < -0.05  # green speaks against red
    assert abs(red.fall_at_random) < 0.1
    assert abs(green.fall_at_random) < 0.1
    assert (red.places, red.images) == (PLACES, TRIED)


def test_shuffled_codes_are_no_better_than_random_places(tiny, painted) -> None:
    pictures, codes = painted
    drawn = np.random.default_rng(1)
    shuffled = codes.reshape(N, -1, 2).copy()
    for one in shuffled:
        drawn.shuffle(one)
    codes = shuffled.reshape(codes.shape)
    gaps = [
        [one.fall - one.fall_at_random for one in figures(covered(tiny, pictures, codes, seed=s))]
        for s in range(4)
    ]
    assert np.abs(np.mean(gaps, axis=0)).max() < 0.08


def test_the_fall_is_that_of_the_network_by_hand(tiny, painted) -> None:
    pictures, codes = painted
    y, total, size = logits(tiny, pictures), 0.0, 0.0
    for i in strongest_images(codes[..., RED], TRIED):
        top = np.argsort(-codes[i, ..., RED].ravel(), kind="stable")[:PLACES]
        picture, smooth = pictures[i].clone(), blur(pictures[i : i + 1])[0]
        for row, column in zip(*divmod(top, GRID), strict=True):
            here = slice(8 * row, 8 * row + 8), slice(8 * column, 8 * column + 8)
            picture[(slice(None), *here)] = smooth[(slice(None), *here)]
        total += y[i] - logits(tiny, picture[None])[0]
        size += abs(y[i])
    red = figures(covered(tiny, pictures, codes, batch_size=5))[RED]
    assert red.images == TRIED
    assert red.fall == pytest.approx(total / size, rel=1e-4)


def test_random_places_are_drawn_once_in_each_image(
    tiny, painted, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    pixels = covering._pixels

    def spy(mask, boxes, side):
        seen.append(mask)
        return pixels(mask, boxes, side)

    monkeypatch.setattr(covering, "_pixels", spy)
    covered(tiny, *painted)
    masks = np.array(seen)
    images = {int(i) for c in (RED, GREEN) for i in strongest_images(painted[1][..., c], TRIED)}
    assert (masks.sum(axis=(1, 2)) == PLACES).all()
    assert len(masks) == 2 * TRIED + len(images)
    chance = masks[2 * TRIED :]
    assert len({mask.tobytes() for mask in chance}) == len(images)
    expected = PLACES / GRID**2
    assert abs(chance.mean(axis=0).max() - expected) < 0.7  # no place is always covered


def test_every_picture_is_prepared_once_and_a_seed_repeats(tiny, painted) -> None:
    pictures, codes = painted
    asked: list[int] = []

    def prepared(i: int) -> Tensor:
        asked.append(i)
        return pictures[i]

    def once(seed: int):
        return cover(
            tiny, RED, prepared, codes, logits(tiny, pictures), cells(GRID, GRID),
            batch_size=3, generator=np.random.default_rng(seed),
        )  # fmt: skip

    first = once(0)
    assert len(asked) == len(set(asked))
    assert set(asked) == {
        int(i) for c in (RED, GREEN) for i in strongest_images(codes[..., c], TRIED)
    }
    assert once(0) == first
    assert once(1) != first


def test_crops_are_covered_by_their_windows(tiny, painted) -> None:
    pictures, _ = painted
    boxes = crops.boxes(SIDE)
    h, w = boxes.shape[:2]
    window = np.zeros((N, h, w, 1), dtype=np.float32)
    for i in range(N):  # how much red each window holds
        for row in range(h):
            for column in range(w):
                left, top, right, bottom = np.rint(boxes[row, column] * SIDE).astype(int)
                window[i, row, column, 0] = pictures[i, RED, top:bottom, left:right].mean()
    made = cover(
        tiny, RED, pictures.__getitem__, window, logits(tiny, pictures), boxes,
        batch_size=16, generator=np.random.default_rng(0),
    )  # fmt: skip
    (one,) = figures(made)
    assert one.places == 2
    assert one.fall > one.fall_at_random + 0.1


def test_what_cannot_be_tried(tiny, painted) -> None:
    pictures, codes = painted
    dead = np.concatenate([codes, np.zeros_like(codes[..., :1])], axis=3)
    assert [one is None for one in covered(tiny, pictures, dead)] == [False, False, True]
    assert covered(tiny, pictures, codes[:, :1, :1]) == (None, None)  # no other place
    small = figures(covered(tiny, pictures[:1], codes[:1]))
    assert [one.images for one in small] == [1, 1]
    nothing = cover(
        tiny, RED, pictures.__getitem__, codes, np.zeros(N, dtype=np.float32), cells(GRID, GRID),
        batch_size=16, generator=np.random.default_rng(0),
    )  # fmt: skip
    assert nothing == (None, None)


@pytest.mark.parametrize(("n", "tried", "images"), [(24, 2, 3), (120, 7, 3), (2_000, 10, 8)])
def test_larger_classes_try_more(n: int, tried: int, images: int) -> None:
    codes = np.random.default_rng(0).random((n, 2, 2, 10)).astype(np.float32)
    chosen = covering.choose_images(codes)
    assert [len(one) for one in chosen] == [images] * tried + [0] * (10 - tried)
    covers = sum(map(len, chosen)) + len(np.unique(np.concatenate(chosen)))
    assert covers <= max(covering.FEWEST, round(covering.PASSES * n))


def test_cells_and_blur() -> None:
    boxes = cells(2, 4)
    assert boxes[1, 3].tolist() == [0.75, 0.5, 1.0, 1.0]
    flat = torch.full((1, 3, SIDE, SIDE), 0.7)
    torch.testing.assert_close(blur(flat), flat)
    spot = torch.zeros(1, 3, SIDE, SIDE)
    spot[..., 32:40, 16:24] = 1.0
    smooth = blur(spot)
    assert smooth.max() < 0.4
    assert float(smooth.mean()) == pytest.approx(float(spot.mean()), rel=0.05)
    row, column = divmod(int(smooth[0, 0].argmax()), SIDE)
    assert (31 < row < 41) and (15 < column < 25)


def test_the_lead_over_the_runner_up(tiny, painted) -> None:
    pictures, codes = painted
    both = tiny.head(tiny.encode(pictures))
    lead = (both[:, RED] - both[:, GREEN]).numpy()
    made = cover(
        tiny, RED, pictures.__getitem__, codes, lead, cells(GRID, GRID),
        torch.full((N,), GREEN), batch_size=16, generator=np.random.default_rng(0),
    )  # fmt: skip
    red, green = figures(made)
    assert red.fall > 0.3
    assert green.fall < 0  # covering what speaks for the runner-up raises the lead
