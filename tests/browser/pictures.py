"""Pictures of every kind that visitors have, made of a few photographs."""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

Named = tuple[str, bytes]

ORIENTATION = 0x0112
"""EXIF's tag."""


def of_every_kind(photographs: Sequence[Path]) -> Iterator[Named]:
    """Yield 49 pictures, each of the next photograph."""
    turn = _Turn(photographs)
    for orientation in range(2, 9):
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        yield f"turned {orientation}.jpg", encode(turn.next(), "JPEG", quality=90, exif=exif)
    for kind in ("soft", "hard"):
        for number in (1, 2, 3):
            yield f"alpha {kind} {number}.png", encode(transparent(turn.next(), kind), "PNG")
    for number in (1, 2, 3):
        yield f"lossy {number}.webp", encode(turn.next(), "WEBP", quality=80)
        yield f"lossless {number}.webp", encode(turn.next(), "WEBP", lossless=True)
        yield f"gray {number}.jpg", encode(turn.next().convert("L"), "JPEG", quality=88)
        yield f"gray {number}.png", encode(turn.next().convert("L"), "PNG")
    for number in (1, 2):
        yield f"CMYK {number}.jpg", encode(turn.next().convert("CMYK"), "JPEG", quality=92)
        yield (
            f"large {number}.jpg",
            encode(turn.next().resize((6000, 5000 - 1000 * number)), "JPEG"),
        )
        yield f"wide {number}.png", encode(turn.next().resize((1500 * number, 60)), "PNG")
    for times in (3, 9, 30):
        yield (
            f"tall {times}.jpg",
            encode(turn.next().resize((100, 100 * times)), "JPEG", quality=90),
        )
    for side in (1, 8, 40, 100):
        yield f"tiny {side}.png", encode(turn.next().resize((side, side + 3)), "PNG")
    # between 58 and 59 pixels from its left edge the crop begins; one side 1,667 times the other
    yield "half a pixel.png", encode(turn.next().resize((500, 375)), "PNG")
    yield "strip.png", encode(turn.next().resize((3, 5001)), "PNG")
    yield "palette.png", encode(turn.next().quantize(64), "PNG")
    yield "palette.gif", encode(turn.next().quantize(128), "GIF")
    yield "plain.bmp", encode(turn.next(), "BMP")
    yield "progressive.jpg", encode(turn.next(), "JPEG", progressive=True, quality=75)
    yield "full color.jpg", encode(turn.next(), "JPEG", subsampling=0, quality=95)
    yield "half color.jpg", encode(turn.next(), "JPEG", subsampling=1, quality=80)
    yield "gray of 16 bits.png", encode(deep(turn.next()), "PNG")
    yield "gray with alpha.png", encode(transparent(turn.next(), "soft").convert("LA"), "PNG")
    yield "one frame of two.gif", moving(turn.next())


class _Turn:
    """Photographs one after the other, again and again."""

    def __init__(self, photographs: Sequence[Path]) -> None:
        self._photographs, self._at = photographs, -1

    def next(self) -> Image.Image:
        self._at += 1
        with Image.open(self._photographs[self._at % len(self._photographs)]) as opened:
            return ImageOps.exif_transpose(opened).convert("RGB")


def encode(picture: Image.Image, kind: str, **options: object) -> bytes:
    written = io.BytesIO()
    picture.save(written, kind, **options)
    return written.getvalue()


def transparent(picture: Image.Image, kind: str) -> Image.Image:
    """With an alpha that is a ramp (soft), or checks of 0 and 255 (hard)."""
    rows, columns = np.indices((picture.height, picture.width))
    ramp = columns * 255 // max(picture.width - 1, 1)
    alpha = ramp if kind == "soft" else (rows // 40 + columns // 40) % 2 * 255
    made = picture.copy()
    made.putalpha(Image.fromarray(alpha.astype(np.uint8)))
    return made


def deep(picture: Image.Image) -> Image.Image:
    return Image.fromarray(np.asarray(picture.convert("L")).astype(np.uint16) * 257)


def moving(picture: Image.Image) -> bytes:
    first = picture.resize((300, 250)).quantize(64)
    other = Image.new("RGB", first.size, "red").quantize(64)
    return encode(first, "GIF", save_all=True, append_images=[other], duration=100)
