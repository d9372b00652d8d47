"""Whether a site already shows certain results, so that an unchanged build does not render."""

import hashlib
from pathlib import Path

from lens_site import __version__, atomic
from lens_site.results import store
from lens_site.results.comparison import COMPARISONS
from lens_site.site import assets


def of(run_dir: Path, base_url: str | None) -> str:
    """SHA-256 of the results, the templates, the assets, the code's version and the address."""
    seen = hashlib.sha256(f"{__version__} {base_url}".encode())
    run = store.read_run(run_dir)
    sources = [run_dir / store.RUN]
    sources += [run_dir / c.slug / store.RESULT for c in run.classes if c.status == "built"]
    sources += sorted(run_dir.glob(COMPARISONS))
    for folder in (assets.folder("templates"), assets.folder("static"), Path(__file__).parent):
        sources += sorted(p for p in folder.rglob("*") if p.suffix != ".pyc" and p.is_file())
    for path in sources:
        seen.update(path.read_bytes())
    return seen.hexdigest()


def matches(mark: Path, stamp: str, site: Path) -> bool:
    """Whether ``mark`` holds this stamp and the site is there."""
    return (site / "index.html").exists() and mark.exists() and mark.read_text() == stamp


def write(mark: Path, stamp: str) -> None:
    """Remember the stamp."""
    atomic.write_bytes(mark, stamp.encode())
