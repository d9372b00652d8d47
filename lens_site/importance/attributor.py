"""Concept importance is attribution on codes: any attribution method becomes a concept method.

Notation (Fel et al. 2023, arXiv 2306.07304, Sec. 3.2): codes u (s, k) of one image, s positions
and k concepts; the class logit y(u) = h(u V)_c as a function of the codes, called the *score*;
importance φ (k,), one value a concept and an image. n images make Φ (n, k).

Positions. A concept acts at every position of an image, so its importance adds up over them:
a derivative is Σ_s ∂y/∂u_si, a mask or an occlusion takes the concept out at every position.
When the head is average pooling and a linear layer this is attribution on the mean code.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float, Int
from torch import Generator, Tensor

from lens_site.errors import StageError

Codes = Float[Tensor, "n s k"]
"""Codes u of n images, at every position."""

MeanCodes = Float[Tensor, "n k"]
"""Codes averaged over the positions, all that a linear head sees."""

Phi = Float[Tensor, "n k"]
"""Φ: importance of every concept for every image."""

Gamma = Float[Tensor, "*n k"]
"""γ = V W_c, what a unit of each concept adds to the logit when the head is linear; a row an image
where what is explained differs from image to image."""

Score = Callable[[Float[Tensor, "m s k"]], Float[Tensor, " m"]]
"""y(u): codes with positions to the class logit, one a row; differentiable."""


@dataclass(frozen=True, eq=False)
class LinearScore:
    """y(u) = b + mean_s(u)·γ, exact when the head is average pooling and a linear layer.

    ``gamma`` is in logits per unit of code; ``bias`` is the logit at u = 0. With a ``gamma`` of
    (n, k) and a ``bias`` of (n,), one row for each image, the codes are those of all images.
    """

    gamma: Gamma
    bias: float | Float[Tensor, " n"]

    def __call__(self, codes: Float[Tensor, "m s k"]) -> Float[Tensor, " m"]:
        """Return the logits of m codes."""
        means = codes.mean(dim=1)
        sums = means @ self.gamma if self.gamma.ndim == 1 else (means * self.gamma).sum(dim=1)
        return sums + self.bias

    def of(self, images: Int[Tensor, " m"]) -> "LinearScore":
        """Return the score of codes that belong to these images, one a row."""
        if isinstance(self.bias, float):
            return self
        return LinearScore(self.gamma[images], self.bias[images])


@dataclass(frozen=True, eq=False)
class ImageScore:
    """y(u) of networks whose head reads more of an image than its patches.

    A transformer's class token at the explained layer stays as the image made it while codes
    change. ``function`` takes m codes and which image of the class each of them belongs to.
    """

    function: Callable[[Float[Tensor, "m s k"], Int[Tensor, " m"]], Float[Tensor, " m"]]

    def of(self, images: Int[Tensor, " m"]) -> Score:
        """Return the score of codes that belong to these images, one a row."""
        return lambda codes: self.function(codes, images)


AnyScore = Score | LinearScore | ImageScore


class Attributor(ABC):
    """One way to attribute a class logit to the concepts of an image.

    Parameters
    ----------
    batch
        Most rows (images times masks, steps or samples) given to the score at once.
    """

    name: ClassVar[str]
    sums_to_score: ClassVar[bool] = False
    """Whether Σ_i φ_i = y(u) − y(0) for every image when the head is linear in the codes."""

    def __init__(self, *, batch: int = 64) -> None:
        self.batch = self._at_least(1, "batch", batch)

    def attribute(self, score: AnyScore, codes: Codes, *, generator: Generator) -> Phi:
        """Φ, by the closed form when the score is linear and there is one, else by ``estimate``.

        Raises
        ------
        StageError
            For empty or non-finite codes, a γ of another length, or a score that gives NaN.
        """
        self._check(score, codes)
        exact = self.closed_form(score, codes.mean(1)) if isinstance(score, LinearScore) else None
        phi = self.estimate(score, codes, generator=generator) if exact is None else exact
        if not bool(phi.isfinite().all()):
            raise StageError(
                f"{self.name}: the score gave NaN or infinite values; "
                "check the model's weights and preprocessing"
            )
        return phi

    @abstractmethod
    def estimate(self, score: AnyScore, codes: Codes, *, generator: Generator) -> Phi:
        """Φ by the numerical method, whatever the score."""

    def closed_form(self, score: LinearScore, codes: MeanCodes) -> Phi | None:
        """Φ of a linear score from mean codes, or None where no closed form is known."""
        return None

    def _check(self, score: AnyScore, codes: Codes) -> None:
        if codes.numel() == 0:
            raise StageError(
                f"{self.name}: codes of shape {tuple(codes.shape)}; "
                "it needs one image, one position and one concept at least"
            )
        if not bool(codes.isfinite().all()):
            raise StageError(
                f"{self.name}: codes hold NaN or infinite values; check the activations"
            )
        if isinstance(score, LinearScore) and score.gamma.shape[-1] != codes.shape[2]:
            raise StageError(
                f"{self.name}: γ has {score.gamma.shape[-1]} concepts, the codes have "
                f"{codes.shape[2]}; both must come from one dictionary"
            )

    def _at_least(self, least: int, option: str, value: int) -> int:
        if value < least:
            raise StageError(f"{self.name}: {option} is {value}; it must be {least} or more")
        return value


def evaluate(
    score: AnyScore, rows: Float[Tensor, "m s k"], images: Int[Tensor, " m"]
) -> Float[Tensor, " m"]:
    """Return y of every row, the codes of these images; refuse anything but one logit a row."""
    own = score.of(images) if isinstance(score, LinearScore | ImageScore) else score
    logits = own(rows)
    if logits.shape != (len(rows),):
        raise StageError(
            f"score: gave shape {tuple(logits.shape)} for {len(rows)} rows of codes; "
            "it must give one class logit a row"
        )
    return logits
