"""What the README says of a site of one's own, done."""

import re
from pathlib import Path

from gather import ROOT
from tiny_results import make_class, write_run

from lens_site.config import load_config
from lens_site.site.publish.check import check
from lens_site.site.publish.render import render


def test_the_example_makes_a_site(tmp_path: Path) -> None:
    section = (ROOT / "README.md").read_text(encoding="utf-8").split("## Make it yours")[1]
    toml, template = re.findall(r"```(?:toml|jinja)\n(.*?)```", section, re.DOTALL)[:2]
    (tmp_path / "lens.toml").write_text(toml, encoding="utf-8")
    (tmp_path / "logo.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    (tmp_path / "hello.md").write_text("Guten Tag.")
    (tmp_path / "birds.md").write_text("# Vögel\n\nViele.")
    (tmp_path / "notes.md").write_text("Text.")
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
    for address, title in (("birds", "Vögel"), ("notes", "Field notes")):
        assert f"<h1>{title}</h1>" in (tmp_path / "site" / address / "index.html").read_text()
