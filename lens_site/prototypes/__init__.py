"""Prototypes: what a concept looks like, in tiles and lit pictures.

``tiles`` are the patches that hold most of a concept, ``heatmaps`` light a picture where it is,
``codemaps`` say the same in a few characters, ``pictures`` draws the files of a class: ``sharp``
the larger ones, all within the ``budget``.
"""

from lens_site.prototypes.codemaps import MAPS as MAPS
from lens_site.prototypes.codemaps import code_maps as code_maps
from lens_site.prototypes.heatmaps import spotlight as spotlight
from lens_site.prototypes.pictures import COLUMNS as COLUMNS
from lens_site.prototypes.pictures import SPRITE as SPRITE
from lens_site.prototypes.pictures import Drawn as Drawn
from lens_site.prototypes.pictures import View as View
from lens_site.prototypes.pictures import draw as draw
from lens_site.prototypes.pictures import heat_file as heat_file
from lens_site.prototypes.pictures import parts as parts
from lens_site.prototypes.pictures import parts_file as parts_file
from lens_site.prototypes.pictures import strips as strips
from lens_site.prototypes.pictures import tiles_file as tiles_file
from lens_site.prototypes.sharp import LARGER_COLUMNS as LARGER_COLUMNS
from lens_site.prototypes.sharp import LARGER_ROWS as LARGER_ROWS
from lens_site.prototypes.sharp import LARGER_SIDE as LARGER_SIDE
from lens_site.prototypes.sharp import Larger as Larger
from lens_site.prototypes.tiles import FINE_WINDOW as FINE_WINDOW
from lens_site.prototypes.tiles import SIDE as SIDE
from lens_site.prototypes.tiles import WINDOW as WINDOW
from lens_site.prototypes.tiles import Box as Box
from lens_site.prototypes.tiles import Tile as Tile
from lens_site.prototypes.tiles import cut as cut
from lens_site.prototypes.tiles import select as select
from lens_site.prototypes.tiles import strongest as strongest
from lens_site.prototypes.tiles import windows as windows
