"""Drawings made on the server: a file a chart, marks on axes, nothing that knows a page.

A chart is a frozen dataclass that holds places and words; ``{{ chart|draw }}`` draws it with the
template that carries the name of its module. Places come from :mod:`lens_site.site.charts.axis`.
"""
