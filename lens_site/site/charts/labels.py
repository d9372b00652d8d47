"""Labels beside dots: each where it is free in the narrowest box; in wider ones they move apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

WIDTH, HEIGHT = 270, 230
"""Pixels of the narrowest box."""

LINE, LETTER, GAP = 15, 6.6, 10.0
"""Pixels: height of a line, mean width of a letter, distance of a label from its dot."""

RADIUS = 5
"""Pixels of a dot."""

Box = tuple[float, float, float, float]
"""Left, top, right and bottom in pixels."""


@dataclass(frozen=True)
class Text:
    """Lines of a label, in pixels from its dot; ``leader`` is where a line to it ends."""

    names: tuple[str, ...]
    x: float
    y: float
    anchor: str
    leader: tuple[float, float] | None


def label(
    dots: Sequence[tuple[float, float]], names: Sequence[tuple[str, ...]]
) -> tuple[Text, ...]:
    """Return a label for each dot, placed one after the other; dots are in percent of the box."""
    places = [(x * WIDTH / 100, y * HEIGHT / 100) for x, y in dots]
    taken = [(x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS) for x, y in places]
    texts = []
    for place, lines in zip(places, names, strict=True):
        text, box = _place(lines, place, taken)
        taken.append(box)
        texts.append(text)
    return tuple(texts)


def _place(
    names: tuple[str, ...], dot: tuple[float, float], taken: Sequence[Box]
) -> tuple[Text, Box]:
    """Return the free place nearest to the dot, right before left; else the least crowded one."""
    wide, tall = LETTER * max(map(len, names)), LINE * len(names)
    sides = {
        "start": (GAP, GAP + wide),
        "end": (-GAP - wide, -GAP),
        "middle": (-wide / 2, wide / 2),
    }
    offsets = sorted(range(-6 * LINE, 6 * LINE + 1, 5), key=abs)
    crowded: list[tuple[float, int, Text, Box]] = []
    for offset, (anchor, (left, right)) in product(offsets, sides.items()):
        top = dot[1] + offset - tall / 2
        box = (dot[0] + left, top, dot[0] + right, top + tall)
        crowd = sum(_overlap(box, other) for other in taken) + tall * _outside(box)
        x = {"start": left, "end": right, "middle": 0.0}[anchor]
        leader = (0.7 * x, float(offset)) if 2 * abs(offset) > tall else None
        text = Text(names, x, offset - tall / 2 + 0.75 * LINE, anchor, leader)
        if crowd == 0:
            return text, box
        crowded.append((crowd, len(crowded), text, box))
    _, _, text, box = min(crowded, key=lambda candidate: candidate[:2])
    return text, box


def _outside(box: Box) -> float:
    across = max(0.0, -box[0]) + max(0.0, box[2] - WIDTH)
    return across + max(0.0, -box[1]) + max(0.0, box[3] - HEIGHT)


def _overlap(one: Box, other: Box) -> float:
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return max(across, 0.0) * max(down, 0.0)
