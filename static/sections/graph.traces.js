// What Plotly draws: the images always, as one trace with a point each; nodes and edges on request.
globalThis.lensGraph = { ...globalThis.lensGraph, traces: (data, marks, nodes) => {
  "use strict";
  const { images, concept, strategy, css, color } = marks;
  const isWrong = (image) => image.right === 0;

  const ofImages = (group, visible, faint) => {
    const tones = new Map();
    const paint = (tone) => {
      if (!tones.has(tone)) tones.set(tone, color(tone));
      return tones.get(tone);
    };
    return {
      type: "scatter", mode: "markers", name: "images", hoverinfo: "none", showlegend: false,
      x: images.map((image) => image.x), y: images.map((image) => image.y),
      marker: {
        size: images.map((image) => (isWrong(image) ? 11 : 9)),
        symbol: images.map((image) => (isWrong(image) ? "diamond" : "circle")),
        color: images.map((image) => paint(group.tone(group.of(image)))),
        opacity: images.map((_, i) => (visible(i) ? (faint ? 0.22 : 1) : 0.05)),
        line: {
          width: images.map((image) => (isWrong(image) ? 1.25 : 0.75)),
          color: images.map((image) => css(isWrong(image) ? "--ink" : "--card")),
        },
      },
    };
  };
  const ofEdges = () => data.edges
    .filter(([s, c]) => strategy.has(s) && concept.get(c)?.node)
    .map(([s, c, weight]) => ({
      type: "scatter", mode: "lines", name: "edge", hoverinfo: "skip", showlegend: false,
      x: [strategy.get(s).x, concept.get(c).node[0]], y: [strategy.get(s).y, concept.get(c).node[1]],
      opacity: 0.55,
      line: { width: 1 + 9 * Math.abs(weight), color: color(concept.get(c).tone), dash: weight < 0 ? "dot" : "solid" },
    }));
  const ofNodes = () => [{
    type: "scatter", mode: "markers", name: "strategies", hoverinfo: "none", showlegend: false,
    x: data.strategies.map((s) => s.x), y: data.strategies.map((s) => s.y),
    marker: {
      opacity: 1, size: data.strategies.map((s) => 2 * nodes.radius(s)),
      color: data.strategies.map((s) => color(concept.get(s.dominant).tone)),
    },
  }, {
    type: "scatter", mode: "markers", name: "concepts", hoverinfo: "none", showlegend: false,
    x: nodes.concepts.map((c) => c.node[0]), y: nodes.concepts.map((c) => c.node[1]),
    marker: { opacity: 1, size: 44, symbol: "square", color: nodes.concepts.map((c) => color(c.tone)) },
  }];
  return (view, group, visible) => (view === "images"
    ? [ofImages(group, visible, false)]
    : [ofImages(group, visible, true), ...ofEdges(), ...ofNodes()]);
} };
