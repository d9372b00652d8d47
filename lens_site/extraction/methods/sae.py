"""TopK sparse autoencoder: the codes come from a learned encoder, at most K non-zeros a row."""

import math
from abc import ABC, abstractmethod

import torch
from jaxtyping import Float
from torch import Tensor

from lens_site.errors import StageError
from lens_site.extraction.extractor import (
    SAMPLE,
    Convergence,
    Extractor,
    Progress,
    sample_rows,
    squared_norm,
)
from lens_site.extraction.methods.kmeans import plus_plus

BATCH = 512
EPOCHS = 50
"""An epoch ends with a report and the revival of dead atoms."""

STEPS = 500
"""Mini-batches in all, spread evenly over the epochs."""

RATE = 1e-2
"""Learning rate of Adam at the start; it falls linearly to zero."""

RIDGE = 1e-2
"""Regularization of the first encoder, as a part of the mean squared norm of the atoms."""


class SAE(Extractor):
    """min ‖A − ψ(A) V‖²_F with ψ(a) = TopK(ReLU(a Eᵀ + b)), atoms of unit ℓ2 norm.

    Source: Makhzani and Frey 2014, "k-sparse autoencoders"; Gao et al. 2024 (arXiv 2406.04093,
    §2.3 and A.2) for TopK and dead atoms. We leave out the decoder's bias, so that the logit is
    the sum of what concepts add, and start from K-means++ rows and a ridge-regression encoder.

    Parameters
    ----------
    k
        Number of concepts.
    nonzeros
        K, the largest number of non-zero codes in a row; no more than k are used.
    """

    name = "sae"
    refit_rows = 0

    def __init__(self, k: int = 10, *, nonzeros: int = 5) -> None:
        super().__init__(k)
        if nonzeros < 1:
            raise StageError(f"{self.name}: nonzeros is {nonzeros}; it must be 1 or more")
        self.nonzeros = min(nonzeros, k)

    def _fit(
        self, activations: Tensor, generator: torch.Generator, progress: Progress
    ) -> tuple[dict[str, Tensor], Convergence]:
        sample = sample_rows(activations, SAMPLE, generator=generator)
        start = torch.nn.functional.normalize(plus_plus(sample, self.k, generator=generator))
        scale = row_scale(activations)
        autoencoder = Autoencoder(activations, scale, start, UnitAtoms(), self.nonzeros)
        arrays, convergence = autoencoder.train(generator, progress)
        # atoms stay as they are, so codes carry the scale of the rows
        return arrays | {name: scale * arrays[name] for name in ("encoder", "bias")}, convergence

    def _encode(self, activations: Tensor) -> Tensor:
        encoder, bias = self._fitted("encoder"), self._fitted("bias")
        return psi(activations, encoder, bias, int(self._fitted("nonzeros")))


class Decoder(ABC):
    """How atoms are made of the numbers that are trained, and made to point somewhere."""

    @abstractmethod
    def atoms(self, free: Tensor) -> Tensor:
        """Return V."""

    def clamp(self, free: Tensor) -> None:
        """Bring ``free`` back, in place, to what is allowed after a step."""
        return

    @abstractmethod
    def aim(self, directions: Float[Tensor, "n p"]) -> Tensor:
        """Return ``free`` of atoms that point along the directions."""


class UnitAtoms(Decoder):
    """v = w / ‖w‖."""

    def atoms(self, free: Tensor) -> Tensor:
        """Scale rows to unit ℓ2 norm; zero rows stay."""
        return torch.nn.functional.normalize(free)

    def aim(self, directions: Float[Tensor, "n p"]) -> Tensor:
        """Return the directions themselves."""
        return torch.nn.functional.normalize(directions)


