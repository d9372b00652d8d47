"""Whether a site already shows certain results, so that an unchanged build does not render."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import lens_site
from lens_site import __version__, atomic
from lens_site.results import store
from lens_site.results.comparison import COMPARISONS
from lens_site.site.publish import manifest
from lens_site.site.publish.pieces import companions, folder, gather


def of(
    run_dir: Path,
    facts: Mapping[str, object],
    extras: Sequence[str] = (),
    own: Path | None = None,
) -> str:
    """SHA-256 of all that shapes a site: results, templates, assets, code, options and extras."""
    seen = hashlib.sha256(f"{__version__} {sorted(facts.items())} {list(extras)}".encode())
    for path in (*_results(run_dir), *_ours(), *_theirs(extras), *_files(own)):
        seen.update(path.read_bytes())
    return seen.hexdigest()


def _results(run_dir: Path) -> Iterator[Path]:
    yield run_dir / store.RUN
    for name in (store.MODEL, store.NAMES, store.IDENTITY):
        if (run_dir / name).is_file():
            yield run_dir / name
    for status in store.read_run(run_dir).classes:
        if status.status == "built":
            yield run_dir / status.slug / store.RESULT
    yield from sorted(run_dir.glob(COMPARISONS))


def _ours() -> Iterator[Path]:
    package = Path(lens_site.__file__).parent
    for above in (folder("templates"), folder("static"), package / "site", package / "tree"):
        yield from sorted(p for p in above.rglob("*") if p.suffix != ".pyc" and p.is_file())


def _theirs(extras: Sequence[str]) -> Iterator[Path]:
    for module in gather(extras).outside:
        yield from companions(module)


def _files(own: Path | None) -> Iterator[Path]:
    if own:
        yield from sorted(path for path in own.rglob("*") if path.is_file())


def matches(mark: Path, stamp: str, site: Path) -> bool:
    """Whether ``mark`` holds this stamp and the site is there, undamaged."""
    try:
        same = mark.read_text() == stamp
    except (OSError, ValueError):
        return False
    return same and not any(manifest.differences(site))


def write(mark: Path, stamp: str) -> None:
    """Remember the stamp."""
    atomic.write_bytes(mark, stamp.encode())
