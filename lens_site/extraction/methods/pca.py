"""Principal components: the optimum of ‖A − Â‖ without a sign constraint."""

import torch
from torch import Generator

from lens_site.errors import StageError
from lens_site.extraction.extractor import (
    CHUNK,
    Codes,
    Convergence,
    Extractor,
    Fit,
    Progress,
    Rows,
    squared_norm,
)


class PCA(Extractor):
    """The k leading eigenvectors of the covariance: Â = U V + μ, V Vᵀ = I.

    Source: Graziani et al. 2021; ICE (arXiv 2006.15417). The sign is open: as scikit-learn
    does, the entry of largest magnitude of every atom is made positive.
    """

    name = "pca"
    sign_free = True
    centered_codes = True
    encoding = "projection"

    def decode(self, codes: Codes) -> Rows:
        """Â = U V + μ."""
        return torch.addmm(self._fitted("mean"), codes, self.dictionary)

    def _fit(self, activations: Rows, generator: Generator, progress: Progress) -> Fit:
        p = activations.shape[1]
        if self.k > p:
            raise StageError(f"pca: k = {self.k} with {p} channels; give k of at most {p}")
        # in chunks: torch copies what it adds in double
        chunks = torch.split(activations, CHUNK)
        total = torch.stack([rows.sum(dim=0, dtype=torch.float64) for rows in chunks]).sum(dim=0)
        mean = (total / len(activations)).to(activations.dtype)
        scatter = torch.zeros(p, p, dtype=torch.float64, device=activations.device)
        for rows in chunks:
            centered = rows - mean
            scatter += centered.T @ centered
        vectors = torch.linalg.eigh(scatter).eigenvectors.flip(1)[:, : self.k].T
        peak = vectors.gather(1, vectors.abs().argmax(dim=1, keepdim=True))
        atoms = vectors * peak.sign()
        left_out = float(scatter.trace() - (atoms @ scatter * atoms).sum())
        loss = (max(0.0, left_out) / squared_norm(activations)) ** 0.5
        progress(1, loss)
        arrays = {"dictionary": atoms.to(activations.dtype).contiguous(), "mean": mean}
        return arrays, Convergence((loss,), 1, "closed form")

    def _encode(self, activations: Rows) -> Codes:
        return (activations - self._fitted("mean")) @ self.dictionary.T
