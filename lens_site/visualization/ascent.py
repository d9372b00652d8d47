"""Gradient ascent on phases: pictures in which the network finds a concept.

Notation of ``phases``; directions v_i (k, p), one a picture; at every step c crops of all pictures,
from the same places and with the same noise, so that no picture depends on those beside it. The
activation a (p) of a crop is the mean over the places of the network's map. The objective is the
mean over crops of

    (a − o)·v_i · max(cos(a − o, v_i), 0.1)²,

with the origin o, 0 but where codes are deviations from a mean. A concept whose codes have a sign
is shown where they are positive. Source: Fel et al. 2023, MACO (arXiv 2306.06805), §3, and its
code for the cosine; for pictures that start as photographs Hamblin et al. 2024 (arXiv 2402.10039),
where we keep their magnitudes too, and pull each picture to where it came from.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Generator, Tensor
from torch.nn.functional import cosine_similarity, normalize

from lens_site.visualization import crops
from lens_site.visualization.levels import Effort
from lens_site.visualization.phases import Painter, Phases

LEAST_COSINE = 0.1

APART = 0.75
"""How far a direction is turned from what it shares with others of the class."""

Look = Callable[[Float[Tensor, "n 3 side side"]], Float[Tensor, "n p h w"]]
"""Maps of the network for RGB pictures in [0, 1]; differentiable."""


@dataclass(frozen=True)
class Directions:
    """What is looked for: v_i, one a picture, from an origin o."""

    vectors: Float[Tensor, "k p"]
    origin: Float[Tensor, " p"]


@dataclass(frozen=True)
class Ascended:
    """Finished pictures.

    ``attention`` is Σ |∂ objective / ∂x| over steps and colors, ``gains`` the objective before
    every step.
    """

    pictures: Float[Tensor, "k 3 side side"]
    attention: Float[Tensor, "k side side"]
    gains: Float[Tensor, "steps k"]


def apart(dictionary: Float[Tensor, "k p"]) -> Float[Tensor, "k p"]:
    """Return unit directions that tell the concepts of a class from each other.

    Atoms of a class share much: what pleases one often pleases a stronger one more. So each is
    turned towards the direction in which no other lies (its row of the pseudo-inverse): the unit
    vector of .25 v_i + .75 w_i, both of length 1. This is ours.
    """
    atoms = normalize(dictionary, dim=1)
    own = normalize(torch.linalg.pinv(atoms.double()).T.to(atoms.dtype), dim=1)
    return normalize((1 - APART) * atoms + APART * own, dim=1)


def objective(maps: Float[Tensor, "n p h w"], directions: Directions) -> Float[Tensor, " k"]:
    """Return the objective of each picture; ``maps`` are those of c crops of k pictures in turn."""
    pooled = rearrange(maps.mean(dim=(2, 3)), "(c k) p -> c k p", k=len(directions.vectors))
    found = pooled - directions.origin
    dots = (found * directions.vectors).sum(dim=2)
    cosines = cosine_similarity(found, directions.vectors.expand_as(found), dim=2)
    gains: Tensor = (dots * cosines.clamp_min(LEAST_COSINE).square()).mean(dim=0)
    return gains


def ascend(
    painter: Painter,
    phases: Phases,
    directions: Directions,
    look: Look,
    effort: Effort,
    *,
    side: int,
    at_once: int,
    generator: Generator,
) -> Ascended:
    """Change the phases of all pictures, ``at_once`` of them a time, by NAdam.

    Crops are shown to the network at ``side`` pixels. Which pictures are made together changes
    nothing but rounding: each batch draws the same crops and the same noise.
    """
    begun = generator.get_state()
    parts = []
    for start in range(0, len(phases), at_once):
        some = slice(start, start + at_once)
        generator.set_state(begun)
        wanted = Directions(directions.vectors[some], directions.origin)
        parts.append(
            _ascend(painter.part(some), phases[some], wanted, look, effort, side, generator)
        )
    return Ascended(
        torch.cat([part.pictures for part in parts]),
        torch.cat([part.attention for part in parts]),
        torch.cat([part.gains for part in parts], dim=1),
    )


def _ascend(
    painter: Painter,
    start: Phases,
    directions: Directions,
    look: Look,
    effort: Effort,
    side: int,
    generator: Generator,
) -> Ascended:
    with torch.inference_mode(False), torch.enable_grad():
        phases = start.clone().requires_grad_()
        first = painter(phases).detach()
        attention = torch.zeros_like(first[:, 0])
        optimizer = torch.optim.NAdam([phases], lr=effort.rate)
        gains = []
        for step in range(effort.steps):
            optimizer.param_groups[0]["lr"] = rate_at(step, effort)
            pictures = painter(phases)
            gained, slope = _slope(pictures.detach(), directions, look, effort, side, generator)
            attention += slope.abs().sum(dim=1)
            if effort.pull:
                slope = slope - 2 * effort.pull * (pictures.detach() - first) / first[0].numel()
            (phases.grad,) = torch.autograd.grad(pictures, phases, -slope)
            optimizer.step()
            gains.append(gained)
        finished = painter(phases).detach()
    return Ascended(finished, attention, torch.stack(gains))


def rate_at(step: int, effort: Effort) -> float:
    """Return the step in radians: it falls to 0 along half a cosine, so that details settle."""
    return effort.rate * 0.5 * (1 + math.cos(math.pi * step / effort.steps))


def _slope(
    pictures: Float[Tensor, "k 3 canvas canvas"],
    directions: Directions,
    look: Look,
    effort: Effort,
    side: int,
    generator: Generator,
) -> tuple[Float[Tensor, " k"], Float[Tensor, "k 3 canvas canvas"]]:
    """Return the objective and its gradient by the pixels, for crops drawn now."""
    seen = pictures.requires_grad_()
    shown = [
        crops.cut(seen, window, side)
        + crops.noise(side, effort.noise, generator=generator).to(seen.device)
        for window in crops.windows(pictures.shape[2], effort, generator=generator)
    ]
    gained = objective(look(torch.cat(shown)), directions)
    (slope,) = torch.autograd.grad(gained.sum(), seen)
    return gained.detach(), slope
