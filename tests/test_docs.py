"""README and docs/ say what is true: examples run, links lead somewhere, options are --help's."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from markdown_it import MarkdownIt
from support import Lens, paint_photos
from tiny_results import make_class, write_run

from lens_site.config import BuildConfig, load_config
from lens_site.results import latest_run, read_class, read_run
from lens_site.site.markdown import headings
from lens_site.site.publish.check import check
from lens_site.site.publish.render import render

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
TEXTS = [ROOT / "README.md", ROOT / "SECURITY.md", *sorted(DOCS.glob("*.md"))]
OPTIONS = re.compile(r"(<!-- generated: .*? -->\n```text\n).*?(```)", re.DOTALL)


def blocks(name: str, language: str) -> list[str]:
    """The blocks of code of a document."""
    text = (DOCS / name).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def help_text() -> str:
    from lens_site.cli import build

    shown = CliRunner().invoke(build, ["--help"], prog_name="lens-build", terminal_width=96)
    return shown.output


def test_options_are_those_of_the_command() -> None:
    shown = OPTIONS.search((DOCS / "guide.md").read_text(encoding="utf-8"))
    assert shown is not None
    assert shown[0].partition("```text\n")[2].removesuffix("```") == help_text(), (
        "the options have changed; type: python tests/test_docs.py"
    )


def test_the_example_runs() -> None:
    (code,) = (block for block in blocks("own-parts.md", "python") if "class_activations" in block)
    names: dict[str, torch.Tensor] = {}
    exec(code, names)
    assert names["phi"].shape == (12, 5)
    assert float(names["phi"].sum()) > 0


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with every module that the recipes show, pictures, and weights."""
    shown = [re.match(r"# (my_\w+)\.py\n", block) for block in blocks("own-parts.md", "python")]
    modules = [found for found in shown if found]
    for found in modules:
        (tmp_path / f"{found[1]}.py").write_text(found.string)
    for picture in paint_photos(tmp_path / "painted").rglob("*.png"):
        kind = {"red": "jay", "green": "wren", "blue": "crow"}[picture.parent.name]
        picture.rename(tmp_path / "painted" / f"{kind}_{picture.name}")
    (tmp_path / "painted").rename(tmp_path / "photos")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    yield tmp_path
    for found in modules:
        sys.modules.pop(found[1], None)


