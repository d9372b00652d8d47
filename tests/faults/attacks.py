"""What is done to the program: kills, flipped bits, hostile archives, odd commands.

Each function makes one try, seeded, and says what came of it. The tests make a few of each, in
CI's time; ``soak.py`` makes thousands.
"""

import contextlib
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path

from click.testing import CliRunner
from support import TESTS

from lens_site.atomic import MARK
from lens_site.cli import main
from lens_site.errors import LensError
from lens_site.results import store
from lens_site.results.pack import unpack
from lens_site.site.publish.check import check
from lens_site.site.publish.render import render

GRACE = 300
"""Seconds after which a command counts as hung."""


def snapshot(folder: Path, *, but: tuple[str, ...] = ()) -> dict[str, bytes]:
    """Every file below a folder, links as what they point to, without the named folders."""
    files = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if not set(name.parts) & set(but) and (path.is_symlink() or path.is_file()):
            files[name.as_posix()] = (
                os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes()
            )
    return files


def lens(*arguments: object, cwd: Path = TESTS) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    command = [sys.executable, "-m", "lens_site", *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, timeout=GRACE
    )


def kill(seed: int, out: Path, longest: float, *arguments: object) -> str:
    """Start a build, kill it at a random moment; say whether it was still at work."""
    wait = random.Random(seed).uniform(0.0, longest)
    command = [sys.executable, "-m", "lens_site", "build", "--out", str(out), *map(str, arguments)]
    process = subprocess.Popen(
        command, cwd=TESTS, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(wait)
        return "ended before"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    for folder in out.glob("results/*/[0-9]*/"):
        store.read_class(folder.parent, folder.name)  # whole, as its checksums say
    if (out / "site").exists():
        assert check(out / "site") == (), "a site that stands is whole"
    return "killed"


def flip(seed: int, folder: Path) -> Path:
    """Flip one bit of one file, at random."""
    draw = random.Random(seed)
    files = [p for p in sorted(folder.rglob("*")) if p.is_file() and p.stat().st_size]
    path = draw.choice([p for p in files if p.name != MARK])
    data = bytearray(path.read_bytes())
    data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    path.write_bytes(data)
    return path


EVIL = (
    "../evil", "../../evil", "/tmp/evil-lens", "a/b.webp", "..", ".", "", "/proc/self/environ",
    "x\0y", "evil\n.webp", "C:evil", "\u202eevil", "a" * 300, "../../../../etc/passwd",
)  # fmt: skip

FIELDS = (
    ("name", "slug"), ("concepts", 0, "tiles_file"), ("concepts", 0, "heat_file"),
    ("sprite", "file"), ("maps_file",), ("concepts", 0, "parts_file"),
    ("images", 0, "key"), ("name", "name"), ("sprite", "columns"), ("concepts", 0, "share"),
    ("concepts", 0, "tiles", 0, "image"), ("grid",), ("sharp", "files"), ("sharp", "columns"),
    ("sharp", "images"), ("sharp", "size"),
)  # fmt: skip

ODD_VALUES = (None, -1, 10**30, [], {}, "9" * 5000, 1e308, True)


def hostile_archive(seed: int, run_dir: Path, into: Path) -> str:
    """Pack the run with one lie in it, render the archive, and see that nothing left ``into``.

    Returns what was done and what came of it; ``run_dir`` is a good run.
    """
    draw = random.Random(seed)
    work = into / "work"
    shutil.copytree(run_dir, work)
    lie = _tell_a_lie(draw, work)
    archive = into / "a.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        for path in sorted(work.rglob("[!.]*")):
            tar.add(path, arcname=f"run/{path.relative_to(work)}", recursive=False)
        if draw.random() < 0.3:
            _odd_member(draw, tar)
    shutil.rmtree(work)
    before = snapshot(into.parent, but=("out",))
    os.environ["LENS_SECRET"] = secret = f"secret-{seed}"
    try:
        render(unpack(archive, into / "out" / "results"), into / "out" / "site")
        outcome = "rendered"
    except LensError as error:
        assert "\n" not in str(error)
        outcome = "refused"
    finally:
        del os.environ["LENS_SECRET"]
    assert snapshot(into.parent, but=("out",)) == before, f"wrote outside: {lie}"
    leaked = [n for n, data in snapshot(into / "out").items() if secret.encode() in data]
    assert not leaked, f"the environment leaked: {lie}"
    return outcome


def _tell_a_lie(draw: random.Random, run: Path) -> str:
    """Change one field of one file, sealed again as its writer would, or break the file."""
    results = sorted(run.glob("*/result.json"))
    path = draw.choice([*results, *results, run / "run.json"])
    held = json.loads(store.unseal(path.read_bytes()) or b"{}")
    kind = draw.random()
    if kind < 0.1:
        path.write_bytes(b'{"a":' * 100_000)
        return "deep"
    if kind < 0.2:
        path.unlink()
        path.symlink_to("/proc/self/environ")
        return "link"
    if path.name == "run.json":
        field: tuple[object, ...] = draw.choice([("classes", 0, "slug"), ("run",), ("classes",)])
    else:
        field = draw.choice(FIELDS)
    value = draw.choice([*EVIL, *EVIL, *ODD_VALUES])
    target = held
    for step in field[:-1]:
        target = target[step]
    target[field[-1]] = value
    path.write_bytes(store.seal(json.dumps(held).encode()))
    return f"{field} = {str(value)[:40]!r}"


def _odd_member(draw: random.Random, tar: tarfile.TarFile) -> None:
    info = tarfile.TarInfo(draw.choice(["../evil", "/evil", "run/../../evil", "run/x", "other/y"]))
    info.type = draw.choice(
        [tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE]
    )
    info.linkname = draw.choice(["/etc/passwd", "../../evil", "run/run.json"])
    info.size = 4 if info.type == tarfile.REGTYPE else 0
    tar.addfile(info, io.BytesIO(b"evil") if info.size else None)


COMMANDS = ("build", "render", "check", "pack", "explain", "layers", "bench build", "serve",
            "publish copy")  # fmt: skip

OPTIONS = (
    "--data", "--model", "--weights", "--layer", "--classes", "--min-images", "--max-images",
    "--extraction", "-k", "--patches", "--recursive", "--importance", "--seed", "--device",
    "--workers", "--batch-size", "--out", "--base-url", "--extras", "--config", "--from", "--port",
    "--class", "--archive", "--json", "--absent",
)  # fmt: skip

VALUES = (
    "", " ", "-1", "0", "1", "9" * 5000, "1e9", "nan", "x" * 6000, "/", "/dev/null", "/dev/full",
    ".", "..", "~nobody-x/y", "a\nb", "[/b]", "\x1b[31mred", "\udcff", "http://[x", "http://a b",
    "ftp://x", "hpu", "cuda:99", "tpu", "a.b:c", "os:getcwd", "os:_exit", "builtins:dict",
    "sys:exit", "builtins:breakpoint", "all", "espresso", "@", "@/", "0-9999999", "nmf", "пример",
    "日本", "package.module:", ":", "demo", "resnet18", "{}", "[]",
)  # fmt: skip

HARMLESS = {"os:_exit", "builtins:breakpoint"}
"""Values that would end or stop the process that tries them, as any code of the user's may."""


def odd_command(seed: int, folder: Path) -> tuple[list[str], int, str]:
    """Run one command line of random options and values; return it, its exit code and output.

    Valid work is kept from starting by a folder without pictures.
    """
    draw = random.Random(seed)
    arguments = draw.choice(COMMANDS).split()
    for _ in range(draw.randrange(1, 5)):
        arguments.append(draw.choice(OPTIONS))
        if draw.random() < 0.9:
            arguments.append(draw.choice([v for v in VALUES if v not in HARMLESS]))
    if "serve" in arguments:
        arguments = [*arguments, "--out", str(folder / "no-site")]
    if arguments[0] in ("build", "bench"):
        arguments += ["--data", str(folder / "empty")]
    arguments += ["--out", str(folder / "out")] if arguments[0] != "layers" else []
    begun = time.monotonic()
    with contextlib.chdir(folder):
        done = CliRunner().invoke(main, arguments)
    assert time.monotonic() - begun < GRACE
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise AssertionError(f"{arguments}: {done.exception!r}") from done.exception
    return arguments, done.exit_code, done.output
