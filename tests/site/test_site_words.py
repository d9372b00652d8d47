"""Numbers, sentences and colors."""

import math
from itertools import combinations

import pytest
from tiny_results import make_class

from lens_site.site import palette
from lens_site.site.numbers import count, exact, letter, percent
from lens_site.site.summary import Mention, summarize

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


def test_counts_letters_and_exact_numbers() -> None:
    assert (count(1, "image"), count(1203, "image")) == ("1 image", "1,203 images")
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


def test_the_sentence_sums_up_shares_decisions_and_mistakes() -> None:
    assert told() == (
        "Recognized mostly by concept 1 (43 % of the evidence) and concept 2 (34 %). "
        "In 68 % of the images concept 1 weighs most, in 32 % concept 2. "
        "concept 4 counts against the class (−10 %). "
        "3 of 40 images are mistakes, all of them labeled cup."
    )


def test_unlabeled_images_are_never_called_right_or_wrong() -> None:
    text = told(wrong=None)
    assert "mistake" not in text
    assert "labeled" not in text


def test_the_sentence_is_honest_when_there_is_little_to_say() -> None:
    assert told(concepts=1, images=1, wrong=None) == (
        "Recognized mostly by concept 1 (100 % of the evidence). It weighs most in every image. "
        "Only 1 image: read this as a sketch."
    )
    assert "explain only 20 % of the logit" in told(explained=0.2)
    assert "explain only 0 % of the logit" in told(explained=-0.4)
    assert told(null_share=0.9).startswith("No single concept stands out")
    assert told(wrong=0).endswith("All 40 images are labeled as this class.")
    assert told(wrong=1).endswith("1 of 40 images is a mistake (labeled cup).")
    assert "views of one photograph" in told(views=True)
