"""A stored class, and what its numbers are recomputed from.

Notation: n images, h × w places, p channels, k concepts, class c; activations A (n, h, w, p),
dictionary V (k, p), codes U (n, h, w, k) ≥ 0, u their means over places, φ_i = u_i v_i·W_c;
y a logit, ŷ the same on U V.
"""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from oracles.page.seen import Network, Source, inputs, label
from safetensors.numpy import load_file
from scipy.optimize import nnls

ROOM = 2e-5
"""What passes in float32 by another program differ by, of the largest number of their kind."""


@dataclass(frozen=True, eq=False)
class Subject:
    """What ``result.json`` and the arrays beside it say, and picture by picture what is true."""

    stored: dict[str, Any]
    arrays: dict[str, np.ndarray]
    recipe: dict[str, Any]
    """How a picture becomes the network's input."""
    network: Network
    source: Source

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

    def encode(self, atoms: np.ndarray) -> np.ndarray:
        """Codes by any atoms: non-negative least squares, row by row, in the span of these."""
        basis, triangle = np.linalg.qr(atoms.T)
        codes = np.array([nnls(triangle, row)[0] for row in self.rows @ basis])
        return codes.reshape(*self.maps.shape[:3], -1)

    @cached_property
    def means(self) -> np.ndarray:
        """u."""
        return self.codes.mean(axis=(1, 2))

    @cached_property
    def phi(self) -> np.ndarray:
        return self.means * (self.atoms @ self.network.weight[self.index])

    @cached_property
    def logits(self) -> np.ndarray:
        """y of all classes."""
        return self.network.logits(self.maps)

    @cached_property
    def kept_logits(self) -> np.ndarray:
        """ŷ of all classes."""
        return self.means @ self.atoms @ self.network.weight.T + self.network.bias

    @property
    def room(self) -> float:
        """Room of a logit, and of a part of one."""
        return ROOM * float(np.abs(self.logits).max())


def open_subject(folder: Path, recipe: dict[str, Any], network: Network, source: Source) -> Subject:
    """Read the class that lies in a folder of results."""
    stored = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    return Subject(stored, load_file(folder / "arrays.safetensors"), recipe, network, source)


def unit(rows: np.ndarray) -> np.ndarray:
    """Rows of length 1; those of zeros stay."""
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, length, out=np.zeros_like(rows), where=length > 0)
