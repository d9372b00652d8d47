"""Every mistake: one line that names the thing and the way out, and the right exit code."""

from pathlib import Path

import pytest
import torch
from support import Lens, paint

from lens_site.results import latest_run, read_run

NET = ("--model", "tiny_model:net", "--device", "cpu", "-k", "3", "--min-images", "5")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--data", "{tmp}/absent"), "data: no folder"),
        (("--data", "{tmp}/empty"), "empty"),
        (("--data", "{tmp}/broken"), "none of the 1 images of broken can be read"),
        (("--data", "{photos}", "--classes", "gren"), "no class 'gren'; did you mean 'green' (1)"),
        (("--data", "{photos}", "--min-images", "50"), "lower --min-images"),
        (("--data", "{photos}", "--model", "resnet1"), "no model 'resnet1'; did you mean"),
        (("--data", "{photos}", "--weights", "{tmp}/other.pt"), "weights: do not fit the model"),
        (("--data", "{photos}", "--weights", "{tmp}/absent.pt"), "weights: no file"),
        (
            ("--data", "{photos}", "--extraction", "nfm"),
            "extraction: no 'nfm'; did you mean 'nmf'?",
        ),
        (
            ("--data", "{photos}", "--concepts", "0"),
            "concepts: '0', wanted a number",
        ),
        (("--data", "{photos}", "--config", "{tmp}/bad.toml"), "no option 'concept'"),
        (("--data", "{photos}", "--device", "cuda:7"), "device: 'cuda:7' cannot be used"),
    ],
    ids=lambda value: value[-1] if isinstance(value, tuple) else "",
)
def test_wrong_usage(
    lens: Lens, photos: Path, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "x.jpg").write_text("not a picture")
    (tmp_path / "bad.toml").write_text("concept = 3\n")
    torch.save(torch.nn.Linear(2, 2).state_dict(), tmp_path / "other.pt")
    given = [a.format(tmp=tmp_path, photos=photos) for a in arguments]
    done = lens("build", *NET, "--out", tmp_path / "out", *given)
    assert done.exit_code == 2, done.output
    last = done.output.strip().splitlines()[-1]
    assert last.startswith("lens: ")
    assert message in last


def test_nan_logits(lens: Lens, photos: Path, tmp_path: Path) -> None:
    done = lens("build", *NET, "--data", photos, "--out", tmp_path, "--model", "tiny_model:broken")
    assert done.exit_code == 1
    assert "returns NaN or infinite logits for blue/00.png" in done.output.strip().splitlines()[-1]
    assert "Traceback" not in done.output


def test_an_output_folder_that_cannot_be_written(lens: Lens, photos: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = lens("build", *NET, "--data", photos, "--out", tmp_path / "file" / "out")
    assert done.exit_code == 1
    assert "choose another --out" in done.output


def test_more_concepts_than_rows_fails_that_class_alone(
    lens: Lens, photos: Path, tmp_path: Path
) -> None:
    for picture in sorted((photos / "blue").iterdir())[1:]:
        picture.unlink()
    done = lens(
        "build", "--data", photos, "--out", tmp_path / "out", *NET, "-k", "70", "--min-images", "1"
    )
    assert done.exit_code == 1
    run = read_run(latest_run(tmp_path / "out"))
    assert [c.status for c in run.classes] == ["built", "built", "failed"]
    assert "64 rows of activations for k = 70" in run.classes[2].reason
    assert "failed 0002-blue: nmf: 64 rows" in done.output
    assert (tmp_path / "out" / "site" / "classes" / "0000-red" / "index.html").exists()


def test_negative_features_name_the_methods_that_take_them(
    lens: Lens, photos: Path, tmp_path: Path
) -> None:
    done = lens("build", *NET, "--data", photos, "--out", tmp_path, "--model", "tiny_model:signed")
    assert done.exit_code == 2
    (line,) = done.output.strip().splitlines()[-1:]
    assert "nmf needs non-negative activations, those of layer" in line
    assert "--extraction semi-nmf, pca or sae" in line
    assert not list(tmp_path.glob("cache/predictions*"))  # said before the work, not after


def test_a_disk_that_fills_up_keeps_what_is_finished(
    lens: Lens, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno
    import os

    from lens_site.results import store

    whole, written = store.write_class, []

    def fills_up(*arguments: object) -> None:
        if written:
            monkeypatch.setattr(os, "fsync", full)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written.append(arguments)
        whole(*arguments)  # type: ignore[arg-type]

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(store, "write_class", fills_up)
    done = lens("build", *NET, "--data", photos, "--out", tmp_path / "out", "--workers", "1")
    assert done.exit_code == 1, done.output
    assert "No space left on device" in done.output
    assert len(list((tmp_path / "out").glob("results/*/*/result.json"))) == 1


def test_a_nested_unreadable_and_an_empty_file(lens: Lens, photos: Path, tmp_path: Path) -> None:
    deep = photos / "red" / "more" / "here"
    deep.mkdir(parents=True)
    paint(deep / "x.png", 0, seed=7)
    (deep / "zero.jpg").touch()
    done = lens("build", *NET, "--data", photos, "--out", tmp_path / "out", "--classes", "red")
    assert done.exit_code == 0, done.output
    assert "skipped red/more/here/zero.jpg: empty file" in done.output
