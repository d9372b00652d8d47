"""Runs as a command names them, and what any two of them have in common."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain, combinations
from pathlib import Path
from types import ModuleType

from lens_site.errors import ResultError, UsageError, did_you_mean
from lens_site.results import latest_run, pack, store
from lens_site.results.schema import pair_key

Compared = Callable[[str, str, int, int], None]
"""Hears two runs, how many of their classes are compared, out of how many."""


def find(words: Sequence[str], out: Path) -> list[Path]:
    """Return the folders of runs: named in OUT/results, or by folder, or as archives.

    Without a word it is the last run.

    Raises
    ------
    UsageError
        For a word that is no run, or one that stands twice.
    ResultError
        For an archive that is damaged.
    """
    found = [_find(word, out) for word in words] or [latest_run(out)]
    names = [path.resolve().name for path in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise UsageError(f"runs: {twice} is named twice, wanted runs that differ; name it once")
    return found


def compare(run_dirs: Sequence[Path], report: Compared) -> None:
    """Write what any two runs have in common beside the first, unless it is there already.

    Raises
    ------
    UsageError
        When runs are of different images, or what compares them is not installed.
    """
    wanted = [pair for pair in combinations(run_dirs, 2) if not _is_current(*pair)]
    if not wanted:
        return
    pairs = _pairs()
    sides = {folder: pairs.read(folder) for folder in dict.fromkeys(chain(*wanted))}
    for one, other in wanted:
        tell = partial(report, sides[one].run.run, sides[other].run.run)
        store.write_pair(one, pairs.compare(sides[one], sides[other], tell))


def _find(word: str, out: Path) -> Path:
    path = Path(word)
    for folder in (path, out / "results" / word):
        if (folder / store.RUN).is_file():
            return folder
    if path.is_file():
        return pack.unpack(path, out / "results")
    known = sorted(p.parent.name for p in (out / "results").glob(f"*/{store.RUN}"))
    there = ", ".join(known) or "none"
    hint = did_you_mean(word, known) or f"; there are: {there}"
    raise UsageError(
        f"runs: {word!r} is no run, wanted the name of one in {out / 'results'}, a run folder or "
        f"an archive{hint}"
    )


def _is_current(run_dir: Path, other: Path) -> bool:
    """Whether what is stored of two runs is of the very classes that they hold."""
    try:
        stored = store.load_pair(run_dir, store.read_run(other).run)
    except ResultError:
        return False
    return stored is not None and stored.key == pair_key(_keys(run_dir), _keys(other))


def _keys(run_dir: Path) -> dict[str, str]:
    built = (c.slug for c in store.read_run(run_dir).classes if c.status == "built")
    return {slug: store.read_class(run_dir, slug, verify=False).key for slug in built}


def _pairs() -> ModuleType:
    """Return what compares runs; it needs numpy and scipy, which rendering alone does not."""
    try:
        from lens_site.model import pairs
    except ImportError as error:
        raise UsageError(
            f"runs: comparing them needs {error.name}, which is not installed; pip install "
            "lens-site, or render where they were compared and pack the first run there"
        ) from None
    return pairs
