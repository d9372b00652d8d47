"""A stored class, and what its numbers are recomputed from.

Notation: n images, h × w places, p channels, k concepts, class c; activations A (n, h, w, p),
dictionary V (k, p), codes U (n, h, w, k) ≥ 0, u their means over places, φ_i = u_i v_i·W_c;
y a logit, ŷ the same on U V. Where the margin is explained, r(x) is the class that comes second in
image x, W_c − W_r(x) stands for W_c, and y_c − y_r(x) for y; r(x) is that of y also in ŷ.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from oracles.page.seen import Demo, Folder, Network, Source, inputs, label, open_network
from PIL import Image
from safetensors.numpy import load_file
from scipy.optimize import nnls

ROOM = 2e-5
"""What passes in float32 by another program differ by, of the largest number of their kind."""

FEWEST = 8
"""Images of a class that is recomputed."""


@dataclass(frozen=True, eq=False)
class Subject:
    """What ``result.json`` and the arrays beside it say, and picture by picture what is true."""

    stored: dict[str, Any]
    arrays: dict[str, np.ndarray]
    recipe: dict[str, Any]
    """How a picture becomes the network's input."""
    network: Network
    source: Source
    seed: int
    folder: Path
    """Where the files of the class are."""
    margin: bool
    """Whether the margin is explained."""

    @property
    def index(self) -> int:
        return int(self.stored["name"]["index"])

    @property
    def keys(self) -> list[str]:
        return [image["key"] for image in self.stored["images"]]

    @cached_property
    def labels(self) -> list[int | None]:
        return [label(self.source, key, self.network) for key in self.keys]

    @cached_property
    def pictures(self) -> np.ndarray:
        return inputs(self.source, self.keys, self.recipe)

    @cached_property
    def maps(self) -> np.ndarray:
        """A."""
        return self.network.encode(self.pictures)

    @cached_property
    def rows(self) -> np.ndarray:
        """A, one row a place."""
        return self.maps.reshape(-1, self.maps.shape[-1]).astype(np.float64)

    @cached_property
    def atoms(self) -> np.ndarray:
        """V."""
        return self.arrays["dictionary"].astype(np.float64)

    @cached_property
    def codes(self) -> np.ndarray:
        """U."""
        return self.encode(self.atoms)

    def encode(self, atoms: np.ndarray, maps: np.ndarray | None = None) -> np.ndarray:
        """Codes by any atoms: non-negative least squares, row by row, in the span of these."""
        maps = self.maps if maps is None else maps
        basis, triangle = np.linalg.qr(atoms.T)
        rows = maps.reshape(-1, maps.shape[-1]).astype(np.float64) @ basis
        codes = np.array([nnls(triangle, row)[0] for row in rows])
        return codes.reshape(*maps.shape[:3], -1)

    @cached_property
    def means(self) -> np.ndarray:
        """u."""
        return self.codes.mean(axis=(1, 2))

    @cached_property
    def toward(self) -> np.ndarray:
        """W_c of every image, or W_c − W_r(x): (n, p)."""
        own = self.network.weight[[self.index] * len(self.keys)]
        return own - self.network.weight[self.second] if self.margin else own

    @cached_property
    def at_nothing(self) -> np.ndarray:
        """What is explained, where no concept is: b_c, or b_c − b_r(x)."""
        own = self.network.bias[[self.index] * len(self.keys)]
        return own - self.network.bias[self.second] if self.margin else own

    @cached_property
    def phi(self) -> np.ndarray:
        return self.means * (self.toward @ self.atoms.T)

    @cached_property
    def logits(self) -> np.ndarray:
        """y of all classes."""
        return self.network.logits(self.maps)

    @cached_property
    def kept_logits(self) -> np.ndarray:
        """ŷ of all classes."""
        return self.means @ self.atoms @ self.network.weight.T + self.network.bias

    @cached_property
    def second(self) -> np.ndarray:
        """r, the class of the largest logit but that of the class itself."""
        others = self.logits.copy()
        others[:, self.index] = -np.inf
        return others.argmax(axis=1)

    def explained(self, logits: np.ndarray, images: Sequence[int] | None = None) -> np.ndarray:
        """What is explained of some logits of all classes, of all images or of these."""
        second = self.second if images is None else self.second[list(images)]
        own = logits[:, self.index]
        return own - logits[np.arange(len(own)), second] if self.margin else own

    def view(self, image: int) -> Image.Image:
        """The part of a picture that the network sees, in the picture's own pixels."""
        zoom = 1 if self.recipe["squash"] else self.recipe["resize"] / self.recipe["crop"]
        enough = round(128 * 7 / 3 * zoom)  # a tile of 128 pixels is three sevenths of it
        picture = self.source.open(self.keys[image], enough)
        if self.recipe["squash"]:
            return picture
        side = min(picture.size) / zoom
        left, top = ((x - side) / 2 for x in picture.size)
        return picture.crop((round(left), round(top), round(left + side), round(top + side)))

    @property
    def room(self) -> float:
        """Room of a logit, and of a part of one."""
        return ROOM * float(np.abs(self.logits).max())


