"""Strategies: images classified for the same reason, their layout and their graph."""

from lens_site.strategies.clusters import Strategy as Strategy
from lens_site.strategies.clusters import assigned as assigned
from lens_site.strategies.clusters import describe as describe
from lens_site.strategies.clusters import find as find
from lens_site.strategies.clusters import leading as leading
from lens_site.strategies.clusters import profiles as profiles
from lens_site.strategies.graph import build as build
from lens_site.strategies.graph import edges as edges
from lens_site.strategies.graph import graphml as graphml
from lens_site.strategies.graph import node_link as node_link
from lens_site.strategies.grouping import Found as Found
from lens_site.strategies.grouping import Grouping as Grouping
from lens_site.strategies.grouping import method as method
from lens_site.strategies.layout import embed as embed
