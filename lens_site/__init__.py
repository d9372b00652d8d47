"""Lens: why an image classifier says what it says, one static page per class.

The rooms, in the order the data flows through them:

``images``       where pictures come from, and how they are decoded
``classifier``   encoder g and head h of a network, its classes and its preprocessing
``activations``  the predicting pass over the images, then the patches of one class
``extraction``   step one: dictionary learning on activations (concepts)
``importance``   step two: attribution on codes (how much each concept counts)
``strategies``   images classified for the same reason, their layout and graph
``prototypes``   tiles and heat maps: what a concept looks like
``visualization``  pictures of a concept made by the network's gradients
``results``      the schema of what was computed, and the only door to its files
``classes``      one class explained: ``stages`` names them in order
``model``        across classes once all are there: similar concepts, the map, the audit
``browser``      the network as a list of layers, for the visitor's browser
``engine``       what to compute, skip or retry, and where
``tree``         what ImageNet's classes are kinds of
``site``         from results to pages
``naming``       names for concepts by an image-text model that the user has
``explain``      one picture of the user's, by the concepts of a class that is built
``bench``        methods against each other, Lens against its peers and its limits
``cli``          the ``lens`` command
"""

__version__ = "0.1.0"
