"""One bar cut into slices: how the evidence is made up of concepts, largest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lens_site.site.charts.axis import Axis
from lens_site.site.language import say
from lens_site.site.numbers import percent

LEAST = 0.03
"""Slices under this part of the bar are left out."""

NUMBERED = 0.09
"""Slices from this part of the bar on have room for their number."""


@dataclass(frozen=True)
class Slice:
    """The part of one concept."""

    number: int
    tone: str
    width: str
    label: str
    numbered: bool


@dataclass(frozen=True)
class Profile:
    """The whole bar."""

    slices: tuple[Slice, ...]

    @property
    def alt(self) -> str:
        """The bar in words."""
        slices = (
            say("concept {number} {share}", number=s.number, share=s.label) for s in self.slices
        )
        return say("Evidence: {concepts}", concepts=", ".join(slices))


def profile(shares: Sequence[float], colors: Mapping[int, str]) -> Profile:
    """Draw the signed shares of concepts 1, 2, …; ``colors`` are their tones."""
    total = sum(abs(share) for share in shares) or 1.0
    axis = Axis(0.0, total)
    order = sorted(enumerate(shares, start=1), key=lambda item: (-abs(item[1]), item[0]))
    return Profile(
        tuple(
            Slice(
                number=number,
                tone=colors[number],
                width=axis.between(0.0, share),
                label=percent(share / total),
                numbered=round(abs(share) / total, 4) >= NUMBERED,
            )
            for number, share in order
            if abs(share) / total >= LEAST
        )
    )
