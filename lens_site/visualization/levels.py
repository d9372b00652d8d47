"""How long pictures are worked on.

What we chose where MACO (arXiv 2306.06805) says crops of .25 ± .1 and steps of 1: with magnitudes
measured in logits, larger crops and smaller steps gave clearer pictures, and more of them were
found to hold their concept.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """The work on one kind of picture.

    ``share`` ± ``spread`` is the side of a crop, and ``off_center`` the deviation of its middle,
    over the side of the picture. ``rate`` is the first step in radians, ``noise`` the most that is
    added to a pixel, ``pull`` what the mean square distance from the first picture costs.
    """

    steps: int
    crops: int
    share: float
    spread: float
    off_center: float
    rate: float
    noise: float = 0.05
    pull: float = 0.0


@dataclass(frozen=True)
class Level:
    """The work on both kinds of pictures: from noise, and from a tile.

    ``seen`` is the side at which crops are shown to the network, over that of its input.
    """

    seen: float
    drawn: Effort
    accentuated: Effort


def _level(seen: float, *, steps: int, crops: int, accented: int) -> Level:
    return Level(
        seen,
        Effort(steps, crops, share=0.5, spread=0.15, off_center=0.12, rate=0.3),
        Effort(accented, 2, share=0.85, spread=0.1, off_center=0.1, rate=0.1, pull=100.0),
    )


LEVELS = {
    "preview": _level(3 / 7, steps=60, crops=4, accented=20),
    "standard": _level(4 / 7, steps=128, crops=6, accented=30),
    "full": _level(1.0, steps=256, crops=16, accented=60),
}
"""By name: some seconds a class on a CPU, a minute or two, and for a GPU."""
