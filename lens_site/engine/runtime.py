"""The runtime of a build's encoder: what was asked for, or found before, or is found now.

Results of two runtimes differ by rounding, so a runtime is part of a run's name and its own
predictions belong to it: no run mixes them. What was found is kept in ``OUT/cache``, so that
``auto`` goes on with it: resumed, with more pictures, or in several processes on one folder.
"""

from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from threading import Lock

from pydantic import ValidationError
from torch import Tensor

from lens_site import atomic, lock
from lens_site.activations import Loading
from lens_site.activations.encode import batches, one_thread_each
from lens_site.activations.fastest import Found, fastest, keeping_precision
from lens_site.classifier import Classifier, Encoded
from lens_site.classifier.runtimes import NoRuntime, run_on
from lens_site.config import BuildConfig
from lens_site.engine.predicting import identity
from lens_site.errors import ConfigError
from lens_site.images import ImageSource
from lens_site.results.numbers import digest
from lens_site.results.schema import Precision, Runtime, RuntimeName

ENOUGH = 2_000
"""Images of a set that repay exporting and measuring, which take some ten seconds."""

LONG = {"cpu": 20_000, "cuda": 100_000}
"""Images of a set that can repay compiling, which takes half a minute."""

TRIED = 3
"""Batches that runtimes are tried on."""

COMPARED = 1_000
"""Images on which precisions are compared."""


def with_runtime(
    config: BuildConfig, source: ImageSource, classifier: Classifier, loading: Loading
) -> Found:
    """Return the classifier on the runtime of this build.

    Raises
    ------
    ConfigError
        When the runtime that was asked for is not to be had; of one that the run began with the
        first pass says so.
    OutputError
        When the choice cannot be kept.
    """
    whose = digest([identity(classifier), source.name])[:16]
    path = config.out / "cache" / f"runtime-{whose}.json"
    atomic.mark(path.parent)
    with lock.turn(config.out, f"runtime-{whose}"), one_thread_each():  # others wait for the first
        kept = None if config.force else _read(path)
        if kept is not None and config.runtime in ("auto", kept.name):
            return Found(put_on_later(classifier, kept, loading), "")
        found = _found(config, source, classifier, loading)
        atomic.write_bytes(path, found.classifier.runtime.model_dump_json().encode())
        return found


def _found(
    config: BuildConfig, source: ImageSource, classifier: Classifier, loading: Loading
) -> Found:
    def first(many: int) -> Iterator[Tensor]:
        positions = range(min(many, len(source.keys)))
        for batch in batches(source, positions, classifier, loading):
            if batch.images is not None:
                yield batch.images

    precision: Precision = "float32"
    if classifier.device.type == "cuda":
        precision = keeping_precision(classifier, first(COMPARED), loading.batch_size)
    if config.runtime != "auto":
        asked = Runtime(name=config.runtime, precision=precision)
        return Found(put_on(classifier, asked, loading), "")
    plain = run_on(classifier, Runtime(precision=precision), loading.batch_size)
    others = [Runtime(name=name, precision=precision) for name in _worth_trying(source, classifier)]
    tried = list(first(TRIED * loading.batch_size)) if others else []
    return fastest(plain, others, tried, loading.batch_size) if tried else Found(plain, "")


def _worth_trying(source: ImageSource, classifier: Classifier) -> list[RuntimeName]:
    images, device = len(source.keys), classifier.device.type
    names: list[RuntimeName] = []
    if device == "cpu" and images > ENOUGH and find_spec("onnxruntime") is not None:
        names.append("onnxruntime")
    if images > LONG.get(device, images):
        names.append("compiled")
    return names


def put_on(classifier: Classifier, runtime: Runtime, loading: Loading) -> Classifier:
    """Return the classifier on this runtime and no other; raises ConfigError."""
    try:
        return run_on(classifier, runtime, loading.batch_size)
    except NoRuntime as reason:
        raise ConfigError(
            f"runtime: {runtime.name} was asked for or began this run, but {reason}; or give "
            "--runtime torch, which makes another run"
        ) from reason


def put_on_later(classifier: Classifier, runtime: Runtime, loading: Loading) -> Classifier:
    """Return the classifier on a runtime that it was on before, made ready at its first pass.

    Exporting takes some three seconds, and a build with nothing to do has no pass. The first pass
    raises ConfigError where the runtime is no longer to be had.
    """
    if runtime.name == "torch":
        return put_on(classifier, runtime, loading)
    ready: list[Classifier] = []
    turn = Lock()

    def encode(images: Tensor) -> Encoded:
        with turn:
            if not ready:
                ready.append(put_on(classifier, runtime, loading))
        return ready[0].encode_pass(images)

    return replace(classifier, runtime=runtime, fast=encode)


def _read(path: Path) -> Runtime | None:
    """Read what was kept; None where there is nothing, or nothing whole."""
    try:
        return Runtime.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None
