"""Step one: concept extraction, every method behind one interface."""

from lens_site.extraction.archetypal_sae import ArchetypalSAE
from lens_site.extraction.convex_nmf import ConvexNMF
from lens_site.extraction.extractor import Convergence, Extractor
from lens_site.extraction.kmeans import KMeans
from lens_site.extraction.nmf import NMF
from lens_site.extraction.pca import PCA
from lens_site.extraction.sae import SAE
from lens_site.extraction.semi_nmf import SemiNMF

METHODS: dict[str, type[Extractor]] = {
    method.name: method for method in (NMF, KMeans, PCA, SemiNMF, ConvexNMF, SAE, ArchetypalSAE)
}

__all__ = [
    "METHODS",
    "NMF",
    "PCA",
    "SAE",
    "ArchetypalSAE",
    "Convergence",
    "ConvexNMF",
    "Extractor",
    "KMeans",
    "SemiNMF",
]
