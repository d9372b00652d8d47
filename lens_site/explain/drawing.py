"""A picture, the bars of its concepts, and where its leading concepts are, in one file."""

from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from lens_site import prototypes
from lens_site.explain.explanation import Explanation
from lens_site.site.numbers import MINUS, THIN, percent
from lens_site.site.palette import CONCEPTS as COLORS
from lens_site.site.palette import GRAY, GROUND, ink_on, tone

SIDE, HEAT, TILE, GAP, ROW = 448, 160, 128, 32, 36
"""Pixels: the picture, the same lit by a concept, a tile, space around things, a row of bars."""

LEADING, TILES = 4, 5
"""Concepts that are shown in the picture, and tiles of each."""

HEAD, WORDS = 76, 30
"""Pixels of the title, and of the line over the rows of concepts."""

INK, MUTED, LINE = "#1d1e20", "#5f5d58", "#c9c5ba"


def draw(answer: Explanation) -> bytes:
    """PNG: the picture, a signed bar a concept; the leading ones in it, beside their tiles."""
    leading = [i for i in answer.order[:LEADING] if answer.phi[i] != 0 and answer.scale[i] > 0]
    width = 3 * GAP + ROW + HEAT + TILES * (TILE + 6) + GAP
    height = HEAD + SIDE + GAP + WORDS + len(leading) * (HEAT + GAP // 2) + GAP // 2
    sheet = Image.new("RGB", (width, height), GROUND["light"])
    brush = ImageDraw.Draw(sheet)
    name = answer.result.name.name
    brush.text((GAP, 22), f"Why {name}?", INK, _font(32))
    brush.text(
        (width - GAP, 34),
        f"{name} {_percent(answer.class_probability)} · predicted {answer.predicted} "
        f"{_percent(answer.probability)}",
        MUTED, _font(15), anchor="ra",
    )  # fmt: skip
    sheet.paste(answer.view.resize((SIDE, SIDE), Image.Resampling.LANCZOS), (GAP, HEAD))
    _bars(brush, answer, left=2 * GAP + SIDE, right=width - GAP, top=HEAD)
    top = HEAD + SIDE + GAP
    brush.text((GAP + ROW, top), "in this picture", MUTED, _font(15))
    brush.text((2 * GAP + ROW + HEAT, top), f"where {name} shows it most", MUTED, _font(15))
    for row, i in enumerate(leading):
        _concept(sheet, answer, i, top + WORDS + row * (HEAT + GAP // 2))
    file = BytesIO()
    sheet.save(file, "PNG", optimize=True)
    return file.getvalue()


def _concept(sheet: Image.Image, answer: Explanation, i: int, top: int) -> None:
    """Draw the picture lit where the concept is, how strong that is, and the concept's tiles.

    The light is full at the strongest place of this very picture, so that a weak concept is
    seen too; the number says how weak.
    """
    brush, left = ImageDraw.Draw(sheet), GAP + ROW
    strongest = float(answer.codes[:, :, i].max())
    _badge(brush, answer, i, GAP + 14, top + HEAT // 2)
    if strongest > 0:
        lit = prototypes.spotlight(
            answer.view, answer.codes[:, :, i], scale=strongest, side=HEAT
        )  # fmt: skip
        sheet.paste(lit, (left, top))
    right = left + HEAT + GAP
    with Image.open(answer.folder / answer.result.concepts[i].tiles_file) as strip:
        for place in range(min(TILES, strip.width // strip.height)):
            box = (place * strip.height, 0, (place + 1) * strip.height, strip.height)
            tile = strip.convert("RGB").crop(box).resize((TILE, TILE), Image.Resampling.LANCZOS)
            sheet.paste(tile, (right + place * (TILE + 6), top))
    much = min(1.0, max(0.0, strongest) / float(answer.scale[i]))
    words = f"{_percent(float(answer.shares[i]))} of the evidence · at its strongest place here "
    words += f"{_percent(much)} of its most in the class"
    brush.text((right, top + HEAT - 10), words, MUTED, _font(14), "lm")


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
