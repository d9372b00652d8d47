"""What the page says of groups: strategies where the data support any, leading groups always."""

from pathlib import Path
from typing import Any

import pytest
from tiny_results import make_class, make_run, write_run

from lens_site.results.schema import ClassResult
from lens_site.site import Site
from lens_site.site.publish.check import check
from lens_site.site.publish.render import render
from lens_site.site.sections.strategies import Strategies, strategies
from lens_site.site.sections.title import title

SITE = Site(Path("unwritten"), make_run())


def shown(**difficulty: Any) -> Strategies:
    section = strategies(SITE, make_class(**difficulty)[0])
    assert section is not None
    return section


def figures(result: ClassResult) -> list[str]:
    return [f"{f.value} {f.label}" for f in title(SITE, result).figures]


def test_groups_that_stand_apart_are_told_with_what_they_rest_on() -> None:
    section = shown()
    assert section.heading == "2 groups that stand apart"
    assert "more separate than 99 continuous clouds" in section.verdict
    assert "(p = 0.02)" in section.verdict
    assert "agree well (0.90 of 1; 0.10 without groups)" in section.verdict
    assert [card.name for card in section.cards] == ["A", "B"]
    assert [card.name for card in section.groups] == ["1", "2"]
    assert section.cards[1].right == "77\u202f% (67–82)"
    assert section.opposed == ()
    assert [(b.number, v) for b, v in section.cards[0].more] == [(1, "+26\u202f%")]
    assert [(b.number, v) for b, v in section.cards[0].less] == [(2, "−26\u202f%")]


def test_without_groups_the_images_blend_concepts_that_trade_off() -> None:
    section = shown(apart=False)
    assert section.heading == "No separate groups"
    assert section.verdict.startswith("The images blend these concepts: they are no more separate")
    assert section.cards == ()
    assert len(section.groups) == 2
    assert [(a.number, b.number) for a, b in section.opposed] == [(1, 2)]


def test_groups_that_are_not_found_again_are_told_with_what_that_rests_on() -> None:
    result = make_class(apart=False)[0]
    assert result.separation is not None
    tested = result.separation.model_copy(
        update={"reason": "halves do not give the same groups", "agreement": 0.46,
                "agreement_null": 0.42, "p_value": 0.01}
    )  # fmt: skip
    section = strategies(SITE, result.model_copy(update={"separation": tested}))
    assert section is not None
    assert section.verdict == (
        "Halves do not give the same groups. Grouped anew, halves of the images hardly agree "
        "(0.46 of 1; 0.42 without groups)."
    )


def test_halves_that_agree_wholly_agree_well_whatever_clouds_reach() -> None:
    result = make_class()[0]
    assert result.separation is not None
    tested = result.separation.model_copy(update={"agreement": 0.98, "agreement_null": 0.97})
    section = strategies(SITE, result.model_copy(update={"separation": tested}))
    assert section is not None
    assert "agree well (0.98 of 1; 0.97 without groups)" in section.verdict


@pytest.mark.parametrize(
    ("difficulty", "said"),
    [({"images": 12}, "12 images are too few to look for groups."),
     ({"bare": True}, "The images blend these concepts.")],
)  # fmt: skip
def test_why_none_was_looked_for(difficulty: dict[str, Any], said: str) -> None:
    assert shown(apart=False, **difficulty).verdict == said


def test_a_group_shows_typical_unusual_and_mistaken_images_in_one_row() -> None:
    result, _ = make_class(apart=False)
    update = {"prototypes": (0, 20, 21, 22), "outliers": (30, 20, 31), "mistaken": (1,)}
    group = result.groups[1].model_copy(update=update)
    made = strategies(SITE, result.model_copy(update={"groups": (result.groups[0], group)}))
    assert made
    shown = [(p.image, p.why) for p in made.groups[1].pictures]
    assert shown == [
        (0, "typical, labeled cup"), (20, "typical"), (21, "typical"), (30, "unusual"),
        (1, "mistake, labeled cup"),
    ]  # fmt: skip
    assert [p.why for p in made.groups[0].pictures].count("unusual") == 2


def test_the_key_figures_never_boast() -> None:
    assert figures(make_class()[0]) == [
        "40 images", "2 concepts that count", "2 groups that stand apart", "3 mistakes",
    ]  # fmt: skip
    assert figures(make_class(apart=False, wrong=None)[0]) == [
        "40 images", "2 concepts that count", "no separate groups",
    ]  # fmt: skip


@pytest.mark.parametrize("difficulty", [{}, {"bare": True}, {"wrong": None}])
@pytest.mark.parametrize("images", [1, 40])
def test_a_page_without_groups_is_whole(
    tmp_path: Path, images: int, difficulty: dict[str, Any]
) -> None:
    made = make_class(images=images, concepts=min(images, 4), apart=False, **difficulty)
    render(write_run(tmp_path / "run", made), tmp_path / "site")
    assert check(tmp_path / "site") == ()
    page = (tmp_path / "site/classes/0967-espresso/index.html").read_text()
    assert ("No separate groups" in page) == (images > 1)
    assert "1 images" not in page
    assert "strategy none" not in page
    assert ("Rather than" in page) == ("bare" not in difficulty)
    assert "None" not in page.replace("none", "")
