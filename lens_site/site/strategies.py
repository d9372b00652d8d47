"""The strategies of a class: typical images, share, reliability, and the mean profile as a bar."""

from dataclasses import dataclass

from lens_site.results.schema import ClassResult, Strategy
from lens_site.site.figures import Crop, thumbnail, tones
from lens_site.site.numbers import count, letter, percent


@dataclass(frozen=True)
class Slice:
    """The part of one concept in a strategy's profile, in percent of the bar."""

    number: int
    tone: str
    width: str
    label: str


@dataclass(frozen=True)
class StrategyCard:
    """Images recognized for the same reason."""

    name: str
    size: str
    share: str
    reliability: str | None
    profile: tuple[Slice, ...]
    prototypes: tuple[Crop, ...]
    outliers: tuple[Crop, ...]
    mistakes: str


def strategy_card(strategy: Strategy, result: ClassResult) -> StrategyCard:
    """Return what the page shows of one strategy."""
    name = letter(strategy.number)
    images = len(result.images)
    mistakes = ", ".join(f"{m.name} ({m.count})" for m in strategy.mistakes[:4])
    more = sum(m.count for m in strategy.mistakes[4:])
    return StrategyCard(
        name=name,
        size=count(strategy.size, "image"),
        share=percent(strategy.prevalence),
        reliability=None if strategy.reliability is None else percent(strategy.reliability),
        profile=_profile(strategy, result),
        prototypes=tuple(
            thumbnail(result.sprite, p, images, f"typical image of strategy {name}, {rank}")
            for rank, p in enumerate(strategy.prototypes[:4], start=1)
        ),
        outliers=tuple(
            thumbnail(result.sprite, p, images, f"unusual image of strategy {name}, {rank}")
            for rank, p in enumerate(strategy.outliers[:2], start=1)
        ),
        mistakes=mistakes + (f", {more} more" if more else ""),
    )


def _profile(strategy: Strategy, result: ClassResult) -> tuple[Slice, ...]:
    """Return the concepts of a strategy's mean profile as slices of one bar, largest first."""
    colors = tones(result)
    total = sum(abs(p) for p in strategy.profile) or 1.0
    parts = sorted(enumerate(strategy.profile, start=1), key=lambda item: (-abs(item[1]), item[0]))
    return tuple(
        Slice(number, colors[number], f"{100 * abs(part) / total:.2f}", percent(part / total))
        for number, part in parts
        if abs(part) / total >= 0.03
    )
