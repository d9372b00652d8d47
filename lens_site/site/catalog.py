"""A catalog of texts: a ``.po`` file of gettext, read as it is, so that nothing is compiled.

The standard library reads only the compiled form; that is made here, in memory.
"""

import ast
import gettext
import io
import re
import struct
from dataclasses import dataclass
from pathlib import Path

from lens_site.errors import ConfigError

CONTEXT = "\x04"
"""Stands between the context of a text and the text, in the compiled form."""

LINE = re.compile(r'(?:(msgctxt|msgid_plural|msgid|msgstr(?:\[(\d+)\])?)\s+)?(".*")\s*\Z')
PLURAL = re.compile(r"plural\s*=\s*([^;]+)")


@dataclass(frozen=True)
class Message:
    """One text: its context, in English (one, many), and translated, a form a plural."""

    context: str
    one: str
    other: str
    told: tuple[str, ...]
    fuzzy: bool


@dataclass(frozen=True)
class Catalog:
    """The texts of a file; fuzzy ones, and those that are not translated, are not used."""

    header: str
    messages: tuple[Message, ...]

    @property
    def plural(self) -> str:
        """The formula that gives the form for ``n`` things; a script understands it, too."""
        found = PLURAL.search(self.header)
        return found[1].strip() if found else "(n != 1)"

    @property
    def used(self) -> tuple[Message, ...]:
        """Those that are translated."""
        return tuple(m for m in self.messages if all(m.told) and not m.fuzzy)

    def translations(self) -> gettext.GNUTranslations:
        """Return what the standard library looks texts up in."""
        return gettext.GNUTranslations(io.BytesIO(self._compiled()))

    def _compiled(self) -> bytes:
        """Return the catalog as a ``.mo`` file.  Source: the manual of GNU gettext, 10.3."""
        pairs = {
            (f"{m.context}{CONTEXT}" if m.context else "")
            + (f"{m.one}\0{m.other}" if m.other else m.one): "\0".join(m.told)
            for m in self.used
        }
        forms = f"Plural-Forms: nplurals=2; plural={self.plural};\n"  # the number is not looked at
        pairs[""] = f"Content-Type: text/plain; charset=UTF-8\n{forms}"
        rows = sorted((one.encode(), told.encode()) for one, told in pairs.items())
        first = 7 * 4
        at, texts = first + 16 * len(rows), b""
        tables: list[list[int]] = [[], []]
        for side, table in enumerate(tables):
            for row in rows:
                table += [len(row[side]), at + len(texts)]
                texts += row[side] + b"\0"
        head = (0x950412DE, 0, len(rows), first, first + 8 * len(rows), 0, 0)
        return struct.pack(f"<{7 + 4 * len(rows)}I", *head, *tables[0], *tables[1]) + texts


def read(path: Path) -> Catalog:
    """Read a ``.po`` file.

    Raises
    ------
    ConfigError
        Naming the line that cannot be understood.
    """
    header, messages = "", []
    for fields, fuzzy in _entries(path):
        if not fields.get("msgid"):
            header = fields.get("msgstr", "")
            continue
        forms = sorted(key for key in fields if key.startswith("msgstr"))
        told = tuple(fields[key] for key in forms)
        messages.append(
            Message(
                fields.get("msgctxt", ""), fields["msgid"], fields.get("msgid_plural", ""), told,
                fuzzy,
            )
        )  # fmt: skip
    catalog = Catalog(header, tuple(messages))
    try:
        gettext.c2py(catalog.plural)
        catalog.translations()
    except ValueError as error:
        raise ConfigError(f"{path}: Plural-Forms cannot be used ({error})") from None
    return catalog


def _entries(path: Path) -> list[tuple[dict[str, str], bool]]:
    """Return the fields of each entry, and whether it is marked as fuzzy."""
    entries: list[tuple[dict[str, str], bool]] = []
    fields: dict[str, str] = {}
    fuzzy, key = False, ""
    for number, line in enumerate(_lines(path), start=1):
        if line.startswith("#") or not line.strip():
            if fields:
                entries.append((fields, fuzzy))
                fields, fuzzy, key = {}, False, ""
            fuzzy = fuzzy or (line.startswith("#,") and "fuzzy" in line)
            continue
        found = LINE.match(line)
        key = (found[1] or key) if found else ""
        if found is None or not key:
            raise ConfigError(f'{path}:{number}: {line[:60]!r}, wanted msgid or msgstr and "…"')
        try:
            fields[key] = fields.get(key, "") + str(ast.literal_eval(found[3]))
        except (SyntaxError, ValueError):
            raise ConfigError(f"{path}:{number}: {line[:60]!r} is no quoted text") from None
    return [*entries, (fields, fuzzy)] if fields else entries


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: cannot be read ({error})") from None
