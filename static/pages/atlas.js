// The atlas: loads its data once the page stands, then looks, finds, filters, zooms and opens.
(() => {
  "use strict";
  const figure = document.getElementById("atlas");
  const part = (selector) => figure.querySelector(selector);
  const [field, pin, legend] = [part(".atlas__field"), part(".atlas__pin"), part(".atlas__legend")];
  const [find, say] = [part("#atlas-find"), part("[role=status]")];
  const root = document.documentElement.dataset.root;
  const state = { words: [], show: "all", only: null, at: -1 };
  const make = (tag, kind, text = "") => {
    const element = document.createElement(tag);
    if (kind) element.className = kind;
    if (text) element.textContent = text;
    return element;
  };
  const linked = (address, text) => {
    const link = make("a", "", text);
    link.href = address;
    return link;
  };

  const start = (data) => {
    const byBranch = figure.dataset.by === "branch";
    const members = new Map();
    data.g.forEach((group) => { if (group) members.set(group, (members.get(group) || 0) + 1); });
    const group = (i) => (byBranch ? data.classes[data.c[i]][2] + 1 : data.g[i]);
    const tone = (i) => (group(i) > 0 && group(i) <= data.legend.length ? `c${group(i)}` : "c0");
    const matches = data.classes.map(() => true);
    const visible = (i) => matches[data.c[i]]
      && (state.show === "all" || (state.show === "count" ? data.k[i] === 1 : data.g[i] > 0))
      && (state.only === null || group(i) === state.only);
    const name = (i) => data.classes[data.c[i]][1];
    const slug = (i) => data.classes[data.c[i]][0];
    const address = (i) => root + data.address.replace(/\{(slug|two)\}/g, (_, what) =>
      what === "slug" ? slug(i) : String(data.n[i]).padStart(2, "0"));
    const map = globalThis.lensAtlasMap(field, data, root, tone, visible);

    // What is looked at: in the panel, and aloud where the keyboard leads.
    const tile = (i) => {
      const crop = make("span", "crop");
      const places = { "--x": 0, "--y": 0, "--w": data.w[i], "--h": 1 };
      for (const [key, value] of Object.entries(places)) crop.style.setProperty(key, value);
      const picture = make("img");
      picture.src = `${root}classes/${slug(i)}/${data.files[data.f[i]]}`;
      picture.alt = lensSay("leading patch of concept {number}", { number: data.n[i] });
      crop.append(picture);
      return crop;
    };
    const look = (i, aloud = false) => {
      if (i === state.at && !aloud) return;
      state.at = i;
      map.mark(i);
      if (i < 0) return;
      const head = make("p", "atlas__name");
      const badge = make("span", `badge ${tone(i)}`, String(data.n[i]));
      head.append(linked(address(i), name(i)), " ", badge);
      const share = lensSay("{share} of the evidence for {name}", { share: lensNumbers.percent(data.s[i] / 1000), name: name(i) });
      const lines = [make("p", "", share)];
      if (data.g[i]) {
        const line = make("p");
        const page = `${root}shared/${String(data.g[i]).padStart(3, "0")}/index.html`;
        line.append(`${lensSay("shared")}: `, linked(page, lensSay("in {number} classes", { number: members.get(data.g[i]) })));
        lines.push(line);
      }
      pin.replaceChildren(tile(i), head, ...lines);
      if (aloud) say.textContent = [
        name(i), lensSay("concept {number}", { number: data.n[i] }), share,
        ...(data.g[i] ? [lensSay("shared by {number} classes", { number: members.get(data.g[i]) })] : []),
      ].join(", ");
    };
    const open = (i) => { location.href = address(i); };

    // Find and filter.
    const told = () => {
      const some = data.c.map((_, i) => i).filter(visible);
      const concepts = lensMany("{n} concept", "{n} concepts", some.length);
      const classes = lensMany("{n} class", "{n} classes", new Set(some.map((i) => data.c[i])).size);
      say.textContent = lensSay("{concepts} of {classes}", { concepts, classes });
      map.redraw();
      return some;
    };
    const search = () => {
      const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
      data.classes.forEach(([, called, branch], c) => {
        const text = `${called} ${data.branches[branch] ?? ""}`.toLowerCase();
        matches[c] = words.every((word) => text.includes(word));
      });
      return told();
    };
    find.addEventListener("input", search);
    find.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      const [first] = search();
      if (first === undefined) return;
      map.approach(first);
      look(first, true);
    });
    part(".atlas__controls").addEventListener("change", ({ target }) => {
      if (target.name === "show") { state.show = target.value; told(); }
    });
    part(".atlas__zoom").addEventListener("click", ({ target }) => {
      ({ in: () => map.zoom(2), out: () => map.zoom(0.5), whole: map.whole })[target.dataset.zoom]?.();
    });
    for (const [i, text] of data.legend.entries()) {
      const key = i + 1;
      const button = make("button", `c${key}`, text);
      button.type = "button";
      button.setAttribute("aria-pressed", "false");
      button.addEventListener("click", () => {
        state.only = state.only === key ? null : key;
        for (const other of legend.querySelectorAll("button")) other.setAttribute("aria-pressed", String(other === button && state.only !== null));
        told();
      });
      const item = make("li");
      item.append(button);
      legend.append(item);
    }

    // Pointer: one drags (a mouse), two pinch, none pressed looks.
    const inside = (event) => {
      const box = field.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    const down = new Map();
    let dragged = false;
    const apart = () => {
      const [[ax, ay], [bx, by]] = [...down.values()];
      return [Math.hypot(ax - bx, ay - by), (ax + bx) / 2, (ay + by) / 2];
    };
    field.addEventListener("pointerdown", (event) => {
      down.set(event.pointerId, inside(event));
      dragged = false;
      if (event.pointerType === "mouse") field.setPointerCapture(event.pointerId);
    });
    field.addEventListener("pointermove", (event) => {
      const [x, y] = inside(event);
      const before = down.get(event.pointerId);
      if (!before) {
        const i = event.pointerType === "touch" ? state.at : map.nearest(x, y, 16);
        if (i >= 0) look(i);
        field.toggleAttribute("data-on", i >= 0);
        return;
      }
      if (Math.hypot(x - before[0], y - before[1]) < 4 && !dragged) return;
      dragged = true;
      if (down.size === 2) {
        const [gap] = apart();
        down.set(event.pointerId, [x, y]);
        const [now, cx, cy] = apart();
        if (gap > 0) map.zoom(now / gap, cx, cy);
      } else {
        map.move(x - before[0], y - before[1]);
        down.set(event.pointerId, [x, y]);
      }
    });
    const up = (event) => down.delete(event.pointerId);
    field.addEventListener("pointerup", up);
    field.addEventListener("pointercancel", up);
    field.addEventListener("click", (event) => {
      if (dragged) return;
      const touch = event.pointerType === "touch";
      const i = map.nearest(...inside(event), touch ? 28 : 16);
      if (i < 0) return;
      const again = i === state.at;
      look(i, true);
      if (!touch || again) open(i);
    });
    field.addEventListener("dblclick", (event) => map.zoom(2, ...inside(event)));
    field.addEventListener("wheel", (event) => {
      if (document.activeElement !== field && !event.ctrlKey) return;
      event.preventDefault();
      map.zoom(2 ** (-event.deltaY / 300), ...inside(event));
    }, { passive: false });

    // Keyboard: arrows walk, Enter opens, + and − zoom, 0 shows the whole map.
    field.addEventListener("keydown", (event) => {
      const ways = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
      const zooms = { "+": () => map.zoom(2), "=": () => map.zoom(2), "-": () => map.zoom(0.5), 0: map.whole };
      if (event.key in ways) {
        event.preventDefault();
        const fresh = state.at < 0 || !visible(state.at);
        const i = fresh ? data.c.findIndex((_, j) => visible(j)) : map.toward(state.at, ...ways[event.key]);
        if (i < 0) return;
        look(i, true);
        if (!map.isInside(i)) map.show(i);
      } else if (event.key in zooms && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        if (state.at >= 0 && event.key !== "0") map.show(state.at);
        zooms[event.key]();
      } else if (event.key === "Enter" && state.at >= 0) {
        event.preventDefault();
        open(state.at);
      }
    });
    field.tabIndex = 0;
    field.setAttribute("role", "application");
    field.setAttribute("aria-label", lensSay("Map of {n} concepts. Arrow keys walk over them, Enter opens one, plus and minus zoom, 0 shows the whole map.", { n: data.c.length }));
    addEventListener("lens-theme", map.redraw);
    new ResizeObserver(map.redraw).observe(field);

    // An address like #concept=967-3 shows that concept.
    const recall = () => {
      const [, index, number] = location.hash.match(/^#concept=(\d+)-(\d+)$/) ?? [];
      const start = String(index).padStart(4, "0");
      const i = data.c.findIndex((_, j) => data.n[j] === Number(number) && slug(j).startsWith(`${start}-`));
      if (i < 0) return;
      map.approach(i);
      look(i);
      figure.scrollIntoView();
    };
    addEventListener("hashchange", recall);
    recall();
    map.redraw();
    figure.dataset.ready = "true";
  };

  const load = () => {
    const script = make("script");
    script.src = figure.dataset.source;
    script.onload = () => start(globalThis.lensAtlasData);
    script.onerror = () => { pin.firstElementChild.textContent = lensSay("The map could not be loaded; the shared concepts stand below."); };
    document.head.append(script);
  };
  if (document.readyState === "complete") load(); else addEventListener("load", load);
})();
