"""Data as classic scripts: a page opened from a disk may load these, and nothing else.

A file becomes ``LensData(name, number, count, "base64")``, in as many parts as its size asks for;
``static/browser/lens.js`` reads them.
"""

import base64
import json
from pathlib import PurePath

PART = 1_500_000
"""Bytes in one script: 2 MB as text, so that loading has steps to show."""


def scripts(folder: str, file: str, data: bytes) -> dict[str, bytes]:
    """Return the scripts of a file of ``folder`` (``network.js``, ``network-2.js``, …) by name."""
    stem = PurePath(file).stem
    parts = [data[i : i + PART] for i in range(0, len(data), PART)] or [b""]
    return {
        f"{stem}{f'-{number}' if number > 1 else ''}.js": _script(
            folder + stem, number, len(parts), part
        )
        for number, part in enumerate(parts, start=1)
    }


def _script(name: str, number: int, count: int, data: bytes) -> bytes:
    said = f"{json.dumps(name)}, {number}, {count}"
    return b'LensData(%s, "%s");\n' % (said.encode(), base64.b64encode(data))
