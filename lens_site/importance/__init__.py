"""Step two: concept importance, every attribution method behind one interface."""

from lens_site.importance.attributor import Attributor, LinearScore, Score
from lens_site.importance.gradients import GradientInput

METHODS: dict[str, type[Attributor]] = {method.name: method for method in (GradientInput,)}

__all__ = ["METHODS", "Attributor", "GradientInput", "LinearScore", "Score"]
