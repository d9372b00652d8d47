"""From the images predicted as one class to its result: the stages, in their order."""

import numpy as np
from torch import Tensor

from lens_site import importance, strategies
from lens_site.activations import Activations
from lens_site.activations.encode import CPU_BATCH
from lens_site.classes.concepts import ClassConcepts, find_concepts
from lens_site.classes.covering import cells, cover
from lens_site.classes.grouping import group_images
from lens_site.classes.inputs import ClassImages, FinerMaps, OpenImage, Settings
from lens_site.classes.pictures import draw_pictures, viewer
from lens_site.classes.portable import portable
from lens_site.classes.record import Made, record
from lens_site.classes.studio import Studio
from lens_site.classes.visualizing import visualize
from lens_site.classifier import Classifier
from lens_site.errors import ConfigError
from lens_site.extraction import method
from lens_site.images import crops
from lens_site.results.schema import ClassResult, Covering


def compute_class(
    images: ClassImages,
    activations: Activations,
    open_image: OpenImage,
    classifier: Classifier,
    settings: Settings,
    finer: FinerMaps | None = None,
    studio: Studio | None = None,
) -> tuple[ClassResult, dict[str, bytes]]:
    """Explain one class; return its result and the files that belong to it.

    With ``finer``, important concepts are taken apart again; with a ``studio``, pictures of all are
    made by gradients.

    Raises
    ------
    StageError
        When the activations do not suit the method, or are fewer than the concepts.
    """
    concepts = find_concepts(images, activations, classifier, settings)
    grouping = group_images(images, concepts, settings, classifier.labels)
    coverings = cover_places(images, concepts, open_image, classifier, settings)
    pictures = draw_pictures(images, concepts, grouping, open_image, classifier, settings, finer)
    visualized = None
    if studio is not None:
        view = viewer(open_image, classifier, concepts, settings)
        visualized = visualize(concepts, pictures.tiles, view, studio, settings)
    taken = portable(concepts, activations, classifier, settings)
    made = Made(images, concepts, grouping, coverings, pictures, visualized, taken)
    return record(made, classifier, settings, finer)


def cover_places(
    images: ClassImages,
    concepts: ClassConcepts,
    open_image: OpenImage,
    classifier: Classifier,
    settings: Settings,
) -> tuple[Covering | None, ...]:
    """Cover the places of each concept in a few pictures, and run the network on these again."""
    preprocessing = classifier.preprocessing

    def prepared(i: int) -> Tensor:
        return preprocessing(open_image(i, preprocessing.resize))

    h, w = concepts.codes_nhwk.shape[1:3]
    return cover(
        classifier,
        images.index,
        prepared,
        concepts.codes_nhwk,
        concepts.explained.values,
        crops.boxes(preprocessing.crop) if settings.crops else cells(h, w),
        concepts.explained.rivals,
        batch_size=CPU_BATCH,
        generator=np.random.default_rng(settings.seed),
    )


def needs_nonnegative(extraction: str) -> bool:
    """Say whether a method takes no negative activations; raises ConfigError for an unknown one."""
    return method(extraction).nonnegative_input


def check_methods(settings: Settings) -> None:
    """Load the methods that the settings name, so that a wrong name is told at once.

    Raises
    ------
    ConfigError
        For one that cannot be loaded or is no such method.
    """
    method(settings.extraction)
    importance.method(settings.importance)
    strategies.method(settings.strategies)


def check_score(classifier: Classifier, settings: Settings) -> None:
    """Refuse to explain a lead that is not known.

    Raises
    ------
    ConfigError
        For the margin of a network with one class, or of pictures that are read in crops.
    """
    if settings.score == "logit":
        return
    if len(classifier.labels) < 2:
        raise ConfigError(
            f"score: margin is the lead over another class, and {classifier.name} has one class; "
            "use --score logit"
        )
    if settings.crops:
        raise ConfigError(
            "score: margin is known of whole pictures, not of crops; use --patches grid"
        )


def check_method(classifier: Classifier, extraction: str) -> None:
    """Refuse, before an hour's work, a method that cannot take the network's activations.

    Raises
    ------
    ConfigError
        When the method needs non-negative activations and the network's are not.
    """
    lowest = classifier.parts.lowest
    if needs_nonnegative(extraction) and lowest < 0:
        raise ConfigError(
            f"extraction: {extraction} needs non-negative activations, those of layer "
            f"{classifier.parts.layer} of {classifier.name} go down to {lowest:.2g}; give "
            "--extraction semi-nmf, pca or sae, or the --layer of a ReLU"
        )
