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
from lens_site.classes.kept import Answers, ask, ask_both, measure_kept
from lens_site.classes.quality import measure_quality
from lens_site.classes.refits import RefitFigures, refit
from lens_site.classes.rivals import find_rivals
from lens_site.classes.scores import Rivals, acting_codes, class_score, class_weights, rebuilt
from lens_site.classifier import Classifier
from lens_site.extraction import Extractor
from lens_site.importance.summary import Summary, by_importance, global_shares, summarize
from lens_site.results.schema import Faithfulness, Kept, Metrics, Rival, Tried


@dataclass(frozen=True)
class Explained:
    """What is explained: y_c or, with ``rivals``, the lead of c over each image's runner-up.

    ``values`` are those of every image, ``answers`` what the network says of its activations.
    """

    index: int
    values: Float[np.ndarray, " n"]
    rivals: Rivals
    answers: Answers


@dataclass(frozen=True)
class ClassConcepts:
    """All arrays of a class, concepts in order of importance.

    ``order`` says which of the extractor's concepts each of them is; ``adds_up`` whether the
    contributions of an image sum to what its concepts do to the logit.
    """

    explained: Explained
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
    kept: Kept
    everything_else: Float[np.ndarray, " n"]
    rivals: tuple[Rival, ...]
    refits: RefitFigures | None


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
    explained = _what(images, activations, classifier, settings)
    k, tried = _number(explained, activations, classifier, settings, generator)
    extractor = extraction.method(settings.extraction)(k)
    extractor.fit(activations.rows, generator=generator)
    codes_nsk = rearrange(extractor.encode(activations.rows), "(n s) k -> n s k", n=n)
    score = class_score(classifier, extractor, images.index, activations, explained.rivals)
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
        weights=class_weights(classifier, activations, images.index, explained.rivals),
        generator=np.random.default_rng(settings.seed),
        centered=extractor.centered_codes,
    )
    faithfulness = measure_faithfulness(score, acting, phi_nk, generator=generator)
    quality = measure_quality(
        extractor,
        activations.by_image,
        codes_nsk,
        explained.values,
        rebuilt(score, codes_nsk),
        generator=generator,
    )
    both = ask_both(
        classifier, extractor, activations, codes_nsk, images.index, explained.answers,
        explained.rivals,
    )  # fmt: skip
    kept, everything_else = measure_kept(
        images, extractor, both, phi, crops=settings.crops, margin=explained.rivals is not None
    )
    return ClassConcepts(
        explained=explained,
        extractor=extractor,
        tried=tried,
        order=order,
        dictionary=dictionary[order],
        codes_nhwk=codes_nsk.cpu().numpy().reshape(n, h, w, -1)[..., order],
        phi=phi[:, order],
        adds_up=attributor.sums_to_score and classifier.linear is not None,
        summary=summary,
        faithfulness=faithfulness,
        metrics=quality,
        kept=kept,
        everything_else=everything_else,
        rivals=find_rivals(
            classifier, extractor, activations, codes_nsk, both, images.index, order
        ),
        refits=_refits(explained, activations, classifier, extractor, settings, global_shares(phi)),
    )


def _what(
    images: ClassImages, activations: Activations, classifier: Classifier, settings: Settings
) -> Explained:
    answers = ask(classifier, activations, images.index)
    if settings.score == "logit":
        return Explained(images.index, np.array(images.logits), None, answers)
    rivals = torch.from_numpy(answers.runner_up).to(activations.patches.device)
    return Explained(images.index, answers.margin, rivals, answers)


def _refits(
    explained: Explained,
    activations: Activations,
    classifier: Classifier,
    extractor: Extractor,
    settings: Settings,
    shares: Float[np.ndarray, " k"],
) -> RefitFigures | None:
    """Learn the dictionary anew, by a generator of its own: the other figures stay as they are."""
    generator = torch.Generator(activations.patches.device).manual_seed(settings.seed + 1)
    attributor = importance.method(settings.importance)()

    def contributions(one: Extractor, codes_nsk: Tensor) -> Tensor:
        score = class_score(classifier, one, explained.index, activations, explained.rivals)
        return attributor.attribute(score, acting_codes(score, codes_nsk), generator=generator)

    # the shares of centered codes cancel, and a head that is not linear makes them slow
    with_shares = classifier.linear is not None and not extractor.centered_codes
    return refit(
        extractor,
        activations.by_image,
        contributions if with_shares else None,
        shares,
        generator=generator,
    )


def _number(
    explained: Explained,
    activations: Activations,
    classifier: Classifier,
    settings: Settings,
    generator: torch.Generator,
) -> tuple[int, tuple[Tried, ...]]:
    """Return the number of concepts asked for, or for ``auto`` the one that suits the class."""
    if settings.concepts != "auto":
        return settings.concepts, ()

    def rebuild(extractor: Extractor, codes: Tensor) -> np.ndarray:
        score = class_score(classifier, extractor, explained.index, activations, explained.rivals)
        return rebuilt(score, codes)

    return choose_number(
        extraction.method(settings.extraction),
        activations.by_image,
        explained.values,
        rebuild,
        generator=generator,
    )
