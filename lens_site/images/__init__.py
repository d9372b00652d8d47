"""Pictures: where they come from, their pixels, and loading them beside the network.

``source`` what every source promises, and :func:`open_source` · ``sources`` a file a kind of
source · ``decode`` from bytes to pixels, from pixels to batches · ``crops`` windows of a picture
"""

from lens_site.images.decode import Batch, stream
from lens_site.images.source import Credit, ImageSource, open_source

__all__ = ["Batch", "Credit", "ImageSource", "open_source", "stream"]
