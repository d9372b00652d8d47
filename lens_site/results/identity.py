"""The table ``[site]`` of a TOML file, read with the files that it names."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from lens_site.errors import ConfigError, did_you_mean
from lens_site.results import pages
from lens_site.results.schema.identity import LONGEST_MARK, Identity, MarkFile

KEYS = tuple(name for name in Identity.model_fields if name not in ("sha256", "schema_version"))
MARKDOWN = (".md", ".markdown")

WANTED = {
    "accent": "a color like #0b5c63",
    "language": "a language like de or pt-BR",
    "mark": f"a word of {LONGEST_MARK} letters at most, or a .svg or .png file",
    "sections": "a list of names of sections",
    "pages": pages.WANTED,
    "source": "an address like https://github.com/me/mine/blob/main/docs",
    "credits": "a list of lines of text, each without a break",
}


def read(table: object, folder: Path) -> Identity:
    """Return the record of a table; files are looked for in ``folder``.

    Raises
    ------
    ConfigError
        Naming every mistake at once, each with its key and the way out.
    """
    if not isinstance(table, Mapping):
        raise ConfigError(f"site: {table!r}, wanted a table; write [site] and keys below it")
    mistakes = [
        f"site: no key {key!r}{did_you_mean(key, KEYS) or pages.keys_are(KEYS)}"
        for key in table
        if key not in KEYS
    ]
    read_in: dict[str, object] = {}
    for key in (key for key in KEYS if table.get(key, "") != ""):
        try:
            read_in[key] = _READERS.get(key, _as_it_is)(table[key], folder)
        except ConfigError as error:
            mistakes.append(f"site.{key}: {error}")
    try:
        identity = Identity.model_validate(read_in)
    except ValidationError as error:
        mistakes += dict.fromkeys(_explain(e) for e in error.errors())
    if mistakes:
        raise ConfigError("; ".join(mistakes))
    return identity


def _as_it_is(value: object, folder: Path) -> object:
    return tuple(value) if isinstance(value, list) else value


def _text(value: object, folder: Path) -> object:
    """Return Markdown, or that of the file whose name it is."""
    named = isinstance(value, str) and "\n" not in value and value.endswith(MARKDOWN)
    return pages.file(str(value), folder).decode() if named else value


def _mark(value: object, folder: Path) -> object:
    suffix = Path(value).suffix.lower() if isinstance(value, str) else ""
    if suffix not in (".svg", ".png"):
        return value
    data = base64.b64encode(pages.file(str(value), folder)).decode()
    try:
        return MarkFile(kind=suffix[1:], data=data)
    except ValidationError as error:
        raise ConfigError(f"{value} {error.errors()[0]['ctx']['error']}") from None


_READERS = {
    "introduction": _text, "footer": _text, "mark": _mark, "pages": pages.read,
}  # fmt: skip


def _explain(error: Any) -> str:
    if not error["loc"]:  # of the whole: it names its key
        return f"site.{error['ctx']['error']}"
    key = str(error["loc"][0])
    if error["type"] == "value_error":
        return f"site.{key}: {error['ctx']['error']}"
    got = repr(error["input"])
    got = got if len(got) < 60 else f"{got[:60]} …"
    return f"site.{key}: {got}, wanted {WANTED.get(key, 'a text, short enough')}"
