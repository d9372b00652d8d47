// The nodes of strategies and concepts, above the edges that Plotly draws.
globalThis.lensGraph = { ...globalThis.lensGraph, nodes: (data, marks) => {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";
  const { concept, make, left, top, tile, badge } = marks;
  const concepts = data.concepts.filter((c) => c.node);
  const radius = (s) => 12 + 30 * Math.sqrt(s.share);

  // How much of the ring is drawn is how often the strategy is right.
  const ring = (s) => {
    const frame = document.createElementNS(SVG, "svg");
    const side = 2 * radius(s) + 14;
    frame.setAttribute("viewBox", `0 0 ${side} ${side}`);
    for (const [kind, part] of [["node__whole", 1], ["node__part", s.reliability]]) {
      const arc = document.createElementNS(SVG, "circle");
      const values = { class: kind, cx: side / 2, cy: side / 2, r: side / 2 - 2, pathLength: 100, "stroke-dasharray": `${100 * part} 100` };
      for (const [name, value] of Object.entries(values)) arc.setAttribute(name, value);
      frame.append(arc);
    }
    return frame;
  };
  const ofStrategy = (s) => {
    const node = make("div", `node node--strategy ${concept.get(s.dominant).tone}`, s.name);
    node.style.cssText = `left:${left(s.x)};top:${top(s.y)};width:${2 * radius(s)}px;height:${2 * radius(s)}px`;
    if (s.reliability !== null) node.append(ring(s));
    return node;
  };
  const ofConcept = (c) => {
    const node = make("div", `node node--concept ${c.tone}`);
    node.style.cssText = `left:${left(c.node[0])};top:${top(c.node[1])}`;
    if (c.tile) node.append(tile(c));
    node.append(badge(c.number));
    return node;
  };
  const layer = () => {
    const box = make("div", "graph__nodes");
    box.setAttribute("aria-hidden", "true");
    box.append(...data.strategies.map(ofStrategy), ...concepts.map(ofConcept));
    return box;
  };
  return { concepts, radius, layer };
} };
