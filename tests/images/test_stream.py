"""The stream keeps order, loses nothing, stays within bounds and ends cleanly."""

import hashlib
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import Tensor

from lens_site.errors import UnreadableImage
from lens_site.images import open_source, stream
from lens_site.images.source import Credit

CLOTHING = Path(__file__).parents[3] / "shared" / "data" / "clothing"


class Numbers:
    """Picture i is a gray square of value i; those in ``broken`` cannot be read."""

    name = "numbers"
    description = "Gray squares."
    credits: tuple[Credit, ...] = ()
    views_of_few = False

    def __init__(self, count: int, broken: Sequence[int] = ()) -> None:
        self.keys: Sequence[str] = [str(i) for i in range(count)]
        self.broken = broken
        self.lock = threading.Lock()
        self.opened: list[int] = []
        self.min_sides: set[int | None] = set()

    def group(self, i: int) -> str | None:
        return None

    def stamp(self, i: int) -> str:
        return ""

    def read(self, i: int) -> bytes:
        if i in self.broken:
            raise UnreadableImage(f"broken {i}")
        return str(i).encode()

    def open(self, i: int, min_side: int | None) -> Image.Image:
        time.sleep(0.003 * (i % 3))  # later pictures are often ready first
        with self.lock:
            self.opened.append(i)
            self.min_sides.add(min_side)
        return Image.new("RGB", (2, 2), (i, i, i))


def prepare(image: Image.Image) -> Tensor:
    red = image.getpixel((0, 0))[0]
    if red == 99:
        raise UnreadableImage("too small")
    return torch.full((3, 2, 2), float(red))


def decoding_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("decode")]


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_order_digests_and_failures(workers: int) -> None:
    source = Numbers(100, broken=(4, 5, 6, 50))
    wanted = [9, 8, 7, 6, 5, 4, 50, 3, 99, 2]
    batches = list(stream(source, wanted, prepare, min_side=7, workers=workers, batch_size=3))
    assert [batch.indices for batch in batches] == [[9, 8, 7], [], [3], [2]]
    assert [batch.failures for batch in batches] == [
        [],
        [(6, "broken 6"), (5, "broken 5"), (4, "broken 4")],
        [(50, "broken 50"), (99, "too small")],
        [],
    ]
    assert batches[1].images is None
    for indices, digests, stamps, images, _ in batches:
        assert stamps == [""] * len(indices)
        assert digests == [hashlib.sha256(str(i).encode()).hexdigest() for i in indices]
        assert images is None or images[:, 0, 0, 0].tolist() == indices
    assert source.min_sides == {7}
    assert decoding_threads() == []


def test_a_picture_replaced_while_it_is_read_is_read_again() -> None:
    class Changing(Numbers):
        """Every stamp of picture 1 is another one until it was read twice; 2 never rests."""

        reads = 0

        def stamp(self, i: int) -> str:
            if i == 1 and self.opened.count(1) >= 2:
                return "at rest"
            return f"{time.monotonic_ns()}" if i in (1, 2) else "still"

    source = Changing(4)
    (batch,) = stream(source, [0, 1, 2, 3], prepare, workers=1, batch_size=4)
    assert batch.indices == [0, 1, 3]
    assert batch.stamps == ["still", "at rest", "still"]
    assert batch.failures == [(2, "it changes while it is read")]
    assert source.opened.count(1) == 3


def test_nothing_asked_nothing_given() -> None:
    assert list(stream(Numbers(3), [], prepare, workers=1, batch_size=4)) == []


def wait_until_opened(source: Numbers, wanted: set[int]) -> None:
    deadline = time.monotonic() + 20
    while not wanted <= set(source.opened) and time.monotonic() < deadline:
        time.sleep(0.005)


def test_looks_ahead_but_not_far() -> None:
    source = Numbers(90)
    batches = stream(source, range(90), prepare, workers=2, batch_size=4)
    next(batches)
    wait_until_opened(source, set(range(12)))
    time.sleep(0.05)
    ahead = len(source.opened) - 4
    batches.close()
    assert ahead == 8  # batch_size + 2 * workers


def test_prepares_while_the_caller_computes() -> None:
    source = Numbers(30)
    batches = stream(source, range(24), prepare, workers=2, batch_size=4)
    for batch in batches:
        following = set(range(min(24, batch.indices[-1] + 5)))
        wait_until_opened(source, following)
        assert following <= set(source.opened)


@pytest.mark.parametrize("stop", [KeyboardInterrupt, RuntimeError])
def test_leaving_early_drops_what_waits_and_ends_the_threads(stop: type[BaseException]) -> None:
    source = Numbers(90)

    def slow(image: Image.Image) -> Tensor:
        time.sleep(0.05)
        return prepare(image)

    batches = stream(source, range(90), slow, workers=2, batch_size=4)
    with pytest.raises(stop):
        for _ in batches:
            raise stop
    assert decoding_threads()
    batches.close()
    assert decoding_threads() == []
    assert 4 <= len(source.opened) < 12


def test_interrupt_while_waiting_ends_the_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("lens_site.images.decode._gather", interrupted)
    with pytest.raises(KeyboardInterrupt):
        list(stream(Numbers(90), range(90), prepare, workers=2, batch_size=4))
    assert decoding_threads() == []


def test_a_fault_of_the_program_is_not_taken_for_a_broken_picture() -> None:
    def faulty(image: Image.Image) -> Tensor:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(stream(Numbers(9), range(9), faulty, workers=2, batch_size=4))
    assert decoding_threads() == []


@pytest.mark.data
def test_clothing_streams_whole() -> None:
    if not CLOTHING.is_dir():
        pytest.skip("needs the clothing pictures in ../shared/data")
    source = open_source(str(CLOTHING))

    def small(image: Image.Image) -> Tensor:
        data = bytearray(image.resize((8, 8)).tobytes())
        return torch.frombuffer(data, dtype=torch.uint8).view(8, 8, 3).permute(2, 0, 1).float()

    wanted = range(0, len(source.keys), 25)
    batches = list(stream(source, wanted, small, min_side=8, workers=2, batch_size=16))
    assert [i for batch in batches for i in batch.indices] == list(wanted)
    assert {source.group(i) for i in wanted} >= {"hat", "t-shirt"}
    assert len({digest for batch in batches for digest in batch.digests}) == len(wanted)
