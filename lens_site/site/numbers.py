"""How numbers are written for people; the exact ones stand in the table and in ``class.json``.

``static/numbers.js`` writes shares as :func:`percent` does; a test holds the two together.
"""

MINUS = "\N{MINUS SIGN}"
THIN = "\N{NARROW NO-BREAK SPACE}"

NOISE = 0.001
"""Seconds under which a time is noise."""


def percent(share: float) -> str:
    """Write a fraction as a whole percentage; what is not all or nothing never reads so.

    >>> percent(0.3094), percent(-0.08), percent(0.002), percent(0.998)
    ('31\u202f%', '−8\u202f%', '<\u202f1\u202f%', '>\u202f99\u202f%')
    """
    size = round(100 * abs(share))
    sign = MINUS if share < 0 and size else ""
    if size == 0 and share > 0:
        return f"<{THIN}1{THIN}%"
    if size == 100 and abs(share) < 1:
        return f"{sign}>{THIN}99{THIN}%" if share > 0 else f"{MINUS}99{THIN}%"
    return f"{sign}{size}{THIN}%"


def exact(value: float, digits: int = 4) -> str:
    """Write a number with a fixed count of decimals and a true minus sign."""
    return f"{value:.{digits}f}".replace("-", MINUS)


def brief(value: float) -> str:
    """Write a number of any size with three figures, a count without decimals.

    >>> brief(0.5), brief(-1234.5), brief(203.8), brief(4)
    ('0.500', '−1,234', '204', '4')
    """
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}".replace("-", MINUS)
    return f"{value:#.3g}".replace("-", MINUS)


def short(value: float) -> str:
    """Write a number with at most three figures, as ticks and tables do.

    >>> short(0.5), short(-0.0625), short(20)
    ('0.5', '−0.0625', '20')
    """
    return f"{value:.3g}".replace("-", MINUS)


def count(number: int, one: str, many: str = "") -> str:
    """Write ``1 image`` or ``1,203 images``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def by(grid: tuple[int, int]) -> str:
    """Write a grid, rows first."""
    return f"{grid[0]} × {grid[1]}"


def letter(number: int) -> str:
    """Name the ``number``-th strategy (from 1): A … Z, AA, AB …, as concepts have numbers."""
    name = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name
