"""The extraction methods, one a file.

The file's name is the method's: ``semi_nmf`` for ``semi-nmf``.
"""
