"""The table ``[site]`` of a TOML file, read with the files that it names."""

import base64
import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from lens_site.errors import ConfigError, did_you_mean
from lens_site.results.schema.identity import LONGEST_MARK, ExtraPage, Identity, MarkFile

KEYS = tuple(name for name in Identity.model_fields if name not in ("sha256", "schema_version"))
PAGE_KEYS = ("file", "title", "address")
MARKDOWN = (".md", ".markdown")
HEADING = re.compile(r"\A\s*#\s+(.+?)\s*#*\s*(?:\n|\Z)")

WANTED = {
    "accent": "a color like #0b5c63",
    "language": "a language like de or pt-BR",
    "mark": f"a word of {LONGEST_MARK} letters at most, or a .svg or .png file",
    "sections": "a list of names of sections",
    "pages": 'a list of Markdown files, or of tables like {file = "about-us.md", title = "About"}',
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
        f"site: no key {key!r}{did_you_mean(key, KEYS) or _are(KEYS)}"
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


def _are(keys: Sequence[str]) -> str:
    return f"; the keys are {', '.join(keys)}"


def _as_it_is(value: object, folder: Path) -> object:
    return tuple(value) if isinstance(value, list) else value


def _text(value: object, folder: Path) -> object:
    """Return Markdown, or that of the file whose name it is."""
    named = isinstance(value, str) and "\n" not in value and value.endswith(MARKDOWN)
    return _file(str(value), folder).decode() if named else value


def _mark(value: object, folder: Path) -> object:
    suffix = Path(value).suffix.lower() if isinstance(value, str) else ""
    if suffix not in (".svg", ".png"):
        return value
    data = base64.b64encode(_file(str(value), folder)).decode()
    try:
        return MarkFile(kind=suffix[1:], data=data)
    except ValidationError as error:
        raise ConfigError(f"{value} {error.errors()[0]['ctx']['error']}") from None


def _pages(value: object, folder: Path) -> object:
    if not isinstance(value, list):
        return value
    return tuple(_page(entry, folder) for entry in value)


def _page(entry: object, folder: Path) -> ExtraPage:
    given = {"file": entry} if isinstance(entry, str) else entry
    if not isinstance(given, Mapping) or not isinstance(given.get("file"), str):
        raise ConfigError(f"{entry!r} names no file; wanted {WANTED['pages']}")
    for key in given:
        if key not in PAGE_KEYS:
            hint = did_you_mean(key, PAGE_KEYS) or _are(PAGE_KEYS)
            raise ConfigError(f"no key {key!r} of a page{hint}")
    name = given["file"]
    text = _file(name, folder).decode()
    heading = HEADING.match(text)
    title = given.get("title") or (heading[1] if heading else "")
    if not title:
        raise ConfigError(f'{name} has no heading; begin it with "# Title", or give title = "…"')
    body = text[heading.end() :] if heading and heading[1] == title else text
    address = given.get("address") or _address(Path(name).stem) or _address(title)
    try:
        return ExtraPage(title=title, address=address, file=Path(name).name, text=body)
    except ValidationError as error:
        (key,) = error.errors()[0]["loc"][:1]
        raise ConfigError(
            f"{key} of {name}: {given.get(key, address)!r} cannot be used; give "
            'address = "a-word" and a title on one line'
        ) from None


def _address(words: str) -> str:
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain))


def _file(name: str, folder: Path) -> bytes:
    path = folder / name
    try:
        content = path.read_bytes()
        if path.suffix.lower() != ".png":
            content.decode()
        return content
    except OSError as error:
        reason = error.strerror
    except ValueError as error:
        reason = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
    raise ConfigError(f"{path} cannot be read ({reason}); paths go from the folder of the TOML")


_READERS = {
    "introduction": _text, "footer": _text, "mark": _mark, "pages": _pages,
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
