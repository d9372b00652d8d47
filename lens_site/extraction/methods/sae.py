"""TopK sparse autoencoder: the codes come from a learned encoder, at most K non-zeros a row."""

import torch
from torch import Generator

from lens_site.errors import StageError
from lens_site.extraction.autoencoder import Autoencoder, Decoder, psi, row_scale
from lens_site.extraction.extractor import (
    SAMPLE,
    Atoms,
    Codes,
    Extractor,
    Fit,
    Progress,
    Rows,
    sample_rows,
)
from lens_site.extraction.methods.kmeans import plus_plus


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
    encoding = "topk"
    refit_rows = 0

    def __init__(self, k: int = 10, *, nonzeros: int = 5) -> None:
        super().__init__(k)
        if nonzeros < 1:
            raise StageError(f"{self.name}: nonzeros is {nonzeros}; it must be 1 or more")
        self.nonzeros = min(nonzeros, k)

    def _fit(self, activations: Rows, generator: Generator, progress: Progress) -> Fit:
        sample = sample_rows(activations, SAMPLE, generator=generator)
        start = torch.nn.functional.normalize(plus_plus(sample, self.k, generator=generator))
        scale = row_scale(activations)
        autoencoder = Autoencoder(activations, scale, start, UnitAtoms(), self.nonzeros)
        arrays, convergence = autoencoder.train(generator, progress)
        # atoms stay as they are, so codes carry the scale of the rows
        return arrays | {name: scale * arrays[name] for name in ("encoder", "bias")}, convergence

    def _encode(self, activations: Rows) -> Codes:
        encoder, bias = self._fitted("encoder"), self._fitted("bias")
        return psi(activations, encoder, bias, int(self._fitted("nonzeros")))


class UnitAtoms(Decoder):
    """v = w / ‖w‖."""

    def atoms(self, free: Atoms) -> Atoms:
        """Scale rows to unit ℓ2 norm; zero rows stay."""
        return torch.nn.functional.normalize(free)

    def aim(self, directions: Atoms) -> Atoms:
        """Return the directions themselves."""
        return torch.nn.functional.normalize(directions)
