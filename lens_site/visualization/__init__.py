"""Visualization: pictures of concepts that the network's own gradients make.

``spectrum`` measures what natural pictures are made of; ``phases`` paints pictures that keep its
magnitudes, so that only phases can change; ``crops`` says what the network is shown of them at a
step, ``ascent`` changes them until it finds a concept there, ``levels`` how long. From noise that
is MACO (arXiv 2306.06805), from a concept's best tile a feature accentuation (arXiv 2402.10039).
``masks`` leaves out what the network never looked at, ``sheets`` draws the files, ``check`` says
whether the network agrees.
"""

from lens_site.visualization.ascent import Ascended as Ascended
from lens_site.visualization.ascent import Directions as Directions
from lens_site.visualization.ascent import Look as Look
from lens_site.visualization.ascent import apart as apart
from lens_site.visualization.ascent import ascend as ascend
from lens_site.visualization.check import Standing as Standing
from lens_site.visualization.check import likeness as likeness
from lens_site.visualization.check import likeness_within as likeness_within
from lens_site.visualization.check import standings as standings
from lens_site.visualization.crops import middle as middle
from lens_site.visualization.levels import LEVELS as LEVELS
from lens_site.visualization.levels import Effort as Effort
from lens_site.visualization.levels import Level as Level
from lens_site.visualization.masks import mask as mask
from lens_site.visualization.phases import Painter as Painter
from lens_site.visualization.phases import from_noise as from_noise
from lens_site.visualization.phases import from_pictures as from_pictures
from lens_site.visualization.sheets import ACCENTUATED as ACCENTUATED
from lens_site.visualization.sheets import DRAWN as DRAWN
from lens_site.visualization.sheets import Sheet as Sheet
from lens_site.visualization.sheets import read as read
from lens_site.visualization.sheets import write as write
from lens_site.visualization.spectrum import ENOUGH as ENOUGH
from lens_site.visualization.spectrum import Spectrum as Spectrum
from lens_site.visualization.spectrum import measure as measure
from lens_site.visualization.spectrum import one_over_f as one_over_f
