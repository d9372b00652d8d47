// The strategic cluster graph: Plotly draws, this decides what; loaded only when first touched.
(() => {
  "use strict";
  const figure = document.getElementById("graph");
  if (!figure) return;
  const part = (selector) => {
    const element = figure.querySelector(selector);
    if (!element) throw new Error(`graph: #graph holds no ${selector}`);
    return element;
  };
  const [field, pin, say] = [part(".graph__field"), part(".graph__pin"), part(".graph__say")];
  const data = JSON.parse(part("script[type='application/json']").textContent);
  const { percent } = lensNumbers;
  const marks = lensGraph.marks(data);
  const { images, make, left, top, describe } = marks;
  const sight = lensGraph.sights(data, marks);
  const legend = lensGraph.legend(data, marks);
  const nodes = lensGraph.nodes(data, marks);
  const traces = lensGraph.traces(data, marks, nodes);
  const state = { color: "concept", view: "images", hidden: new Set(), focus: -1, kept: -1 };
  let plot = null;

  const group = () => legend.groups[state.color];
  const visible = (i) => !state.hidden.has(group().of(images[i]));

  const drawLegend = () => part(".graph__legend").replaceChildren(
    ...legend.entries(group(), state.hidden, () => start().then(draw)),
  );
  const drawNodes = () => {
    field.querySelector(".graph__nodes")?.remove();
    if (state.view !== "images") field.append(nodes.layer());
  };

  const draw = async () => {
    const range = [-data.reach, data.reach];
    const axis = { range, visible: false, fixedrange: true };
    await Plotly.react(plot, traces(state.view, group(), visible), {
      xaxis: axis, yaxis: axis, margin: { l: 0, r: 0, t: 0, b: 0 }, hovermode: "closest",
      hoverdistance: 14, dragmode: false, showlegend: false,
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    }, { displayModeBar: false, responsive: true, doubleClick: false, showTips: false });
    drawNodes();
    drawRings();
  };

  // Pointer and keyboard.
  const drawRings = () => {
    field.querySelectorAll(".graph__ring").forEach((ring) => ring.remove());
    for (const [i, kind] of [[state.focus, "graph__ring"], [state.kept, "graph__ring graph__ring--kept"]]) {
      if (i < 0) continue;
      const ring = make("div", kind);
      ring.style.cssText = `left:${left(images[i].x)};top:${top(images[i].y)}`;
      field.append(ring);
    }
  };
  const hideTip = () => {
    field.querySelector(".graph__tip")?.remove();
    state.focus = -1;
    drawRings();
  };
  const showTip = (content, x, y) => {
    field.querySelector(".graph__tip")?.remove();
    const tip = make("div", "graph__tip");
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
    showTip(sight.ofImage(i, false), images[i].x, images[i].y);
  };
  const spoken = (i) => {
    const tops = images[i].top.slice(0, 3).map(([number, share]) => `concept ${number} ${percent(share)}`).join(", ");
    const wrong = images[i].right === 0 ? ", a mistake" : "";
    return `${describe(i)}${wrong}, ${data.name} with ${percent(images[i].probability)}: ${tops}`;
  };
  const unpin = () => {
    state.kept = -1;
    pin.classList.remove("graph__pin--open");
    invite();
    drawRings();
  };
  // Before anything is kept, the panel shows a typical image of the largest strategy.
  const invite = () => {
    const typical = data.strategies[0]?.typical;
    const hint = make("p", "graph__hint", "A typical image. Click any dot to keep its image here instead.");
    pin.replaceChildren(...(typical == null ? [] : [sight.ofImage(typical, true)]), hint);
  };
  const keep = (i) => {
    state.kept = i;
    const close = make("button", "", "×");
    close.type = "button";
    close.setAttribute("aria-label", "Let the image go");
    close.addEventListener("click", () => { unpin(); plot.focus({ preventScroll: true }); });
    pin.replaceChildren(close, sight.ofImage(i, true));
    pin.classList.add("graph__pin--open");
    say.textContent = `Kept: ${spoken(i)}`;
    drawRings();
  };
  const neighbor = (i, dx, dy) => {
    let [best, least] = [i, Infinity];
    for (let j = 0; j < images.length; j += 1) {
      const [x, y] = [images[j].x - images[i].x, images[j].y - images[i].y];
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
    else if (kind === "strategies") showTip(sight.ofStrategy(data.strategies[i]), point.x, point.y);
    else if (kind === "concepts") showTip(sight.ofConcept(nodes.concepts[i]), point.x, point.y);
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
    const maps = fetchScript(data.maps).catch(() => {}); // without them, no light
    await Promise.all([fetchScript(figure.dataset.plotly), maps]);
    plot = make("div", "graph__plot");
    field.append(plot);
    await draw();
    field.querySelector(".scatter")?.remove();
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

  part(".graph__controls").addEventListener("change", ({ target }) => {
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
