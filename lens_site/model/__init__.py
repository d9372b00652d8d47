"""Across classes, once all are there: similar and shared concepts, the map, the audit.

``whole`` is the order of it and the door: it reads the class results of a run and returns a
``ModelResult``. ``pairs`` is the door for two runs of the same images, and returns a
``PairResult``. Nothing here needs the network.
"""
