"""What a word names: a file of one of our rooms, or ``package.module:Name`` of yours.

A room of methods, sources, pages or sections is a folder. The list of what it knows is the list of
its files, read without importing any, so that ``lens --help`` stays light and a new file is known
by being there. Only this belongs here: nothing about what the named things are.
"""

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from lens_site.errors import ConfigError, UsageError, did_you_mean, first_line

Kind = TypeVar("Kind")


def names(room: str) -> tuple[str, ...]:
    """Words that the room ``lens_site.<room>`` knows: its files, hyphens for underscores."""
    folder = Path(__file__).parent.joinpath(*room.split("."))
    stems = (path.stem for path in folder.glob("*.py"))
    return tuple(sorted(stem.replace("_", "-") for stem in stems if not stem.startswith("_")))


LONGEST = 100
"""Letters of an unknown word that its error repeats."""


def check(word: str, room: str, option: str) -> str:
    """Return ``word`` when the room knows it or it has the form ``package.module:Name``.

    Raises
    ------
    ConfigError
        Else, with the nearest word, or all of them.
    """
    known = names(room)
    if word in known or is_outside(word):
        return word
    hint = did_you_mean(word, known) or f"; it is one of {', '.join(known)}"
    raise ConfigError(f"{option}: no {word[:LONGEST]!r}{hint}")


def is_outside(word: str) -> bool:
    """Whether ``word`` has the form ``package.module:Name``."""
    module, colon, name = word.partition(":")
    return bool(colon) and name.isidentifier() and all(p.isidentifier() for p in module.split("."))


def module(room: str, word: str) -> ModuleType:
    """Import the file of a word that the room knows."""
    return import_module(f"lens_site.{room}.{word.replace('-', '_')}")


def method(word: str, room: str, kind: type[Kind], option: str) -> type[Kind]:
    """Return the subclass of ``kind`` that a word names, in the room or outside of it.

    Raises
    ------
    ConfigError
        For a word that names nothing, or something that is no subclass of ``kind``.
    """
    if is_outside(check(word, room, option)):
        found = outside(word, option)
    else:
        inside = vars(module(room, word)).values()
        found = next((each for each in inside if getattr(each, "name", None) == word), None)
    if not (isinstance(found, type) and issubclass(found, kind)):
        raise ConfigError(
            f"{option}: {word} is {found!r}, wanted a subclass of {kind.__module__}.{kind.__name__}"
        )
    return found


def outside(word: str, option: str, *, error: type[UsageError] = ConfigError) -> Any:
    """Import ``package.module:Name``, found from the working directory as ``python -m`` does.

    Raises
    ------
    UsageError
        Of the type ``error``, when it cannot be imported.
    """
    package, _, name = word.partition(":")
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        return getattr(import_module(package), name)
    except Exception as problem:  # a module of the user's may raise anything
        raise error(
            f"{option}: {word[:LONGEST]!r} cannot be loaded ({first_line(problem)}); "
            "give package.module:Name, importable from here"
        ) from problem