def test_the_recipes_make_a_site(parts: Path, lens: Lens, monkeypatch: pytest.MonkeyPatch) -> None:
    import my_model

    torch.manual_seed(0)
    torch.save(my_model.birds().state_dict(), parts / "birds.pt")
    monkeypatch.chdir(parts)
    done = lens(
        "build", "--out", "out", "--device", "cpu", "--min-images", "5", "-k", "3", "--no-browser",
        "--model", "my_model:birds", "--weights", "birds.pt", "--data", "my_source:Birds",
        "--extraction", "my_methods:FirstRows", "--importance", "my_methods:Equal",
        "--extras", "my_section:SECTION,my_page:PAGE",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    run = read_run(latest_run(Path("out")))
    assert (run.data.name, run.data.images) == ("birds", 36)
    built = [c for c in run.classes if c.status == "built"]
    assert {c.name for c in built} <= {"jay", "wren", "crow"}
    result = read_class(latest_run(Path("out")), built[0].slug)
    assert {image.label for image in result.images} <= {0, 1, 2}
    assert result.extraction.method == "my_methods:FirstRows"
    page = Path("out/site/classes", built[0].slug, "index.html").read_text()
    unsure = sum(image.probability < 0.9 for image in result.images)
    assert unsure > 0
    assert f"<p>Unsure of {unsure} images.</p>" in page
    assert f"<p>{built[-1].name}" in Path("out/site/backwards/index.html").read_text()
    assert check(Path("out/site")) == ()


def shards(script: str, folder: Path, **given: str) -> list[tuple[str, BuildConfig]]:
    """Run a script of the documentation; return GPU and configuration of each build it starts."""
    folder.mkdir()
    stand_in = folder / "lens-build"
    stand_in.write_text('#!/bin/sh\necho "GPU$CUDA_VISIBLE_DEVICES" "$@"\n')
    stand_in.chmod(0o755)
    done = subprocess.run(
        ["bash", "-c", script],
        env={"PATH": f"{folder}:/usr/bin:/bin", **given},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    calls = []
    for line in sorted(done.stdout.splitlines()):
        gpu, *flags = line.split()
        config = load_config({flags[i][2:]: flags[i + 1] for i in range(0, len(flags), 2)})
        calls.append((gpu, config))
    return calls


def test_shards_are_given_to_gpus_and_to_tasks_of_slurm(tmp_path: Path) -> None:
    of_gpus, of_slurm = blocks("scale.md", "bash")
    assert [(gpu, config.shard) for gpu, config in shards(of_gpus, tmp_path / "gpus")] == [
        (f"GPU{i}", f"{i + 1}-of-4") for i in range(4)
    ]
    ((_, task),) = shards(
        of_slurm, tmp_path / "slurm", SLURM_CPUS_PER_TASK="8",
        SLURM_ARRAY_TASK_ID="3", SLURM_ARRAY_TASK_COUNT="16",
    )  # fmt: skip
    assert (task.shard, task.workers, str(task.out)) == ("3-of-16", 8, "/shared/build")


def links(path: Path) -> list[str]:
    """What a text links to and shows, but for other servers."""
    parsed = MarkdownIt("commonmark").enable("table").parse(path.read_text(encoding="utf-8"))
    inline = [child for token in parsed for child in token.children or []]
    found = [str(t.attrs.get("href") or t.attrs.get("src") or "") for t in inline]
    return [address for address in found if address and not address.startswith("http")]


def anchors(path: Path) -> set[str]:
    return {heading.id for heading in headings(path.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for address in links(path):
        name, _, anchor = address.partition("#")
        target = (path.parent / name).resolve() if name else path
        assert target.is_relative_to(ROOT), address
        assert target.exists(), address
        assert not anchor or anchor in anchors(target), address


def test_every_document_is_linked_and_part_of_the_site() -> None:
    documents = {path.name for path in DOCS.glob("*.md")}
    listed = {page.file for page in load_config({}, DOCS / "site.toml").site.pages}
    assert listed == documents
    for front in (ROOT / "README.md", DOCS / "README.md"):
        named = {Path(address.partition("#")[0]).name for address in links(front)}
        assert documents - {"README.md"} <= named


def test_pictures_are_light() -> None:
    pictures = sorted((DOCS / "pictures").glob("*.webp"))
    shown = {(p.parent / a).resolve() for p in TEXTS for a in links(p) if a.endswith(".webp")}
    assert shown == set(pictures)
    assert [p.name for p in pictures if p.stat().st_size > 200_000] == []


def test_the_front_page_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 140


def test_the_documentation_stands_on_the_site(tmp_path: Path) -> None:
    identity = load_config({}, DOCS / "site.toml").site
    run = write_run(tmp_path / "run", make_class())
    render(run, tmp_path / "site", identity=identity)
    assert check(tmp_path / "site") == ()
    home = (tmp_path / "site/index.html").read_text()
    assert re.findall(r'<a href="(docs/[^"]*)">([^<]+)</a>', home) == [("docs/index.html", "Docs")]
    guide = (tmp_path / "site/docs/guide/index.html").read_text()
    assert 'href="../../docs/own-parts/index.html#a-model"' in guide
    assert "SECURITY.md" in guide
    assert 'SECURITY.md"' not in guide, "nobody sees it without an address"
    source = identity.model_copy(update={"source": "https://example.org/me/blob/main/docs"})
    render(run, tmp_path / "site", identity=source)
    guide = (tmp_path / "site/docs/guide/index.html").read_text()
    assert '<a href="https://example.org/me/blob/main/SECURITY.md">SECURITY.md</a>' in guide


if __name__ == "__main__":
    path = DOCS / "guide.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(OPTIONS.sub(lambda m: m[1] + help_text() + m[2], text), encoding="utf-8")
    sys.exit(0)
