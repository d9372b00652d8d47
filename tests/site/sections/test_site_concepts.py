"""The cards of the concepts: what each claim rests on, and what belongs to no concept."""

from pathlib import Path

import pytest
from tiny_results import Made, make_class, make_run, with_parts, write_run

from lens_site.results.schema import ClassResult
from lens_site.site import Site
from lens_site.site.publish.render import render
from lens_site.site.sections.concepts import Concepts, concepts

SITE = Site(Path("unwritten"), make_run())


def shown(result: ClassResult) -> Concepts:
    return concepts(SITE, result)


def test_a_card_says_what_the_claim_rests_on() -> None:
    first, second, third, last = shown(make_class()[0]).cards
    assert (first.leads, first.right, first.right_range) == ("68\u202f%", "100\u202f%", "90–100")
    assert (first.covering, first.covering_random) == ("−34\u202f%", "−10\u202f%")
    assert (second.found, second.lost, second.right) == ("0.90", False, "77\u202f%")
    assert (third.found, third.lost) == ("0.20", True)
    assert (last.against, last.leads) == (True, "")
    assert first.place is not None
    assert first.place.where == "bottom right"
    assert [a.name for a in first.aligned] == ["cup"], "the class itself says nothing"


def test_what_is_not_known_is_left_out() -> None:
    section = shown(make_class(bare=True, wrong=None)[0])
    card = section.cards[0]
    assert (card.right, card.found, card.covering, card.place) == ("", "", "", None)
    assert (section.refitted, section.covered, section.rests) == (False, "", ())


def test_the_whisker_is_the_range_over_refits_where_there_is_one() -> None:
    assert shown(make_class()[0]).cards[0].bar.interval.startswith("over all fits")
    assert shown(make_class(bare=True)[0]).cards[0].bar.interval.startswith("95% interval")


def test_everything_else_stands_on_the_axis_of_the_concepts() -> None:
    result, _ = make_class()
    section = shown(result)
    (rest,) = section.rests
    assert (rest.name, rest.share) == ("Everything else", "−5\u202f%")
    assert rest.bar.zero == section.cards[0].bar.zero
    assert float(rest.bar.left) < float(rest.bar.zero)


def test_the_part_of_the_mean_is_a_bar_of_its_own() -> None:
    result, _ = make_class()
    assert result.kept is not None
    unit = sum(abs(v) for i in result.images for v in i.importance) / len(result.images)
    kept = result.kept.model_copy(update={"mean_part": unit / 2})
    mean, rest = shown(result.model_copy(update={"kept": kept})).rests
    assert (mean.name, mean.share) == ("The mean’s part", "50\u202f%")
    assert rest.name == "Everything else"


def parted(r2: float, random: float) -> Made:
    result, files = with_parts(make_class(), 0.6, 0.4)
    first, *others = result.concepts
    first = first.model_copy(update={"parts_r2": r2, "parts_r2_random": random})
    return result.model_copy(update={"concepts": (first, *others)}), files


@pytest.mark.parametrize("random", [0.1, 0.4])
def test_parts_no_better_than_random_ones_are_left_out(tmp_path: Path, random: float) -> None:
    render(write_run(tmp_path / "run", parted(0.3, random)), tmp_path / "site")
    text = (tmp_path / "site/classes/0967-espresso/index.html").read_text()
    assert ("R² 0.30; parts of random patches reach 0.10" in text) == (random < 0.3)
    assert ('class="parts"' in text) == (random < 0.3)


def test_pictures_by_gradients_say_what_the_network_finds_in_them() -> None:
    first, second, *_ = shown(make_class()[0]).cards
    assert first.visual is not None
    assert second.visual is not None
    assert first.visual.drawn.right
    assert first.visual.drawn.verdict.endswith("most of this concept in it, 2.5 times the next")
    assert (second.visual.drawn.right, second.visual.accentuated.right) == (False, True)
    assert second.visual.drawn.verdict == (
        "the network does not rank this picture first for this concept: 2 others come before it"
    )
    assert "by 0.60 and 0.90" in first.visual.likeness
    picture = second.visual.accentuated.picture
    assert (picture.column, picture.row, picture.columns, picture.rows) == (1, 0, 3, 2)
    assert shown(make_class(bare=True)[0]).cards[0].visual is None
