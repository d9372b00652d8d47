"""From bytes to pixels, and the loading that runs beside the network."""

import hashlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from io import BytesIO
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor

from lens_site.errors import UnreadableImage
from lens_site.images.source import ImageSource

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF")
"""What a file may hold, whatever its name: collected pictures are often named wrongly. Pillow's
other formats stay shut; some of them start programs."""

MOST_PIXELS = 100_000_000
"""Pixels of a picture after Pillow's reduced decoding: 400 MB at most while it is read."""

Image.MAX_IMAGE_PIXELS = None  # its own limit warns once and refuses at twice the size

READS = 3
"""Times a picture is read that is replaced meanwhile."""

Prepare = Callable[[Image.Image], Float[Tensor, "3 h w"]]


def decode(data: bytes, min_side: int | None) -> Image.Image:
    """Decode a picture into upright RGB.

    Transparent pictures are laid on white, 16-bit gray is scaled to 8 bits, animations give
    their first frame, a malformed EXIF block is passed over. With ``min_side``, a JPEG is
    decoded at the smallest of 1, 1/2, 1/4, 1/8 of its size at which its shorter side still has
    ``min_side`` pixels (Pillow's ``draft``): the inverse cosine transform then does less work.

    Raises
    ------
    UnreadableImage
        With the reason in one line: empty, not a picture, truncated, corrupt, or more than
        ``MOST_PIXELS``.
    """
    if not data:
        raise UnreadableImage("empty file (0 bytes)")
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            if min_side is not None:
                image.draft(None, (min_side, min_side))
            if image.width * image.height > MOST_PIXELS:
                raise UnreadableImage(
                    f"too large ({image.width} × {image.height} pixels, read are "
                    f"{MOST_PIXELS:,}); make it smaller"
                )
            image.load()
            return _rgb(_upright(image))
    except UnreadableImage:
        raise
    except UnidentifiedImageError:
        raise UnreadableImage(f"not a picture ({', '.join(FORMATS)} are read)") from None
    except Exception as error:  # Pillow's decoders raise a dozen types for damaged files
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UnreadableImage(f"cannot be decoded ({reason})") from error


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # a malformed EXIF block says nothing about the pixels
        return image


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16-bit gray, which convert() would clip instead of scale
        gray = np.asarray(image, dtype=np.float32) * (255 / 65535)
        image = Image.fromarray(np.rint(gray).clip(0, 255).astype(np.uint8))
    if image.has_transparency_data:
        picture = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    return image.convert("RGB")


class Batch(NamedTuple):
    """Some pictures, prepared; row r of ``images`` is picture ``indices[r]``."""

    indices: list[int]
    digests: list[str]
    """SHA-256 of what ``read`` returns, hexadecimal."""
    stamps: list[str]
    """What ``stamp`` said before the picture was read, and again after."""
    images: Float[Tensor, "b 3 h w"] | None
    """None when every picture of the batch failed."""
    failures: list[tuple[int, str]]
    """Index and reason of each picture that could not be read."""


class _Loaded(NamedTuple):
    digest: str
    stamp: str
    image: Tensor


def stream(
    source: ImageSource,
    indices: Sequence[int],
    prepare: Prepare,
    *,
    min_side: int | None = None,
    workers: int,
    batch_size: int,
) -> Iterator[Batch]:
    """Read, decode and prepare pictures in threads while the caller computes.

    Batch j holds ``indices[j * batch_size : (j + 1) * batch_size]`` in that order, each of them
    either as a row or as a failure, so it is shorter by the pictures that failed. At most
    ``batch_size + 2 * workers`` pictures, rounded up to whole batches, are ahead of the caller.
    Leaving the loop early, by an interrupt too, drops the waiting pictures and ends the threads.

    Threads and not processes, because Pillow and NumPy let go of the interpreter while they work:
    two processes that put the pixels into shared memory were 0.94 (clothing) and 0.88 times
    (imagenet-samples) as fast as two threads, medians of nine turns on two cores with other work;
    giving back no pixels at all, 1.13 and 1.00, of six turns. A picture of
    256 × 341 takes 0.47 ms of a core: 0.31 to decode, 0.08 to become floats, 0.02 each to be cut,
    read (once for its digest, once to be opened) and put into its batch, 0.01 for the digest;
    EfficientNet-Lite0 takes 5 to 10.

    Raises
    ------
    Exception
        Whatever ``prepare`` raises, except UnreadableImage, which makes a failure.
    """

    def load(i: int) -> _Loaded | str:
        for _ in range(READS):
            stamp = source.stamp(i)
            loaded = once(i, stamp)
            if source.stamp(i) == stamp:
                return loaded
        return "it changes while it is read"

    def once(i: int, stamp: str) -> _Loaded | str:
        try:
            digest = hashlib.sha256(source.read(i)).hexdigest()
            return _Loaded(digest, stamp, prepare(source.open(i, min_side)))
        except UnreadableImage as error:
            return str(error)

    ahead = 1 + -(-2 * workers // batch_size)
    waiting: deque[tuple[Sequence[int], list[Future[_Loaded | str]]]] = deque()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="decode")
    try:
        for start in range(0, len(indices), batch_size):
            chunk = indices[start : start + batch_size]
            waiting.append((chunk, [pool.submit(load, i) for i in chunk]))
            if len(waiting) > ahead:
                yield _gather(*waiting.popleft())
        while waiting:
            yield _gather(*waiting.popleft())
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _gather(chunk: Sequence[int], futures: list[Future[_Loaded | str]]) -> Batch:
    batch = Batch([], [], [], None, [])
    images = []
    for i, future in zip(chunk, futures, strict=True):
        loaded = future.result()
        if isinstance(loaded, str):
            batch.failures.append((i, loaded))
        else:
            batch.indices.append(i)
            batch.digests.append(loaded.digest)
            batch.stamps.append(loaded.stamp)
            images.append(loaded.image)
    return batch._replace(images=torch.stack(images)) if images else batch
