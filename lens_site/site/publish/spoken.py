"""What the scripts of a site say, in its language: put before each script that says it.

An English site has nothing put before; so its scripts are those of ``static/``.
"""

import json
import re
from collections.abc import Iterator

from lens_site.site import language

SAID = re.compile(r'\blens(?:Say|Many)\(\s*("(?:[^"\\]|\\.)*")')
"""A text that a script says, as ``make messages`` finds it, too."""


def learned(script: str) -> str:
    """Return a call of ``lensLearn`` with the translations of a script; empty without any."""
    told = {message: list(forms) for message, forms in _translated(script)}
    if not told:
        return ""
    plural = language.now().catalogs[0].plural
    text = json.dumps(
        {m: forms if len(forms) > 1 else forms[0] for m, forms in told.items()},
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return f"lensLearn({text}, (n) => {plural});\n"


def _translated(script: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    known = language.now().known
    for message in dict.fromkeys(json.loads(found[1]) for found in SAID.finditer(script)):
        if message in known:
            yield message, known[message]
