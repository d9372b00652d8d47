"""The picture files of a class: what is on them, and that they never weigh more than they may."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lens_site import prototypes
from lens_site.prototypes import budget, select
from lens_site.prototypes.sharp import Larger, fill
from lens_site.prototypes.tiles import windows

SIDE = prototypes.LARGER_SIDE

LIMIT = 450_000
"""Bytes of a class's pictures: a thousand classes share 1 GB with all that stands beside them."""

VIEW = 300
GRAIN = np.random.default_rng(1).integers(0, 256, 3 * VIEW**2, dtype=np.uint8)


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data)).convert("RGB")


def drawn(
    images: int,
    view: Callable[[int], Image.Image],
    *,
    concepts: int = 10,
    named: int = 40,
    shown: int = 10,
) -> prototypes.Drawn:
    """A class whose concepts fire everywhere; the last images are wanted first."""
    codes = np.random.default_rng(0).random((concepts, images, 7, 7)).astype(np.float32)
    tiles = [select(maps, windows(7, 7), count=20) for maps in codes]
    pairs = [
        prototypes.strips(i, tiles[i], maps, shown=shown) for i, maps in enumerate(codes)
    ]  # fmt: skip
    order = range(images - 1, -1, -1)
    return prototypes.draw(pairs, [], Larger(order, named), images, view)


def noise(i: int) -> Image.Image:
    """A picture that nothing can compress, at any scale."""
    coarse, fine = (
        Image.fromarray(np.roll(GRAIN, 997 * i)[: side**2 * 3].reshape(side, side, 3))
        for side in (48, VIEW)
    )
    return Image.blend(coarse.resize((VIEW, VIEW), Image.Resampling.NEAREST), fine, 0.5)


def plain(i: int) -> Image.Image:
    return Image.new("RGB", (VIEW, VIEW), (i % 256, 90, 200 - i % 200))


def test_not_even_noise_weighs_more_than_a_class_may() -> None:
    made = drawn(400, noise)
    assert budget.weight(made.files) < LIMIT
    assert made.thumbnail < 72
    assert len(made.larger) >= 1, "what is left of the budget is used"


@pytest.mark.data
def test_four_hundred_real_pictures_weigh_no_more_either(data_folder: Path) -> None:
    """ImageNet's photographs are the heaviest that are met: each of another thing."""
    files = sorted((data_folder / "imagenet-samples").rglob("*.*"))[::2][:400]
    assert len(files) == 400

    def view(i: int) -> Image.Image:
        with Image.open(files[i]) as photograph:
            photograph.draft("RGB", (2 * VIEW, 2 * VIEW))
            side = min(photograph.size)
            return photograph.convert("RGB").crop((0, 0, side, side)).resize((VIEW, VIEW))

    made = drawn(400, view, named=30)
    assert 0.9 * budget.BUDGET < budget.weight(made.files) < LIMIT
    assert made.thumbnail == 48
    assert len(made.larger) >= 25


def test_the_same_pictures_give_the_same_bytes() -> None:
    assert drawn(30, noise, concepts=2).files == drawn(30, noise, concepts=2).files


def test_few_images_are_all_sharp_and_concepts_show_more_tiles() -> None:
    made = drawn(30, plain, concepts=2)
    assert made.larger == tuple(range(29, -1, -1))
    assert made.columns == (20, 20)
    assert opened(made.files["tiles-01.webp"]).size == (20 * 128, 128)
    assert opened(made.files["heat-02.webp"]).size == (20 * 128, 128)
    assert made.thumbnail == 72


def test_with_many_images_no_concept_shows_more_tiles() -> None:
    made = drawn(120, plain, concepts=2)
    assert len(made.larger) == 100
    assert made.columns == (10, 10)
    assert opened(made.files["tiles-01.webp"]).size == (10 * 128, 128)


def test_larger_pictures_stand_in_their_order_row_by_row() -> None:
    made = drawn(26, plain, concepts=1)
    assert made.sheets == ("sharp-1.webp", "sharp-2.webp")
    first, second = (opened(made.files[name]) for name in made.sheets)
    assert first.size == (5 * SIDE, 4 * SIDE)
    assert second.size == (5 * SIDE, 2 * SIDE), "the last sheet ends with its last picture"
    for sheet, start in ((first, 0), (second, 20)):
        for place, image in enumerate(made.larger[start : start + 20]):
            row, column = divmod(place, 5)
            pixel = sheet.getpixel((column * SIDE + SIDE // 2, row * SIDE + SIDE // 2))
            assert np.allclose(pixel, plain(image).getpixel((0, 0)), atol=6)


def test_a_picture_that_does_not_fit_is_left_out_with_all_after_it() -> None:
    pictures = [noise(i).resize((SIDE, SIDE)) for i in range(25)]
    whole = fill(pictures, 0, 10_000_000)
    assert whole.count == 25
    half = fill(pictures, 0, budget.weight(whole.files) // 2)
    assert 8 <= half.count <= 12
    assert budget.weight(half.files) <= budget.weight(whole.files) // 2
    assert fill(pictures, 0, 100) == fill([], 0, 10_000)


def test_named_pictures_are_kept_at_the_price_of_some_quality() -> None:
    pictures = [noise(i).resize((SIDE, SIDE), Image.Resampling.BOX) for i in range(20)]
    most = budget.weight(fill(pictures, 0, 10_000_000).files) - 1
    assert fill(pictures, 0, most).count == 19
    assert fill(pictures, 20, most).count == 20


def test_files_of_a_class() -> None:
    maps = np.stack(
        [np.random.default_rng(0).random((3, 5, 7)), np.zeros((3, 5, 7))], axis=-1
    ).astype(np.float32)
    tiles = [select(maps[..., i], windows(5, 7), count=10) for i in range(2)]
    pairs = [prototypes.strips(i, tiles[i], maps[..., i], shown=10) for i in range(2)]
    parts = prototypes.parts(0, [tiles[0], tiles[0][:1]])
    colors = ("red", "lime", "blue")
    made = prototypes.draw(
        pairs, [parts], Larger((2, 0, 1), 1), 3, lambda i: Image.new("RGB", (90, 90), colors[i])
    )
    files = made.files
    assert sorted(files) == [
        "heat-01.webp", "heat-02.webp", "images.webp", "parts-01.webp", "sharp-1.webp",
        "tiles-01.webp", "tiles-02.webp",
    ]  # fmt: skip
    assert (made.larger, made.columns) == ((2, 0, 1), (3, 0))
    strip, sprite = (opened(files[n]) for n in ("tiles-01.webp", prototypes.SPRITE))
    assert strip.size == (3 * 128, 128)
    assert sprite.size == (20 * made.thumbnail, made.thumbnail)
    middle = made.thumbnail // 2
    shown = [np.asarray(sprite)[middle, middle + i * made.thumbnail] for i in range(3)]
    assert [int(pixel.argmax()) for pixel in shown] == [0, 1, 2]
    assert opened(files["tiles-02.webp"]).size == (128, 128)
    sheet = np.asarray(opened(files["parts-01.webp"]))
    assert sheet.shape[:2] == (2 * 64, 3 * 64)
    best = "RGB"[tiles[0][0].image]
    assert "RGB"[sheet[64 + 32, 32].argmax()] == best
    assert np.ptp(sheet[64 + 32, 64 + 32].astype(int)) < 10  # nothing beside it: gray
