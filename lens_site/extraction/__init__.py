"""Step one: concept extraction, every method behind one interface."""

from lens_site.extraction.extractor import Convergence, Extractor
from lens_site.extraction.kmeans import KMeans
from lens_site.extraction.nmf import NMF
from lens_site.extraction.pca import PCA

METHODS: dict[str, type[Extractor]] = {method.name: method for method in (NMF, KMeans, PCA)}

__all__ = ["METHODS", "NMF", "PCA", "Convergence", "Extractor", "KMeans"]
