"""Odd options, files and pictures: one line that says what to do, no traceback, no hang."""

import os
from pathlib import Path

import pytest
import torch
from attacks import HARMLESS, VALUES, odd_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from support import TINY, Lens
from torch import nn

from lens_site.config import BuildConfig, load_config
from lens_site.errors import ConfigError
from lens_site.results import latest_run, read_run


def test_odd_command_lines_end_in_a_line_and_a_code(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for seed in range(150):
        arguments, code, output = odd_command(seed, tmp_path)
        assert code in (0, 1, 2), arguments
        assert "Traceback" not in output, arguments
        assert "\x1b[31mred" not in output, arguments


FIELD = st.sampled_from([n.replace("_", "-") for n in BuildConfig.model_fields] + ["absent"])
VALUE = st.one_of(
    st.sampled_from([v for v in VALUES if v not in HARMLESS]),
    st.integers(), st.floats(), st.booleans(), st.lists(st.text(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.text(), max_size=2), st.text(),
)  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(FIELD, VALUE, max_size=4))
def test_odd_configurations_are_refused_in_one_line(table: dict[str, object]) -> None:
    try:
        load_config({key.replace("-", "_"): value for key, value in table.items()})
    except ConfigError as error:
        assert "\n" not in str(error)
        assert len(str(error)) < 2_000


@pytest.mark.parametrize(
    "text",
    [b"\0", b"a = " + b"[" * 5_000, b"\xff", b"seed = " + b"9" * 5_000, b"[a]\nb = 1", b"'' = 1"],
    ids=["nul", "deep", "bytes", "digits", "table", "empty key"],
)
def test_odd_toml(lens: Lens, tmp_path: Path, text: bytes) -> None:
    (tmp_path / "lens.toml").write_bytes(text)
    done = lens("build", "--config", tmp_path / "lens.toml", "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert done.output.count("\n") == 1
    assert done.output.startswith("lens: ")


def strange(kind: str) -> nn.Module:
    """What a factory of the user's may return."""
    from tiny_model import net

    model = net()
    if kind == "names":
        model.class_names = ["[/b]\x1b[31mred", "gre\nen", "blue" * 2000]
    elif kind == "config":
        model.pretrained_cfg = {"input_size": "large"}
    elif kind == "number names":
        model.class_names = [1, 2, 3]
    return model


def named() -> nn.Module:
    """Return a network whose classes have names that no terminal should obey."""
    return strange("names")


def odd_config() -> nn.Module:
    """Return a network with a preprocessing that makes no sense."""
    return strange("config")


def number_names() -> nn.Module:
    """Return a network with numbers for names."""
    return strange("number names")


def raises() -> nn.Module:
    """Fail."""
    raise RuntimeError("no\nnetwork")


def leaves() -> nn.Module:
    """Leave the program."""
    raise SystemExit(7)


def wants(size: int) -> nn.Module:
    """Want an argument."""
    raise AssertionError


def scripted() -> nn.Module:
    """Return a scripted network."""
    return torch.jit.script(nn.Sequential(nn.Conv2d(3, 2, 1)))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    "factory", ["odd_config", "number_names", "raises", "leaves", "wants", "scripted", "TINY"]
)
def test_odd_factories(lens: Lens, photos: Path, tmp_path: Path, factory: str) -> None:
    model = f"{__name__}:{factory}"
    done = lens("build", "--data", photos, "--out", tmp_path / "out", "--model", model)
    assert done.exit_code == 2, done.output
    assert done.output.count("\n") == 1, "told in one line"
    assert model in done.output


def test_names_are_printed_and_published_harmlessly(
    lens: Lens, photos: Path, tmp_path: Path
) -> None:
    done = lens(
        "build", "--data", photos, "--out", tmp_path / "out", *TINY, "--model", f"{__name__}:named"
    )
    assert done.exit_code == 0, done.output
    assert "\x1b[31m" not in done.output
    assert "[/b]\\x1b[31mred" in done.output
    run = read_run(latest_run(tmp_path / "out"))
    assert max(len(c.slug) for c in run.classes) < 100


def fill(path: Path, kind: str) -> Path:
    """Write a file that is no state dict, in one of many ways."""
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "list":
        torch.save([1, 2], path)
    elif kind == "object":
        torch.save({"a": nn.Linear(1, 1)}, path)
    elif kind == "sparse":
        torch.save({"a": torch.eye(3).to_sparse()}, path)
    elif kind == "torn":
        torch.save(nn.Linear(50, 50).state_dict(), path)
        path.write_bytes(path.read_bytes()[:900])
    else:
        path.write_bytes({"empty": b"", "text": b"hello", "zip": b"PK\3\4" + bytes(100)}[kind])
    return path


@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
@pytest.mark.parametrize(
    "kind", ["fifo", "folder", "list", "object", "sparse", "torn", "empty", "text", "zip"]
)
def test_odd_weights(lens: Lens, photos: Path, tmp_path: Path, kind: str, suffix: str) -> None:
    weights = fill(tmp_path / f"w{suffix}", kind)
    done = lens("build", "--data", photos, "--out", tmp_path / "o", *TINY, "--weights", weights)
    assert done.exit_code == 2, done.output
    assert done.output.startswith("lens: weights: ")
    assert done.output.count("\n") == 1


def test_odd_pictures_are_named_and_the_rest_is_built(
    lens: Lens, photos: Path, tmp_path: Path
) -> None:
    Image.new("RGB", (1, 20_000), "red").save(photos / "red" / "strip.png")
    Image.new("1", (20_000, 20_000)).save(photos / "red" / "bomb.png")
    (photos / "red" / "loop.png").symlink_to("loop.png")
    os.mkfifo(photos / "red" / "pipe.png")
    os.rename(photos / "red" / "00.png", os.fsencode(photos / "red") + b"/\xff\x1b.png")  # noqa: PTH104
    done = lens("build", "--data", photos, "--out", tmp_path / "out", *TINY)
    assert done.exit_code == 0, done.output
    assert "\x1b" not in done.output
    unreadable = {u.key: u.reason for u in read_run(latest_run(tmp_path / "out")).unreadable}
    assert set(unreadable) == {"red/bomb.png", "red/loop.png", "red/pipe.png"}
    assert "too large (20000 × 20000 pixels" in unreadable["red/bomb.png"]
