"""Pictures: where they come from, their pixels, and loading them beside the network.

``source`` what every source promises, and :func:`open_source` · ``sources`` a file a kind of
source · ``splits`` parts of a set · ``ilsvrc`` labels in ImageNet's own files · ``files`` sets that
lie in a few large files · ``shards`` the pictures of a tar · ``tables``, ``rows`` those of Parquet
· ``names`` of a million pictures · ``decode`` from bytes to pixels, from pixels to batches ·
``crops`` windows of a picture
"""

from lens_site.images.decode import Batch, stream
from lens_site.images.source import Credit, ImageSource, open_source, what_it_found

__all__ = ["Batch", "Credit", "ImageSource", "open_source", "stream", "what_it_found"]
