"""Pictures: where they come from, their pixels, and loading them beside the network.

``source`` what every source promises, and :func:`open_source` · ``folder`` any folder ·
``imagenet`` Imagenette · ``demo`` views of seven photographs · ``decode`` from bytes to pixels,
from pixels to batches
"""

from lens_site.images.decode import Batch, stream
from lens_site.images.source import Credit, ImageSource, open_source

__all__ = ["Batch", "Credit", "ImageSource", "open_source", "stream"]
