"""Concept extraction is dictionary learning: A ≈ U V, under a constraint that names the method.

Notation (Fel et al. 2023, arXiv 2306.07304, Eq. 1): activations A (rows, p), one row a patch;
dictionary V (k, p), one concept a row; codes U (rows, k). Every method minimizes ‖A − U V‖²_F
and reports its loss as the relative ℓ2 error ‖A − Â‖_F / ‖A‖_F, so that losses compare across
methods.

Scale. The product U V leaves the scale of each concept open. Atoms have unit ℓ2 norm wherever
the constraint allows it (nmf, semi-nmf, pca, sae), so a code is in units of activation; a dead
atom is zero. Atoms that must be means or convex combinations of rows (kmeans, convex-nmf,
archetypal-sae) keep the scale this gives them. Concepts are in no particular order.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeVar

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from lens_site.errors import StageError

Fitted = TypeVar("Fitted", bound="Extractor")

Encoding = Literal["nnls", "projection", "nearest", "topk"]
"""How a row a gets its codes: min ‖a − u V‖² over u ≥ 0; (a − mean) Vᵀ; 1 for the nearest atom;
TopK(ReLU(a Eᵀ + b))."""

ENCODINGS: dict[Encoding, tuple[str, ...]] = {
    "nnls": ("dictionary",),
    "projection": ("dictionary", "mean"),
    "nearest": ("dictionary",),
    "topk": ("dictionary", "encoder", "bias", "nonzeros"),
}
"""The arrays of ``Extractor.state`` that each takes, the dictionary too where only to decode."""

PER_CONCEPT = ("dictionary", "encoder", "bias")
"""Those of them whose first axis is the concepts."""

Rows = Float[Tensor, "rows p"]
"""A, or some of its rows, or Â."""

Codes = Float[Tensor, "rows k"]
"""U."""

Atoms = Float[Tensor, "k p"]
"""V."""

Progress = Callable[[int, float], None]
"""Called after every iteration with its number, from 1, and the loss."""

CHUNK = 16_384
"""Rows encoded at a time: bounds the memory of ``encode`` whatever the number of rows."""

SAMPLE = 8_192
"""Rows that the first, cheap part of a fit looks at."""

TINY = 1e-12
"""Squared relative error below which a fit counts as exact."""

SMALL, LARGE = 1e-12, 1e12
"""Where the largest activation may lie: products of three stay within float32."""


@dataclass(frozen=True)
class Convergence:
    """How a fit ended: the loss after each iteration, their number, and why it stopped."""

    losses: tuple[float, ...]
    iterations: int
    stopped: str


Fit = tuple[dict[str, Tensor], Convergence]
"""The arrays of ``Extractor.state``, and how the fit ended."""


def silent(iteration: int, loss: float) -> None:
    """Hear the progress of a fit and tell nobody."""


class Extractor(ABC):
    """One way to learn a dictionary; fitted once, then encodes and decodes any rows.

    Parameters
    ----------
    k
        Number of concepts.
    """

    name: ClassVar[str]
    nonnegative_input: ClassVar[bool] = False
    sign_free: ClassVar[bool] = False
    """Whether v and −v are the same concept, which refits have to know."""
    centered_codes: ClassVar[bool] = False
    """Whether codes are deviations from a mean that ``decode`` adds back."""
    encoding: ClassVar[Encoding | None] = None
    """How codes are had without this class, in a visitor's browser; None where they cannot be."""
    refit_rows: ClassVar[int] = 4_096
    """Patches, of whole images, that refits take; 0: refitting takes too long."""

    def __init__(self, k: int = 10) -> None:
        if k < 1:
            raise StageError(f"{self.name}: k is {k}; it must be 1 or more")
        self.k = k
        self._arrays: dict[str, Tensor] = {}
        self._convergence: Convergence | None = None

    def fit(
        self: Fitted,
        activations: Rows,
        *,
        generator: Generator,
        progress: Progress | None = None,
    ) -> Fitted:
        """Learn the dictionary from the rows; ``progress`` hears every iteration.

        Raises
        ------
        StageError
            For fewer rows than concepts, activations that are non-finite, all zero or of
            extreme size, and for negative ones where the method cannot take them.
        """
        self._check(activations)
        # also for a caller in inference mode, where nothing could be trained
        with torch.inference_mode(False), torch.no_grad():
            arrays, self._convergence = self._fit(activations, generator, progress or silent)
        # products depend on the memory layout: used as they are stored, they give the same bytes
        self._arrays = {name: array.contiguous() for name, array in arrays.items()}
        return self

    @property
    def dictionary(self) -> Atoms:
        """V, one concept a row."""
        return self._fitted("dictionary")

    @property
    def convergence(self) -> Convergence:
        """How the fit ended; not part of ``state``."""
        if self._convergence is None:
            raise StageError(f"{self.name}: no convergence report before fit; call fit first")
        return self._convergence

    def encode(self, activations: Rows) -> Codes:
        """U: the codes of any rows, a chunk at a time.

        Raises
        ------
        StageError
            For rows of another width or type than the dictionary's, and non-finite ones.
        """
        self._check_new(activations)
        with torch.no_grad():
            return torch.cat([self._encode(rows) for rows in torch.split(activations, CHUNK)])

    def decode(self, codes: Codes) -> Rows:
        """Â = U V."""
        return codes @ self.dictionary

    def portable(self) -> dict[str, Tensor]:
        """Return what of ``state`` its ``encoding`` takes; nothing where it has none."""
        names = ENCODINGS[self.encoding] if self.encoding else ()
        return {name: self._fitted(name) for name in names}

    def state(self) -> dict[str, Tensor]:
        """Everything ``load`` needs, ready for safetensors."""
        self._fitted("dictionary")
        return dict(self._arrays)

    @classmethod
    def load(cls: type[Fitted], state: dict[str, Tensor]) -> Fitted:
        """Rebuild a fitted extractor from ``state``."""
        if "dictionary" not in state:
            raise StageError(
                f"{cls.name}: stored arrays hold {sorted(state)}, without 'dictionary'; fit again"
            )
        extractor = cls(k=state["dictionary"].shape[0])
        extractor._arrays = dict(state)
        return extractor

    @abstractmethod
    def _fit(self, activations: Rows, generator: Generator, progress: Progress) -> Fit:
        """Return the arrays of ``state`` and the report."""

    @abstractmethod
    def _encode(self, activations: Rows) -> Codes:
        """Encode one chunk."""

    def _fitted(self, array: str) -> Tensor:
        if array not in self._arrays:
            raise StageError(f"{self.name}: no {array} before fit; call fit or load first")
        return self._arrays[array]

    def _check_new(self, activations: Rows) -> None:
        atoms = self.dictionary
        if activations.shape[1] != atoms.shape[1]:
            raise StageError(
                f"{self.name}: rows to encode have {activations.shape[1]} channels, "
                f"the dictionary has {atoms.shape[1]}; give activations of the layer it was "
                "fitted on"
            )
        if activations.dtype != atoms.dtype:
            raise StageError(
                f"{self.name}: rows to encode are {activations.dtype}, the dictionary is "
                f"{atoms.dtype}; convert them"
            )
        if len(activations) and not all(map(math.isfinite, _bounds(activations))):
            raise StageError(
                f"{self.name}: rows to encode hold NaN or infinite values; "
                "check the picture and the model's preprocessing"
            )

    def _check(self, activations: Rows) -> None:
        rows, channels = activations.shape
        if rows < self.k:
            raise StageError(
                f"{self.name}: {rows} rows of activations for k = {self.k} concepts; "
                "it needs at least as many rows: lower k or give more images"
            )
        if not channels:
            raise StageError(f"{self.name}: activations have 0 channels; choose another layer")
        if activations.dtype not in (torch.float32, torch.float64):
            raise StageError(
                f"{self.name}: activations are {activations.dtype}; convert them to float32"
            )
        self._check_bounds(*_bounds(activations))

    def _check_bounds(self, low: float, high: float) -> None:
        largest = max(abs(low), abs(high))
        if not (math.isfinite(low) and math.isfinite(high)):
            raise StageError(
                f"{self.name}: activations hold NaN or infinite values; "
                "check the model's weights and preprocessing"
            )
        if not largest:
            raise StageError(f"{self.name}: all activations are zero; choose another layer")
        if not SMALL <= largest <= LARGE:
            raise StageError(
                f"{self.name}: the largest activation is {largest:.3g}, it computes from "
                f"{SMALL:g} to {LARGE:g}; check the model's weights and preprocessing"
            )
        if self.nonnegative_input and low < 0:
            raise StageError(
                f"{self.name}: activations go down to {low:.3g}, it needs them non-negative; "
                "use semi-nmf, pca or sae, or a layer after a ReLU"
            )


def _bounds(activations: Rows) -> tuple[float, float]:
    low, high = activations.aminmax()
    return float(low), float(high)


def squared_norm(activations: Rows) -> float:
    """‖A‖²_F: float32 sums of 10⁷ terms lose four digits, so rows are added in double."""
    return float(torch.linalg.vector_norm(activations, dim=1).double().square().sum())


def sample_rows(activations: Rows, most: int, *, generator: Generator) -> Float[Tensor, "sample p"]:
    """At most ``most`` different rows, or all of them as they are when there are no more.

    Among many zero rows it may meet only these, which say nothing: then it takes the others.
    """
    rows = activations.shape[0]
    if rows <= most:
        return activations
    chosen = torch.randperm(rows, generator=generator, device=generator.device)[:most]
    sample = activations[chosen.sort().values.to(activations.device)]
    return sample if sample.any() else activations[activations.any(dim=1)][:most]
