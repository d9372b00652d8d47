"""``lens verify`` computes again what is stored, and finds what is not as it was computed."""

from pathlib import Path

import pytest
from support import Lens, paint

from lens_site.results import latest_run


def test_what_was_built_is_built_again(tiny_build: Path, same_photos: Path, lens: Lens) -> None:
    done = lens("verify", "--data", same_photos, "--out", tiny_build, "--device", "cpu")
    assert done.exit_code == 0, done.output
    assert done.output.count("the same, ") == 3
    few = lens("verify", "--data", same_photos, "--out", tiny_build, "--sample", "1")
    again = lens("verify", "--data", same_photos, "--out", tiny_build, "--sample", "1")
    assert few.exit_code == 0, few.output
    assert few.output.count("the same, ") == 1
    assert few.stdout == again.stdout


def test_a_byte_that_differs_is_found(built: Path, same_photos: Path, lens: Lens) -> None:
    path = latest_run(built) / "0001-green" / "tiles-02.webp"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    (latest_run(built) / "0002-blue" / "more.txt").touch()
    done = lens("verify", "--data", same_photos, "--out", built)
    assert done.exit_code == 1
    assert "0001-green  differs: tiles-02.webp\n" in done.output
    assert "0002-blue  differs: more.txt\n" in done.output
    assert "0000-red  the same" in done.output
    assert done.output.splitlines()[-1] == "lens: 2 of 3 classes differ"


def test_another_picture_is_another_result(lens: Lens, photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    options = ("--model", "tiny_model:net", "--min-images", "5", "-k", "3", "--device", "cpu")
    assert lens("build", "--data", photos, "--out", out, *options).exit_code == 0
    paint(photos / "red" / "03.png", 0, seed=99)
    (photos / "blue" / "05.png").unlink()
    done = lens("verify", "--data", photos, "--out", out)
    assert done.exit_code == 1
    differing = next(x for x in done.output.splitlines() if x.startswith("0000-red  differs"))
    assert "result.json" in differing
    assert "0002-blue  pictures of it are not among those of --data" in done.output


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "the run is of photos; say where that is by --data"),
        (("--data", "{photos}", "--model", "tiny_model:deep"), "give the --data, --model"),
    ],
)
def test_what_is_not_of_the_run_is_refused(
    tiny_build: Path, same_photos: Path, lens: Lens, options: tuple[str, ...], message: str
) -> None:
    given = [word.format(photos=same_photos) for word in options]
    done = lens("verify", "--out", tiny_build, *given)
    assert done.exit_code == 2, done.output
    assert message in done.output.splitlines()[-1]
