"""What to compute, skip or retry, and the machine it happens on."""

from lens_site.engine.local import build as build
