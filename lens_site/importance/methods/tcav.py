"""TCAV: in what share of the images a concept pushes the class logit up."""

from jaxtyping import Float
from torch import Generator, Tensor

from lens_site.importance import closed_form
from lens_site.importance.attributor import AnyScore, Attributor, Codes, LinearScore, MeanCodes, Phi
from lens_site.importance.gradient import gradient


def tcav_scores(slopes: Float[Tensor, "n k"]) -> Float[Tensor, " k"]:
    """Share of the images with ∂y/∂u_i > 0, in [0, 1]. Kim et al. 2018, Eq. 2."""
    return (slopes > 0).to(slopes).mean(dim=0)


class Tcav(Attributor):
    """TCAV, signed: the share of images with Σ_s ∂y/∂u_si > 0 minus the share with it < 0.

    Global only: φ is one vector for the class, and every image's row is that vector, so that
    shares, curves and tables read it as any other Φ. In [−1, 1], and 2·TCAV − 1 where no
    derivative is 0: signed, because a concept that pushes down in every image must not rank with
    one that does nothing. ``tcav_scores`` is the score itself. Linear head: sign of γ_i. Source:
    Kim et al. 2018 (arXiv 1711.11279), Eq. 1 and 2, the concept vector being the atom v_i.
    """

    name = "tcav"

    def estimate(self, score: AnyScore, codes: Codes, *, generator: Generator) -> Phi:
        """Φ by automatic differentiation, the same row n times."""
        slopes = gradient(score, codes, batch=self.batch).sum(dim=1)
        signed = tcav_scores(slopes) - tcav_scores(-slopes)
        return signed.expand_as(slopes).clone()

    def closed_form(self, score: LinearScore, codes: MeanCodes) -> Phi:
        """Sign of γ_i."""
        return closed_form.signs(score.gamma, codes)
