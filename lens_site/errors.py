"""Every error Lens raises on purpose, each with the exit code the command ends with.

::

    LensError                 1   the work went wrong
    ├── UsageError            2   the request cannot be carried out as it was made
    │   ├── ConfigError       2   an option, its value or the TOML file
    │   ├── SourceError       2   the folder or set of images
    │   ├── ClassError        2   a class that does not exist
    │   └── ClassifierError   2   a model or weights that cannot be loaded or split
    ├── UnreadableImage       1   one picture; skipped and reported, never fatal
    ├── LostImages            1   pictures that went away while they were read, many in a row
    ├── StageError            1   one class cannot be computed (bad activations, k too large)
    ├── ResultError           1   a result file is missing, damaged or of another version
    └── OutputError           1   the output folder cannot be written, or the disk is full

A message is one line with four parts: the thing, what it got, what it wanted, the way out.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class LensError(Exception):
    """Base of all errors that a user can read and act on."""

    exit_code = 1


class UsageError(LensError):
    """The request itself is wrong; nothing was computed."""

    exit_code = 2


class ConfigError(UsageError):
    """An option, its value, or a key of the TOML file."""


class SourceError(UsageError):
    """A folder of images that is missing, empty, or holds nothing readable."""


class ClassError(UsageError):
    """A class that the model does not have."""


class ClassifierError(UsageError):
    """A model that cannot be loaded, split, or filled with the weights given."""


class UnreadableImage(LensError):
    """One picture that cannot be decoded."""


class LostImages(LensError):
    """Pictures that were there at the beginning, and of which not one can be read any more."""


class StageError(LensError):
    """One class that cannot be computed."""


class ResultError(LensError):
    """A result that is missing, damaged, or written by another version."""


class OutputError(LensError):
    """A file that cannot be written."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"``, or an empty string when nothing is near."""
    return suggest(map(repr, nearest(word, known)))


def nearest(word: str, known: Iterable[str], *, cutoff: float = 0.6) -> list[str]:
    """Return the one or two words that are nearest, the nearest first; often none."""
    return get_close_matches(word, list(known), n=2, cutoff=cutoff)


def suggest(written: Iterable[str]) -> str:
    """Return ``"; did you mean x or y?"`` of words as they shall be read, or an empty string."""
    words = " or ".join(dict.fromkeys(written))
    return f"; did you mean {words}?" if words else ""


def first_line(error: BaseException) -> str:
    """Return the first line of another library's message, or the error's type when it is mute."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
