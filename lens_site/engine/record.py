"""What a run leaves on record: the configuration, the network, the data, every class's fate."""

import platform
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version

import lens_site
from lens_site.classifier import Classifier
from lens_site.config import BuildConfig
from lens_site.engine.job import Workshop
from lens_site.engine.plan import Images
from lens_site.results.numbers import rounded
from lens_site.results.schema import (
    BrowserNetwork,
    ClassifierInfo,
    ClassStatus,
    Credit,
    DataInfo,
    RunResult,
    Unreadable,
)

VERSIONS = (
    "torch", "torchvision", "timm", "numpy", "scikit-learn", "openTSNE", "networkx", "pillow",
)  # fmt: skip


def run_result(
    run: str,
    config: BuildConfig,
    workshop: Workshop,
    images: Images,
    statuses: Sequence[ClassStatus],
    browser: BrowserNetwork | None,
) -> RunResult:
    """Gather the record; nothing in it depends on the clock or on where the folders lie."""
    source, classifier, rows = workshop.source, workshop.classifier, images.rows
    labeled = images.labels >= 0
    readable = labeled & (rows.predicted >= 0)
    right = rows.predicted[readable] == images.labels[readable]
    runtime = classifier.runtime.name
    versions = (*VERSIONS, runtime) if runtime == "onnxruntime" else VERSIONS
    return RunResult(
        run=run,
        lens_version=lens_site.__version__,
        config={
            "data": source.name,
            "model": config.model,
            "min_images": config.min_images,
            "max_images": config.max_images,
            "images": config.images,
            **config.shaping(),
        },
        versions={"python": platform.python_version(), **{v: version(v) for v in versions}},
        device=str(classifier.device),
        runtime=classifier.runtime,
        data=DataInfo(
            name=source.name,
            description=source.description,
            images=len(rows),
            labeled=int(labeled.sum()),
            license=config.data_license or "",
            credits=tuple(Credit(**asdict(c)) for c in source.credits),
            views_of_few=source.views_of_few,
        ),
        classifier=_classifier(classifier),
        accuracy=(rounded(int(right.sum()) / len(right)) if len(right) else None),
        classes=tuple(sorted(statuses, key=lambda s: s.index)),
        unreadable=tuple(
            Unreadable(key=images.names[i], reason=reason)
            for i, reason in sorted(rows.reasons.items())
        ),
        browser=browser,
    )


def _classifier(classifier: Classifier) -> ClassifierInfo:
    return ClassifierInfo(
        name=classifier.name,
        source=classifier.source,
        weights_sha256=classifier.weights_sha256,
        parameters=classifier.parameters,
        classes=len(classifier.labels),
        preprocessing=classifier.preprocessing.record(),
        feature_shape=classifier.parts.feature_shape,
        linear_head=classifier.linear is not None,
        head_error=rounded(classifier.parts.error),
    )
