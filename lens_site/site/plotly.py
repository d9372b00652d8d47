"""plotly.js, as the installed plotly package ships it: where it lies, and its version."""

from importlib import resources
from pathlib import Path


def script() -> Path:
    """Return the file, minified and whole."""
    return Path(str(resources.files("plotly"))) / "package_data" / "plotly.min.js"


def version() -> str:
    """Return the version that the script states in its first lines."""
    with script().open(encoding="utf-8") as opened:
        head = opened.read(400)
    return head.partition("plotly.js v")[2].split()[0] if "plotly.js v" in head else ""
