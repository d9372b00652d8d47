"""The image-text model: what one has to offer, ours, and one of the user's."""

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float
from PIL import Image

from lens_site import named
from lens_site.errors import ConfigError, first_line

DEFAULT = "lens_site.naming.clip:open_clip"
"""What makes the encoder where no other is named."""

OPTION = "encoder"


@runtime_checkable
class Encoder(Protocol):
    """Maps pictures and texts into one space, where likeness is the cosine."""

    name: str
    """Of the model and its weights; it stands on the pages."""

    def images(self, pictures: Sequence[Image.Image]) -> Float[np.ndarray, "n d"]:
        """Return a row for each picture."""

    def texts(self, terms: Sequence[str]) -> Float[np.ndarray, "m d"]:
        """Return a row for each term."""


def load(word: str) -> Encoder:
    """Call the factory that ``package.module:factory`` names.

    Raises
    ------
    ConfigError
        When it cannot be loaded or called, or makes no encoder.
    """
    if not named.is_outside(word):
        raise ConfigError(f"{OPTION}: no {word[: named.LONGEST]!r}; give package.module:factory")
    factory = named.outside(word, OPTION)
    try:
        made = factory()
    except ConfigError:
        raise
    except Exception as problem:  # a model of the user's may raise anything
        raise ConfigError(
            f"{OPTION}: {word} cannot be made ({first_line(problem)}); give a factory that takes "
            "no argument"
        ) from problem
    missing = [part for part in ("name", "images", "texts") if not hasattr(made, part)]
    if missing:
        raise ConfigError(
            f"{OPTION}: {word} makes {type(made).__name__} without {' and '.join(missing)}; see "
            f"{__name__}.Encoder"
        )
    encoder: Encoder = made
    return encoder


def unit_rows(rows: Any, wanted: int, what: str) -> Float[np.ndarray, "n d"]:
    """Check what an encoder gave for ``wanted`` things, and scale each row to length 1.

    Raises
    ------
    ConfigError
        When they are not so many rows of finite numbers, none of them 0.
    """
    given = np.asarray(rows, dtype=np.float64)
    if given.ndim != 2 or len(given) != wanted or not given.size:
        raise ConfigError(
            f"{OPTION}: gave an array of shape {given.shape} for {wanted} {what}, wanted a row each"
        )
    lengths = np.linalg.norm(given, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or not lengths.all():
        raise ConfigError(f"{OPTION}: gave rows of {what} that are 0 or not finite")
    unit: np.ndarray = given / lengths
    return unit
