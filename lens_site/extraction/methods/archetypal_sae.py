"""Archetypal SAE: a TopK SAE whose atoms are convex combinations of data points."""

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from lens_site.extraction.autoencoder import Autoencoder, Decoder, row_scale
from lens_site.extraction.extractor import Atoms, Fit, Progress, Rows, sample_rows
from lens_site.extraction.methods.convex_nmf import CANDIDATES, Weights, hull_start
from lens_site.extraction.methods.sae import SAE

WEIGHT = 100 / 1_024
"""Mean of the trained weights of an atom at the start: it sets how far a step of Adam moves it.

A mean, so that atoms move as far with few candidates as with many.
"""


class ArchetypalSAE(SAE):
    """The SAE with V = W S; rows of W are non-negative and sum to 1, S (m, p) are rows of A.

    Source: Fel et al. 2025, "Archetypal SAE" (arXiv 2502.12892), §4, with their relaxation Λ
    left out: atoms stay in the convex hull of the data, which is what makes them stable. We
    take a seeded sample of rows for S and start from the weights of convex NMF.
    """

    name = "archetypal-sae"

    def _fit(self, activations: Rows, generator: Generator, progress: Progress) -> Fit:
        candidates = sample_rows(activations, CANDIDATES, generator=generator)
        start, _ = hull_start(candidates, self.k, generator=generator)
        scale = row_scale(activations)
        decoder = HullAtoms(candidates / scale)
        free = WEIGHT * len(candidates) * torch.nn.functional.normalize(start, p=1)
        autoencoder = Autoencoder(activations, scale, free, decoder, self.nonzeros)
        arrays, convergence = autoencoder.train(generator, progress)
        return arrays | {"dictionary": scale * arrays["dictionary"]}, convergence


class HullAtoms(Decoder):
    """v = w S with w on the simplex: w = f / Σ f of the trained f ≥ 0."""

    def __init__(self, candidates: Float[Tensor, "m p"]) -> None:
        self._candidates = candidates

    def atoms(self, free: Weights) -> Atoms:
        """V = W S."""
        return torch.nn.functional.normalize(free, p=1) @ self._candidates

    def clamp(self, free: Weights) -> None:
        """Clamp at zero."""
        free.detach().clamp_(min=0)

    def aim(self, directions: Atoms) -> Weights:
        """Put all weight on the candidate with the largest projection."""
        count = len(self._candidates)
        best = (directions @ self._candidates.T).argmax(dim=1)
        return WEIGHT * count * torch.nn.functional.one_hot(best, count).to(directions)
