"""Four kinds of network through every method of step one, as a build takes a class.

ReLU and a linear head, SiLU and a linear head, a head of two layers, a transformer; random
weights, a dozen painted pictures.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
import timm
import torch
import torchvision
from safetensors.numpy import load
from support import paint
from torch import nn

from lens_site.activations import Activations, Features, Loading, class_activations
from lens_site.classes.inputs import ClassImages, Settings
from lens_site.classes.stages import check_method, compute_class
from lens_site.classifier import Classifier, prepare_model
from lens_site.classifier.preprocessing import Preprocessing
from lens_site.engine.predicting import predict_anew
from lens_site.errors import ConfigError, StageError
from lens_site.extraction import METHODS
from lens_site.images import ImageSource, open_source
from lens_site.results.predictions import Predictions

PICTURES, CLASSES, K = 12, 5, 3
LOADING = Loading(workers=1, batch_size=4)


@dataclass(frozen=True)
class Kind:
    """A network, and what of it decides which methods suit."""

    make: Callable[[], nn.Module]
    side: int
    grid: tuple[int, int]
    context: int
    linear: bool
    negative: bool


KINDS = {
    "resnet18": Kind(
        lambda: torchvision.models.resnet18(num_classes=CLASSES),
        side=96, grid=(3, 3), context=0, linear=True, negative=False,
    ),
    "tf_efficientnet_b0": Kind(
        lambda: timm.create_model("tf_efficientnet_b0", num_classes=CLASSES),
        side=96, grid=(3, 3), context=0, linear=True, negative=True,
    ),
    "mobilenet_v3_small": Kind(
        lambda: torchvision.models.mobilenet_v3_small(num_classes=CLASSES),
        side=96, grid=(3, 3), context=0, linear=False, negative=True,
    ),
    "vit_tiny_patch16_224": Kind(
        lambda: timm.create_model("vit_tiny_patch16_224", img_size=64, num_classes=CLASSES),
        side=64, grid=(4, 4), context=1, linear=False, negative=True,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Subject:
    """The class that most pictures are predicted as, by one of the networks."""

    kind: Kind
    classifier: Classifier
    source: ImageSource
    images: ClassImages
    activations: Activations


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory) -> ImageSource:
    folder = tmp_path_factory.mktemp("painted")
    for i in range(PICTURES):
        paint(folder / f"{i:02d}.png", i % 3, seed=i)
    return open_source(str(folder))


@pytest.fixture(scope="module", params=KINDS)
def subject(request: pytest.FixtureRequest, painted: ImageSource) -> Subject:
    kind = KINDS[request.param]
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = kind.make()
    classifier = prepare_model(
        network,
        name=request.param,
        source="random weights",
        preprocessing=Preprocessing(resize=kind.side, crop=kind.side),
        device="cpu",
    )
    table, features = predict_anew(painted, classifier, LOADING, lambda images: None)
    return class_of_most(kind, classifier, painted, table, features)


def class_of_most(kind, classifier, source, rows: Predictions, features: Features) -> Subject:
    index = int(np.bincount(rows.predicted).argmax())
    positions = np.flatnonzero(rows.predicted == index).tolist()
    images = ClassImages(
        index=index,
        key="0" * 64,
        predicted=len(positions),
        names=tuple(source.keys[i] for i in positions),
        labels=np.full(len(positions), -1),
        probabilities=tuple(rows.probability[positions].tolist()),
        logits=tuple(rows.logit[positions].tolist()),
    )
    activations = class_activations(source, classifier, positions, features, LOADING)
    return Subject(kind, classifier, source, images, activations)


def suits(kind: Kind, method: str) -> bool:
    return method != "nmf" or not kind.negative


def test_the_network_is_cut_as_its_kind_says(subject: Subject) -> None:
    kind, parts = subject.kind, subject.classifier.parts
    assert (parts.feature_shape[1:], parts.context) == (kind.grid, kind.context)
    assert ((parts.linear is not None), (parts.lowest < 0)) == (kind.linear, kind.negative)
    assert float(subject.activations.patches.min() < 0) == kind.negative
    assert len(subject.images.names) >= PICTURES // 2


@pytest.mark.parametrize("method", METHODS)
def test_every_method_that_suits_explains_the_class(subject: Subject, method: str) -> None:
    if not suits(subject.kind, method):
        refused(subject, method)
        return
    check_method(subject.classifier, method)
    result, files = compute(subject, method)
    assert (result.grid, len(result.concepts)) == (subject.kind.grid, K)
    assert sum(concept.prevalence for concept in result.concepts) == pytest.approx(1, abs=1e-5)
    assert 0 < result.metrics.relative_l2 < 1
    assert result.faithfulness.deletion.values is not None
    arrays = load(files["arrays.safetensors"])
    assert arrays["codes"].shape == (len(subject.images.names), *subject.kind.grid, K)
    assert all(np.isfinite(array).all() for array in arrays.values())
    phi = arrays["importance"]
    shares = phi.sum(axis=0) / np.abs(phi).sum()
    assert [concept.share for concept in result.concepts] == pytest.approx(list(shares), abs=1e-3)
    assert np.abs(phi).max() > 0


def refused(subject: Subject, method: str) -> None:
    """Before the build starts; and should a picture alone bring negative values, for its class."""
    name = subject.classifier.name
    with pytest.raises(ConfigError, match=rf"of {name} go down to -.*give --extraction semi-nmf"):
        check_method(subject.classifier, method)
    with pytest.raises(StageError, match=r"nmf: .* down to -.*; use semi-nmf") as caught:
        compute(subject, method)
    assert "\n" not in str(caught.value)


def compute(subject: Subject, method: str):
    def open_image(i: int, min_side: int):
        return subject.source.open(subject.source.keys.index(subject.images.names[i]), min_side)

    settings = Settings(
        extraction=method, concepts=K, crops=False, score="logit", importance="gradient-input",
        strategies="copula", seed=0,
    )  # fmt: skip
    return compute_class(
        subject.images, subject.activations, open_image, subject.classifier, settings
    )
