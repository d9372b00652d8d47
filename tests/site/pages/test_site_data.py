"""Data for others: the tables hold what the results do, and the examples on the page run."""

import contextlib
import csv
import gzip
import html
import io
import json
import re
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import yaml
from safetensors.numpy import load, load_file
from two_runs import write_two

import lens_site
from lens_site.errors import ResultError
from lens_site.results import read_class, store, tensors
from lens_site.results.schema import RESULT_VERSION, SCHEMA_VERSION, ClassResult
from lens_site.site.publish.check import check
from lens_site.site.publish.render import render
from lens_site.site.publish.serve import open_server

CLASSES = ("0967-espresso", "0968-cup")
CONCEPT = "classes/0967-espresso/concepts/02"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_two(tmp_path_factory.mktemp("data"))[0]


@pytest.fixture(scope="module")
def address(run: Path) -> Iterator[str]:
    """Where the site is served; its pages know this address as their public one."""
    above = run.parent / "served"
    above.mkdir()
    with open_server(above, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        public = f"http://127.0.0.1:{server.server_port}/site/"
        render(run, above / "site", base_url=public)
        yield public
        server.shutdown()


@pytest.fixture(scope="module")
def site(run: Path, address: str) -> Path:
    return run.parent / "served/site"


@pytest.fixture(scope="module")
def results(run: Path) -> list[ClassResult]:
    return [read_class(run, slug) for slug in CLASSES]


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def examples(site: Path, language: str) -> list[str]:
    page = (site / "data/index.html").read_text()
    found = re.findall(rf'<code class="language-{language}">(.*?)</code>', page, re.DOTALL)
    return [html.unescape(code) for code in found]


def printed(code: str) -> str:
    """Run an example on its own and return what it prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "data page", "exec"), {"__name__": "__main__"})
    return out.getvalue().strip()


def test_nothing_is_broken_and_the_page_is_found(site: Path) -> None:
    assert check(site) == ()
    assert "/data/</loc>" in (site / "sitemap.xml").read_text()
    assert '"data/index.html"' in (site / "index.html").read_text()


def test_every_concept_is_a_row(site: Path, results: list[ClassResult]) -> None:
    rows = rows_of((site / "data/concepts.csv").read_text())
    concepts = [(r, c) for r in results for c in r.concepts]
    assert len(rows) == len(concepts) == 5
    for row, (result, concept) in zip(rows, concepts, strict=True):
        assert (row["class_slug"], int(row["concept"])) == (result.name.slug, concept.number)
        assert float(row["share"]) == concept.share
        assert (float(row["share_low"]), float(row["share_high"])) == concept.interval
        assert row["important"] == str(concept.important).lower()
        assert row["reliability"] == ("" if concept.reliability is None else "1.0")
        assert (site / row["page"]).is_file()


def test_every_image_is_a_row_with_the_importance_of_every_concept(
    site: Path, results: list[ClassResult]
) -> None:
    rows = rows_of(gzip.decompress((site / "data/images.csv.gz").read_bytes()).decode())
    images = [(r, i, image) for r in results for i, image in enumerate(r.images, start=1)]
    assert len(rows) == len(images) == 80
    for row, (result, position, image) in zip(rows, images, strict=True):
        assert (row["class_index"], row["image"]) == (str(result.name.index), image.key)
        assert int(row["position"]) == position
        assert tuple(map(float, row["importance"].split())) == image.importance
        assert row["strategy"] == ("" if image.strategy is None else str(image.strategy))


def test_the_dictionaries_are_those_of_the_results(site: Path, run: Path) -> None:
    made = load_file(site / "data/dictionaries.safetensors")
    assert sorted(made) == list(CLASSES)
    for slug in CLASSES:
        stored = load_file(run / slug / store.ARRAYS)["dictionary"]
        assert made[slug].dtype == np.float32
        assert (made[slug] == stored).all()


def test_parquet_holds_the_same_where_there_is_pyarrow(site: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    for name, text in (
        ("concepts", (site / "data/concepts.csv").read_text()),
        ("images", gzip.decompress((site / "data/images.csv.gz").read_bytes()).decode()),
    ):
        table = parquet.read_table(site / f"data/{name}.parquet")
        rows = rows_of(text)
        assert table.column_names == list(rows[0])
        for row, typed in zip(rows, table.to_pylist(), strict=True):
            for column, value in typed.items():
                assert row[column] == written(value), column


def written(value: object) -> str:
    """Write a value as the CSV does."""
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def test_without_pyarrow_there_is_csv_alone(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    render(run, tmp_path / "site")
    assert check(tmp_path / "site") == ()
    assert not list((tmp_path / "site/data").glob("*.parquet"))
    page = (tmp_path / "site/data/index.html").read_text()
    assert "lens-site[parquet]" in page
    assert "pyarrow.parquet" not in page
    assert 'site = "http://127.0.0.1:8000/"' in html.unescape(page), "what lens serve says"


def test_the_package_describes_every_file(site: Path) -> None:
    package = json.loads((site / "data/datapackage.json").read_text())
    assert package["lens"]["schema_version"] == SCHEMA_VERSION
    assert package["lens"]["result_version"] == RESULT_VERSION
    names = {p.name for p in (site / "data").iterdir()} - {"index.html", "datapackage.json"}
    assert {r["path"] for r in package["resources"]} == names
    for resource in package["resources"]:
        data = (site / "data" / resource["path"]).read_bytes()
        assert resource["bytes"] == len(data)
        assert resource["hash"] == f"sha256:{store.sha256(data)}"
    fields = package["resources"][0]["schema"]["fields"]
    header = (site / "data/concepts.csv").read_text().partition("\n")[0].split(",")
    assert [field["name"] for field in fields] == header
    assert all(field["description"] for field in fields)


def test_the_python_examples_run(site: Path, results: list[ClassResult]) -> None:
    codes = examples(site, "python")
    assert len(codes) >= 3
    told = [printed(code) for code in codes]
    _, first = max(((c.share, (r, c)) for r in results for c in r.concepts), key=lambda x: x[0])
    assert told[0] == f"{first[0].name.name} {first[1].number} {first[1].share}"
    assert told[1] == f"photos/0.jpg {list(results[0].images[0].importance)}"
    assert told[2] == "0967-espresso (3, 16)\n0968-cup (2, 16)"
    if len(codes) > 3:
        assert told[3].startswith("5 ['class_index', 'class_slug', 'class_name', 'concept',")


def test_the_site_can_be_cited(site: Path) -> None:
    entries = examples(site, "bibtex")[0]
    assert entries.count("@") == 2
    assert entries.count("{") == entries.count("}")
    assert re.search(r"\\url\{http://127[^}]+/site/\}", entries)


def test_the_repository_says_how_to_cite_it() -> None:
    text = (Path(__file__).parents[3] / "CITATION.cff").read_text(encoding="utf-8")
    cited = yaml.safe_load(text)
    assert cited["cff-version"] == "1.2.0"
    assert cited["version"] == lens_site.__version__
    assert cited["license"] == "MIT"
    assert cited["authors"]
    assert cited["message"]
    assert cited["references"][0]["identifiers"][0]["value"] == "arXiv:2306.07304"


def test_every_concept_has_a_small_card_without_a_script(site: Path, address: str) -> None:
    pages = sorted(site.glob("classes/*/concepts/*/index.html"))
    assert len(pages) == 5
    for page in pages:
        card = page.with_name("embed.html")
        text = card.read_text()
        assert card.stat().st_size <= 2000
        assert "<script" not in text
        assert 'href="index.html" target="_top"' in text
    assert (
        f'<link rel="canonical" href="{address}{CONCEPT}/">'
        in (site / CONCEPT / "embed.html").read_text()
    )
    assert "embed.html" not in (site / "sitemap.xml").read_text()
    told = html.unescape((site / CONCEPT / "index.html").read_text())
    assert f'<iframe src="{address}{CONCEPT}/embed.html"' in told


def test_arrays_are_handed_on_as_they_are(tmp_path: Path) -> None:
    one = tensors.Tensor("F32", (2, 3), np.arange(6, dtype=np.float32).tobytes())
    half = tensors.Tensor("F16", (1, 1), np.float16(0.5).tobytes())
    path = tmp_path / "made.safetensors"
    path.write_bytes(tensors.write({"é": one, "b": half}, {"by": "a test"}))
    read = load(path.read_bytes())
    assert read["é"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert read["b"].tolist() == [[0.5]]
    assert tensors.read(path, "é") == one


@pytest.mark.parametrize("damage", [b"", b"\xff" * 8, b"\x02" + bytes(7) + b"{}", b"{" * 40])
def test_a_damaged_file_is_named(damage: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bad.safetensors"
    path.write_bytes(damage)
    with pytest.raises(ResultError, match=r"bad\.safetensors: is damaged"):
        tensors.read(path, "dictionary")
