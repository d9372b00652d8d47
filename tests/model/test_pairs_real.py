"""Two networks on real photographs with marks: the concept planted in both is matched, the one
planted in the first alone is not. Skipped where ``../shared/data`` is absent.
"""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from marked import mark
from safetensors.numpy import load_file
from support import TESTS

from lens_site.cli import main
from lens_site.model import pairs
from lens_site.results import latest_run, read_class
from lens_site.results.schema import PairResult

pytestmark = pytest.mark.data

SLUGS = ("0608-jean", "0610-jersey")

OPTIONS = (
    "--classes", "jean,jersey", "--min-images", "20", "--max-images", "40", "-k", "8",
    "--device", "cpu", "--visualization", "off", "--no-browser",
)  # fmt: skip


def run(*words: object) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(TESTS)
        done = CliRunner().invoke(main, [str(word) for word in words])
    assert done.exit_code == 0, done.output


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("marked")


@pytest.fixture(scope="module")
def covered(data_folder: Path, folder: Path) -> dict[str, np.ndarray]:
    """Trousers and shirts, and how much of every place of each a mark covers."""
    kinds = [sorted((data_folder / "clothing" / kind).iterdir()) for kind in ("pants", "t-shirt")]
    return mark([path for paths in kinds for path in paths[:50]], folder / "clothing")


@pytest.fixture(scope="module")
def runs(covered: dict[str, np.ndarray], folder: Path) -> tuple[Path, Path]:
    """The runs of both networks."""
    for network in ("seeing", "half_blind"):
        run(
            "build", "--data", folder / "clothing", "--out", folder / network,
            "--model", f"marked:{network}", *OPTIONS,
        )  # fmt: skip
    return latest_run(folder / "seeing"), latest_run(folder / "half_blind")


@pytest.fixture(scope="module")
def pair(runs: tuple[Path, Path]) -> PairResult:
    return pairs.compare(*map(pairs.read, runs))


def answers(run_dir: Path, slug: str, places: np.ndarray) -> list[float]:
    """Correlate the codes of each concept with how much of every place a mark covers."""
    result = read_class(run_dir, slug)
    codes = load_file(run_dir / slug / "arrays.safetensors")["codes"].astype(float)
    there = places[[int(Path(image.key).stem) for image in result.images]].ravel()
    return [float(np.corrcoef(there, codes[..., k].ravel())[0, 1]) for k in range(codes.shape[3])]


@pytest.mark.parametrize("slug", SLUGS)
def test_marks_are_concepts_of_those_that_see_them(
    runs: tuple[Path, Path], covered: dict[str, np.ndarray], slug: str
) -> None:
    seeing, half_blind = runs
    for run_dir, color in ((seeing, "magenta"), (seeing, "cyan"), (half_blind, "magenta")):
        assert max(answers(run_dir, slug, covered[color])) > 0.9
    assert max(answers(half_blind, slug, covered["cyan"])) < 0.4


@pytest.mark.parametrize("slug", SLUGS)
def test_the_shared_one_is_matched_and_the_private_one_is_not(
    runs: tuple[Path, Path], pair: PairResult, covered: dict[str, np.ndarray], slug: str
) -> None:
    magenta = [1 + int(np.argmax(answers(run_dir, slug, covered["magenta"]))) for run_dir in runs]
    cyan = 1 + int(np.argmax(answers(runs[0], slug, covered["cyan"])))
    (one,) = (one for one in pair.classes if one.slug == slug)
    (found,) = (m for m in one.matches if m.first == magenta[0])
    assert (found.second, found.correlation > 0.99) == (magenta[1], True)
    assert found.correlation > found.chance
    assert cyan not in [m.first for m in one.matches]
    (alone,) = (a for a in one.first_alone if a.concept == cyan)
    taken = [m.second for m in one.matches]
    assert alone.correlation < 0.4
    assert alone.correlation <= alone.chance or alone.nearest in taken
    assert len(one.matches) >= 5, "most of what they see in clothes is the same"


def test_both_are_shown_in_one_site(runs: tuple[Path, Path], folder: Path) -> None:
    run("render", *runs, "--out", folder / "both")
    compare = folder / "both" / "site" / "compare"
    for slug in SLUGS:
        (page,) = compare.glob(f"*--*/{slug}/index.html")
        text = page.read_text()
        assert "concepts are active in both at the same places of the same images." in text
        assert "marked:seeing" in text and "marked:half_blind" in text
    run("check", "--out", folder / "both")
