"""What a script writes is what Python writes."""

import itertools

import pytest
from playwright.sync_api import Browser

from lens_site.site.numbers import percent
from lens_site.site.publish.pieces import folder

pytestmark = pytest.mark.browser


def test_a_share_reads_alike_in_both(chromium: Browser) -> None:
    edges = [0.0, 1.0, 1e-9, 0.002, 0.005, 0.0050001, 0.015, 0.025, 0.145, 0.994, 0.995, 0.999999]
    sizes = [*edges, *(i / 1000 for i in range(1001)), *(i / 7 for i in range(30)), 12.345]
    shares = list(itertools.chain.from_iterable((size, -size) for size in sizes))
    page = chromium.new_page()
    page.add_script_tag(path=folder("static") / "numbers.js")
    written = page.evaluate("shares => shares.map(lensNumbers.percent)", shares)
    page.close()
    assert dict(zip(shares, written, strict=True)) == {s: percent(s) for s in shares}
