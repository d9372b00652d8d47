"""How many images have how much of a concept: columns from little to much, its own part filled."""

from collections.abc import Sequence
from dataclasses import dataclass

from lens_site.results.schema import Histogram
from lens_site.site.charts.axis import Axis, Tick
from lens_site.site.language import many
from lens_site.site.numbers import short, whole


@dataclass(frozen=True)
class Columns:
    """The columns as outlines in a box of 100 × 100, and the values along its sides."""

    all: str
    leads: str
    """Outline of the images that the concept leads in; empty where there are none."""
    across: tuple[Tick, ...]
    most: str
    told: str


def histogram(drawn: Histogram) -> Columns:
    """Draw the bins of a histogram."""
    images, most = sum(drawn.counts), max(drawn.counts)
    across, up = Axis(drawn.low, drawn.high), Axis(0.0, float(most), up=True)
    width = (drawn.high - drawn.low) / len(drawn.counts)
    places = [f"{across.place(drawn.low + width * i):.3g}" for i in range(len(drawn.counts) + 1)]
    first = drawn.counts[0]
    span = many(
        "{n} image by its mean code, from {low} to {high}",
        "{n} images by their mean code, from {low} to {high}",
        images,
        low=short(drawn.low),
        high=short(drawn.high),
    )
    below = many(
        "{n} image below {least}", "{n} images below {least}", first,
        least=short(drawn.low + width),
    )  # fmt: skip
    return Columns(
        all=_outline(drawn.counts, places, up),
        leads=_outline(drawn.leads, places, up) if any(drawn.leads) else "",
        across=(Tick("0", short(drawn.low)), Tick("100", short(drawn.high))),
        most=whole(most),
        told=f"{span}: {below}",
    )


def _outline(counts: Sequence[int], places: Sequence[str], up: Axis) -> str:
    """Return the path along the tops of the columns, closed on the ground."""
    tops = (
        f"V{up.place(float(n)):.0f}H{right}" for n, right in zip(counts, places[1:], strict=True)
    )
    return f"M0 100{''.join(tops)}V100z"