class Unsupported(Exception):
    """A run that is not recomputed here."""


@dataclass(frozen=True, eq=False)
class Run:
    """A folder of results, its network and its pictures."""

    folder: Path
    facts: dict[str, Any]
    network: Network
    source: Source

    def subject(self, slug: str) -> Subject:
        """Open one class.

        Raises
        ------
        Unsupported
            For one of few images, whose figures are conventions.
        """
        stored = json.loads((self.folder / slug / "result.json").read_text(encoding="utf-8"))
        if len(stored["images"]) < FEWEST:
            raise Unsupported(f"{slug} has under {FEWEST} images")
        arrays = load_file(self.folder / slug / "arrays.safetensors")
        config = self.facts["config"]
        return Subject(
            stored,
            arrays,
            self.recipe,
            self.network,
            self.source,
            config["seed"],
            self.folder / slug,
            config["score"] == "margin",
        )

    @property
    def recipe(self) -> dict[str, Any]:
        return self.facts["classifier"]["preprocessing"]

    @cached_property
    def predicted(self) -> list[int]:
        """Class of every picture of the set."""
        keys = list(self.source.keys)
        parts = [keys[i : i + 64] for i in range(0, len(keys), 64)]
        maps = (self.network.encode(inputs(self.source, part, self.recipe)) for part in parts)
        return [int(c) for some in maps for c in self.network.logits(some).argmax(axis=1)]

    def members(self, index: int) -> list[str]:
        """Pictures of the set that the network classifies as this class."""
        return [k for k, c in zip(self.source.keys, self.predicted, strict=True) if c == index]


def open_run(out: Path, data: Path | None = None, weights: Path | None = None) -> Run:
    """Open the last run of an output folder; ``data`` is the folder of its pictures, if any.

    Raises
    ------
    Unsupported
        For another method than those this recomputes.
    """
    file = max((out / "results").glob("*/run.json"), key=lambda path: path.stat().st_mtime_ns)
    facts = json.loads(file.read_text(encoding="utf-8"))
    config, wanted = facts["config"], {"extraction": "nmf", "patches": "grid", "recursive": False}
    for option, value in {**wanted, "importance": "gradient-input", "strategies": "copula"}.items():
        if config[option] != value:
            raise Unsupported(f"{option} is {config[option]}, recomputed is {value}")
    if not facts["classifier"]["linear_head"] or config["layer"] or config["concepts"] == "auto":
        raise Unsupported("recomputed is the last map of a linear head, for a given k")
    if config["data"] != "demo" and data is None:
        raise Unsupported("the pictures are not the demo's: give their folder with --data")
    source = Demo() if data is None else Folder(data)
    return Run(file.parent, facts, open_network(config["model"], weights), source)


def unit(rows: np.ndarray) -> np.ndarray:
    """Rows of length 1; those of zeros stay."""
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, length, out=np.zeros_like(rows), where=length > 0)
