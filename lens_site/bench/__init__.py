"""Measurements: methods against each other, Lens against its peers and its limits."""
