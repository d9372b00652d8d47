// The strategic cluster graph: the server's dots answer at once; Plotly comes when zooming is asked.
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
  const dots = [...part(".scatter").children];
  const data = JSON.parse(part("script[type='application/json']").textContent);
  const { percent } = lensNumbers;
  const marks = lensGraph.marks(data);
  const { images, concept, make, left, top, describe } = marks;
  const sight = lensGraph.sights(data, marks);
  const legend = lensGraph.legend(data, marks);
  const nodes = lensGraph.nodes(data, marks);
  const state = { color: "concept", view: "pictures", only: null, focus: -1, kept: -1 };
  let zoom = null;

  const group = () => legend.groups[state.color];
  const visible = (i) => state.only === null || state.only === group().of(images[i]);

  // What stands in the field.
  const drawLegend = () => part(".graph__legend").replaceChildren(
    ...legend.entries(group(), state.only, (only) => { state.only = only; draw(); }),
  );
  const draw = () => {
    dots.forEach((dot, i) => {
      dot.setAttribute("class", group().tone(group().of(images[i])));
      dot.style.opacity = visible(i) ? (state.view === "groups" ? 0.25 : 1) : 0.06;
    });
    field.querySelector(".graph__nodes")?.remove();
    if (zoom) zoom.draw(group(), visible);
    else if (state.view === "groups") field.append(nodes.layer(showTip, hideTip));
    drawPictures();
    drawLegend();
    drawRings();
  };
  let shown = { side: 0, places: [] };
  const drawPictures = () => {
    shown.layer?.remove();
    shown = { side: 0, places: [] };
    if (state.view !== "pictures") return;
    shown = nodes.pictures(field, group(), visible, zoom ? zoom.place : place, zoom ? zoom.stretched() : 1);
    field.append(shown.layer);
  };
  const drawRings = () => {
    field.querySelectorAll(".graph__ring").forEach((ring) => ring.remove());
    if (zoom) return;
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
  // Beside a point of the field, in pixels; inside the window.
  const showTip = (content, px, py) => {
    field.querySelector(".graph__tip")?.remove();
    const tip = make("div", "graph__tip");
    tip.append(content);
    field.append(tip);
    const box = field.getBoundingClientRect();
    const beside = px + 18 + tip.offsetWidth <= box.width || px < box.width / 2 ? px + 18 : px - 18 - tip.offsetWidth;
    const within = Math.max(8 - box.left, Math.min(beside, document.documentElement.clientWidth - box.left - tip.offsetWidth - 8));
    tip.style.left = `${within}px`;
    tip.style.top = `${Math.max(0, Math.min(py - tip.offsetHeight / 2, box.height - tip.offsetHeight))}px`;
  };
  const place = (i) => {
    const box = field.getBoundingClientRect();
    return [parseFloat(left(images[i].x)) * box.width / 100, parseFloat(top(images[i].y)) * box.height / 100];
  };
  const look = (i, at = place(i)) => {
    state.focus = i;
    drawRings();
    showTip(sight.ofImage(i, false), ...at);
  };
  const spoken = (i) => {
    const tops = images[i].top.slice(0, 3).map(([number, share]) => lensSay("concept {number} {share}", { number, share: percent(share) })).join(", ");
    const said = lensSay("{name} with {share}", { name: data.name, share: percent(images[i].probability) });
    const wrong = images[i].right === 0 ? `, ${lensSay("a mistake")}` : "";
    return `${describe(i)}${wrong}, ${said}: ${tops}`;
  };

  // The light of the images comes with the first picture that is looked at closely.
  let light = null;
  const fetchScript = (address) => new Promise((done, fail) => {
    const script = make("script");
    script.src = address;
    script.onload = done;
    script.onerror = fail;
    document.head.append(script);
  });
  const enlighten = () => (light ??= fetchScript(data.maps).catch(() => {})); // without it, no light
  const everyone = [...images.keys()];
  const enlarge = async (i, among = everyone) => {
    await enlighten();
    lensEnlarge.open(sight.ofImage(i, true), describe(i), (by) => enlarge(step(among, i, by), among));
  };
  const openable = (box, i, among) => {
    const picture = box.querySelector(".crop");
    const button = make("button", "sight__larger");
    button.type = "button";
    button.setAttribute("aria-label", lensSay("{image}, larger", { image: describe(i) }));
    picture.replaceWith(button);
    button.append(picture);
    button.addEventListener("click", () => enlarge(i, among));
    return box;
  };

  // The pinned image; before anything is kept, a typical one of the largest group.
  const pinned = (i, ...around) => {
    pin.replaceChildren(...around, openable(sight.ofImage(i, true), i));
    dispatchEvent(new CustomEvent("lens-image", { detail: i }));
  };
  const invite = async () => {
    const typical = data.strategies[0]?.typical;
    const hint = make("p", "graph__hint", lensSay("A typical image. Click any other to keep it here instead."));
    pin.replaceChildren();
    if (typical != null) pinned(typical);
    pin.append(hint);
    if (images.length === 1) enlighten().then(() => pinned(0));
  };
  const unpin = () => {
    state.kept = -1;
    pin.classList.remove("graph__pin--open");
    invite();
    drawRings();
    remember();
  };
  const closing = (what) => {
    const close = make("button", "graph__close", "×");
    close.type = "button";
    close.setAttribute("aria-label", what);
    close.addEventListener("click", () => { unpin(); field.focus({ preventScroll: true }); });
    return close;
  };
  const keep = (i, aloud = true) => {
    state.kept = i;
    const close = closing(lensSay("Let the image go"));
    pinned(i, close);
    pin.classList.add("graph__pin--open");
    if (aloud) say.textContent = lensSay("Kept: {image}", { image: spoken(i) });
    drawRings();
    remember();
    enlighten().then(() => { if (state.kept === i) pinned(i, close); });
  };

  // The address tells what is pinned and how the graph is shown; #concept-3 stays a plain anchor.
  const remember = () => {
    const told = new URLSearchParams();
    if (state.kept >= 0) told.set("image", state.kept + 1);
    if (state.color !== "concept") told.set("color", state.color);
    if (state.view !== "pictures") told.set("view", state.view);
    try { history.replaceState(null, "", `#${told}`); } catch { /* an address may refuse */ }
  };
  const recall = () => {
    const told = new URLSearchParams(location.hash.slice(1));
    const choose = (name) => {
      const input = figure.querySelector(`input[name="${name}"][value="${CSS.escape(told.get(name) ?? "")}"]`);
      if (!input) return;
      input.checked = true;
      state[name] = input.value;
    };
    ["color", "view"].forEach(choose);
    const i = Number(told.get("image")) - 1;
    if (!images[i]) return false;
    keep(i, false);
    figure.scrollIntoView();
    return true;
  };

  // Pointer and keyboard.
  // The picture at a place of the field; what lies under it cannot be meant.
  const pictureAt = (px, py) => {
    const half = shown.side / 2;
    return shown.places.find(([, x, y]) => Math.abs(x - px) <= half && Math.abs(y - py) <= half)?.[0] ?? -1;
  };
  const nearest = (event, reach) => {
    const box = field.getBoundingClientRect();
    const [px, py] = [event.clientX - box.left, event.clientY - box.top];
    if (pictureAt(px, py) >= 0) return pictureAt(px, py);
    let [best, least] = [-1, reach ** 2];
    for (let i = 0; i < images.length; i += 1) {
      if (!visible(i)) continue;
      const [x, y] = place(i);
      const far = (x - px) ** 2 + (y - py) ** 2;
      if (far < least) [best, least] = [i, far];
    }
    return best;
  };
  const onNode = (event) => zoom || event.target.closest(".node, .graph__tip");
  field.addEventListener("pointermove", (event) => {
    if (onNode(event) || event.pointerType === "touch") return;
    const i = nearest(event, 16);
    if (i < 0) hideTip(); else if (i !== state.focus) look(i);
  });
  field.addEventListener("pointerleave", () => { if (!zoom) hideTip(); });
  field.addEventListener("click", (event) => {
    if (onNode(event)) return;
    const i = nearest(event, event.pointerType === "touch" ? 30 : 18);
    if (i < 0) return;
    hideTip();
    keep(i);
  });
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
  field.addEventListener("keydown", (event) => {
    const all = everyone.filter(visible);
    if (!all.length || event.target !== field) return;
    const i = state.focus >= 0 ? state.focus : state.kept >= 0 ? state.kept : all[0];
    const fresh = state.focus < 0;
    const moves = {
      ArrowRight: () => neighbor(i, 1, 0), ArrowLeft: () => neighbor(i, -1, 0),
      ArrowUp: () => neighbor(i, 0, 1), ArrowDown: () => neighbor(i, 0, -1),
      Home: () => all[0], End: () => all.at(-1),
      PageDown: () => step(all, i, 1), PageUp: () => step(all, i, -1),
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
  });
  field.addEventListener("blur", hideTip);
  field.tabIndex = 0;
  field.setAttribute("role", "application");
  field.setAttribute("aria-label", lensSay("Graph of {n} images. Arrow keys walk over the images, Enter keeps one, Escape lets go.", { n: images.length }));

  // Zoom and lasso, by Plotly.
  const meant = (i, x, y) => (pictureAt(x, y) >= 0 ? pictureAt(x, y) : i);
  const asked = part(".graph__zoom");
  asked.setAttribute("aria-pressed", "false");
  asked.addEventListener("click", async () => {
    if (zoom) {
      zoom.leave();
      zoom = null;
    } else {
      asked.disabled = true;
      try {
        if (!globalThis.Plotly) await fetchScript(figure.dataset.plotly);
        zoom = await lensGraph.zoom(data, marks, field, {
          look: (i, x, y) => { if (visible(i)) look(meant(i, x, y), [x, y]); },
          away: hideTip,
          keep: (i, x, y) => keep(meant(i, x, y)),
          moved: drawPictures,
          chosen: (some) => {
            say.textContent = lensMany("{n} image chosen", "{n} images chosen", some.length);
            pin.replaceChildren(closing(lensSay("Let these images go")), sight.ofMany(some));
            pin.classList.add("graph__pin--open");
          },
        });
      } catch {
        say.textContent = lensSay("Zooming could not be loaded; the picture stays.");
      }
      asked.disabled = false;
    }
    asked.setAttribute("aria-pressed", String(zoom !== null));
    figure.dataset.zoomed = String(zoom !== null);
    draw();
  });

  part(".graph__controls").addEventListener("change", ({ target }) => {
    state[target.name] = target.value;
    if (target.name === "color") state.only = null;
    draw();
    remember();
  });
  addEventListener("lens-theme", () => {
    draw();
    if (state.kept >= 0) keep(state.kept, false); else invite();
  });
  addEventListener("resize", () => { if (state.view === "pictures") draw(); });
  // The pictures of groups open too, and those of concepts get the whole image beside them.
  for (const row of document.querySelectorAll(".strategies__pictures")) {
    const among = [...row.children].map((shown) => Number(shown.dataset.image));
    among.forEach((i, nth) => {
      openable(row.children[nth], i, among).querySelector("button").tabIndex = nth ? -1 : 0;
    });
  }
  lensEnlarge.whole = (i) => (marks.isSharp(i) ? marks.whole(i) : null);
  invite();
  recall();
  draw();
  figure.dataset.ready = "true";
})();
