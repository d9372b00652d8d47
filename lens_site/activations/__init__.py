"""From pictures to rows of activations: the pass over all images, and the patches of one class.

Here is what runs the encoder over images: ``encode`` in passes of one shape, ``predict`` over all
images, ``patches`` of one class. What is kept of a pass on disk is the engine's business.
"""

from lens_site.activations.encode import Loading as Loading
from lens_site.activations.patches import Activations as Activations
from lens_site.activations.patches import Features as Features
from lens_site.activations.patches import class_activations as class_activations
