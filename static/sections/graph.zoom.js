// Zoom, pan and lasso over the images: what Plotly is for, and nothing else.
globalThis.lensGraph = { ...globalThis.lensGraph, zoom: async (data, marks, field, told) => {
  "use strict";
  const { images, make, css, color } = marks;
  const plot = make("div", "graph__plot");
  field.append(plot);
  const isWrong = (image) => image.right === 0;
  const dots = (group, visible) => ({
    type: "scatter", mode: "markers", hoverinfo: "none",
    x: images.map((image) => image.x), y: images.map((image) => image.y),
    marker: {
      size: images.map((image) => (isWrong(image) ? 13 : 11)),
      symbol: images.map((image) => (isWrong(image) ? "diamond" : "circle")),
      color: images.map((image) => color(group.tone(group.of(image)))),
      opacity: images.map((_, i) => (visible(i) ? 1 : 0.06)),
      line: {
        width: images.map((image) => (isWrong(image) ? 1.25 : 0.75)),
        color: images.map((image) => css(isWrong(image) ? "--ink" : "--card")),
      },
    },
  });
  const layout = {
    xaxis: { range: data.across, visible: false }, yaxis: { range: data.up, visible: false },
    margin: { l: 0, r: 0, t: 0, b: 0 }, hovermode: "closest", hoverdistance: 28, dragmode: "lasso",
    showlegend: false, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", uirevision: "kept",
    modebar: { bgcolor: "rgba(0,0,0,0)", color: css("--muted"), activecolor: css("--accent") },
  };
  const words = {
    "Lasso Select": lensSay("Choose with a lasso"), Pan: lensSay("Move the picture"), Zoom: lensSay("Zoom into a part"),
    "Zoom in": lensSay("Zoom in"), "Zoom out": lensSay("Zoom out"), "Reset axes": lensSay("Show all of it"),
  };
  const config = {
    locale: "site", locales: { site: { dictionary: words } },
    scrollZoom: true, responsive: true, displaylogo: false, displayModeBar: true, showTips: false,
    modeBarButtons: [["lasso2d", "pan2d", "zoom2d"], ["zoomIn2d", "zoomOut2d", "resetScale2d"]],
  };
  const draw = (group, visible) => Plotly.react(plot, [dots(group, visible)], layout, config);
  await Plotly.newPlot(plot, [], layout, config);
  // Where an image is in the field, in pixels, and how many times the picture is stretched.
  const within = (low, high, value) => (value - low) / (high - low);
  const place = (i) => {
    const { clientWidth: width, clientHeight: height } = field;
    const { xaxis, yaxis } = plot.layout;
    return [width * within(...xaxis.range, images[i].x), height * (1 - within(...yaxis.range, images[i].y))];
  };
  const span = ([low, high]) => high - low;
  const stretched = () => Math.max(span(data.across) / span(plot.layout.xaxis.range), span(data.up) / span(plot.layout.yaxis.range));
  const inside = (event) => {
    const box = field.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  plot.on("plotly_hover", ({ points: [point], event }) => told.look(point.pointNumber, ...inside(event)));
  plot.on("plotly_unhover", told.away);
  plot.on("plotly_click", ({ points: [point], event }) => { told.away(); told.keep(point.pointNumber, ...inside(event)); });
  plot.on("plotly_relayout", told.moved);
  plot.on("plotly_relayouting", told.moved);
  plot.on("plotly_selected", (chosen) => {
    if (chosen?.points.length) told.chosen(chosen.points.map((point) => point.pointNumber));
  });
  const leave = () => {
    Plotly.purge(plot);
    plot.remove();
  };
  return { draw, leave, place, stretched };
} };
