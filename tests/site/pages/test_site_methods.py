"""The page of methods compared: there only where there are figures, from any such table."""

from pathlib import Path

import pytest
from tiny_results import make_class, write_run

from lens_site.errors import ResultError
from lens_site.results.comparison import Comparison, ComparisonRow, write_comparison
from lens_site.results.pack import pack, unpack
from lens_site.site.pages import methods
from lens_site.site.publish import stamp
from lens_site.site.publish.check import check
from lens_site.site.publish.render import render

CURVES = {"deletion": (1.0, 0.2, 0.0)}


def row(method: str, slug: str, value: float | None, **more: object) -> ComparisonRow:
    return ComparisonRow(
        method=method, class_=slug, concepts=2, metrics={"deletion": value, "mu_fidelity": None},
        seconds=more.pop("seconds", 0.5), **more,
    )  # fmt: skip


TABLE = Comparison(
    title="Importance <compared>",
    paragraphs=("deletion: lower is better.",),
    rows=(
        row("gradient-input", "a", 0.25, curves=CURVES, seconds=1e-5),
        row("gradient-input", "b", 0.75, curves={"deletion": (1.0, 0.4, 0.0)}),
        row("random order", "a", 0.5, curves={"deletion": (1.0, 0.5, 0.0)}, seconds=None),
        row("shap", "a", None, note="too slow"),
    ),
    machine={"cores": 2, "gpu": None},
)


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    return write_run(tmp_path / "run", make_class())


def test_no_figures_no_page_no_link(run_dir: Path, tmp_path: Path) -> None:
    render(run_dir, tmp_path / "site")
    assert not (tmp_path / "site" / "methods").exists()
    assert "methods/index.html" not in (tmp_path / "site" / "index.html").read_text()


def test_the_page_and_its_link(run_dir: Path, tmp_path: Path) -> None:
    write_comparison(run_dir, "importance", TABLE)
    write_comparison(run_dir, "extraction", TABLE.model_copy(update={"title": "Extraction"}))
    render(run_dir, tmp_path / "site", base_url="https://example.org/lens")
    text = (tmp_path / "site" / "methods" / "index.html").read_text()
    assert "Importance &lt;compared&gt;" in text
    assert text.index("Importance") < text.index(">Extraction<")
    assert '"methods/index.html"' in (tmp_path / "site" / "index.html").read_text()
    assert "lens/methods/" in (tmp_path / "site" / "sitemap.xml").read_text()
    assert check(tmp_path / "site") == ()


def test_medians_curves_and_what_is_unknown() -> None:
    shown = methods.compared("methods-importance", TABLE)
    first = shown.medians[0]
    assert (first.method, first.cells[0].value, first.level) == ("gradient-input", 0.5, False)
    assert shown.rows[0].cells[-1].text == "<0.001"
    assert shown.rows[3].cells[0].text == "–"
    assert shown.notes == ("shap, a: too slow",)
    assert shown.machine == "cores 2"
    (deletion,) = shown.curves
    assert [p.title for p in deletion.panels] == ["gradient-input"]
    lines = {line.kind: line for line in deletion.panels[0].lines}
    assert lines["order"].points == "0,0 50,70 100,100"  # mean of 0.2 and 0.4
    assert [line.label for line in deletion.around] == ["random order"]


def test_a_new_table_renders_anew_and_travels_with_the_archive(
    run_dir: Path, tmp_path: Path
) -> None:
    before = stamp.of(run_dir, {})
    write_comparison(run_dir, "importance", TABLE)
    assert stamp.of(run_dir, {}) != before
    pack(run_dir, tmp_path / "run.tar.gz", ["0967-espresso"])
    unpacked = unpack(tmp_path / "run.tar.gz", tmp_path / "elsewhere")
    assert [t.title for t in methods.read(unpacked)] == [TABLE.title]


def test_a_damaged_table_is_named(run_dir: Path) -> None:
    (run_dir / "methods-importance.json").write_text("{}")
    with pytest.raises(ResultError, match="methods-importance"):
        methods.read(run_dir)
