"""``lens name``, tested with a small stand-in encoder: what is stored, shown, refused."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save
from support import Lens
from tiny_results import SIDE, Made, make_class, write_run

from lens_site.errors import ResultError
from lens_site.results import pack, store
from lens_site.results.schema import Tile
from lens_site.site.publish import stamp
from lens_site.site.publish.check import check

STAND_IN = "naming.stand_in:Colors"
SLUG = "0967-espresso"
TILES = 12


def strip(color: tuple[int, int, int]) -> bytes:
    import io

    written = io.BytesIO()
    Image.new("RGB", (SIDE * TILES, SIDE), color).save(written, "WEBP", lossless=True)
    return written.getvalue()


def colored(*colors: tuple[int, int, int]) -> Made:
    """A class whose i-th concept has twelve tiles of the i-th color, and codes at its own alone."""
    result, files = make_class(concepts=len(colors))
    codes = np.zeros((40, 7, 7, len(colors)), dtype=np.float16)
    concepts = []
    for k, (concept, color) in enumerate(zip(result.concepts, colors, strict=True)):
        tiles = tuple(
            Tile(image=i, row=k, column=0, box=(0.0, 0.0, 0.5, 0.5), code=1.0) for i in range(TILES)
        )
        codes[:TILES, k, 0, k] = 1.0
        concepts.append(concept.model_copy(update={"tiles": tiles}))
        files[concept.tiles_file] = files[concept.heat_file] = strip(color)
    rows = np.eye(len(colors), 8, dtype=np.float32)
    files[store.ARRAYS] = save({"codes": codes, "dictionary": rows})
    digests = {name: store.sha256(data) for name, data in files.items()}
    return result.model_copy(update={"concepts": tuple(concepts), "files": digests}), files


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A build of one class: a red, a green and a gray concept."""
    write_run(tmp_path / "results/run", colored((220, 20, 20), (20, 220, 20), (90, 90, 90)))
    return tmp_path


@pytest.fixture
def words(tmp_path: Path) -> Path:
    path = tmp_path / "words.txt"
    path.write_text("red\n\n  green \nred\nhappiness\n", encoding="utf-8")
    return path


def test_names_are_stored_with_model_and_score(lens: Lens, out: Path, words: Path) -> None:
    done = lens("name", "--vocabulary", words, "--encoder", STAND_IN, "--out", out)
    assert done.exit_code == 0, done.output
    assert "2 concepts named by Stand-in that knows three colors, 1 tried" in done.output
    names = store.load_names(out / "results/run")
    assert names is not None
    assert (names.model, names.vocabulary, names.terms) == (
        "Stand-in that knows three colors", "words.txt", 3,
    )  # fmt: skip
    assert [(n.concept, n.term, n.score) for n in names.names][:2] == [
        (1, "red", 1.0), (2, "green", 1.0),
    ]  # fmt: skip
    gray = names.names[2]
    assert gray.score < names.threshold, "between two colors it is neither"
    assert (gray.tiles, gray.low) == (TILES, 2 * TILES)


def test_pages_show_whose_claim_a_name_is(lens: Lens, out: Path, words: Path) -> None:
    before = stamp.of(out / "results/run", {})
    lens("name", "--vocabulary", words, "--encoder", STAND_IN, "--out", out)
    assert stamp.of(out / "results/run", {}) != before
    assert lens("render", "--out", out).exit_code == 0
    site = out / "site"
    assert check(site) == ()
    claim = "named “red” <small>by Stand-in that knows three colors, score 1.00"
    pages = [(site / f"classes/{SLUG}/concepts/0{n}/index.html").read_text() for n in (1, 2, 3)]
    assert [claim in page for page in pages] == [True, False, False]
    assert "named “" not in pages[2], "unnamed below the threshold"
    card = (site / f"classes/{SLUG}/index.html").read_text()
    assert card.count("by Stand-in that knows three colors") == 2
    held = json.loads((site / f"classes/{SLUG}/concepts/01/concept.json").read_text())
    assert held["name"]["term"] == "red"


