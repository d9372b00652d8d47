"""Name the concepts of a run: the tiles it already holds, class by class.

Tiles that hold little of a concept are those of the other concepts of its class at whose places its
code is under a tenth of that of its own weakest tile.
"""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from jaxtyping import Float
from PIL import Image
from safetensors.numpy import load

from lens_site.errors import ResultError, first_line
from lens_site.naming.choose import THRESHOLD, choose
from lens_site.naming.encoder import Encoder, unit_rows
from lens_site.naming.vocabulary import Vocabulary
from lens_site.results import store
from lens_site.results.schema import ClassResult, Concept, ConceptName, Names

LITTLE = 0.1
"""Part of the code of a concept's weakest tile under which a tile holds little of it."""

Heard = Callable[[int, int, str], None]
"""Hears how many classes are done, out of how many, and the name of the last one."""


def name_run(
    run_dir: Path, vocabulary: Vocabulary, encoder: Encoder, heard: Heard | None = None
) -> Names:
    """Choose a term for every concept of a run that has tiles enough.

    Raises
    ------
    ResultError
        When a result is missing or damaged.
    ConfigError
        When the encoder gives something else than a row for each picture and term.
    """
    run = store.read_run(run_dir)
    terms = unit_rows(encoder.texts(vocabulary.terms), len(vocabulary.terms), "terms")
    built = sorted((c for c in run.classes if c.status == "built"), key=lambda c: c.index)
    names: list[ConceptName] = []
    keys: dict[int, str] = {}
    for done, status in enumerate(built, start=1):
        result = store.read_class(run_dir, status.slug)
        names += _name_class(result, run_dir / status.slug, vocabulary, encoder, terms)
        keys[status.index] = result.key
        if heard:
            heard(done, len(built), status.name)
    return Names(
        model=encoder.name,
        vocabulary=vocabulary.name,
        vocabulary_sha256=vocabulary.sha256,
        terms=len(vocabulary.terms),
        threshold=THRESHOLD,
        keys=keys,
        names=tuple(names),
    )


def _name_class(
    result: ClassResult,
    folder: Path,
    vocabulary: Vocabulary,
    encoder: Encoder,
    terms: Float[np.ndarray, "v d"],
) -> list[ConceptName]:
    shown = [c for c in result.concepts if c.tiles]
    pictures = [picture for c in shown for picture in _cut(folder / c.tiles_file, c)]
    if not pictures:
        return []
    rows = unit_rows(encoder.images(pictures), len(pictures), "pictures")
    owner = np.repeat([c.number for c in shown], [len(c.tiles) for c in shown])
    codes = _codes(folder, result, shown)
    names = []
    for concept in shown:
        own, held = owner == concept.number, codes[:, concept.number - 1]
        low = ~own & (held < LITTLE * min(t.code for t in concept.tiles))
        chosen = choose(rows[own], rows[low], terms)
        if chosen:
            term, score = vocabulary.terms[chosen.term], round(chosen.score, 4)
            names.append(
                ConceptName(
                    index=result.name.index, concept=concept.number, term=term, score=score,
                    tiles=int(own.sum()), low=int(low.sum()),
                )
            )  # fmt: skip
    return names


def _cut(path: Path, concept: Concept) -> list[Image.Image]:
    """Cut the strip of a concept into its tiles."""
    try:
        with Image.open(io.BytesIO(store.file_bytes(path)), formats=("WEBP",)) as opened:
            strip, side = opened.convert("RGB"), opened.height
    except (OSError, ValueError) as error:
        raise ResultError(
            f"{path}: is no strip of tiles ({first_line(error)}); {store.AGAIN}"
        ) from error
    return [strip.crop((i * side, 0, (i + 1) * side, side)) for i in range(len(concept.tiles))]


def _codes(folder: Path, result: ClassResult, shown: list[Concept]) -> Float[np.ndarray, "tiles k"]:
    """Return the codes of all concepts at the place of each tile."""
    path = folder / store.ARRAYS
    try:
        codes = load(store.file_bytes(path))["codes"].astype(np.float32)
        tiles = [t for c in shown for t in c.tiles]
        found: np.ndarray = np.stack([codes[t.image, t.row, t.column] for t in tiles])
        if found.shape[1] != len(result.concepts):
            raise IndexError(f"codes of {found.shape[1]} concepts")
    except ResultError:
        raise
    except Exception as error:  # safetensors raises its own type, which is not public
        raise ResultError(f"{path}: is damaged ({first_line(error)}); {store.AGAIN}") from error
    return found
