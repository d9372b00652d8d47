"""What the folders of the pictures say they show."""

from functools import cache

import numpy as np
from jaxtyping import Int

from lens_site.classifier import Classifier
from lens_site.images import ImageSource


def labels_of(classifier: Classifier, source: ImageSource) -> Int[np.ndarray, " n"]:
    """Class index of the folder of every image, −1 where it is no class."""

    @cache
    def of(group: str | None) -> int:
        label = None if group is None else classifier.labels.match(group)
        return -1 if label is None else label

    many = len(source.keys)
    return np.fromiter((of(source.group(i)) for i in range(many)), np.int64, many)
