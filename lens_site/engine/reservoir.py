"""Which images of a class are chosen: those with the smallest ranks, drawn from the seed and key.

The k images of n with the smallest of n independent uniform ranks are a uniform draw of k of n
(bottom-k sampling, Cohen and Kaplan, PODC 2007). An image's rank depends on its key and the seed
alone, so the draw is the same in whatever order images come, a union's draw is among the draws of
its parts, and an image is out for good once k smaller ranks of its class were seen.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b

import numpy as np
from jaxtyping import Int, UInt64


def ranks(keys: Iterable[str], seed: int) -> UInt64[np.ndarray, " n"]:
    """64 bits for each image, as if drawn uniformly."""
    secret, drawn = seed.to_bytes(8, "little"), bytearray()
    for key in keys:
        text = key.encode("utf-8", "surrogatepass")
        drawn += blake2b(text, digest_size=8, key=secret).digest()
    return np.frombuffer(drawn, "<u8")


def choose(
    positions: Int[np.ndarray, " n"], most: int, keys: Sequence[str], seed: int
) -> tuple[int, ...]:
    """At most ``most`` of the images of a class, in the order of ``positions``."""
    if len(positions) > most:
        drawn = ranks((keys[i] for i in positions.tolist()), seed)
        positions = positions[np.sort(np.argsort(drawn, kind="stable")[:most])]
    return tuple(positions.tolist())
