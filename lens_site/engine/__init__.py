"""What to compute, skip or retry, and where: the build, its jobs, and what spreads them.

``build`` is the order of a whole build; ``job`` is one class, which any engine can run; ``work`` is
what those at work at one run leave for each other. A new engine is a new file in ``engines``.
"""
