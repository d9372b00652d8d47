"""The predicting pass as a table on disk, so that no image is predicted twice.

The table lives beside the results, in ``OUT/cache``: it holds modification times, which differ
from machine to machine, and is never published.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from lens_site import atomic


class Prediction(NamedTuple):
    """What the model says of one image; ``predicted`` is −1 for an unreadable one."""

    stamp: str
    """Changes whenever the picture may have changed."""
    digest: str
    """SHA-256 of the picture's bytes."""
    predicted: int
    probability: float
    logit: float
    reason: str = ""
    """Why the image could not be read."""


def read_predictions(path: Path) -> dict[str, Prediction]:
    """Read a table by image key; an absent or damaged one is empty."""
    try:
        rows = json.loads(path.read_bytes())
        return {key: Prediction(*row) for key, row in rows.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def write_predictions(path: Path, table: Mapping[str, Prediction]) -> None:
    """Write the table in one step; raises OutputError."""
    atomic.write_bytes(path, json.dumps(table, sort_keys=True).encode())
