"""The encoder as a module of its own, as what compiles or exports networks wants it."""

from torch import Tensor, nn

from lens_site.classifier.classifier import Classifier


class Half(nn.Module):
    """Images to maps and, where the network has tokens without a place, these."""

    def __init__(self, classifier: Classifier) -> None:
        super().__init__()
        parts = classifier.parts
        # registered, so that its weights count as weights: the functions below call it
        self.called = classifier.network if parts.graphs is None else parts.graphs[0]
        self._encode, self._context = parts.encode, parts.context > 0

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Return (maps,) or (maps, context)."""
        encoded = self._encode(images)
        return tuple(encoded) if self._context else (encoded.maps,)
