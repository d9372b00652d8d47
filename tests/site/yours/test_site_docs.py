"""What the documentation says of a site of one's own, done."""

import re
from pathlib import Path

from gather import ROOT
from tiny_results import make_class, write_run

from lens_site.config import load_config
from lens_site.site.publish.check import check
from lens_site.site.publish.render import render


def test_the_example_makes_a_site(tmp_path: Path) -> None:
    text = (ROOT / "docs/publishing.md").read_text(encoding="utf-8")
    toml, template = re.findall(r"```(?:toml|jinja)\n(.*?)```", text, re.DOTALL)
    (tmp_path / "lens.toml").write_text(toml, encoding="utf-8")
    (tmp_path / "logo.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    (tmp_path / "hello.md").write_text("Guten Tag.")
    (tmp_path / "birds.md").write_text("# Vögel\n\nViele.")
    (tmp_path / "notes.md").write_text("Text.")
    (tmp_path / "start.md").write_text("# First\n\nSee [more](more.md) and [the rules](lens.toml).")
    (tmp_path / "more.md").write_text("# More")
    (tmp_path / "own/pages").mkdir(parents=True)
    (tmp_path / "own/pages/home.html").write_text(template)
    config = load_config({"templates": tmp_path / "own"}, tmp_path / "lens.toml")
    run = write_run(tmp_path / "run", make_class())
    render(run, tmp_path / "site", identity=config.site, own=config.templates)
    assert check(tmp_path / "site") == ()
    home = (tmp_path / "site/index.html").read_text()
    assert "<title>What our model sees: worauf TinyNet achtet</title>" in home
    assert '<p class="note">80 pictures, taken in one spring.</p>' in home
    assert "<p>Guten Tag.</p>" in home
    pages = {
        "birds": "Vögel", "notes": "Field notes", "handbook": "First", "handbook/more": "More",
    }  # fmt: skip
    for address, title in pages.items():
        assert f"<h1>{title}</h1>" in (tmp_path / "site" / address / "index.html").read_text()
    first = (tmp_path / "site/handbook/index.html").read_text()
    assert '<a href="../handbook/more/index.html">more</a>' in first
    assert '<a href="https://github.com/me/birds/blob/main/lens.toml">the rules</a>' in first
