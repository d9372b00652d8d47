"""What only a GPU does: copies beside the computing, precisions, batches that fit, compiling."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from support import TESTS, Lens
from torch import Tensor

from lens_site.activations import Loading
from lens_site.activations.encode import encode, encode_and_classify, passes
from lens_site.activations.fastest import keeping_precision
from lens_site.activations.fitting import largest_batch
from lens_site.activations.transfer import sender
from lens_site.classifier import Classifier, load_classifier
from lens_site.classifier.runtimes import run_on
from lens_site.errors import StageError
from lens_site.images import open_source
from lens_site.results import latest_run, read_run
from lens_site.results.schema import Runtime

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU that PyTorch knows"),
]


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> Classifier:
    monkeypatch.chdir(TESTS)
    return load_classifier("tiny_model:net", device="cuda")


@pytest.fixture(scope="module")
def default() -> Classifier:
    return load_classifier(device="cuda")


def noise(images: int, side: int) -> Tensor:
    return torch.randn(images, 3, side, side, generator=torch.Generator().manual_seed(3))


def test_a_batch_arrives_whole_and_is_copied_beside_the_computing() -> None:
    send = sender(torch.device("cuda"))
    sums = []
    for i in range(20):  # more batches than buffers
        sent = send(torch.full((64, 3, 64, 64), float(i)))
        assert sent.copied is not None
        arrived = sent.arrived()
        assert arrived.device.type == "cuda"
        sums.append((arrived - i).abs().sum())
        del sent, arrived  # their memory is given away while the sum may not have been taken
    assert torch.stack(sums).sum().item() == 0


def test_passes_give_what_the_cpu_gives(tiny: Classifier, photos: Path) -> None:
    source = open_source(str(photos))
    cpu = load_classifier("tiny_model:net", device="cpu")

    def maps(classifier: Classifier) -> Tensor:
        def work(images: Tensor) -> Tensor:
            assert images.device.type == classifier.device.type
            return encode(classifier, images, 8).maps.cpu()

        made = passes(source, range(len(source.keys)), classifier, Loading(2, 8), work)
        return torch.cat([result for _, result in made if result is not None])

    torch.testing.assert_close(maps(tiny), maps(cpu), rtol=1e-2, atol=1e-3)


@pytest.mark.parametrize(
    ("precision", "tolerance"), [("float32", 1e-5), ("tf32", 1e-2), ("bfloat16", 5e-2)]
)
def test_each_precision_is_as_fine_as_it_says(
    default: Classifier, precision: str, tolerance: float
) -> None:
    images = noise(8, 224)
    cpu = encode(load_classifier(device="cpu"), images, 8).maps
    run = run_on(default, Runtime.model_validate({"precision": precision}), 8)
    maps = encode(run, images, 8).maps.cpu()
    assert maps.dtype == torch.float32
    assert float((maps - cpu).abs().max() / cpu.abs().max()) < tolerance
    if precision == "bfloat16":  # it is in use
        assert not torch.allclose(maps, cpu, rtol=1e-4, atol=1e-4)


def test_a_precision_is_found_and_keeps_its_promise(default: Classifier) -> None:
    batches = [noise(64, 224), noise(64, 224).flip(3)]
    precision = keeping_precision(default, batches, 64)
    exact, run = (
        run_on(default, Runtime.model_validate({"precision": p}), 64)
        for p in ("float32", precision)
    )
    same = [
        encode_and_classify(exact, b, 64)[1].argmax(1)
        == encode_and_classify(run, b, 64)[1].argmax(1)
        for b in batches
    ]
    assert float(torch.cat(same).float().mean()) >= 0.995


@pytest.fixture
def little_memory() -> Iterator[None]:
    """Let the process have so much of the GPU as holds some dozens of pictures."""
    total = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.empty_cache()
    torch.cuda.set_per_process_memory_fraction(
        min(1.0, (torch.cuda.memory_reserved() + 2**30) / total)
    )
    yield
    torch.cuda.set_per_process_memory_fraction(1.0)


@pytest.mark.usefixtures("little_memory")
def test_the_batch_is_halved_until_it_fits(default: Classifier) -> None:
    found = largest_batch(default, 4096)
    assert 1 <= found < 4096
    encode_and_classify(default, torch.zeros(found, 3, 224, 224), found)


@pytest.mark.usefixtures("little_memory")
def test_no_room_for_one_image_is_said(default: Classifier) -> None:
    held = []
    with pytest.raises(torch.cuda.OutOfMemoryError):
        while True:
            held.append(torch.empty(2**20, dtype=torch.uint8, device="cuda"))
    with pytest.raises(StageError, match="does not hold a pass of one image"):
        largest_batch(default, 4)
    del held


def test_compiled_says_what_torch_says() -> None:
    command = [sys.executable, "-W", "ignore", str(TESTS / "compiled_apart.py"), "cuda"]
    done = subprocess.run(command, cwd=TESTS, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    error, _ = done.stdout.split()
    assert float(error) < 1e-4


def test_a_build_on_a_gpu_says_what_it_ran_on(lens: Lens, photos: Path, tmp_path: Path) -> None:
    done = lens(
        "build", "--data", photos, "--model", "tiny_model:net", "--min-images", 5, "-k", 3,
        "--device", "cuda", "--out", tmp_path / "out",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    run = read_run(latest_run(tmp_path / "out"))
    assert run.device.startswith("cuda")
    assert run.runtime.precision in ("bfloat16", "tf32", "float32")
    (note,) = (tmp_path / "out" / "cache").glob("runtime-*.json")
    assert json.loads(note.read_text()) == run.runtime.model_dump()
    again = lens(
        "build", "--data", photos, "--model", "tiny_model:net", "--min-images", 5, "-k", 3,
        "--device", "cuda", "--out", tmp_path / "out",
    )  # fmt: skip
    assert again.exit_code == 0, again.output
    assert "0 classes to compute" in again.output
