"""Sentences that results hold, in the language of the site.

What computes a class knows no language: its remarks are English sentences with numbers in them.
Those that we know are listed here, and said again; any other stays as it is.
"""

import re
from functools import cache

from lens_site.results.measures import MEASURES, Measure
from lens_site.site.language import later, say

SENTENCES = (
    later("{silent} of {k} concepts never fire in these images."),
    later(
        "In {mute} of {n} images no concept changes the logit; they count for the first concept."
    ),
    later(
        "Over all images the shares cancel, for the codes are centered; the order is by the size "
        "of what concepts do in single images."
    ),
    later("{n} common images are too few to compare concepts; it takes {fewest}"),
    later("There is one image only, so the intervals have no width."),
    later("All images have the same codes, so the intervals have no width."),
    later("{left_out} of {n} images left out: nothing varies there."),
    later("The mean logit is negative; values are shares of its size."),
    later("{n} images are too few to tell groups; it takes {fewest}"),
    later("all images have the same profile"),
    later("the images form no more of a group than one continuous cloud does"),
    later(
        "some images keep together more than those of one continuous cloud do, but halves of the "
        "images do not give the same groups"
    ),
    later(
        "{n} random views, cropped and half of them mirrored, of {photographs} photographs: one "
        "photograph a class, so no sample of what the class can be."
    ),
    later("Imagenette's {part} pictures: ten easily told classes of ImageNet."),
    later("1 picture of the folder {name}."),
    later("{n} pictures of the folder {name}."),
    later("1 picture in 1 folder of {name}."),
    later("{n} pictures in 1 folder of {name}."),
    later("{n} pictures in {folders} folders of {name}."),
    later("{name} cannot be traced, so its layers are not known."),
    later(
        "{name} resizes its pictures to {size} by {method}, which the browser's part does not know."
    ),
    later(
        "The browser runs the usual convolutional networks, and {name} has a part that they have "
        "not ({part})."
    ),
    later(
        "In half precision, as the browser would have them, the logits of {name} change by {part}."
    ),
    later(
        "{name} weighs {size} MB in the browser, more than the {limit} MB that --browser-limit "
        "allows."
    ),
    later("Importance methods compared"),
    later("Extraction methods compared"),
    later("memory_mib: how much memory grew at the peak of fitting and encoding."),
    later("seconds: fitting the dictionary and encoding every row."),
    later(
        "With average pooling and a linear layer after the concepts, gradient-input, "
        "integrated-gradients, occlusion, shap and exact rise reach the best order by a theorem. "
        "Saliency, smoothgrad, squaregrad, vargrad and tcav do not know how much of a concept an "
        "image holds; sobol and hsic do not know the sign."
    ),
    later(
        "The rest of the network after this layer is not linear: no method is sure of the best "
        "order here, and the figures say which comes near."
    ),
    later(
        "random order is what chance reaches; best order, where there are few enough concepts, was "
        "found by trying all orders."
    ),
    later(
        "seconds: the importance of all images of the class, the dictionary being given; by its "
        "closed form where the head is linear and there is one."
    ),
)

PLACE = re.compile(r"\\\{(\w+)\\\}")


def retell(text: str) -> str:
    """Say a sentence of a result in the language of the site, where we know it."""
    if measure := _measures().get(text):
        return f"{say(measure.name)}: {sentence(measure)}"
    for message, pattern in _patterns():
        if found := pattern.fullmatch(text):
            values = found.groupdict()
            return say(message, **values) if values else say(message)
    return text


def sentence(measure: Measure) -> str:
    """Say what a metric is, and what is good."""
    better = say("Higher is better") if measure.better == "higher" else say("Lower is better")
    ideal = f", {say(measure.ideal)}" if measure.ideal else ""
    return f"{say(measure.words)} {better}{ideal}."


@cache
def _measures() -> dict[str, Measure]:
    """Return each metric by what the benches say of it."""
    return {f"{measure.name}: {measure.sentence}": measure for measure in MEASURES.values()}


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (message, re.compile(PLACE.sub(r"(?P<\1>.+?)", re.escape(message))))
        for message in SENTENCES
    )
