"""What the page tells of the fit: the number of concepts, and the others that were tried."""

from pathlib import Path

from tiny_results import make_class, make_run, write_run

from lens_site.results.schema import Tried
from lens_site.site import Site
from lens_site.site.publish.render import render
from lens_site.site.sections.numbers import numbers

TRIED = tuple(Tried(concepts=k, logit_r2=v) for k, v in ((2, 0.3), (4, 0.7), (6, 0.75)))


def chosen(concepts: int, tried: tuple[Tried, ...] = TRIED) -> str:
    made = make_class(concepts=concepts, tried=tried)
    return numbers(Site(Path("unwritten"), make_run(made)), made[0]).fit.chosen


def test_the_page_says_why_so_many_concepts() -> None:
    assert chosen(4) == (
        "4 are enough: 6, the next number tried, would add only 0.0500 to the logit R²."
    )
    assert chosen(6) == "6 is the largest number tried."
    worse = (*TRIED[:2], Tried(concepts=6, logit_r2=0.69))
    assert chosen(4, worse) == "4 are enough: 6, the next number tried, would not tell more."
    assert chosen(4, ()) == ""


def test_all_numbers_tried_stand_on_the_page(tmp_path: Path) -> None:
    render(write_run(tmp_path / "run", make_class(concepts=4, tried=TRIED)), tmp_path / "site")
    text = (tmp_path / "site/classes/0967-espresso/index.html").read_text()
    assert (
        '2: <span class="num">0.300</span>, 4: <span class="num">0.700</span>, '
        '6: <span class="num">0.750</span>'
    ) in text
