"""Across classes, once all are there: similar and shared concepts, the map, the audit.

``whole`` is the order of it and the only door: it reads the class results of a run and returns a
``ModelResult``. Nothing here needs the network.
"""
