"""The attacks by the thousand: ``make faults``, an hour on two cores.

Prints what was tried, how often, and what came of it; exits with 1 at the first loss. The counts
can be divided: ``python tests/faults/soak.py 10`` makes a tenth of them.
"""

import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from attacks import flip, hostile_archive, kill, lens, odd_command, snapshot  # noqa: E402
from fleet import building, fleet, kill_at_random, paint_hues  # noqa: E402
from tiny_results import write_tiny_run  # noqa: E402

KILLS, BITS, COMMANDS, ARCHIVES, SHARDS = 100, 1_000, 5_000, 500, 20

OPTIONS = ("--classes", "daisy,espresso", "--max-images", "20")
"""Of the build with the default model that is killed."""


def kills(count: int, folder: Path) -> Counter[str]:
    """Kill builds of the demo with the default model; the end is that of one left alone."""
    alone = folder / "alone"
    done = lens("build", "--out", alone, *OPTIONS)
    assert done.returncode == 0, done.stderr
    outcomes: Counter[str] = Counter()
    out = folder / "killed"
    for seed in range(count):
        outcomes[kill(seed, out, 40.0, *OPTIONS)] += 1
        if seed % 10 == 9:
            done = lens("build", "--out", out, *OPTIONS)
            assert done.returncode == 0, done.stderr
            for part in ("results", "site"):
                assert snapshot(out / part) == snapshot(alone / part)
            outcomes["finished with the same bytes"] += 1
            shutil.rmtree(out)
    return outcomes


def bits(count: int, folder: Path) -> Counter[str]:
    """Flip bits of results and sites; the next build finds and mends each."""
    out, outcomes = folder / "alone", Counter[str]()
    good = {part: snapshot(out / part) for part in ("results", "site")}
    for seed in range(count):
        part = ("results", "site")[seed % 2]
        flip(seed, out / part)
        if seed % 20 == 19 or part == "results":
            done = lens("build", "--out", out, *OPTIONS)
            assert done.returncode == 0, done.stderr
            for each, files in good.items():
                assert snapshot(out / each) == files, f"bit {seed} was not mended"
            outcomes["mended"] += 1
        outcomes["flipped"] += 1
    return outcomes


def commands(count: int, folder: Path) -> Counter[str]:
    """Run odd command lines."""
    (folder / "empty").mkdir()
    outcomes: Counter[str] = Counter()
    for seed in range(count):
        arguments, code, output = odd_command(seed, folder)
        assert code in (0, 1, 2), (arguments, code)
        assert "Traceback" not in output, (arguments, output)
        outcomes[f"exit code {code}"] += 1
    return outcomes


def archives(count: int, folder: Path) -> Counter[str]:
    """Render archives that lie."""
    run_dir = write_tiny_run(folder / "good")
    outcomes: Counter[str] = Counter()
    for seed in range(count):
        into = folder / str(seed) / "in"
        into.mkdir(parents=True)
        outcomes[hostile_archive(seed, run_dir, into)] += 1
        shutil.rmtree(folder / str(seed))
    return outcomes


def shards(count: int, folder: Path) -> Counter[str]:
    """Kill shards of builds, two and four at once; the end is that of one build left alone."""
    data, alone = paint_hues(folder / "hues"), folder / "alone-hues"
    with building(data, alone) as (process, log):
        process.join()
        assert process.exitcode == 0, log.read_text()
    outcomes, seed = Counter[str](), 0
    while outcomes["killed"] < count:
        out, of = folder / f"shards-{seed}", (2, 4)[seed % 2]
        with fleet(data, out, of) as made:
            outcomes["killed"] += kill_at_random(seed, made, count - outcomes["killed"], 1.0)
            made.wait()
        for part in ("results", "site"):
            assert snapshot(out / part) == snapshot(alone / part)
        assert max(made.built().values()) == 1, "a class was computed twice"
        outcomes["builds with the same bytes"] += 1
        seed += 1
    return outcomes


def main(part: int) -> None:
    """Try all, in folders that are thrown away."""
    with tempfile.TemporaryDirectory() as name:
        for attack, count in (
            (archives, ARCHIVES), (commands, COMMANDS), (shards, SHARDS), (kills, KILLS),
            (bits, BITS),
        ):  # fmt: skip
            folder = Path(name) / ("builds" if attack in (kills, bits) else attack.__name__)
            folder.mkdir(exist_ok=True)
            outcomes = attack(max(1, count // part), folder)
            told = ", ".join(f"{n} {what}" for what, n in sorted(outcomes.items()))
            print(f"{attack.__name__}: {told}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
