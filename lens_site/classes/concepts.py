"""Steps one and two for one class: its concepts, and how much each counts in each image.

Shapes: n images, k concepts, a grid of h × w positions with p channels, s = h · w.
"""

from dataclasses import dataclass

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float, Int
from torch import Tensor

from lens_site import extraction, importance
from lens_site.activations import Activations
from lens_site.classes.faithfulness import measure_faithfulness
from lens_site.classes.how_many import choose_number
from lens_site.classes.inputs import ClassImages, Settings
from lens_site.classes.quality import measure_quality
from lens_site.classes.scores import acting_codes, class_score, class_weights, rebuilt
from lens_site.classifier import Classifier
from lens_site.extraction import Extractor
from lens_site.importance.summary import Summary, by_importance, summarize
from lens_site.results.schema import Faithfulness, Metrics, Tried


@dataclass(frozen=True)
class ClassConcepts:
    """All arrays of a class, concepts in order of importance.

    ``order`` says which of the extractor's concepts each of them is; ``adds_up`` whether the
    contributions of an image sum to what its concepts do to the logit.
    """

    extractor: Extractor
    tried: tuple[Tried, ...]
    order: Int[np.ndarray, " k"]
    dictionary: Float[np.ndarray, "k p"]
    codes_nhwk: Float[np.ndarray, "n h w k"]
    phi: Float[np.ndarray, "n k"]
    adds_up: bool
    summary: Summary
    metrics: Metrics
    faithfulness: Faithfulness


def find_concepts(
    images: ClassImages, activations: Activations, classifier: Classifier, settings: Settings
) -> ClassConcepts:
    """Take steps one and two: concepts, codes, importance of each concept for each image.

    Raises
    ------
    StageError
        When the activations do not suit the method, or are fewer than the concepts.
    """
    n, h, w, _ = activations.patches.shape
    generator = torch.Generator(activations.patches.device).manual_seed(settings.seed)
    k, tried = _number(images, activations, classifier, settings, generator)
    extractor = extraction.method(settings.extraction)(k)
    extractor.fit(activations.rows, generator=generator)
    codes_nsk = rearrange(extractor.encode(activations.rows), "(n s) k -> n s k", n=n)
    score = class_score(classifier, extractor, images.index, activations)
    acting = acting_codes(score, codes_nsk)
    attributor = importance.method(settings.importance)()
    phi_nk = attributor.attribute(score, acting, generator=generator)
    phi = phi_nk.cpu().numpy()
    dictionary = extractor.dictionary.cpu().numpy()
    codes_nk = codes_nsk.mean(dim=1).cpu().numpy()
    order = by_importance(phi)
    summary = summarize(
        phi[:, order],
        codes_nk[:, order],
        images.labels,
        images.index,
        dictionary=dictionary[order],
        weights=class_weights(classifier, activations, images.index),
        generator=np.random.default_rng(settings.seed),
    )
    return ClassConcepts(
        extractor=extractor,
        tried=tried,
        order=order,
        dictionary=dictionary[order],
        codes_nhwk=codes_nsk.cpu().numpy().reshape(n, h, w, -1)[..., order],
        phi=phi[:, order],
        adds_up=attributor.sums_to_score and classifier.linear is not None,
        summary=summary,
        faithfulness=measure_faithfulness(score, acting, phi_nk, generator=generator),
        metrics=measure_quality(
            extractor,
            activations.by_image,
            codes_nsk,
            np.array(images.logits),
            rebuilt(score, codes_nsk),
            generator=generator,
        ),
    )


def _number(
    images: ClassImages,
    activations: Activations,
    classifier: Classifier,
    settings: Settings,
    generator: torch.Generator,
) -> tuple[int, tuple[Tried, ...]]:
    """Return the number of concepts asked for, or for ``auto`` the one that suits the class."""
    if settings.concepts != "auto":
        return settings.concepts, ()

    def rebuild(extractor: Extractor, codes: Tensor) -> np.ndarray:
        return rebuilt(class_score(classifier, extractor, images.index, activations), codes)

    return choose_number(
        extraction.method(settings.extraction),
        activations.by_image,
        np.array(images.logits),
        rebuild,
        generator=generator,
    )
