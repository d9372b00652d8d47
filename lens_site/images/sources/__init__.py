"""The kinds of sources, one a file, each with ``TAKES`` and ``open_data(data, split, cache)``.

``TAKES`` says in words what it opens. ``open_data`` returns the source that ``data`` names, or its
part ``split`` where one is asked for, or None where that is no business of its kind; ``folder`` is
asked last.
"""
