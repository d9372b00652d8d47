"""Several processes at one build: a network of twelve colors, its pictures, and shards to kill."""

import contextlib
import ctypes
import multiprocessing
import os
import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from support import TESTS
from torch import nn

COLORS = 12

OPTIONS = (
    "--model", "fleet:net", "--min-images", "5", "-k", "3", "--device", "cpu", "--workers", "1",
)  # fmt: skip

BUILT = re.compile(r"^class \d+/\d+ (\S+) built\b", re.MULTILINE)

GRACE = 300
"""Seconds after which a build counts as hung."""


def hues() -> np.ndarray:
    """Colors of the same brightness, evenly around the circle of hues: (12, 3), 0 to 1."""
    turns = 2 * np.pi * (np.arange(COLORS)[:, None] / COLORS + np.array([0, 1 / 3, 2 / 3]))
    return 0.5 + 0.45 * np.cos(turns)


def net() -> nn.Module:
    """Twelve classes, told by the mean color; features are 8 × 8 maps of likeness to each hue."""
    colors = torch.from_numpy(hues()).float() - 0.5
    look = nn.Conv2d(3, COLORS, 8, stride=8)
    last = nn.Linear(COLORS, COLORS)
    with torch.no_grad():
        look.weight.copy_(colors[:, :, None, None].expand(COLORS, 3, 8, 8) / 64)
        look.bias.copy_(0.1 - colors.sum(1) / 2)
        last.weight.copy_(20 * torch.eye(COLORS) - 1)
        last.bias.zero_()
    model = nn.Sequential(look, nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), last)
    model.class_names = [f"hue {30 * i}" for i in range(COLORS)]
    model.pretrained_cfg = {
        "input_size": (3, 64, 64), "crop_pct": 1.0, "mean": (0.0,) * 3, "std": (1.0,) * 3,
        "interpolation": "bilinear",
    }  # fmt: skip
    return model


def paint_hues(folder: Path, each: int = 12) -> Path:
    """Write pictures of one hue with spots of its neighbors, in no order of classes."""
    folder.mkdir(parents=True)
    draw = np.random.default_rng(0)
    for n in range(each * COLORS):
        color, near = n % COLORS, (n % COLORS + draw.choice([-1, 1])) % COLORS
        pixels = 255 * hues()[color] + draw.normal(0, 12, (64, 64, 3))
        for _ in range(3):
            row, column = draw.integers(0, 44, 2)
            pixels[row : row + 20, column : column + 20] = 255 * hues()[near]
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / f"{n:04d}.png")
    return folder


CAPABILITIES, OVERRIDE = 0x20080522, 0b110
"""Version of capset(2)'s structure; what lets root pass over permissions to write and read."""


def obey_permissions() -> None:
    """Take from this process, if it is root's, what lets it pass over permissions."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(CAPABILITIES, 0)
    sets = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable, of 32 capabilities each
    if os.getuid() == 0 and libc.capget(header, sets) == 0:
        for i in range(3):
            sets[i] &= ~OVERRIDE
        assert libc.capset(header, sets) == 0


def lens_in_child(arguments: list[str], log: Path) -> None:
    """Run the command in this process, as no root; all it says goes to the end of a file.

    The folder of the tests is where it runs, for the network is there.
    """
    os.chdir(TESTS)
    obey_permissions()
    with log.open("a", buffering=1) as said:
        os.dup2(said.fileno(), 1)
        os.dup2(said.fileno(), 2)
    from lens_site.cli import main

    main(arguments, prog_name="lens")


@dataclass
class Fleet:
    """Shards of one build; forked from a process that has torch loaded, so they start at once."""

    data: Path
    out: Path
    of: int
    context: ForkServerContext
    running: dict[int, ForkServerProcess] = field(default_factory=dict)
    starts: int = 0

    @property
    def logs(self) -> Path:
        """Where the shards' words are, a file a start."""
        return self.out.with_name(self.out.name + "-logs")

    def start(self, number: int) -> None:
        """Start a shard."""
        self.starts += 1
        self.logs.mkdir(exist_ok=True)
        arguments = [
            "build", "--data", str(self.data), "--out", str(self.out), *OPTIONS,
            "--shard", f"{number}/{self.of}",
        ]  # fmt: skip
        log = self.logs / f"{number}-start-{self.starts:02d}.txt"
        process = self.context.Process(target=lens_in_child, args=(arguments, log))
        process.start()
        self.running[number] = process

    def kill(self, draw: random.Random) -> bool:
        """Kill one of those still at work and start it again; False when none is."""
        alive = sorted(n for n, process in self.running.items() if process.is_alive())
        if not alive:
            return False
        number = draw.choice(alive)
        self.running[number].kill()
        self.running[number].join()
        self.start(number)
        return True

    def wait(self) -> None:
        """Wait until all are done, and well done."""
        for number, process in self.running.items():
            process.join(GRACE)
            assert process.exitcode == 0, (number, process.exitcode, self.said())

    def said(self) -> str:
        """All that was said."""
        return "\n".join(path.read_text() for path in sorted(self.logs.glob("*.txt")))

    def built(self) -> Counter[str]:
        """How often each class was built, as those say that built them."""
        return Counter(BUILT.findall(self.said()))


@contextlib.contextmanager
def building(data: Path, out: Path, *more: str) -> Iterator[tuple[ForkServerProcess, Path]]:
    """Yield a build in a process of its own and the file of what it says."""
    log = out.with_name(out.name + ".txt")
    arguments = ["build", "--data", str(data), "--out", str(out), *OPTIONS, *more]
    process = context().Process(target=lens_in_child, args=(arguments, log))
    process.start()
    try:
        yield process, log
    finally:
        process.kill()
        process.join()


def context() -> ForkServerContext:
    """Return what forks processes from one that has torch and Lens loaded."""
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(["lens_site.engine.build", "lens_site.cli.display", "fleet"])
    return made


@contextlib.contextmanager
def fleet(data: Path, out: Path, of: int) -> Iterator[Fleet]:
    """Yield shards that are all at work; none outlives the test."""
    made = Fleet(data, out, of, context())
    try:
        for number in range(1, of + 1):
            made.start(number)
        yield made
    finally:
        for process in made.running.values():
            process.kill()


def kill_at_random(seed: int, shards: Fleet, kills: int, pause: float) -> int:
    """Kill shards one by one, each after up to ``pause`` seconds; return how many were at work."""
    draw = random.Random(seed)
    done = 0
    while done < kills:
        time.sleep(draw.uniform(0.0, pause))
        if not shards.kill(draw):
            break
        done += 1
    return done
