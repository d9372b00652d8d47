"""How the predicting pass grows: ``python tests/engine/sizes.py``, some minutes.

A table of 1.28 million rows, as for all of ImageNet, is appended, interrupted, gone on with, read
and planned from; then 10,000 and 100,000 tiny pictures are predicted by a small network, each in a
process of its own, for its peak memory. Prints seconds and megabytes. The counts can be divided:
``python tests/engine/sizes.py 10``. The test beside it does the same at 50,000 rows.
"""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]

from lens_site.config import load_config  # noqa: E402
from lens_site.engine.plan import Images, Plan, make_plan  # noqa: E402
from lens_site.results.predictions import (  # noqa: E402
    ROW,
    Predictions,
    Segment,
    identities,
    read_predictions,
)

ROWS, BATCH, CLASSES = 1_281_167, 256, 1000

Say = Callable[[str], None]


def keys_of(rows: int) -> list[str]:
    """Names as ImageNet has them, by class."""
    each = -(-rows // CLASSES)
    return [f"n{i // each:08d}/n{i // each:08d}_{i % each}.JPEG" for i in range(rows)]


def rows_of(names: np.ndarray, first: int) -> np.ndarray:
    """Rows as the pass makes them, of random classes."""
    draw = np.random.default_rng(first)
    made = np.zeros(len(names), ROW)
    made["image"] = names
    made["digest"] = draw.integers(0, 256, (len(names), 32))
    made["predicted"] = draw.integers(0, CLASSES, len(names))
    made["probability"], made["logit"] = draw.random(len(names)), draw.normal(size=len(names))
    return made


def peak() -> float:
    """Peak memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


@contextmanager
def timed(what: str, say: Say) -> Iterator[None]:
    """Say how many seconds something took, and the peak memory after it."""
    begun = time.perf_counter()
    yield
    say(f"{what}: {time.perf_counter() - begun:.1f} s, peak {peak():.0f} MB")


def simulate(folder: Path, rows: int, say: Say) -> tuple[Predictions, Predictions, Plan]:
    """Append a table, killed once in the middle; return what was read then, in the end, a plan."""
    keys, half = keys_of(rows), rows // 2
    say(f"{rows:,} names: peak {peak():.0f} MB")
    with timed("hash keys and stamps", say):
        names = identities(keys, (f"110000 17{i}" for i in range(rows)))
    with timed("append half, a batch at a time", say), Segment(folder / "all") as segment:
        for first in range(0, half, BATCH):
            segment.append(rows_of(names[first : min(first + BATCH, half)], first))
    column = folder / "all" / "logit.bin"
    column.write_bytes(column.read_bytes()[:-3])  # killed in the middle of a row
    with timed("read it, to go on", say):
        interrupted = read_predictions(folder, names)
    todo = interrupted.unknown
    with timed("append the rest", say), Segment(folder / "all") as segment:
        for first in range(0, len(todo), BATCH):
            segment.append(rows_of(names[todo[first : first + BATCH]], first))
    with timed("read all", say):
        whole = read_predictions(folder, names)
    config = load_config({"min_images": 2, "max_images": 400})
    with timed("plan all classes", say):
        images = Images(whole, keys, np.repeat(np.arange(CLASSES), -(-rows // CLASSES))[:rows])
        plan = make_plan(images, range(CLASSES), config, run="run", keys={})
    size = sum(path.stat().st_size for path in folder.rglob("*.bin"))
    say(f"on disk: {size / 1e6:.1f} MB")
    return interrupted, whole, plan


class Tiny:
    """Pictures of 64 × 64 for the tiny network, all different, made when they are read."""

    name, description, credits, views_of_few = "tiny", "Tiny pictures.", (), False

    def __init__(self, many: int) -> None:
        self.keys = [f"{i % 3}/{i:07d}.png" for i in range(many)]

    def group(self, i: int) -> str | None:
        """Red, green and blue by number."""
        return str(i % 3)

    def stamp(self, i: int) -> str:
        """Never another."""
        return "1"

    def read(self, i: int) -> bytes:
        """Name the picture."""
        return str(i).encode()

    def open(self, i: int, min_side: int | None) -> Image.Image:
        """Draw a block of the color, somewhere."""
        pixels = np.zeros((64, 64, 3), np.uint8)
        row, column = i // 3 % 40, i // 120 % 40
        pixels[row : row + 24, column : column + 24, i % 3] = 200 + i % 50
        return Image.fromarray(pixels)


PASS = """
import sys, time
sys.path[:0] = {paths!r}
from pathlib import Path
from sizes import Tiny, peak
from lens_site.activations import Loading
from lens_site.activations.encode import one_thread_each
from lens_site.config import load_config
from lens_site.engine.build import open_workshop
from lens_site.engine.job import Workshop
from lens_site.engine.predicting import predict_source
from lens_site.classifier import load_classifier
network = load_classifier("tiny_model:net", device="cpu", weights=None, layer=None)
workshop = Workshop(Tiny({many}), network, None, Loading(2, 16))
config = load_config(dict(data="tiny", out=Path({out!r})))
before = peak()
with one_thread_each():
    rows, features = predict_source(workshop, config, report=lambda event: None)
assert (rows.predicted >= 0).all()
print(before, peak())
"""


def memory(out: Path, many: int) -> tuple[float, float]:
    """Peak memory in MB of a process before and after it predicts so many pictures."""
    code = PASS.format(paths=[str(HERE), str(HERE.parent)], many=many, out=str(out))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    before, after = map(float, done.stdout.split())
    return before, after


def main(part: int) -> None:
    """Measure all, in folders that are thrown away."""

    def say(line: str) -> None:
        print(line, flush=True)  # noqa: T201

    with tempfile.TemporaryDirectory() as name:
        simulate(Path(name), ROWS // part, say)
        for many in (10_000 // part, 100_000 // part):
            begun = time.perf_counter()
            before, after = memory(Path(name) / str(many), many)
            say(
                f"{many:,} tiny pictures: {time.perf_counter() - begun:.0f} s, "
                f"peak {after:.0f} MB ({before:.0f} MB before the first)"
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
