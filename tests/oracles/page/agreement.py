"""Stored numbers beside recomputed ones: which agree, which differ, which nobody recomputed.

A recomputed document has the shape of the stored JSON. A leaf of it is what the stored one has to
be: a plain int, string, boolean or None exactly, a float to five digits, ``Near`` and ``Between``
with more room. Numbers of the stored document without a counterpart are reported too, so that a
new field cannot go by unseen.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Near:
    """Within ``room`` of ``value``: what rounding of the network and of the file leaves."""

    value: float
    room: float

    def holds(self, stored: float) -> bool:
        return abs(stored - self.value) <= self.room


@dataclass(frozen=True)
class Between:
    """Where a figure that was drawn or fitted by a seed may lie: compared loosely."""

    low: float
    high: float

    def holds(self, stored: float) -> bool:
        return self.low <= stored <= self.high


@dataclass
class Agreement:
    """How many numbers were compared, how many of them loosely, and what is wrong."""

    compared: int = 0
    loosely: int = 0
    differ: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    rough: dict[str, int] = field(default_factory=dict)
    """Names of the figures that were compared loosely, and how many numbers each is."""

    def compare(self, stored: Any, mine: Any, path: str = "") -> None:
        """Walk both documents, from ``path`` on."""
        if isinstance(stored, dict) and isinstance(mine, dict):
            for name, value in stored.items():
                below = f"{path}.{name}" if path else name
                if name in mine:
                    self.compare(value, mine[name], below)
                else:
                    self.unknown += [f"{where} = {v}" for where, v in numbers(value, below)]
            self.differ += [f"{path}.{name}: missing" for name in mine if name not in stored]
        elif isinstance(stored, list) and isinstance(mine, list | tuple):
            if len(stored) != len(mine):
                self.differ.append(f"{path}: {len(stored)} entries, recomputed {len(mine)}")
            for i, (one, other) in enumerate(zip(stored, mine, strict=False)):
                self.compare(one, other, f"{path}[{i}]")
        else:
            self._leaf(stored, mine, path)

    def add(self, other: "Agreement") -> None:
        """Take over what another one found."""
        self.compared += other.compared
        self.loosely += other.loosely
        self.differ += other.differ
        self.unknown += other.unknown
        for name, count in other.rough.items():
            self.rough[name] = self.rough.get(name, 0) + count

    def _leaf(self, stored: Any, mine: Any, path: str) -> None:
        number = is_number(stored)
        self.compared += number
        if isinstance(mine, Between):
            self.loosely += 1
            name = re.sub(r"\[\d+\]", "", path)
            self.rough[name] = self.rough.get(name, 0) + 1
        if isinstance(mine, float):
            mine = Near(mine, 1e-5 * abs(mine) + 1e-9)
        same = mine.holds(stored) if number and isinstance(mine, Near | Between) else stored == mine
        if not same:
            self.differ.append(f"{path}: {stored}, recomputed {mine}")

    def __str__(self) -> str:
        lines = [f"  differs: {line}" for line in self.differ]
        lines += [f"  nobody recomputed {line}" for line in self.unknown]
        lines += [f"  loosely: {count} of {name}" for name, count in sorted(self.rough.items())]
        exactly = self.compared - self.loosely
        told = f"{self.compared} numbers compared, {exactly} to rounding, {self.loosely} loosely"
        return "\n".join([f"{told}; {len(self.differ)} differ", *lines])


def numbers(value: Any, path: str) -> Iterator[tuple[str, float]]:
    """Yield every number below, with the way to it."""
    if isinstance(value, dict):
        for name, below in value.items():
            yield from numbers(below, f"{path}.{name}")
    elif isinstance(value, list):
        for i, below in enumerate(value):
            yield from numbers(below, f"{path}[{i}]")
    elif is_number(value):
        yield path, value


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
