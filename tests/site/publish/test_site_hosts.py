"""A site copied for a host, packed for a release, and shown on this machine."""

import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
import yaml
from support import Lens
from tiny_results import write_tiny_run

from lens_site.results import latest_run
from lens_site.results.schema import Identity
from lens_site.results.store import write_identity
from lens_site.site.publish.licenses import card
from lens_site.site.publish.manifest import differences


@pytest.fixture
def built(lens: Lens, tmp_path: Path) -> Path:
    """An output folder with tiny results and their site."""
    out = tmp_path / "out"
    write_tiny_run(out / "results")
    assert lens("render", "--out", out).exit_code == 0
    return out


def test_a_copy_is_the_site(lens: Lens, built: Path, tmp_path: Path) -> None:
    copy = tmp_path / "to upload"
    for _ in range(2):  # a copy of our own is replaced
        done = lens("publish", copy, "--out", built)
        assert done.exit_code == 0, done.output
        assert list(differences(copy)) == []
    assert re.fullmatch(r"\d+ files in .*to upload\n", done.output)


def test_a_space_carries_its_header(lens: Lens, built: Path, tmp_path: Path) -> None:
    copy = tmp_path / "space"
    done = lens("publish", copy, "--out", built, "--space", "me/why-espresso")
    assert done.exit_code == 0, done.output
    head = (copy / "README.md").read_text().split("---\n")[1]
    facts = yaml.safe_load(head)
    assert (facts["sdk"], facts["app_file"]) == ("static", "index.html")
    assert facts["title"].startswith("Why ")
    assert f"\n  hf upload me/why-espresso '{copy}' . --type space" in done.output
    wrong = lens("publish", copy, "--out", built, "--space", "espresso")
    assert (wrong.exit_code, "is no OWNER/NAME" in wrong.output) == (2, True)


MINE = Identity(title='Why "so"?', license="[ours](https://example.org/terms)")


@pytest.mark.parametrize(
    ("identity", "facts"),
    [
        (Identity(), {"license": "cc-by-4.0"}),
        (
            MINE,
            {
                "title": 'Why "so"?', "license": "other", "license_name": "ours",
                "license_link": "https://example.org/terms",
            },
        ),
    ],
)  # fmt: skip
def test_a_space_says_the_license_of_the_site_else_of_the_pictures(
    lens: Lens, built: Path, tmp_path: Path, identity: Identity, facts: dict[str, str]
) -> None:
    write_identity(latest_run(built), identity)
    done = lens("publish", tmp_path / "space", "--out", built, "--space", "me/why")
    assert done.exit_code == 0, done.output
    _, head, text = (tmp_path / "space" / "README.md").read_text().split("---\n")
    assert facts.items() <= yaml.safe_load(head).items()
    assert "\nPictures: [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/)\n" in text
    assert ("\nTexts and figures: [ours]" in text) == (identity is MINE)


@pytest.mark.parametrize(
    ("written", "lines"),
    [
        ("", {}),
        ("The MIT License", {"license": "mit"}),
        ("CC0", {"license": "cc0-1.0"}),
        ("cc-by-sa-4.0", {"license": "cc-by-sa-4.0"}),
        ("CC BY", {"license": "other", "license_name": "cc-by"}),
        ("?: #", {"license": "other", "license_name": "own"}),
    ],
)
def test_licenses_as_hugging_face_calls_them(written: str, lines: dict[str, str]) -> None:
    assert (yaml.safe_load(card(written)) or {}) == lines


def test_only_a_whole_site_is_published_and_nothing_foreign_replaced(
    lens: Lens, built: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter.txt").write_text("dear")
    assert lens("publish", mine, "--out", built).exit_code == 1
    assert (mine / "letter.txt").read_text() == "dear"
    inside = lens("publish", built / "site" / "copy", "--out", built)
    assert (inside.exit_code, "lies in the site itself" in inside.output) == (2, True)
    (built / "site" / "index.html").write_text("x")
    damaged = lens("publish", tmp_path / "new", "--out", built)
    assert "index.html is damaged; run lens render first" in damaged.output
    assert not (tmp_path / "new").exists()
    missing = lens("publish", tmp_path / "new", "--out", tmp_path)
    assert missing.exit_code != 0
    assert not (tmp_path / "new").exists()


def test_an_archive_lies_beside_the_build_and_what_follows_is_said(lens: Lens, built: Path) -> None:
    done = lens("pack", "--out", built)
    assert done.exit_code == 0, done.output
    archive = built / "lens-results-tiny.tar.gz"
    assert archive.is_file()
    assert f"\n  gh release create results-1 '{archive}' '{archive}.sha256'" in done.output
    assert f"lens render --from '{archive}'" in done.output


def test_serve_says_where_and_ends_quietly(built: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lens_site", "serve", "--port", "0", "--out"]
    with subprocess.Popen([*command, str(built)], stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.PIPE) as server:  # fmt: skip
        assert server.stdout and server.stderr
        line = server.stdout.readline()
        address = re.match(r"http://127\.0\.0\.1:\d+/", line)
        assert address, line
        with urllib.request.urlopen(address[0]) as answer:
            assert b"<html" in answer.read()
        server.send_signal(signal.SIGINT)
        assert (server.wait(20), server.stdout.read(), server.stderr.read()) == (0, "", "")
    missing = subprocess.run([*command, str(tmp_path)], capture_output=True, text=True)
    assert missing.returncode == 2
    assert "holds no site; run lens-build or lens render first" in missing.stderr
