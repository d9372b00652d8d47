"""The strategic cluster graph: images, the strategies they follow, the concepts these rest on.

How it is built and read; where its nodes lie comes from ``layout``.
"""

import networkx as nx
import numpy as np
from jaxtyping import Float

from lens_site.strategies.grouper import Groups, Profiles

WEAK = 0.05
"""Mean share under which a concept is not part of a strategy."""


def build(points: Profiles, assignment: Groups, layout: Float[np.ndarray, "n 2"]) -> nx.Graph:
    """Nodes ``("image", i)``, ``("strategy", s)``, ``("concept", c)``; s and c count from 1.

    Image nodes carry their place in the layout, strategy nodes the median place and the number
    of their images. An edge strategy–concept weighs the concept's mean share in the strategy,
    sign kept (methods of this project, §4); weak ones are left out, but never a strategy's
    strongest.
    """
    graph = nx.Graph()
    for i, (x, y) in enumerate(layout.tolist()):
        graph.add_node(("image", i), x=x, y=y)
        graph.add_edge(("image", i), ("strategy", int(assignment[i])))
    for number in range(1, int(assignment.max()) + 1):
        members = assignment == number
        x, y = np.median(layout[members], axis=0).tolist()
        graph.add_node(("strategy", number), x=x, y=y, size=int(members.sum()))
        mean = points[members].mean(axis=0)
        strongest = int(np.abs(mean).argmax())
        for concept, weight in enumerate(mean.tolist()):
            if abs(weight) >= WEAK or concept == strongest:
                graph.add_edge(("strategy", number), ("concept", concept + 1), weight=weight)
    return graph


def edges(graph: nx.Graph) -> list[tuple[int, int, float]]:
    """Strategy, concept and weight of every edge between them, in order."""
    weighted = []
    for a, b, weight in graph.edges(data="weight"):
        ends = dict((a, b))
        if "concept" in ends:
            weighted.append((ends["strategy"], ends["concept"], weight))
    return sorted(weighted)
