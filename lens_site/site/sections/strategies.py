"""The strategies of a class: typical images, share, reliability, and the mean profile as a bar."""

from collections.abc import Sequence
from dataclasses import dataclass

from lens_site.results.schema import ClassResult, LabelCount, Strategy
from lens_site.site.badges import tones
from lens_site.site.charts.profile import Profile, profile
from lens_site.site.numbers import count, letter, percent
from lens_site.site.pictures import Crop, thumbnail
from lens_site.site.records import Section, Site

NAMED = 4
"""Labels of mistakes that are named; the others are counted."""


@dataclass(frozen=True)
class StrategyCard:
    """Images recognized for the same reason."""

    name: str
    size: str
    share: str
    reliability: str | None
    profile: Profile
    prototypes: tuple[Crop, ...]
    outliers: tuple[Crop, ...]
    mistakes: str


@dataclass(frozen=True)
class Strategies:
    """What the section shows."""

    cards: tuple[StrategyCard, ...]


def strategies(site: Site, result: ClassResult) -> Strategies:
    """Return what the section shows."""
    return Strategies(tuple(strategy_card(s, result) for s in result.strategies))


def strategy_card(strategy: Strategy, result: ClassResult) -> StrategyCard:
    """Return what the page shows of one strategy."""
    name = letter(strategy.number)

    def pictures(positions: Sequence[int], what: str) -> tuple[Crop, ...]:
        return tuple(
            thumbnail(
                result.sprite, position, len(result.images),
                f"{what} image of strategy {name}, {rank}",
            )
            for rank, position in enumerate(positions, start=1)
        )  # fmt: skip

    return StrategyCard(
        name=name,
        size=count(strategy.size, "image"),
        share=percent(strategy.prevalence),
        reliability=None if strategy.reliability is None else percent(strategy.reliability),
        profile=profile(strategy.profile, tones(result)),
        prototypes=pictures(strategy.prototypes[:4], "typical"),
        outliers=pictures(strategy.outliers[:2], "unusual"),
        mistakes=_mistakes(strategy.mistakes),
    )


def _mistakes(labels: Sequence[LabelCount]) -> str:
    named = [f"{label.name} ({label.count})" for label in labels[:NAMED]]
    others = sum(label.count for label in labels[NAMED:])
    return ", ".join([*named, f"{others} more"] if others else named)


SECTION = Section(place=30, context=strategies)