class Autoencoder:
    """Encoder, decoder and their training.

    Rows are divided by ``scale`` in training, so that one learning rate fits all layers. The
    trained encoder takes the rows as they are; the trained atoms rebuild them divided.
    """

    def __init__(
        self,
        activations: Float[Tensor, "rows p"],
        scale: float,
        free: Tensor,
        decoder: Decoder,
        nonzeros: int,
    ) -> None:
        self._rows, self._decoder, self._nonzeros = activations, decoder, nonzeros
        self._scale = scale
        self._free = free.clone()
        self._encoder = ridge_encoder(decoder.atoms(free))
        self._bias = activations.new_zeros(len(free))
        self._fired = torch.zeros_like(self._bias, dtype=torch.bool)

    def train(
        self, generator: torch.Generator, progress: Progress
    ) -> tuple[dict[str, Tensor], Convergence]:
        """Run Adam over shuffled mini-batches; the loss is that of the epoch's batches."""
        parameters = [self._free, self._encoder, self._bias]
        with torch.enable_grad():
            for parameter in parameters:
                parameter.requires_grad_()
            adam = torch.optim.Adam(parameters, lr=RATE)
            decay = torch.optim.lr_scheduler.LinearLR(adam, 1.0, 0.0, total_iters=STEPS)
            losses = []
            for epoch in range(1, EPOCHS + 1):
                losses.append(self._epoch(adam, decay, generator))
                progress(epoch, losses[-1])
                if epoch < EPOCHS // 2:
                    self._revive(generator)
        arrays = {
            "dictionary": self._decoder.atoms(self._free.detach()),
            "encoder": self._encoder.detach() / self._scale,
            "bias": self._bias.detach(),
            "nonzeros": torch.tensor(self._nonzeros),
        }
        return arrays, Convergence(tuple(losses), EPOCHS, f"all {STEPS} steps done")

    def _epoch(
        self,
        adam: torch.optim.Adam,
        decay: torch.optim.lr_scheduler.LinearLR,
        generator: torch.Generator,
    ) -> float:
        self._fired = torch.zeros_like(self._bias, dtype=torch.bool)
        error = energy = 0.0
        for _ in range(STEPS // EPOCHS):
            batch = self._batch(generator)
            codes = self._encode(batch)
            self._fired |= (codes > 0).any(dim=0)
            residual = (batch - codes @ self._decoder.atoms(self._free)).square().sum()
            norm = batch.square().sum()
            adam.zero_grad()
            (residual / len(batch)).backward()  # type: ignore[no-untyped-call]
            adam.step()
            decay.step()
            self._decoder.clamp(self._free)
            error, energy = error + float(residual.detach()), energy + float(norm)
        return math.sqrt(error / energy) if energy else 0.0

    def _batch(self, generator: torch.Generator) -> Tensor:
        size = min(BATCH, len(self._rows))
        drawn = torch.randint(
            len(self._rows), (size,), generator=generator, device=generator.device
        )
        return self._rows[drawn.to(self._rows.device)] / self._scale

    def _encode(self, batch: Tensor) -> Tensor:
        return psi(batch, self._encoder, self._bias, self._nonzeros)

    @torch.no_grad()
    def _revive(self, generator: torch.Generator) -> None:
        """Point atoms that did not fire all epoch at the rows that are explained worst."""
        dead = (~self._fired).nonzero()[:, 0]
        if not len(dead):
            return
        batch = self._batch(generator)
        residual = batch - self._encode(batch) @ self._decoder.atoms(self._free)
        worst = residual.square().sum(dim=1).topk(min(len(dead), len(batch))).indices
        dead = dead[: len(worst)]
        self._free[dead] = self._decoder.aim(residual[worst])
        self._encoder[dead] = torch.nn.functional.normalize(residual[worst])
        self._bias[dead] = 0


def row_scale(activations: Float[Tensor, "rows p"]) -> float:
    """Root mean squared norm of the rows."""
    return math.sqrt(squared_norm(activations) / len(activations))


def psi(
    rows: Float[Tensor, "rows p"],
    encoder: Float[Tensor, "k p"],
    bias: Float[Tensor, " k"],
    nonzeros: int,
) -> Float[Tensor, "rows k"]:
    """ψ(a) = TopK(ReLU(a Eᵀ + b)): the largest scores of a row where positive, zero elsewhere."""
    scores = torch.relu(rows @ encoder.T + bias)
    values, places = scores.topk(nonzeros, dim=1)
    return torch.zeros_like(scores).scatter(1, places, values)


def ridge_encoder(atoms: Float[Tensor, "k p"]) -> Float[Tensor, "k p"]:
    """E = (V Vᵀ + r I)⁻¹ V, the linear encoder of least regularized error for rows u V."""
    gram = atoms @ atoms.T
    ridge = (RIDGE * gram.diagonal().mean()).clamp_min(torch.finfo(gram.dtype).tiny)
    eye = torch.eye(len(atoms), dtype=atoms.dtype, device=atoms.device)
    encoder: Tensor = torch.linalg.solve(gram + ridge * eye, atoms)
    return encoder
