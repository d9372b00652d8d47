"""MiniSearch, the library that finds in the browser: its script, as npm's package ships it.

No package of Python ships it, so that it lies here unchanged, under its license. ``make shipped``
fetches both files anew and holds them to ``SHA256SUMS``.
"""

from importlib import resources
from pathlib import Path

VERSION = "7.2.0"


def script() -> Path:
    """Return the file; it defines ``MiniSearch`` for classic scripts."""
    return Path(str(resources.files(__name__))) / "minisearch.js"


def license() -> Path:
    """Return the file of its license, which goes wherever the script goes."""
    return Path(str(resources.files(__name__))) / "LICENSE.txt"
