"""Step one: concept extraction, every method behind one interface."""

from lens_site.extraction.convex_nmf import ConvexNMF
from lens_site.extraction.extractor import Convergence, Extractor
from lens_site.extraction.kmeans import KMeans
from lens_site.extraction.nmf import NMF
from lens_site.extraction.pca import PCA
from lens_site.extraction.semi_nmf import SemiNMF

METHODS: dict[str, type[Extractor]] = {
    method.name: method for method in (NMF, KMeans, PCA, SemiNMF, ConvexNMF)
}

__all__ = [
    "METHODS",
    "NMF",
    "PCA",
    "Convergence",
    "ConvexNMF",
    "Extractor",
    "KMeans",
    "SemiNMF",
]
