"""The language of the site: every text that a visitor reads is asked for here.

A text is written in English where it is used, ``say("Not found")``, and looked up in the catalog
of the language that :func:`spoken` set; without one it stays as it is. A catalog is a file
``<language>/LC_MESSAGES/lens.po`` of ``locale/``; one in a folder of the user's goes before it,
text by text. ``make messages`` gathers the texts of modules, templates and scripts.
"""

import gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from lens_site.errors import ConfigError, did_you_mean
from lens_site.results.words import later as later
from lens_site.site.catalog import Catalog, read

LOCALE = Path(__file__).parent / "locale"
ENGLISH = "en"
FILE = "LC_MESSAGES/lens.po"


@dataclass(frozen=True)
class Language:
    """A language, and what it says; the first catalog that has a text is heard."""

    name: str = ENGLISH
    catalogs: tuple[Catalog, ...] = ()
    translations: gettext.NullTranslations = field(default_factory=gettext.NullTranslations)

    @cached_property
    def known(self) -> dict[str, tuple[str, ...]]:
        """All translated texts without a context, a form a plural."""
        return {m.one: m.told for c in reversed(self.catalogs) for m in c.used if not m.context}

    @cached_property
    def marks(self) -> dict[int, str]:
        """What stands for the point and the comma of an English number."""
        pgettext = self.translations.pgettext
        return {ord("."): pgettext("number", "."), ord(","): pgettext("number", ",")}


_spoken: ContextVar[Language] = ContextVar("spoken", default=Language())  # noqa: B039


def now() -> Language:
    """Return the language that is spoken now."""
    return _spoken.get()


@contextmanager
def spoken(language: Language) -> Iterator[None]:
    """Speak a language."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


def load(name: str, own: Path | None = None) -> Language:
    """Return a language: the catalog of the folder ``own``, then ours.

    Raises
    ------
    ConfigError
        When neither has it, or a catalog is damaged.
    """
    above = [*([own / "locale"] if own else []), LOCALE]
    files = [path for folder in above if (path := folder / name / FILE).is_file()]
    if not files and name != ENGLISH:
        known = sorted({ENGLISH, *(path.parts[-3] for f in above for path in f.glob(f"*/{FILE}"))})
        hint = did_you_mean(name, known) or f"; there are {', '.join(known)}"
        raise ConfigError(
            f"site.language: no translation {name!r}{hint}, or put your own into "
            f"TEMPLATES/locale/{name}/{FILE}"
        )
    catalogs = tuple(map(read, files))
    first = gettext.NullTranslations()
    for catalog in reversed(catalogs):
        translations = catalog.translations()
        translations.add_fallback(first)
        first = translations
    return Language(name, catalogs, first)


def say(message: str, /, **values: object) -> str:
    """Return a text in the language of the site, ``{name}`` in it filled in."""
    told = now().translations.gettext(message) if message else ""  # "" would be the header
    return told.format(**values) if values else told


def say_as(context: str, message: str, /, **values: object) -> str:
    """Return a text that means several things in English, by what it means here."""
    told = now().translations.pgettext(context, message)
    return told.format(**values) if values else told


def many(one: str, other: str, number: int, /, **values: object) -> str:
    """Return the text for ``number`` things; ``{n}`` in it is the number.

    >>> many("{n} image", "{n} images", 1203)
    '1,203 images'
    """
    told = now().translations.ngettext(one, other, number)
    return told.format(n=local(f"{number:,}"), **values)


def many_as(context: str, one: str, other: str, number: int, /, **values: object) -> str:
    """Return :func:`many` of a text that means several things in English."""
    told = now().translations.npgettext(context, one, other, number)
    return told.format(n=local(f"{number:,}"), **values)


def later_many(one: str, other: str) -> tuple[str, str]:
    """Mark both forms of a text that is said elsewhere by ``many(one, other, number)``."""
    return one, other


def local(number: str) -> str:
    """Return a number that is written as in English as the language writes it."""
    return number.translate(now().marks)
