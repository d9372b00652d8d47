"""From the images predicted as one class to its result: the stages, in their order."""

from lens_site import importance, strategies
from lens_site.activations import Activations
from lens_site.classes.concepts import ClassConcepts, find_concepts
from lens_site.classes.inputs import ClassImages, FinerMaps, OpenImage, Settings
from lens_site.classes.pictures import draw_pictures
from lens_site.classes.record import Grouping, record
from lens_site.classifier import Classifier
from lens_site.errors import ConfigError
from lens_site.extraction import method
from lens_site.results.schema import ClassResult


def compute_class(
    images: ClassImages,
    activations: Activations,
    open_image: OpenImage,
    classifier: Classifier,
    settings: Settings,
    finer: FinerMaps | None = None,
) -> tuple[ClassResult, dict[str, bytes]]:
    """Explain one class; return its result and the files that belong to it.

    With ``finer``, important concepts are taken apart again.

    Raises
    ------
    StageError
        When the activations do not suit the method, or are fewer than the concepts.
    """
    concepts = find_concepts(images, activations, classifier, settings)
    grouping = group_images(images, concepts, settings)
    pictures = draw_pictures(concepts, open_image, classifier, settings, finer)
    return record(images, concepts, grouping, pictures, classifier, settings, finer)


def group_images(images: ClassImages, concepts: ClassConcepts, settings: Settings) -> Grouping:
    """Images classified for the same reason, where they lie, and the graph of both."""
    profiles = strategies.profiles(concepts.phi)
    layout = strategies.embed(profiles, seed=settings.seed)
    assignment = strategies.find(concepts.phi, method=settings.strategies, seed=settings.seed)
    return Grouping(
        layout=layout,
        assignment=assignment,
        strategies=strategies.describe(profiles, assignment, layout, images.labels, images.index),
        graph=strategies.build(profiles, assignment, layout),
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
