"""``lens new``: a configuration that loads to what was asked for, with all its comments or none."""

import os
import pty
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tiny_model import net
from torch import save

from lens_site.cli import main
from lens_site.cli.commented import OF_ONE_CALL, commented
from lens_site.config import BuildConfig, load_config
from lens_site.results import identity


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with a model of the user's in it."""
    monkeypatch.chdir(tmp_path)
    save(net().state_dict(), tmp_path / "net.pt")
    return tmp_path


def new(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["new", *arguments])


def without_signs(file: Path) -> Path:
    """The same file with every key let in."""
    bare = file.with_name("bare.toml")
    bare.write_text(re.sub(r"^#(?=\S)", "", file.read_text(), flags=re.MULTILINE))
    return bare


def test_all_flags_are_in_the_file(here: Path, photos: Path) -> None:
    title = 'What "our" модель \\ sees \x7f'
    flags = {
        "data": str(photos), "model": "tiny_model:net", "weights": "net.pt",
        "data_license": "CC0",
    }  # fmt: skip
    told = [f"--{name.replace('_', '-')}={value}" for name, value in flags.items()]
    done = new(*told, f"--title={title}", "--license=[mine](https://example.org)")
    assert done.exit_code == 0, done.output
    assert done.stdout == "lens.toml\n"
    assert done.stderr == (
        "photos: 36 pictures in 3 folders\nnext: lens-build --config lens.toml\n"
    )
    own = identity.read({"title": title, "license": "[mine](https://example.org)"}, here)
    wanted = load_config({**flags, "site": own})
    for file in (here / "lens.toml", without_signs(here / "lens.toml")):
        assert load_config({}, file) == wanted


@pytest.mark.parametrize("data", ["demo", "elsewhere"])
def test_without_a_flag_nothing_but_defaults(here: Path, data: str) -> None:
    assert new("a b.toml").stderr == "next: lens-build --config 'a b.toml'\n"
    assert load_config({}, here / "a b.toml") == BuildConfig()
    (here / "a b.toml").write_text(commented(load_config({"data": data}), ["data"]))
    assert load_config({}, without_signs(here / "a b.toml")) == load_config({"data": data})


def test_every_option_that_a_file_can_set_is_there_with_its_sentence(here: Path) -> None:
    assert new().exit_code == 0
    text = (here / "lens.toml").read_text()
    assert max(map(len, text.splitlines())) < 100
    build, _, site = text.partition("\n[site]\n")
    prose = " ".join(re.findall(r"^# (.*)$", build, re.MULTILINE))
    names = [n for n in BuildConfig.model_fields if n not in (*OF_ONE_CALL, "site")]
    keys = re.findall(r"^#([a-z-]+) = ", build, re.MULTILINE)
    assert keys == [name.replace("_", "-") for name in names]
    assert all(str(BuildConfig.model_fields[name].description) in prose for name in names)
    assert tuple(re.findall(r"^#([a-z_]+) = ", site, re.MULTILINE)) == identity.KEYS


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--data", "nowhere"], "data: no folder or file 'nowhere'; wanted demo,"),
        (["--model", "resnet19"], "model: no model 'resnet19'; did you mean 'resnet18'?"),
        (["--model", "nix:net"], "model: 'nix:net' cannot be loaded"),
        (["--weights", "nix.pt"], "weights: no file 'nix.pt'; check the path"),
        (["--title", "a\nb"], "site.title: 'a\\nb', wanted a text, short enough"),
    ],
)
def test_what_no_build_could_start_with_is_refused(here: Path, flags: list[str], said: str) -> None:
    done = new(*flags)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(f"lens: {said}")
    assert not (here / "lens.toml").exists()


def test_what_would_be_downloaded_is_not_looked_at(here: Path) -> None:
    assert new("--data", "imagenette:train").exit_code == 0
    assert load_config({}, here / "lens.toml").data == "imagenette:train"


def test_a_file_is_replaced_by_force_alone(here: Path) -> None:
    (here / "lens.toml").write_text("seed = 3")
    done = new("--title", "New")
    assert (done.exit_code, (here / "lens.toml").read_text()) == (2, "seed = 3")
    assert done.stderr == (
        "lens: lens.toml: is there already; give another name, or --force to replace it\n"
    )
    assert new("--title", "New", "--force").exit_code == 0
    assert load_config({}, here / "lens.toml").site.title == "New"
    assert [path.name for path in here.glob(".*")] == []


def test_on_a_terminal_it_asks_until_the_answer_holds(here: Path, photos: Path) -> None:
    answers = "photo", "photos", "", "CC BY 4.0", "Colors", ""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "lens_site", "new", "--model", "efficientnet-lite0"]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs) as asking:
        os.close(theirs)
        os.write(ours, "".join(f"{answer}\n" for answer in answers).encode())
        shown = b""
        with suppress(OSError):  # Linux's way to say that the other end is closed
            while part := os.read(ours, 4096):
                shown += part
    os.close(ours)
    assert asking.returncode == 0, shown.decode()
    assert b"Error: data: no folder or file 'photo'" in shown
    assert b"photos: 36 pictures in 3 folders" in shown
    assert b"model [" not in shown
    config = load_config({}, here / "lens.toml")
    assert (config.data, config.model, config.weights) == ("photos", "efficientnet-lite0", None)
    assert (config.data_license, config.site.title, config.site.license) == (
        "CC BY 4.0", "Colors", "",
    )  # fmt: skip
