"""Every kind of picture people have, and every kind of damage."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from lens_site.errors import UnreadableImage
from lens_site.images.decode import decode

ORIENTATION = 0x0112


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def corners(image: Image.Image) -> list[tuple[int, ...]]:
    """Top left, top right, bottom left, bottom right."""
    w, h = image.size
    return [image.getpixel(at) for at in ((0, 0), (w - 1, 0), (0, h - 1), (w - 1, h - 1))]


RED, GREEN, BLUE, YELLOW = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0)
QUARTERS = Image.fromarray(
    np.array([[RED, GREEN], [BLUE, YELLOW]], dtype=np.uint8).repeat(8, 0).repeat(12, 1)
)  # 24 wide, 16 high


@pytest.mark.parametrize(
    ("orientation", "size", "expected"),
    [
        (1, (24, 16), [RED, GREEN, BLUE, YELLOW]),
        (2, (24, 16), [GREEN, RED, YELLOW, BLUE]),
        (3, (24, 16), [YELLOW, BLUE, GREEN, RED]),
        (4, (24, 16), [BLUE, YELLOW, RED, GREEN]),
        (5, (16, 24), [RED, BLUE, GREEN, YELLOW]),
        (6, (16, 24), [BLUE, RED, YELLOW, GREEN]),
        (7, (16, 24), [YELLOW, GREEN, BLUE, RED]),
        (8, (16, 24), [GREEN, YELLOW, RED, BLUE]),
    ],
)
def test_exif_orientation_is_applied(
    orientation: int, size: tuple[int, int], expected: list[tuple[int, int, int]]
) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    upright = decode(encoded(QUARTERS, "PNG", exif=exif), None)
    assert upright.size == size
    assert corners(upright) == expected


def test_malformed_exif_is_passed_over() -> None:
    data = encoded(QUARTERS, "PNG", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff broken")
    assert corners(decode(data, None)) == [RED, GREEN, BLUE, YELLOW]


def rgba(color: tuple[int, int, int, int]) -> Image.Image:
    return Image.new("RGBA", (3, 2), color)


def palette_with_transparency() -> Image.Image:
    image = Image.new("P", (3, 2), 1)
    image.putpalette([0, 0, 0, 0, 0, 255])
    image.info["transparency"] = b"\xff\x00"
    return image


@pytest.mark.parametrize(
    ("make", "kind", "expected"),
    [
        (lambda: Image.new("RGB", (3, 2), (10, 200, 30)), "PNG", (10, 200, 30)),
        (lambda: Image.new("RGB", (3, 2), (10, 200, 30)), "BMP", (10, 200, 30)),
        (lambda: Image.new("L", (3, 2), 77), "PNG", (77, 77, 77)),
        (lambda: Image.new("1", (3, 2), 1), "PNG", (255, 255, 255)),
        (lambda: Image.new("LA", (3, 2), (0, 51)), "PNG", (204, 204, 204)),
        (lambda: rgba((255, 0, 0, 51)), "PNG", (255, 204, 204)),
        (lambda: rgba((0, 0, 0, 0)), "WEBP", (255, 255, 255)),
        (palette_with_transparency, "PNG", (255, 255, 255)),
        (lambda: Image.new("P", (3, 2), 0), "GIF", (0, 0, 0)),
        (lambda: Image.fromarray(np.full((2, 3), 65535, np.uint16)), "PNG", (255, 255, 255)),
        (lambda: Image.fromarray(np.full((2, 3), 257 * 9, np.uint16)), "PNG", (9, 9, 9)),
    ],
    ids=["rgb", "bmp", "gray", "1-bit", "gray-alpha", "alpha", "webp", "palette", "gif", "16", "9"],
)
def test_color_modes(
    make: Callable[[], Image.Image], kind: str, expected: tuple[int, int, int]
) -> None:
    options = {"lossless": True} if kind == "WEBP" else {}
    image = decode(encoded(make(), kind, **options), None)
    assert (image.mode, image.size) == ("RGB", (3, 2))
    assert corners(image) == [expected] * 4


def test_transparent_color_of_an_rgb_picture_is_white() -> None:
    data = encoded(Image.new("RGB", (3, 2), (1, 2, 3)), "PNG", transparency=(1, 2, 3))
    assert decode(data, None).getpixel((1, 1)) == (255, 255, 255)


def test_cmyk_jpeg() -> None:
    cyan = Image.new("CMYK", (16, 16), (255, 0, 0, 0))
    red, green, blue = decode(encoded(cyan, "JPEG"), None).getpixel((8, 8))
    assert red < 10
    assert green > 245
    assert blue > 245


def test_pair_of_pictures_from_a_phone_gives_the_first() -> None:
    second = Image.new("RGB", (24, 16), "black")
    data = encoded(QUARTERS, "MPO", save_all=True, append_images=[second], quality=100)
    assert np.abs(np.subtract(corners(decode(data, None)), corners(QUARTERS))).max() < 9


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize(
    ("min_side", "size"),
    [(None, (800, 480)), (480, (800, 480)), (241, (800, 480)), (240, (400, 240)), (60, (100, 60))],
)
def test_large_jpeg_is_decoded_at_reduced_scale(
    mode: str, min_side: int | None, size: tuple[int, int]
) -> None:
    left_black = np.zeros((480, 800), np.uint8)
    left_black[:, 400:] = 255
    data = encoded(Image.fromarray(left_black).convert(mode), "JPEG")
    image = decode(data, min_side)
    assert (image.mode, image.size) == ("RGB", size)
    dark, light = (
        np.asarray(half) for half in (image.crop((0, 0, 9, 9)), image.crop((91, 0, 99, 9)))
    )
    assert dark.mean() < 5
    assert light.mean() > 250 or size[0] > 100


@settings(max_examples=60, deadline=None, derandomize=True)
@given(width=st.integers(1, 400), height=st.integers(1, 400), min_side=st.integers(1, 400))
def test_scale_is_the_smallest_that_keeps_the_short_side(
    width: int, height: int, min_side: int
) -> None:
    image = decode(encoded(Image.new("L", (width, height)), "JPEG"), min_side)
    by = max(n for n in (1, 2, 4, 8) if n == 1 or min(width, height) // n >= min_side)
    assert image.size == (-(-width // by), -(-height // by))


def noise(kind: str) -> bytes:
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    return encoded(Image.fromarray(pixels), kind)


def bomb() -> bytes:
    """Encode the start of a PNG that announces 20,000 × 20,000 pixels."""
    header = b"IHDR" + struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    checked = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + checked + struct.pack(">I", 9) + b"IDAT"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty file (0 bytes)"),
        (b"<html>404 not found</html>", "not a picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not a picture"),
        (noise("JPEG")[:3], "not a picture"),
        (noise("JPEG")[:1500], "truncated"),
        (noise("PNG")[:1500], "truncated"),
        (noise("WEBP")[:500], ""),
        (noise("BMP")[:500], "truncated"),
        (noise("PNG")[:60] + b"\0" * 400 + noise("PNG")[460:], "cannot be decoded"),
        (bomb(), "too large (20000 × 20000 pixels"),
    ],
    ids=["empty", "html", "eps", "3-bytes", "jpeg", "png", "webp", "bmp", "corrupt", "bomb"],
)
def test_damage_is_named_in_one_line(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableImage) as caught:
        decode(data, None)
    assert reason in str(caught.value)
    assert str(caught.value)
    assert "\n" not in str(caught.value)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    kind=st.sampled_from(["JPEG", "PNG", "WEBP", "BMP", "GIF"]),
    at=st.floats(0, 1),
    put=st.binary(min_size=1, max_size=8),
)
def test_overwritten_bytes_give_a_picture_or_unreadable(kind: str, at: float, put: bytes) -> None:
    data = bytearray(noise(kind))
    start = int(at * len(data))
    data[start : start + len(put)] = put
    try:
        image = decode(bytes(data), 32)
    except UnreadableImage as error:
        assert "\n" not in str(error)
    else:
        assert image.mode == "RGB"
