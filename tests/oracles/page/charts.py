"""The bars and drawings of a page: where their ends have to be, and what they say in words."""

import re
from collections.abc import Sequence
from typing import Any

from oracles.page.agreement import Agreement, Near
from oracles.page.written import change, images, percent, short

PLACE = re.compile(r"(?:left|width):([\d.]+)%")


def check_bars(
    agreement: Agreement, markup: str, concepts: Sequence[dict[str, Any]], rests: Sequence[float]
) -> None:
    """Shares on one axis, from the least end of a range to the largest, with their null lines."""
    found = re.findall(r'<div class="bars"[^>]*>.*?</div>', markup, re.DOTALL)
    spans = [_around(c) for c in concepts]
    ends = [v for low, high in spans for v in (low, high)] + [c["null_share"] for c in concepts]
    low, high = min([0, *ends, *rests]), max([0.01, *ends, *rests])

    def at(value: float) -> float:
        return 100 * (value - low) / (high - low)

    wanted = []
    for c, (first, last) in zip(concepts, spans, strict=True):
        ends = [at(0), at(min(0, c["share"])), abs(at(c["share"]) - at(0))]
        ends += [at(first), at(last) - at(first)] if last > first else []
        wanted.append(ends + ([at(c["null_share"])] if c["null_share"] > 0 else []))
    wanted += [[at(0), at(min(0, share)), abs(at(share) - at(0))] for share in rests]
    near = [[Near(v, 0.006) for v in row] for row in wanted]
    agreement.compare([[float(v) for v in PLACE.findall(bar)] for bar in found], near, "bars")


def bar_says(concept: dict[str, Any]) -> str:
    """The range of a share in words."""
    low, high = _around(concept)
    what = "over all fits" if concept["share_range"] else "95% interval"
    return f"{what}: {percent(low)} to {percent(high)}" if high > low else ""


def _around(concept: dict[str, Any]) -> tuple[float, float]:
    low, high = concept["share_range"] or concept["interval"]
    return (
        (min(low, concept["share"]), max(high, concept["share"]))
        if concept["share_range"]
        else (low, high)
    )


def check_profile(agreement: Agreement, name: str, markup: str, profile: Sequence[float]) -> None:
    """Slices of the concepts by size; those under three percent are left out."""
    total = sum(map(abs, profile)) or 1.0
    order = sorted(range(len(profile)), key=lambda i: (-abs(profile[i]), i))
    shown = [i for i in order if abs(profile[i]) / total >= 0.03]
    alt = ", ".join(f"concept {i + 1} {percent(profile[i] / total)}" for i in shown)
    said = re.search(r'<div class="profile"[^>]*aria-label="([^"]*)">(.*?)</div>', markup)
    assert said, f"{name} has no profile"
    told = said[1].replace("\N{NARROW NO-BREAK SPACE}", " ")
    agreement.compare(told.replace("&lt;", "<"), f"Evidence: {alt}", f"{name}: profile")
    widths = [Near(100 * abs(profile[i]) / total, 0.006) for i in shown]
    agreement.compare([float(v) for v in PLACE.findall(said[2])], widths, f"{name}: slices")


def core(mean_map: Sequence[Sequence[float]]) -> tuple[float, int, int, float] | None:
    """Share of a concept in the middle, rows and columns of this, and their share of all places.

    The middle is what is left of two sevenths of the places on either side; none on a coarse grid.
    """
    rows, columns = (len(side) - 2 * round(2 * len(side) / 7) for side in (mean_map, mean_map[0]))
    if min(rows, columns) <= 0 or rows == len(mean_map) or columns == len(mean_map[0]):
        return None
    top, left = (len(mean_map) - rows) // 2, (len(mean_map[0]) - columns) // 2
    inside = sum(sum(row[left : left + columns]) for row in mean_map[top : top + rows])
    places = len(mean_map) * len(mean_map[0])
    return inside / sum(map(sum, mean_map)), rows, columns, rows * columns / places


def core_says(mean_map: Sequence[Sequence[float]]) -> str:
    """The same in words."""
    found = core(mean_map)
    if found is None:
        return ""
    share, rows, columns, even = found
    return f"{percent(share)} in the middle {rows} × {columns}, {percent(even)} if everywhere alike"


def histogram_says(drawn: dict[str, Any]) -> str:
    """How many images hold how much, in words."""
    low, high, counts = drawn["low"], drawn["high"], drawn["counts"]
    first = f"{low + (high - low) / len(counts):.3g}"
    return (
        f"{images(sum(counts))} by their mean code, from {short(low)} to {short(high)}: "
        f"{images(counts[0])} below {first}"
    )


def check_histogram(agreement: Agreement, whole: str, drawn: dict[str, Any]) -> None:
    """Heights of the columns, in percent from the top, of all images and of those it leads."""
    most = max(drawn["counts"])
    for name, counts in (("all", drawn["counts"]), ("leads", drawn["leads"])):
        path = re.search(rf'class="columns__{name}" d="([^"]*)"', whole)
        tops = [float(v) for v in re.findall(r"V(\d+)H", path[1])] if path else []
        wanted = [Near(100 - 100 * n / most, 0.51) for n in counts] if any(counts) else []
        agreement.compare(tops, wanted, f"columns of {name}")


def verdict(check: dict[str, Any]) -> str:
    """What the network says of a picture that gradients made."""
    if check["rank"] == 1:
        times = "far more than" if check["ratio"] >= 10 else f"{check['ratio']:.1f} times"
        return f"the network finds most of this concept in it, {times} the next"
    before = check["rank"] - 1
    return f"{before} other{' comes' if before == 1 else 's come'} before it"


def covered(concept: dict[str, Any]) -> list[str]:
    """Change of the score when the concept is covered, and when as much is at random."""
    covering = concept["covering"]
    falls = ("fall", "fall_at_random")
    return [change(-covering[f]) for f in falls] if covering else []
