"""Lens against its peers: scikit-learn's NMF and craft-xai, on the same rows and images.

craft-xai (Fel et al. 2023, CRAFT, arXiv 2211.10154) is not a dependency; without it that part is
skipped. Both sides get the same prepared images in memory, the same network and the same cores.
"""

import math
import time
import warnings
from collections.abc import Callable
from importlib import import_module
from typing import Any

import torch
from einops import rearrange
from jaxtyping import Float
from sklearn import decomposition
from sklearn.exceptions import ConvergenceWarning
from torch import Tensor

from lens_site import importance
from lens_site.activations import Activations
from lens_site.activations.encode import encode
from lens_site.activations.patches import crop_patches, grid_patches, join
from lens_site.bench.machine import machine
from lens_site.bench.subject import BenchClass, Report, Subject, prepared
from lens_site.classes.scores import acting_codes, class_score
from lens_site.classifier import Classifier
from lens_site.classifier.split import without_context
from lens_site.config import BuildConfig
from lens_site.engine.allocator import keep_freed_memory
from lens_site.engine.build import loading_of
from lens_site.extraction.alternating import alternate
from lens_site.extraction.extractor import squared_norm
from lens_site.extraction.methods.nmf import NMF, NonNegative
from lens_site.extraction.metrics import relative_l2
from lens_site.images import crops

IMAGES = 100
"""Images that both sides explain."""

FURTHER = 100
"""Iterations beyond the end of a fit, to see when another's error is reached."""


def compare_peers(subject: Subject, config: BuildConfig, *, report: Report) -> dict[str, object]:
    """Measure both sides on the largest class; seconds, relative errors, rows and images."""
    one = subject.classes[0]
    report(0, 4, "scikit-learn's NMF")
    nmf = nmf_against_sklearn(one.rows, config.number_of_concepts(), seed=config.seed)
    try:
        craft = import_module("craft.craft_torch").Craft
    except ImportError as error:
        against: object = f"skipped: {error}; pip install craft-xai tensorflow, then again"
    else:
        first = one.positions[:IMAGES]
        images = torch.cat(prepared(subject.source, first, subject.classifier, config))
        against = _against_craft(craft, images, subject.classifier, one, config, report)
    report(4, 4, "")
    return {
        "machine": {**machine(), "threads": torch.get_num_threads()},
        "subject": subject.in_words(),
        "nmf_against_scikit_learn": nmf,
        "explanation_against_craft_xai": against,
    }


def nmf_against_sklearn(
    rows: Float[Tensor, "rows p"], concepts: int, *, seed: int
) -> dict[str, int | float | None]:
    """Fit both; how soon Lens is where scikit-learn, as it comes, stops.

    Lens stops by its own rule first; where that is above scikit-learn's error, its loop goes on
    from there. ``lens_seconds_to_its_error`` counts both, and is None when it never gets there.
    """
    peer = decomposition.NMF(concepts, random_state=seed)
    begun = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        codes = peer.fit_transform(rows.cpu().numpy())
    peer_seconds = time.perf_counter() - begun
    peer_error = relative_l2(rows.cpu(), torch.from_numpy(codes @ peer.components_))

    heard: list[tuple[float, float]] = []

    def hear(iteration: int, loss: float) -> None:
        heard.append((time.perf_counter() - begun, loss))

    generator = torch.Generator(rows.device).manual_seed(seed)
    begun = time.perf_counter()
    extractor = NMF(concepts).fit(rows, generator=generator, progress=hear)
    seconds, iterations, error = time.perf_counter() - begun, len(heard), heard[-1][1]
    if error > peer_error:
        alternate(rows, extractor.dictionary, NonNegative(), hear, tolerance=0.0, limit=FURTHER)
    there = [at for at, loss in heard if loss <= peer_error]
    return {
        "rows": len(rows),
        "channels": rows.shape[1],
        "concepts": concepts,
        "scikit_learn_error": peer_error,
        "scikit_learn_seconds": peer_seconds,
        "scikit_learn_iterations": int(peer.n_iter_),
        "lens_error": error,
        "lens_seconds": seconds,
        "lens_iterations": iterations,
        "lens_seconds_to_its_error": there[0] if there else None,
        "lens_error_in_the_end": heard[-1][1],
        "times_faster": peer_seconds / there[0] if there else None,
    }


