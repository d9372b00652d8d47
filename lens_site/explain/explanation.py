"""The concepts of one picture and how much each counts for one class.

Shapes: k concepts in the order of the class result, a grid of h × w positions.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from PIL import Image
from safetensors.numpy import load_file

from lens_site import extraction, importance
from lens_site.activations import Activations
from lens_site.activations.encode import CPU_BATCH, encode, one_thread_each
from lens_site.activations.patches import as_encoded, crop_patches, grid_patches
from lens_site.classes.record import STATE
from lens_site.classes.scores import Rivals, acting_codes, class_score
from lens_site.classifier import Classifier, load_classifier
from lens_site.classifier.runtimes import NoRuntime, run_on
from lens_site.errors import ClassError, ClassifierError, ResultError, UnreadableImage
from lens_site.images.decode import decode
from lens_site.results import read_class, read_run
from lens_site.results.schema import ClassResult, RunResult
from lens_site.results.store import AGAIN, ARRAYS


@dataclass(frozen=True)
class Explanation:
    """What the network saw in one picture; ``phi`` in logits, ``scale`` the full codes."""

    result: ClassResult
    folder: Path
    """Of the class result: its tiles are there."""
    view: Image.Image
    predicted: str
    probability: float
    class_probability: float
    logit: float
    phi: Float[np.ndarray, " k"]
    codes: Float[np.ndarray, "h w k"]
    scale: Float[np.ndarray, " k"]
    otherwise: str
    """How the picture was encoded if not as in the run, whose numbers then differ by rounding."""

    @property
    def shares(self) -> Float[np.ndarray, " k"]:
        """φ_i / Σ|φ|, sign kept; all 0 when φ is 0."""
        total = float(np.abs(self.phi).sum())
        shares: np.ndarray = self.phi / (total or 1.0)
        return shares

    @property
    def order(self) -> list[int]:
        """Concepts, from 0, by the size of their share, largest first."""
        return [int(i) for i in np.argsort(-np.abs(self.phi), kind="stable")]


def explain_picture(
    picture: Path, wanted: str, run_dir: Path, *, model: str | None, weights: Path | None
) -> Explanation:
    """Explain the score that the run's classifier gives ``picture`` for the class ``wanted``.

    Raises
    ------
    UnreadableImage
        When the picture cannot be read.
    ClassError
        For a class that does not exist or has no result in this run.
    ClassifierError
        When the model is not the one of the run.
    ResultError
        When the stored arrays are missing or damaged.
    """
    image = _open(picture)
    run = read_run(run_dir)
    classifier, otherwise = _as_in(run, _classifier(run, model, weights))
    result = _result(run_dir, run, classifier, wanted)
    arrays = _arrays(run_dir / result.name.slug / ARRAYS)
    prepared = classifier.preprocessing(image)[None]
    with one_thread_each():
        patches = whole = grid_patches(encode(classifier, prepared, CPU_BATCH))
        if result.extraction.patches == "crops":
            patches = crop_patches(classifier, prepared, CPU_BATCH)
    with torch.no_grad():
        logits = classifier.head(as_encoded(whole))[0]
    chances = logits.softmax(dim=0)
    best, index = int(chances.argmax()), result.name.index
    others = logits.clone()
    others[index] = -torch.inf
    rivals = others.argmax().view(1) if result.score == "margin" else None
    phi, codes = _attribute(classifier, run, result, arrays, patches, rivals)
    return Explanation(
        result=result,
        folder=run_dir / result.name.slug,
        view=classifier.preprocessing.view(image),
        predicted=classifier.labels[best].name,
        probability=float(chances[best]),
        class_probability=float(chances[index]),
        logit=float(logits[index]),
        phi=phi,
        codes=codes,
        scale=arrays["codes"].max(axis=(0, 1, 2)).astype(np.float32),
        otherwise=otherwise,
    )


def _open(picture: Path) -> Image.Image:
    try:
        return decode(picture.read_bytes(), None)
    except OSError as error:
        raise UnreadableImage(
            f"{picture}: cannot be read ({error.strerror}); give a picture"
        ) from None
    except UnreadableImage as error:
        raise UnreadableImage(f"{picture}: {error}; give another picture") from None


def _classifier(run: RunResult, model: str | None, weights: Path | None) -> Classifier:
    wanted = run.classifier
    layer = run.config.get("layer")
    classifier = load_classifier(
        model or str(run.config["model"]),
        weights=weights,
        device="cpu" if run.device == "cpu" else "auto",
        layer=None if layer is None else str(layer),
    )
    if classifier.weights_sha256 != wanted.weights_sha256:
        raise ClassifierError(
            f"model: {classifier.name} has weights {classifier.weights_sha256[:10]}, run {run.run} "
            f"explains {wanted.name} with weights {wanted.weights_sha256[:10]}; give --model and "
            "--weights as in that build"
        )
    return classifier


def _as_in(run: RunResult, classifier: Classifier) -> tuple[Classifier, str]:
    """Return the classifier on the runtime of the run; else as it is, and what is otherwise."""
    place = torch.device(run.device).type
    reason = f"there is no {place} here"
    if classifier.device.type == place:
        try:
            return run_on(classifier, run.runtime, CPU_BATCH), ""
        except NoRuntime as error:
            reason = str(error)
    return classifier, (
        f"encoded by {classifier.runtime.in_words} on {classifier.device.type}, the run by "
        f"{run.runtime.in_words} on {place} ({reason}): figures differ from the run's by rounding"
    )


def _result(run_dir: Path, run: RunResult, classifier: Classifier, wanted: str) -> ClassResult:
    chosen = [classifier.labels[i] for i in classifier.labels.select(wanted)]
    if len(chosen) != 1:
        raise ClassError(f"class: {wanted!r} names {len(chosen)} classes; give one, by its index")
    built = {c.slug: c.name for c in run.classes if c.status == "built"}
    if chosen[0].slug not in built:
        names = ", ".join(list(built.values())[:8]) + (", …" if len(built) > 8 else "")
        raise ClassError(
            f"class: {chosen[0].name} ({chosen[0].index}) has no result in run {run.run}; it has "
            f"{names or 'none'}; build it with lens-build --classes {chosen[0].index}"
        )
    return read_class(run_dir, chosen[0].slug)


def _arrays(path: Path) -> dict[str, np.ndarray]:
    try:
        arrays: dict[str, np.ndarray] = load_file(path)
    except Exception as error:  # safetensors raises its own type, which is not public
        raise ResultError(f"{path}: cannot be read ({error}); {AGAIN}") from None
    if "order" not in arrays:
        raise ResultError(f"{path}: was written by an older Lens; {AGAIN}")
    return arrays


def _attribute(
    classifier: Classifier,
    run: RunResult,
    result: ClassResult,
    arrays: dict[str, np.ndarray],
    activations: Activations,
    rivals: Rivals,
) -> tuple[Float[np.ndarray, " k"], Float[np.ndarray, "h w k"]]:
    """φ and codes of one image, by the dictionary and the method of the class result."""
    device, (h, w) = activations.patches.device, activations.patches.shape[1:3]
    state = {
        name.removeprefix(STATE): torch.from_numpy(array).to(device)
        for name, array in arrays.items()
        if name.startswith(STATE)
    }
    extractor = extraction.method(result.extraction.method).load(state)
    codes = extractor.encode(activations.rows)
    score = class_score(classifier, extractor, result.name.index, activations, rivals)
    generator = torch.Generator(device).manual_seed(int(run.config["seed"] or 0))
    phi = importance.method(result.importance_method)().attribute(
        score, acting_codes(score, codes[None]), generator=generator
    )
    order = arrays["order"]
    return phi[0].cpu().numpy()[order], codes.cpu().numpy().reshape(h, w, -1)[..., order]
