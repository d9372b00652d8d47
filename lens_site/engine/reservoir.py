"""Which images of a class are chosen: those with the smallest ranks, drawn from the seed and key.

The k images of n with the smallest of n independent uniform ranks are a uniform draw of k of n
(bottom-k sampling, Cohen and Kaplan, PODC 2007). An image's rank depends on its key and the seed
alone, so the draw is the same in whatever order images come, a union's draw is among the draws of
its parts, and an image is out for good once k smaller ranks of its class were seen.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from heapq import heappush, heappushpop

import numpy as np
from jaxtyping import Int, UInt64

POSITION_BITS = 40
"""Bits of an image's position in an entry of a heap, below its rank."""


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


class Reservoirs:
    """The images of every class that can still be chosen, while images come one by one."""

    def __init__(self, most: int) -> None:
        """Hold at most ``most`` images a class."""
        self._most = most
        self._held: dict[int, list[int]] = {}
        """By class, a heap whose top is the image with the largest rank."""

    def offer(self, index: int, position: int, rank: int) -> int | None:
        """Take an image predicted as class ``index``.

        Returns the position of the image that can no longer be chosen: this one, an earlier one,
        or None while the class has few.
        """
        held = self._held.setdefault(index, [])
        entry = -(rank << POSITION_BITS | position)
        if len(held) < self._most:
            heappush(held, entry)
            return None
        return -heappushpop(held, entry) & (1 << POSITION_BITS) - 1
