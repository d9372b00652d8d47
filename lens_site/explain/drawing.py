"""A picture, the bars of its concepts, and where its three leading concepts are, in one file."""

from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from lens_site import prototypes
from lens_site.explain.explanation import Explanation
from lens_site.site.numbers import MINUS, THIN, percent
from lens_site.site.palette import CONCEPTS as COLORS
from lens_site.site.palette import GRAY, GROUND, ink_on, tone

SIDE, HEAT, GAP, ROW = 448, 256, 32, 36
"""Pixels: the picture, a heat map, the space around things, a row of the bars."""

INK, MUTED, LINE = "#1d1e20", "#5f5d58", "#c9c5ba"


def draw(answer: Explanation) -> bytes:
    """PNG with the picture, one signed bar a concept, and three heat maps."""
    width = 3 * HEAT + 4 * GAP
    sheet = Image.new("RGB", (width, 76 + SIDE + HEAT + 2 * GAP + ROW), GROUND["light"])
    brush = ImageDraw.Draw(sheet)
    name = answer.result.name.name
    brush.text((GAP, 22), f"Why {name}?", INK, _font(32))
    brush.text(
        (width - GAP, 34),
        f"{name} {_percent(answer.class_probability)} · predicted {answer.predicted} "
        f"{_percent(answer.probability)}",
        MUTED, _font(15), anchor="ra",
    )  # fmt: skip
    sheet.paste(answer.view.resize((SIDE, SIDE), Image.Resampling.LANCZOS), (GAP, 76))
    _bars(brush, answer, left=2 * GAP + SIDE, right=width - GAP, top=76)
    leading = [i for i in answer.order[:3] if answer.phi[i] != 0 and answer.scale[i] > 0]
    for place, i in enumerate(leading):
        left, top = GAP + place * (HEAT + GAP), 76 + SIDE + GAP
        scale = float(answer.scale[i])
        lit = prototypes.spotlight(answer.view, answer.codes[:, :, i], scale=scale, side=HEAT)
        sheet.paste(lit, (left, top))
        _badge(brush, answer, i, left + 18, top + HEAT + 24)
        brush.text(
            (left + 42, top + HEAT + 24),
            _percent(float(answer.shares[i])),
            INK,
            _font(16),
            "lm",
        )
    file = BytesIO()
    sheet.save(file, "PNG", optimize=True)
    return file.getvalue()


def _bars(
    brush: ImageDraw.ImageDraw, answer: Explanation, *, left: int, right: int, top: int
) -> None:
    """Draw signed bars on one axis; more concepts than fit are left out, smallest first."""
    shown = [i for i in answer.order if answer.phi[i] != 0][: SIDE // ROW]
    shares = [float(answer.shares[i]) for i in shown]
    low, high = min([0.0, *shares]), max([0.01, *shares])
    start, reach = left + 44, right - 64 - (left + 44)

    def across(share: float) -> float:
        return start + reach * (share - low) / (high - low)

    for row, (i, share) in enumerate(zip(shown, shares, strict=True)):
        middle = top + row * ROW + ROW // 2
        _badge(brush, answer, i, left + 16, middle)
        ends = sorted((across(0.0), across(share)))
        brush.rectangle((ends[0], middle - 7, ends[1], middle + 7), fill=_color(answer, i))
        brush.text((right, middle), _percent(share), INK, _font(16), anchor="rm")
    bottom = top + len(shown) * ROW
    brush.line((across(0.0), top, across(0.0), bottom), fill=LINE)


def _badge(brush: ImageDraw.ImageDraw, answer: Explanation, i: int, x: int, y: int) -> None:
    color = _color(answer, i)
    brush.ellipse((x - 14, y - 14, x + 14, y + 14), fill=color)
    brush.text((x, y), str(i + 1), ink_on(color), _font(15), anchor="mm")


def _color(answer: Explanation, i: int) -> str:
    rank = int(tone(i + 1, answer.result.concepts[i].important).removeprefix("c"))
    return COLORS["light"][rank - 1] if rank else GRAY["light"]


def _percent(share: float) -> str:
    """Write a share with the signs that Pillow's own font has."""
    return percent(share).replace(THIN, " ").replace(MINUS, "–")


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
