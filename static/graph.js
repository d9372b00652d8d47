// The strategic cluster graph: Plotly draws, this decides what; loaded only when first touched.
(() => {
  "use strict";
  const figure = document.getElementById("graph");
  if (!figure) return;
  const data = JSON.parse(document.getElementById("graph-data").textContent);
  const field = document.getElementById("field");
  const legend = document.getElementById("legend");
  const pin = document.getElementById("pin");
  const say = document.getElementById("say");
  const images = data.images;
  const {
    columns: { X, Y, PROBABILITY, RIGHT, TOP }, concept, strategy, make, percent, css, color, left, top,
    describe, sight, sightOfStrategy, sightOfConcept, groups, radius, nodes,
  } = lensSight(data);
  const state = { color: "concept", view: "images", hidden: new Set(), focus: -1, kept: -1 };
  let plot = null;

  const visible = (i) => !state.hidden.has(groups[state.color].of(images[i]));

  const drawLegend = () => {
    const group = groups[state.color];
    const counts = new Map();
    for (const image of images) counts.set(group.of(image), (counts.get(group.of(image)) ?? 0) + 1);
    legend.replaceChildren(...group.entries().filter((key) => counts.has(key)).map((key) => {
      const item = make("li");
      const button = make("button");
      button.type = "button";
      button.setAttribute("aria-pressed", String(!state.hidden.has(key)));
      button.title = "Show or hide these images";
      button.append(...group.mark(key), ` ${counts.get(key)}`);
      button.addEventListener("click", () => {
        if (!state.hidden.delete(key)) state.hidden.add(key);
        button.setAttribute("aria-pressed", String(!state.hidden.has(key)));
        start().then(draw);
      });
      item.append(button);
      return item;
    }));
  };

  // Traces: the images always, as one trace with one point each; nodes and edges on request.
  const imageTrace = (faint) => {
    const group = groups[state.color];
    const tones = new Map();
    const paint = (tone) => {
      if (!tones.has(tone)) tones.set(tone, color(tone));
      return tones.get(tone);
    };
    const wrong = (image) => image[RIGHT] === 0;
    return {
      type: "scatter", mode: "markers", name: "images", hoverinfo: "none", showlegend: false,
      x: images.map((image) => image[X]), y: images.map((image) => image[Y]),
      marker: {
        size: images.map((image) => (wrong(image) ? 11 : 9)),
        symbol: images.map((image) => (wrong(image) ? "diamond" : "circle")),
        color: images.map((image) => paint(group.tone(group.of(image)))),
        opacity: images.map((_, i) => (visible(i) ? (faint ? 0.22 : 1) : 0.05)),
        line: {
          width: images.map((image) => (wrong(image) ? 1.25 : 0.75)),
          color: images.map((image) => css(wrong(image) ? "--ink" : "--card")),
        },
      },
    };
  };
  const edgeTraces = () => data.edges
    .filter(([s, c]) => strategy.has(s) && concept.get(c)?.node)
    .map(([s, c, weight]) => ({
      type: "scatter", mode: "lines", name: "edge", hoverinfo: "skip", showlegend: false,
      x: [strategy.get(s).x, concept.get(c).node[0]], y: [strategy.get(s).y, concept.get(c).node[1]],
      opacity: 0.55,
      line: { width: 1 + 9 * Math.abs(weight), color: color(concept.get(c).tone), dash: weight < 0 ? "dot" : "solid" },
    }));
  const nodeTraces = () => {
    const shown = data.concepts.filter((c) => c.node);
    return [{
      type: "scatter", mode: "markers", name: "strategies", hoverinfo: "none", showlegend: false,
      x: data.strategies.map((s) => s.x), y: data.strategies.map((s) => s.y),
      marker: {
        opacity: 1, size: data.strategies.map((s) => 2 * radius(s)),
        color: data.strategies.map((s) => color(concept.get(s.dominant).tone)),
      },
    }, {
      type: "scatter", mode: "markers", name: "concepts", hoverinfo: "none", showlegend: false,
      x: shown.map((c) => c.node[0]), y: shown.map((c) => c.node[1]),
      marker: { opacity: 1, size: 44, symbol: "square", color: shown.map((c) => color(c.tone)) },
    }];
  };
  const traces = () => (state.view === "images"
    ? [imageTrace(false)]
    : [imageTrace(true), ...edgeTraces(), ...nodeTraces()]);

  const drawNodes = () => {
    field.querySelector(".nodes")?.remove();
    if (state.view !== "images") field.append(nodes());
  };

  const draw = async () => {
    const range = [-data.reach, data.reach];
    const axis = { range, visible: false, fixedrange: true };
    await Plotly.react(plot, traces(), {
      xaxis: axis, yaxis: axis, margin: { l: 0, r: 0, t: 0, b: 0 }, hovermode: "closest",
      hoverdistance: 14, dragmode: false, showlegend: false,
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    }, { displayModeBar: false, responsive: true, doubleClick: false, showTips: false });
    drawNodes();
    drawRings();
  };

  // Pointer and keyboard.
  const drawRings = () => {
    field.querySelectorAll(".ring").forEach((ring) => ring.remove());
    for (const [i, kind] of [[state.focus, "ring"], [state.kept, "ring kept"]]) {
      if (i < 0) continue;
      const ring = make("div", kind);
      ring.style.cssText = `left:${left(images[i][X])};top:${top(images[i][Y])}`;
      field.append(ring);
    }
  };
  const hideTip = () => {
    field.querySelector(".tip")?.remove();
    state.focus = -1;
    drawRings();
  };
  const showTip = (content, x, y) => {
    field.querySelector(".tip")?.remove();
    const tip = make("div", "tip");
    tip.append(content);
    field.append(tip);
    const box = field.getBoundingClientRect();
    const [px, py] = [(parseFloat(left(x)) / 100) * box.width, (parseFloat(top(y)) / 100) * box.height];
    const beside = px + 18 + tip.offsetWidth <= box.width || px < box.width / 2 ? px + 18 : px - 18 - tip.offsetWidth;
    const within = Math.max(8 - box.left, Math.min(beside, document.documentElement.clientWidth - box.left - tip.offsetWidth - 8));
    tip.style.left = `${within}px`;
    tip.style.top = `${Math.max(0, Math.min(py - tip.offsetHeight / 2, box.height - tip.offsetHeight))}px`;
  };
  const look = (i) => {
    state.focus = i;
    drawRings();
    showTip(sight(i, false), images[i][X], images[i][Y]);
  };
  const spoken = (i) => {
    const tops = images[i][TOP].slice(0, 3).map(([number, share]) => `concept ${number} ${percent(share)}`).join(", ");
    const wrong = images[i][RIGHT] === 0 ? ", a mistake" : "";
    return `${describe(i)}${wrong}, ${data.name} with ${percent(images[i][PROBABILITY])}: ${tops}`;
  };
  const unpin = () => {
    state.kept = -1;
    pin.classList.remove("open");
    invite();
    drawRings();
  };
  // Before anything is kept, the panel shows a typical image of the largest strategy.
  const invite = () => {
    const typical = data.strategies[0]?.typical;
    const hint = make("p", "hint", "A typical image. Click any dot to keep its image here instead.");
    pin.replaceChildren(...(typical == null ? [] : [sight(typical, true)]), hint);
  };
  const keep = (i) => {
    state.kept = i;
    const close = make("button", "", "×");
    close.type = "button";
    close.setAttribute("aria-label", "Let the image go");
    close.addEventListener("click", () => { unpin(); plot.focus({ preventScroll: true }); });
    pin.replaceChildren(close, sight(i, true));
    pin.classList.add("open");
    say.textContent = `Kept: ${spoken(i)}`;
    drawRings();
  };
  const neighbor = (i, dx, dy) => {
    let [best, least] = [i, Infinity];
    for (let j = 0; j < images.length; j += 1) {
      const [x, y] = [images[j][X] - images[i][X], images[j][Y] - images[i][Y]];
      const [along, across] = [x * dx + y * dy, Math.abs(x * dy - y * dx)];
      const cost = along + 2 * across;
      if (j !== i && visible(j) && along > 0 && across <= 2 * along && cost < least) [best, least] = [j, cost];
    }
    return best;
  };
  const step = (order, i, by) => order[(order.indexOf(i) + by + order.length) % order.length];
  const onKey = (event) => {
    const shown = images.map((_, i) => i).filter(visible);
    if (!shown.length) return;
    const i = state.focus >= 0 ? state.focus : state.kept >= 0 ? state.kept : shown[0];
    const fresh = state.focus < 0;
    const moves = {
      ArrowRight: () => neighbor(i, 1, 0), ArrowLeft: () => neighbor(i, -1, 0),
      ArrowUp: () => neighbor(i, 0, 1), ArrowDown: () => neighbor(i, 0, -1),
      Home: () => shown[0], End: () => shown.at(-1),
      PageDown: () => step(shown, i, 1), PageUp: () => step(shown, i, -1),
    };
    if (event.key in moves) {
      event.preventDefault();
      const next = fresh ? i : moves[event.key]();
      look(next);
      say.textContent = spoken(next);
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      keep(i);
    } else if (event.key === "Escape") {
      if (state.focus >= 0) hideTip(); else unpin();
    }
  };
  const onPoint = ({ points: [point] }) => {
    const i = point.pointNumber;
    const kind = point.data.name;
    if (kind === "images" && visible(i)) look(i);
    else if (kind === "strategies") showTip(sightOfStrategy(data.strategies[i]), point.x, point.y);
    else if (kind === "concepts") showTip(sightOfConcept(data.concepts.filter((c) => c.node)[i]), point.x, point.y);
  };

  // Plotly comes once, at the first sign of interest.
  let starting = null;
  const fetchScript = (address) => new Promise((done, fail) => {
    const script = make("script");
    script.src = address;
    script.onload = done;
    script.onerror = fail;
    document.head.append(script);
  });
  const begin = async () => {
    const maps = data.maps ? fetchScript(data.maps).catch(() => {}) : null;
    await Promise.all([fetchScript(figure.dataset.plotly), maps]);
    plot = make("div", "plot");
    field.append(plot);
    await draw();
    field.querySelector(":scope > svg")?.remove();
    plot.tabIndex = 0;
    plot.setAttribute("role", "application");
    plot.setAttribute("aria-label", `Graph of ${images.length} images. Arrow keys walk over the images, Enter keeps one, Escape lets go.`);
    plot.on("plotly_hover", onPoint);
    plot.on("plotly_unhover", hideTip);
    plot.on("plotly_click", ({ points: [point] }) => {
      if (point.data.name !== "images" || !visible(point.pointNumber)) return;
      hideTip();
      keep(point.pointNumber);
    });
    plot.addEventListener("keydown", onKey);
    plot.addEventListener("blur", hideTip);
    if (field === document.activeElement) plot.focus({ preventScroll: true });
    field.removeAttribute("tabindex");
    if (state.kept < 0) invite();
    figure.dataset.ready = "true";
  };
  const start = () => {
    starting ??= begin().catch(() => {
      starting = null;
      say.textContent = "The interactive graph could not be loaded; the picture stays.";
    });
    return starting;
  };
  field.tabIndex = 0;
  field.setAttribute("role", "group");
  field.setAttribute("aria-label", "Strategic cluster graph");
  for (const sign of ["pointerenter", "pointerdown", "focusin"]) {
    figure.addEventListener(sign, start, { once: true });
  }
  setTimeout(() => (window.requestIdleCallback ?? setTimeout)(start), 30000);

  figure.querySelector(".controls").addEventListener("change", ({ target }) => {
    state[target.name] = target.value;
    if (target.name === "color") state.hidden.clear();
    drawLegend();
    start().then(draw);
  });
  addEventListener("lens-theme", () => {
    if (!plot) return;
    draw();
    if (state.kept >= 0) keep(state.kept); else invite();
  });
  drawLegend();
  invite();
})();
