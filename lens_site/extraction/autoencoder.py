"""What the autoencoders share: a TopK encoder and its training, whatever the atoms are made of.

Notation: codes ψ(A) (rows, k) of an encoder E (k, p) and a bias b (k,); atoms V (k, p) are made by
a ``Decoder`` of the numbers that are trained.
"""

import math
from abc import ABC, abstractmethod

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Generator, Tensor

from lens_site.extraction.extractor import (
    Atoms,
    Codes,
    Convergence,
    Fit,
    Progress,
    Rows,
    squared_norm,
)

BATCH = 512
"""Rows a step; fewer rows are all taken at every step."""

EPOCHS = 50
"""An epoch ends with a report and the revival of dead atoms."""

STEPS = 500
"""Mini-batches in all, spread evenly over the epochs."""

RATE = 1e-2
"""Learning rate of Adam at the start; it falls linearly to zero."""

MEMORY = (0.9, 0.95)
"""How Adam's means fade: few rows are soon rebuilt a thousand times better than at the start, and
steps divided by the gradients of the start would be too short to go on."""

RIDGE = 1e-2
"""Regularization of the first encoder, as a part of the mean squared norm of the atoms."""

Free = Float[Tensor, "k m"]
"""What is trained for each atom: its p channels, or whatever else it is made of."""


class Decoder(ABC):
    """How atoms are made of the numbers that are trained, and made to point somewhere."""

    @abstractmethod
    def atoms(self, free: Free) -> Atoms:
        """Return V."""

    def clamp(self, free: Free) -> None:
        """Bring ``free`` back, in place, to what is allowed after a step."""
        return

    @abstractmethod
    def aim(self, directions: Atoms) -> Free:
        """Return ``free`` of atoms that point along the directions."""


class Autoencoder:
    """Encoder, decoder and their training.

    Rows are divided by ``scale`` in training, so that one learning rate fits all layers. The
    trained encoder takes the rows as they are; the trained atoms rebuild them divided.
    """

    def __init__(
        self,
        activations: Rows,
        scale: float,
        free: Free,
        decoder: Decoder,
        nonzeros: int,
    ) -> None:
        self._rows, self._decoder, self._nonzeros = activations, decoder, nonzeros
        self._scale = scale
        self._free = free.clone()
        self._encoder = ridge_encoder(decoder.atoms(free))
        self._bias = activations.new_zeros(len(free))
        self._fired = torch.zeros_like(self._bias, dtype=torch.bool)

    def train(self, generator: Generator, progress: Progress) -> Fit:
        """Run Adam over shuffled mini-batches; the loss is that of the epoch's batches."""
        parameters = [self._free, self._encoder, self._bias]
        with torch.enable_grad():
            for parameter in parameters:
                parameter.requires_grad_()
            adam = torch.optim.Adam(parameters, lr=RATE, betas=MEMORY)
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
        generator: Generator,
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

    def _batch(self, generator: Generator) -> Rows:
        rows = self._rows
        if len(rows) > BATCH:
            places = torch.randint(
                len(rows), (BATCH,), generator=generator, device=generator.device
            )
            rows = rows[places.to(rows.device)]
        return rows / self._scale

    def _encode(self, batch: Rows) -> Codes:
        return psi(batch, self._encoder, self._bias, self._nonzeros)

    @torch.no_grad()
    def _revive(self, generator: Generator) -> None:
        """Point atoms that did not fire all epoch at the rows that are explained worst.

        Each takes the code that its atom needs there, r·v / ‖v‖² for a residual r, and no more:
        a larger one would undo what the other atoms have learned of rows explained well.
        """
        dead = (~self._fired).nonzero()[:, 0]
        if not len(dead):
            return
        batch = self._batch(generator)
        residual = batch - self._encode(batch) @ self._decoder.atoms(self._free)
        worst = residual.square().sum(dim=1).topk(min(len(dead), len(batch))).indices
        dead = dead[: len(worst)]
        self._free[dead] = self._decoder.aim(residual[worst])
        self._encoder[dead] = one_code_encoder(
            batch[worst], residual[worst], self._decoder.atoms(self._free[dead])
        )
        self._bias[dead] = 0


def row_scale(activations: Rows) -> float:
    """Root mean squared norm of the rows."""
    return math.sqrt(squared_norm(activations) / len(activations))


def psi(rows: Rows, encoder: Atoms, bias: Float[Tensor, " k"], nonzeros: int) -> Codes:
    """ψ(a) = TopK(ReLU(a Eᵀ + b)): the largest scores of a row where positive, zero elsewhere."""
    scores = torch.relu(rows @ encoder.T + bias)
    values, places = scores.topk(nonzeros, dim=1)
    return torch.zeros_like(scores).scatter(1, places, values)


def ridge_encoder(atoms: Atoms) -> Atoms:
    """E = (V Vᵀ + r I)⁻¹ V, the linear encoder of least regularized error for rows u V."""
    gram = atoms @ atoms.T
    ridge = (RIDGE * gram.diagonal().mean()).clamp_min(torch.finfo(gram.dtype).tiny)
    eye = torch.eye(len(atoms), dtype=atoms.dtype, device=atoms.device)
    encoder: Tensor = torch.linalg.solve(gram + ridge * eye, atoms)
    return encoder


def one_code_encoder(rows: Atoms, residuals: Atoms, atoms: Atoms) -> Atoms:
    """E of one row an atom: along its residual r, so long that it gives the code r·v / ‖v‖².

    Never longer than 1, and zero where the atom cannot lower the residual.
    """
    along = torch.nn.functional.normalize(residuals)
    smallest = torch.finfo(atoms.dtype).tiny
    codes = (residuals * atoms).sum(dim=1) / atoms.square().sum(dim=1).clamp_min(smallest)
    length = (codes / (rows * along).sum(dim=1)).nan_to_num().clamp(0, 1)
    return rearrange(length, "k -> k 1") * along
