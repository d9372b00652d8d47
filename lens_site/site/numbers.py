"""How numbers are written for people; the exact ones stand in the table and in ``class.json``.

``static/numbers.js`` writes shares as :func:`percent` does; a test holds the two together.
"""

from lens_site.site.language import local

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
    return local(f"{value:.{digits}f}".replace("-", MINUS))


def signed(value: float, digits: int = 2) -> str:
    """Write a number with its sign, whichever it is.

    >>> signed(0.5), signed(-0.25), signed(0.001)
    ('+0.50', '−0.25', '0.00')
    """
    written = f"{value:+.{digits}f}"
    signless = float(written) == 0
    return local(written.lstrip("+-") if signless else written.replace("-", MINUS))


def change(part: float) -> str:
    """Write a relative change with its sign.

    >>> change(-0.34), change(0.05), change(0.001)
    ('−34\u202f%', '+5\u202f%', '0\u202f%')
    """
    size = round(100 * part)
    sign = {True: "+", False: MINUS}[size > 0] if size else ""
    return f"{sign}{abs(size)}{THIN}%"


def span(low: float, high: float) -> str:
    """Write a range of shares in percent, the sign of it left to what stands before.

    >>> span(0.93, 0.994), span(-0.12, -0.08)
    ('93\u201399', '−12 … −8')
    """
    between = " … " if low < 0 else "\N{EN DASH}"
    return f"{round(100 * low)}{between}{round(100 * high)}".replace("-", MINUS)


def brief(value: float) -> str:
    """Write a number of any size with three figures, a count without decimals.

    >>> brief(0.5), brief(-1234.5), brief(203.8), brief(4)
    ('0.500', '−1,234', '204', '4')
    """
    if value == int(value) or abs(value) >= 100:
        return local(f"{value:,.0f}".replace("-", MINUS))
    return local(f"{value:#.3g}".replace("-", MINUS))


def short(value: float) -> str:
    """Write a number with at most three figures, as ticks and tables do.

    >>> short(0.5), short(-0.0625), short(20)
    ('0.5', '−0.0625', '20')
    """
    return local(f"{value:.3g}".replace("-", MINUS))


def whole(number: int) -> str:
    """Write a whole number, thousands apart."""
    return local(f"{number:,}")


def capital(sentence: str) -> str:
    """Begin a sentence with a capital letter."""
    return sentence[:1].upper() + sentence[1:]


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
