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
  const [X, Y, LABEL, PROBABILITY, STRATEGY, DOMINANT, RIGHT, KEY, TOP] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  const images = data.images;
  const concept = new Map(data.concepts.map((c) => [c.number, c]));
  const strategy = new Map(data.strategies.map((s) => [s.number, s]));
  const state = { color: "concept", view: "images", hidden: new Set(), focus: -1, kept: -1 };
  let plot = null;

  const make = (tag, kind = "", text = "") => {
    const element = document.createElement(tag);
    if (kind) element.className = kind;
    if (text) element.textContent = text;
    return element;
  };
  const percent = (share) => {
    const size = Math.round(100 * Math.abs(share));
    return `${share < 0 && size ? "−" : ""}${size}\u202f%`;
  };
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const color = (tone) => css(`--${tone}`);
  const rank = (number) => (number <= 10 ? `c${number}` : "c0");
  const left = (x) => `${50 + 50 * x / data.reach}%`;
  const top = (y) => `${50 - 50 * y / data.reach}%`;

  const crop = (file, column, row, columns, rows, alt, kind = "") => {
    const frame = make("span", `crop ${kind}`);
    const parts = { "--x": column, "--y": row, "--w": columns, "--h": rows };
    for (const [name, value] of Object.entries(parts)) frame.style.setProperty(name, value);
    const picture = make("img");
    picture.src = file;
    picture.alt = alt;
    frame.append(picture);
    return frame;
  };
  const tile = (c, kind) => crop(c.tile, 0, 0, c.tiles, 1, "", kind);
  const thumbnail = (i, kind) => {
    const { file, columns, rows } = data.sprite;
    return crop(file, i % columns, Math.floor(i / columns), columns, rows, describe(i), kind);
  };
  const badge = (number) => {
    const mark = make("span", `badge ${concept.get(number).tone}`, String(number));
    mark.prepend(make("span", "sr", "concept "));
    return mark;
  };
  const label = (i) => (images[i][LABEL] < 0 ? "" : data.labels[images[i][LABEL]]);
  // A folder that is no class of the model names the image, but is no label.
  const named = (i) => (images[i][RIGHT] < 0 ? `in “${label(i)}”` : `labeled ${label(i)}`);
  const describe = (i) => `image ${i + 1}${label(i) ? `, ${named(i)}` : ""}`;

  // What a visitor sees of one image: picture, label, prediction, its concepts.
  const bars = (list, tiles) => {
    const rows = make("ul", "tops");
    const shares = list.map(([, share]) => share);
    const [low, high] = [Math.min(0, ...shares), Math.max(0, ...shares)];
    const reach = high - low || 1;
    for (const [number, share] of list) {
      const row = make("li", concept.get(number).tone);
      const cell = make("span", "bar-cell");
      const bar = make("i", share < 0 ? "against" : "");
      bar.style.marginLeft = `${100 * (Math.min(0, share) - low) / reach}%`;
      bar.style.width = `${100 * Math.abs(share) / reach}%`;
      cell.append(bar);
      row.append(badge(number));
      if (tiles) row.append(concept.get(number).tile ? tile(concept.get(number), "inline") : make("span"));
      row.append(cell, make("span", "num", percent(share)));
      rows.append(row);
    }
    return rows;
  };

  // Heat maps of one image: its picture in gray, each concept's code as color over it.
  const heat = (i, map) => {
    const c = concept.get(map.number);
    const box = make("li", `heat-map ${c.tone}`);
    const picture = make("span", "lit");
    picture.setAttribute("role", "img");
    picture.setAttribute("aria-label", `concept ${map.number}: ${lensHeat.where(map)}`);
    const below = thumbnail(i, "");
    below.firstChild.alt = "";
    picture.append(below, lensHeat.paint(map, c.tone === "c0" ? css("--accent") : color(c.tone)));
    box.append(picture, badge(map.number));
    return box;
  };
  const heats = (i) => {
    const list = make("ul", "heat-maps");
    list.append(...lensHeat.read(globalThis.lensMaps ?? "", i).map((map) => heat(i, map)));
    return list;
  };
  const sight = (i, large) => {
    const image = images[i];
    const box = make("div", "sight");
    box.dataset.image = i;
    box.append(thumbnail(i, "picture"));
    box.append(make("p", "what", label(i) ? named(i) : `image ${i + 1}`));
    if (image[RIGHT] === 0) box.append(make("p", "wrong", "a mistake"));
    box.append(make("p", "", `predicted ${data.name}, ${percent(image[PROBABILITY])}`));
    if (large) {
      box.append(make("p", "", `strategy ${strategy.get(image[STRATEGY])?.name ?? "none"}`));
      box.append(make("p", "key", image[KEY]));
    }
    box.append(bars(large ? image[TOP] : image[TOP].slice(0, 3), large));
    if (large) box.append(heats(i));
    return box;
  };
  const sightOfStrategy = (s) => {
    const box = make("div", "sight");
    box.append(make("p", "what", `Strategy ${s.name}`));
    const right = s.reliability === null ? "" : `, ${percent(s.reliability)} right`;
    box.append(make("p", "", `${s.prevalence} of the images (${s.size})${right}`), bars(s.top, false));
    return box;
  };
  const sightOfConcept = (c) => {
    const box = make("div", "sight");
    if (c.tile) box.append(tile(c, "picture"));
    const head = make("p", "what");
    head.append(badge(c.number), ` ${c.share} of the evidence`);
    box.append(head);
    return box;
  };

  // Groups: what a color stands for.
  const groups = {
    concept: {
      of: (image) => image[DOMINANT],
      tone: (key) => concept.get(key).tone,
      entries: () => data.concepts.map((c) => c.number),
      mark: (key) => {
        const c = concept.get(key);
        return c.tile ? [badge(key), tile(c, "inline")] : [badge(key)];
      },
    },
    strategy: {
      of: (image) => image[STRATEGY],
      tone: rank,
      entries: () => data.strategies.map((s) => s.number),
      mark: (key) => [make("span", `badge ${rank(key)}`, strategy.get(key).name), "strategy"],
    },
    right: {
      of: (image) => image[RIGHT],
      tone: (key) => ({ 1: "c5", 0: "c2", [-1]: "c0" })[key],
      entries: () => [1, 0, -1],
      mark: (key) => {
        const name = { 1: "right", 0: "wrong", [-1]: "no label" }[key];
        const shape = { 1: "●", 0: "◆", [-1]: "○" }[key];
        const sign = make("span", groups.right.tone(key), shape);
        sign.style.color = "var(--tone)";
        sign.setAttribute("aria-hidden", "true");
        return [sign, name];
      },
    },
  };
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
  const radius = (s) => 12 + 30 * Math.sqrt(s.share);
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
    if (state.view === "images") return;
    const layer = make("div", "nodes");
    layer.setAttribute("aria-hidden", "true");
    for (const s of data.strategies) {
      const node = make("div", `node strategy ${concept.get(s.dominant).tone}`, s.name);
      node.style.cssText = `left:${left(s.x)};top:${top(s.y)};width:${2 * radius(s)}px;height:${2 * radius(s)}px`;
      if (s.reliability !== null) {
        const ring = document.createElementNS("http://www.w3.org/2000/svg", "svg");
        const side = 2 * radius(s) + 14;
        ring.setAttribute("viewBox", `0 0 ${side} ${side}`);
        for (const [kind, part] of [["whole", 1], ["part", s.reliability]]) {
          const arc = document.createElementNS(ring.namespaceURI, "circle");
          const values = { class: kind, cx: side / 2, cy: side / 2, r: side / 2 - 2, pathLength: 100, "stroke-dasharray": `${100 * part} 100` };
          for (const [name, value] of Object.entries(values)) arc.setAttribute(name, value);
          ring.append(arc);
        }
        node.append(ring);
      }
      layer.append(node);
    }
    for (const c of data.concepts.filter((each) => each.node)) {
      const node = make("div", `node prototype ${c.tone}`);
      node.style.cssText = `left:${left(c.node[0])};top:${top(c.node[1])}`;
      if (c.tile) node.append(tile(c));
      node.append(badge(c.number));
      layer.append(node);
    }
    field.append(layer);
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
