"""How pages write numbers, and how those of a page are found again in its data."""

import html
import re
from collections.abc import Iterable, Sequence
from typing import Any

from oracles.page.agreement import Agreement, numbers

NUMBER = re.compile(r"([−+<>]?)\s?(\d[\d,]*(?:\.\d+)?)(\s?%)?")
SAID = re.compile(r'(?:title|alt|aria-label)="([^"]*)"')


def readable(whole: str) -> str:
    """The main part of a page; for a drawing, what it says in words; no scripts, no citation."""
    main = whole[whole.index("<main") : whole.index("</main>")]
    main = re.sub(r'<script.*?</script>|<details class="cite">.*?</details>', "", main, flags=re.S)
    return re.sub(r"<svg([^>]*)>.*?</svg>", lambda drawing: _said(drawing[1]), main, flags=re.S)


def description(whole: str) -> str:
    """What a page says of itself to search engines."""
    return re.findall(r'name="description" content="([^"]*)"', whole)[0]


def plain(markup: str) -> str:
    """Text of some markup, what pictures and bars say included; one space for several and tags."""
    text = re.sub(r"<[^>]*>", lambda tag: _said(tag[0]), markup)
    return re.sub(r" (?=[,.;])", "", re.sub(r"\s+", " ", html.unescape(text)))


def _said(tag: str) -> str:
    return f" {' '.join(SAID.findall(tag))} "


def look(
    agreement: Agreement, place: str, markup: str, pool: Iterable[float], wanted: Sequence[str]
) -> None:
    """Find every number of some markup in the pool, and what is wanted in the markup."""
    text, pool = plain(markup), list(pool)
    spans = re.sub(r"\((\d+)–(\d+)\)", r"(\1 % \2 %)", text)
    for sign, digits, share in NUMBER.findall(re.sub(r"(\d+)–(\d+)\)", r"\1 % \2 %)", spans)):
        agreement.compared += 1
        if not any(_is_rounding(sign, digits, bool(share), value) for value in pool):
            agreement.differ.append(f"{place}: {sign}{digits}{share} is not in class.json")
    for told in wanted:
        if told not in text:
            agreement.differ.append(f"{place}: does not say {told}")


def _is_rounding(sign: str, digits: str, percent: bool, value: float) -> bool:
    size, scaled = float(digits.replace(",", "")), 100 * value if percent else value
    if sign == "<":
        return 0 < scaled < size
    if sign == ">":
        return size < scaled < 100
    if (sign == "−" and value > 0) or (sign in ("", "+") and value < 0 and scaled < -0.5):
        return False
    decimals = len(digits.partition(".")[2])
    return abs(abs(scaled) - size) <= 0.5 * 10**-decimals + 1e-9 or (
        percent and size == 99 < abs(scaled) < 100
    )


def pool_of(record: Any) -> list[float]:
    """All numbers of a record."""
    return [value for _, value in numbers(record, "")]


def between(page: str, start: str, end: str) -> str:
    """Markup from the tag or text ``start`` up to the next ``end``."""
    after = page[page.index(start) + len(start) :]
    return (
        after[: after.index(end)].partition(">")[2] if '="' in start else after[: after.index(end)]
    )


def fixed(value: float, digits: int = 4) -> str:
    return f"{value:.{digits}f}".replace("-", "−")


def signed(value: float) -> str:
    return "0.00" if abs(value) < 0.005 else f"{value:+.2f}".replace("-", "−")


def percent(share: float) -> str:
    size = round(100 * abs(share))
    if size == 0:
        return "< 1 %" if share > 0 else "0 %"
    if size == 100 and abs(share) < 1:
        return "> 99 %" if share > 0 else "−99 %"
    return f"{'−' * (share < 0)}{size} %"


def change(part: float) -> str:
    """A relative change, with its sign."""
    size = round(100 * part)
    return f"{'' if not size else '+' if size > 0 else '−'}{abs(size)} %"


def span(ends: Sequence[float]) -> str:
    """A range of shares, in percent."""
    return "–".join(str(round(100 * end)) for end in ends)


def brief(value: float | None) -> str:
    """Three figures, or a whole number."""
    if value is None:
        return "unknown"
    whole = value == int(value) or abs(value) >= 100
    return (f"{value:,.0f}" if whole else f"{value:#.3g}").replace("-", "−")


def short(value: float) -> str:
    """Three figures at most."""
    return f"{value:.3g}".replace("-", "−")


def images(count: int) -> str:
    return f"{count:,} image{'' if count == 1 else 's'}"
