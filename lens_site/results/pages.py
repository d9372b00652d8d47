"""Pages of the user's own, read from Markdown files: ``pages`` in the table ``[site]``.

An entry is a file, a table about a file, or a group: ``{title = "Docs", pages = [...]}``. With a
text comes what it shows and names: its pictures, and which of its links lead to files that lie on
the user's disk but are no pages. All paths go from the folder of the TOML file.
"""

import base64
import os
import posixpath
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from PIL import Image, UnidentifiedImageError
from pydantic import ValidationError

from lens_site.errors import ConfigError, did_you_mean
from lens_site.results.schema.identity import ExtraPage, Picture

PAGE_KEYS = ("file", "title", "address", "pages")
WANTED = 'a list of Markdown files, or of tables like {file = "about-us.md", title = "About"}'
HEADING = re.compile(r"\A\s*#\s+(.+?)\s*#*\s*(?:\n|\Z)")
LINK = re.compile(r"(!?)\[[^\[\]]*\]\(([^()\s#]+)")
KINDS = {"WEBP": "webp", "PNG": "png", "JPEG": "jpg"}
SUFFIXES = (".webp", ".png", ".jpg", ".jpeg")


def read(value: object, folder: Path) -> object:
    """Return the pages of a list; what is no list is left for the record to refuse.

    Raises
    ------
    ConfigError
        Naming the first mistake.
    """
    if not isinstance(value, list):
        return value
    return tuple(page for entry in value for page in _entry(entry, folder))


def file(name: str, folder: Path) -> bytes:
    """Return what a file holds, if it is text or a picture; raises ConfigError."""
    path = folder / name
    try:
        content = path.read_bytes()
        if path.suffix.lower() not in SUFFIXES:
            content.decode()
        return content
    except OSError as error:
        reason = error.strerror
    except ValueError as error:
        reason = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
    raise ConfigError(f"{path} cannot be read ({reason}); paths go from the folder of the TOML")


def keys_are(keys: Sequence[str]) -> str:
    """Say which keys there are, for one that is none of them."""
    return f"; the keys are {', '.join(keys)}"


def _entry(entry: object, folder: Path) -> Iterator[ExtraPage]:
    given = {"file": entry} if isinstance(entry, str) else entry
    if not isinstance(given, Mapping) or not {"file", "pages"} & set(given):
        raise ConfigError(f"{entry!r} names no file; wanted {WANTED}")
    for key in given:
        if key not in PAGE_KEYS:
            hint = did_you_mean(key, PAGE_KEYS) or keys_are(PAGE_KEYS)
            raise ConfigError(f"no key {key!r} of a page{hint}")
    if "pages" in given:
        yield from _group(given, folder)
    elif isinstance(given["file"], str):
        yield _page(given, folder)
    else:
        raise ConfigError(f"{entry!r} names no file; wanted {WANTED}")


def _group(given: Mapping[str, Any], folder: Path) -> Iterator[ExtraPage]:
    """Read the pages of one menu entry: the first at the address of the group, others below."""
    title, entries = given.get("title"), given["pages"]
    if "file" in given or not isinstance(title, str) or not isinstance(entries, list):
        raise ConfigError(
            f'{dict(given)!r} is no group; wanted {{title = "Docs", pages = ["a.md", "b.md"]}}'
        )
    top = given.get("address") or _address(title)
    for number, entry in enumerate(entries):
        one = {"file": entry} if isinstance(entry, str) else entry
        if isinstance(one, Mapping) and "pages" in one:
            raise ConfigError(f"{one!r} is a group in a group; name its pages one by one")
        for page in _entry(one, folder):
            below = f"{top}/{page.address}" if number else top
            yield _checked(dict(page) | {"group": title, "address": below}, page.file, given)


def _page(given: Mapping[str, Any], folder: Path) -> ExtraPage:
    name = Path(os.path.relpath(folder / given["file"], folder)).as_posix()
    text = file(given["file"], folder).decode()
    heading = HEADING.match(text)
    title = given.get("title") or (heading[1] if heading else "")
    if not title:
        raise ConfigError(f'{name} has no heading; begin it with "# Title", or give title = "…"')
    body = text[heading.end() :] if heading and heading[1] == title else text
    address = given.get("address") or _address(Path(name).stem) or _address(title)
    named = _named(body, name)
    links = sorted(path for path, shown in named.items() if not shown)
    pages = {
        "title": title, "address": address, "file": name, "text": body,
        "files": [path for path in links if (folder / path).exists()],
        "pictures": [_picture(path, folder) for path, shown in named.items() if shown],
    }  # fmt: skip
    return _checked(pages, name, given)


def _checked(fields: Mapping[str, Any], name: str, given: Mapping[str, Any]) -> ExtraPage:
    try:
        return ExtraPage.model_validate(fields)
    except ValidationError as error:
        (key,) = error.errors()[0]["loc"][:1]
        raise ConfigError(
            f"{key} of {name}: {given.get(str(key), fields['address'])!r} cannot be used; give "
            'address = "a-word" and a title on one line'
        ) from None


def _named(text: str, name: str) -> dict[str, bool]:
    """Return the paths that a text of the file ``name`` links to, and which it shows."""
    found: dict[str, bool] = {}
    for mark, target in LINK.findall(text):
        if not re.match(r"[a-z]+:|/", target):
            path = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(target)))
            found[path] = bool(mark) or found.get(path, False)
    return found


def _picture(path: str, folder: Path) -> Picture:
    content = file(path, folder)
    try:
        with Image.open(BytesIO(content), formats=tuple(KINDS)) as opened:
            kind, (width, height) = KINDS[str(opened.format)], opened.size
    except (UnidentifiedImageError, OSError):
        raise ConfigError(f"{path} is no WebP, PNG or JPEG; save it as one") from None
    data = base64.b64encode(content).decode()
    try:
        return Picture(path=path, kind=kind, width=width, height=height, data=data)
    except ValidationError as error:
        raise ConfigError(f"{path} {error.errors()[0]['ctx']['error']}") from None


def _address(words: str) -> str:
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain))