def _against_craft(
    craft: Any,
    images: Float[Tensor, "n 3 height width"],
    classifier: Classifier,
    one: BenchClass,
    config: BuildConfig,
    report: Report,
) -> dict[str, object]:
    concepts = config.number_of_concepts()
    ways: list[tuple[str, Callable[[], dict[str, int | float]]]] = [
        ("craft_xai", lambda: _craft(craft, images, classifier, one.index, concepts)),
        ("lens_crops", lambda: _lens(images, True, classifier, one.index, config)),
        ("lens_grid", lambda: _lens(images, False, classifier, one.index, config)),
    ]
    figures: dict[str, dict[str, int | float]] = {}
    for step, (name, way) in enumerate(ways, start=1):
        report(step, 4, name)
        figures[name] = way()
    slow = figures["craft_xai"]["seconds"]
    return {
        "images": len(images),
        "crops": len(images) * len(crops.boxes(images.shape[2])) ** 2,
        **figures,
        "times_faster_crops": slow / figures["lens_crops"]["seconds"],
        "times_faster_grid": slow / figures["lens_grid"]["seconds"],
    }


def _craft(
    craft: Any, images: Tensor, classifier: Classifier, index: int, concepts: int
) -> dict[str, int | float]:
    """Fit and importance of craft-xai with its own defaults; its NMF draws no seed."""
    squares: list[float] = []
    features, head = _as_it_comes(classifier)

    def encode(images: Tensor) -> Tensor:
        maps = features(images)
        squares.append(squared_norm(maps.mean(dim=(2, 3))))
        return maps

    begun = time.perf_counter()
    peer = craft(
        encode,
        head,
        number_of_concepts=concepts,
        patch_size=round(images.shape[2] * crops.WINDOW),
        device=str(classifier.device),
    )
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        _, codes, _ = peer.fit(images)
        fitted, energy = time.perf_counter(), sum(squares)
        peer.estimate_importance(images, index)
    ended = time.perf_counter()
    ours = _sobol_seconds(peer.reducer.components_, codes, classifier, index, len(images))
    return {
        "lens_sobol_seconds": ours,
        "sobol_times_faster": (ended - fitted) / ours,
        "rows": len(codes),
        "error": float(peer.reducer.reconstruction_err_) / math.sqrt(energy),
        "fit_seconds": fitted - begun,
        "importance_seconds": ended - fitted,
        "seconds": ended - begun,
    }


def _sobol_seconds(
    atoms: Any, codes: Any, classifier: Classifier, index: int, images: int
) -> float:
    """Seconds of our Sobol indices, by masks, on the codes and the dictionary of craft-xai."""
    device = classifier.device
    nmf = NMF.load({"dictionary": torch.as_tensor(atoms, dtype=torch.float32, device=device)})
    rows = torch.as_tensor(codes, dtype=torch.float32, device=device)
    codes_nsk = rearrange(rows, "(n s) k -> n s k", n=images)
    begun = time.perf_counter()
    score = class_score(classifier, nmf, index, _placed(nmf.decode(rows), images))
    generator = torch.Generator(device).manual_seed(0)
    importance.method("sobol")().estimate(score, codes_nsk, generator=generator)
    return time.perf_counter() - begun


def _as_it_comes(
    classifier: Classifier,
) -> tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]:
    """Return the halves of the network, without what Lens does to make timm's fast."""
    network: Any = classifier.network
    if hasattr(network, "forward_features") and hasattr(network, "forward_head"):
        return network.forward_features, network.forward_head
    return lambda x: classifier.parts.encode(x).maps, lambda a: classifier.head(without_context(a))


def _placed(rows: Float[Tensor, "rows p"], images: int) -> Activations:
    patches = rearrange(rows, "(n s) p -> n 1 s p", n=images)
    return Activations(patches, patches[:, 0, :0])


def _lens(
    images: Tensor, windows: bool, classifier: Classifier, index: int, config: BuildConfig
) -> dict[str, int | float]:
    """Patches, dictionary, codes and importance as a build computes them."""
    keep_freed_memory()  # as a build does; the peer, before, ran as its users run it
    begun = time.perf_counter()
    generator = torch.Generator(classifier.device).manual_seed(config.seed)
    size = loading_of(config, classifier).batch_size

    def patches(batch: Tensor) -> Activations:
        if windows:
            return crop_patches(classifier, batch, size)
        return grid_patches(encode(classifier, batch, size))

    activations = join([patches(batch) for batch in torch.split(images, size)])
    extractor = NMF(config.number_of_concepts()).fit(activations.rows, generator=generator)
    codes = extractor.encode(activations.rows)
    fitted = time.perf_counter()
    score = class_score(classifier, extractor, index, activations)
    acting = acting_codes(score, rearrange(codes, "(n s) k -> n s k", n=len(images)))
    importance.method(config.importance)().attribute(score, acting, generator=generator)
    ended = time.perf_counter()
    return {
        "rows": len(activations.rows),
        "error": relative_l2(activations.rows, extractor.decode(codes)),
        "fit_seconds": fitted - begun,
        "importance_seconds": ended - fitted,
        "seconds": ended - begun,
    }
