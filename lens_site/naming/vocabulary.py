"""The words that concepts may be named by: a text file, one term a line."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from lens_site.errors import ConfigError

MOST_BYTES, LONGEST = 50_000_000, 200
"""Size of a file of words, and letters of a term."""


@dataclass(frozen=True)
class Vocabulary:
    """Different terms in the order of the file, its name and its SHA-256."""

    name: str
    terms: tuple[str, ...]
    sha256: str


def read(path: Path) -> Vocabulary:
    """Read a file of terms; blank lines and repetitions do not count.

    Raises
    ------
    ConfigError
        When it cannot be read, is no text, or holds no term or a very long one.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ConfigError(
                f"vocabulary: {path} has over {MOST_BYTES:,} bytes; give a shorter one"
            )
        data = path.read_bytes()
        lines = data.decode("utf-8-sig").splitlines()
    except OSError as error:
        raise ConfigError(
            f"vocabulary: {path} cannot be read ({error.strerror}); give a text file, one term "
            "a line"
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"vocabulary: {path} is no UTF-8 text (byte {error.start}); give a text file, one term "
            "a line"
        ) from error
    terms = tuple(dict.fromkeys(" ".join(line.split()) for line in lines if line.strip()))
    if not terms:
        raise ConfigError(f"vocabulary: {path} is empty; write one term a line")
    longest = max(terms, key=len)
    if len(longest) > LONGEST:
        raise ConfigError(
            f"vocabulary: {path} has a term of {len(longest)} letters, {longest[:40]!r} …; write "
            f"one term a line, of at most {LONGEST}"
        )
    return Vocabulary(path.name, terms, hashlib.sha256(data).hexdigest())
