"""What to compute, skip or retry, and where: the build, its jobs, and what spreads them.

``build`` is the order of a whole build; ``job`` is one class, which any engine can run; ``local``
runs jobs in threads of this machine. A new engine is a new file beside ``local``.
"""
