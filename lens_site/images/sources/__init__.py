"""The kinds of sources, one a file, each with ``open_data(data, cache)``.

It returns the source that ``data`` names, or None where that is no business of its kind; ``folder``
is asked last.
"""
