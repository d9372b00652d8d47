"""Names for concepts by an image-text model that the user has: a claim of that model, kept apart.

``vocabulary`` reads the words, ``encoder`` and ``clip`` are the model, ``choose`` decides on
arrays, ``run`` goes through the classes of a run. Nothing of a build depends on it.
"""

from lens_site.naming.run import name_run as name_run
