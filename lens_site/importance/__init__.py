"""Step two: concept importance, every attribution method behind one interface."""

from lens_site.importance.attributor import AnyScore, Attributor, ContextScore, LinearScore, Score
from lens_site.importance.gradients import (
    GradientInput,
    IntegratedGradients,
    Saliency,
    SmoothGrad,
    SquareGrad,
    VarGrad,
)
from lens_site.importance.masking import Occlusion, Rise, Shap
from lens_site.importance.sensitivity import Hsic, Sobol
from lens_site.importance.tcav import Tcav

METHODS: dict[str, type[Attributor]] = {
    method.name: method
    for method in (
        Saliency,
        GradientInput,
        IntegratedGradients,
        SmoothGrad,
        SquareGrad,
        VarGrad,
        Occlusion,
        Rise,
        Shap,
        Sobol,
        Hsic,
        Tcav,
    )
}

__all__ = [
    "METHODS",
    "AnyScore",
    "Attributor",
    "ContextScore",
    "GradientInput",
    "Hsic",
    "IntegratedGradients",
    "LinearScore",
    "Occlusion",
    "Rise",
    "Saliency",
    "Score",
    "Shap",
    "SmoothGrad",
    "Sobol",
    "SquareGrad",
    "Tcav",
    "VarGrad",
]