def test_a_class_that_was_computed_anew_is_not_named_by_its_past(
    lens: Lens, out: Path, words: Path
) -> None:
    lens("name", "--vocabulary", words, "--encoder", STAND_IN, "--out", out)
    result, files = colored((220, 20, 20), (20, 220, 20), (90, 90, 90))
    store.write_class(out / "results/run", result.model_copy(update={"key": "other"}), files)
    lens("render", "--out", out)
    assert "named “" not in (out / f"site/classes/{SLUG}/concepts/01/index.html").read_text()


def test_names_travel_with_the_archive_and_are_checked(
    lens: Lens, out: Path, words: Path, tmp_path: Path
) -> None:
    run = out / "results/run"
    lens("name", "--vocabulary", words, "--encoder", STAND_IN, "--out", out)
    pack.pack(run, tmp_path / "a.tar.gz", [SLUG])
    there = pack.unpack(tmp_path / "a.tar.gz", tmp_path / "there")
    assert (there / store.NAMES).read_bytes() == (run / store.NAMES).read_bytes()
    path = run / store.NAMES
    path.write_bytes(path.read_bytes().replace(b"green", b"other"))
    with pytest.raises(ResultError, match="SHA-256"):
        store.verify_run(run)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty; write one term a line"),
        (b" \n\n", "is empty; write one term a line"),
        (b"\xff\xfe", "is no UTF-8 text (byte 0)"),
        (b"a" * 300, "has a term of 300 letters"),
        (None, "cannot be read (No such file or directory)"),
    ],
    ids=["empty", "blank", "bytes", "long", "missing"],
)
def test_a_bad_vocabulary_is_named(
    lens: Lens, out: Path, tmp_path: Path, content: bytes | None, told: str
) -> None:
    path = tmp_path / "bad.txt"
    if content is not None:
        path.write_bytes(content)
    done = lens("name", "--vocabulary", path, "--encoder", STAND_IN, "--out", out)
    assert done.exit_code == 2
    assert done.output.startswith(f"lens: vocabulary: {path} {told}")
    assert done.output.count("\n") == 1


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("clip", "encoder: no 'clip'; give package.module:factory"),
        ("no_such:thing", "encoder: 'no_such:thing' cannot be loaded"),
        ("naming.stand_in:fails", "cannot be made (weights.bin: no such file)"),
        ("naming.stand_in:nothing", "makes object without name and images and texts"),
        ("naming.stand_in:Crooked", "gave an array of shape (35, 4) for 36 pictures"),
    ],
)
def test_a_bad_encoder_is_named(lens: Lens, out: Path, words: Path, word: str, told: str) -> None:
    done = lens("name", "--vocabulary", words, "--encoder", word, "--out", out)
    assert (done.exit_code, done.output.count("\n")) == (2, 1)
    assert told in done.output
    assert not (out / "results/run" / store.NAMES).exists()


@pytest.mark.skipif(importlib.util.find_spec("open_clip") is not None, reason="it is installed")
def test_without_openclip_the_error_says_how_to_install_it(
    lens: Lens, out: Path, words: Path
) -> None:
    done = lens("name", "--vocabulary", words, "--out", out)
    assert done.exit_code == 2
    assert "pip install 'lens-site[name]'" in done.output


def test_openclip_gives_a_row_for_each_picture_and_term() -> None:
    pytest.importorskip("open_clip", reason="the extra name is not installed")
    from lens_site.naming.clip import open_clip

    model = open_clip(weights=None)
    pictures = [Image.new("RGB", (32, 32), color) for color in ("red", "blue", "white")]
    assert model.images(pictures).shape == (3, 512)
    assert model.texts(["a", "cup of coffee"]).shape == (2, 512)
    assert model.name == "OpenCLIP ViT-B-32 (untrained)"
