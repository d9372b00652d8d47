"""Numbers, sentences and colors."""

import math
from itertools import combinations

import pytest
from tiny_results import make_class

from lens_site.site import palette
from lens_site.site.numbers import change, exact, letter, percent, signed, span
from lens_site.site.summary import Mention, describe, summarize

# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB.
SIGHT = {
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
}


@pytest.mark.parametrize(
    ("share", "written"),
    [(0.3094, "31_%"), (-0.08, "−8_%"), (0.002, "<_1_%"), (0.998, ">_99_%"), (1.0, "100_%"),
     (0.0, "0_%"), (-0.001, "0_%"), (-1.0, "−100_%"), (-2.4, "−240_%")],
)  # fmt: skip
def test_a_share_is_rounded_for_people(share: float, written: str) -> None:
    assert percent(share) == written.replace("_", "\N{NARROW NO-BREAK SPACE}")


def test_letters_and_exact_numbers() -> None:
    assert [letter(n) for n in (1, 26, 27, 53)] == ["A", "Z", "AA", "BA"]
    assert exact(-0.25, 2) == "−0.25"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_concept_colors_reach_three_to_one_and_carry_readable_numbers(theme: str) -> None:
    colors = (palette.GRAY[theme], *palette.CONCEPTS[theme])
    assert len(set(colors)) == 11
    assert min(palette.contrast(c, palette.GROUND[theme]) for c in colors) >= 3
    assert min(palette.contrast(c, palette.ink_on(c)) for c in colors) >= 4.5
    assert palette.contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("sight", SIGHT)
def test_the_first_six_colors_stay_apart_for_color_blind_eyes(theme: str, sight: str) -> None:
    seen = [lab(simulate(c, SIGHT[sight])) for c in palette.CONCEPTS[theme][:6]]
    assert min(math.dist(a, b) for a, b in combinations(seen, 2)) > 10


def simulate(color: str, matrix: tuple[tuple[float, ...], ...]) -> list[float]:
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return [sum(a * b for a, b in zip(row, linear, strict=True)) for row in matrix]


def lab(rgb: list[float]) -> tuple[float, float, float]:
    to_xyz = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    xyz = [sum(a * b for a, b in zip(row, rgb, strict=True)) for row in to_xyz]
    x, y, z = (max(v / w, 0) ** (1 / 3) for v, w in zip(xyz, (0.9505, 1, 1.089), strict=True))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def told(views: bool = False, **difficulty: object) -> str:
    result, _ = make_class(**difficulty)  # type: ignore[arg-type]
    parts = summarize(result, views)
    text = "".join(f"concept {p.number}" if isinstance(p, Mention) else p for p in parts)
    return text.strip().replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_the_sentence_sums_up_evidence_what_is_kept_and_mistakes() -> None:
    assert told() == (
        "No single concept decides. The strongest are concept 1 (43 % of the evidence) and "
        "concept 2 (34 %), 77 % together. concept 4 counts against the class (−10 %). "
        "Everything else, which no concept holds, counts against it (−5 %). "
        "Shown only its concepts, the network still says espresso for 97 % of the images. "
        "3 of 40 images are mistakes, all of them labeled cup."
    )


def test_unlabeled_images_are_never_called_right_or_wrong() -> None:
    text = told(wrong=None)
    assert "mistake" not in text
    assert "labeled" not in text


def test_the_sentence_is_honest_when_there_is_little_to_say() -> None:
    assert told(concepts=1, images=1, wrong=None, bare=True) == (
        "Mostly one concept: concept 1 (100 % of the evidence). "
        "Only 1 image: read this as a sketch."
    )
    assert "still says espresso. " in told(concepts=1, images=1)
    assert "no longer says espresso. " in told(concepts=1, images=1, same_class=0.0)
    assert "no more than 30 % of the images, so much is left unsaid" in told(same_class=0.3)
    assert "for every one of the images" in told(same_class=1.0)
    assert told(null_share=0.9).startswith("No single concept stands out")
    assert told(wrong=0).endswith("All 40 images are labeled as this class.")
    assert told(wrong=1).endswith("1 of 40 images is a mistake (labeled cup).")
    assert "views of one photograph" in told(views=True)


def test_shares_that_cancel_say_which_concept_leads() -> None:
    result, _ = make_class(bare=True, wrong=None)
    flat = tuple(c.model_copy(update={"share": 0.0}) for c in result.concepts)
    first, mention, lead, *_ = summarize(result.model_copy(update={"concepts": flat}), False)
    assert first == "Over all images the concepts raise the score as much as they lower it. "
    assert (mention, lead) == (Mention(1), " leads in 68\u202f% of the images. ")


def test_with_centered_codes_the_average_brings_the_score() -> None:
    result, _ = make_class()
    assert result.kept
    update = {
        "concepts": tuple(c.model_copy(update={"share": 0.0}) for c in result.concepts),
        "kept": result.kept.model_copy(update={"mean_part": 2.0}),
    }
    first, *_ = summarize(result.model_copy(update=update), False)
    assert str(first).startswith("What an average image shows brings the score")


def test_a_link_says_what_the_leading_concepts_carry_together() -> None:
    text = describe(make_class()[0]).replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert text == (
        "How a neural network recognizes “espresso”, from 40 images; "
        "2 leading concepts carry 77 % of the evidence."
    )


def test_figures_with_a_sign() -> None:
    assert [change(v) for v in (-0.34, 0.05, 0.001)] == ["−34\u202f%", "+5\u202f%", "0\u202f%"]
    assert [signed(v) for v in (0.5, -0.25, -0.001)] == ["+0.50", "−0.25", "0.00"]
    assert (span(0.93, 0.994), span(-0.12, -0.08)) == ("93–99", "−12 … −8")
