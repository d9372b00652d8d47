// The page of the visitor's own picture: loads the engine and the network when a picture is chosen.
(() => {
  "use strict";
  const form = document.getElementById("own");
  if (!form) return;
  const result = document.getElementById("explain");
  const part = (within, selector) => {
    const element = within.querySelector(selector);
    if (!element) throw new Error(`explain: #${within.id} holds no ${selector}`);
    return element;
  };
  const [status, progress, once] = [".own__status", ".own__progress", ".own__once"].map((s) => part(form, s));
  const [about, shown, select] = [".own__about", ".own__class", "select"].map((s) => part(result, s));
  const { root } = document.documentElement.dataset;

  const script = (address) => new Promise((resolve, reject) => {
    const element = document.createElement("script");
    element.src = `${root}${address}`;
    element.onload = () => { element.remove(); resolve(); };
    element.onerror = () => {
      element.remove();
      reject(new Error(lensSay("A part could not be loaded; check the connection and try again.")));
    };
    document.head.append(element);
  });

  // What the page needs of classes; a portrait names its files from the folder of its class.
  const portraits = new Map();
  globalThis.LensPortrait = (slug, told) => {
    const at = (file) => (file ? `${root}classes/${slug}/${file}` : "");
    told.sprite.file = at(told.sprite.file);
    told.columns.forEach((name, at) => {
      if (name === "profile") for (const row of told.images) row[at] = row[at].map((share) => share / 1000);
    });
    for (const concept of told.concepts) concept.tile = at(concept.tile);
    portraits.set(slug, told);
  };
  const portrait = async (slug) => {
    if (!portraits.has(slug)) await script(`classes/${slug}/portrait.js`);
    return portraits.get(slug);
  };

  let network = null;
  const PARTS = [
    "assets/browser.js", "assets/sections/graph.heat.js", "assets/sections/graph.marks.js",
    "assets/sections/graph.legend.js", "assets/sections/what-if.panel.js", "explain/names.js",
  ];
  const load = async () => {
    for (const address of PARTS) await script(address);
    const told = (share) => {
      progress.hidden = false;
      progress.value = share;
      status.textContent = lensSay("Loading the network: {share} %", { share: Math.round(100 * share) });
    };
    const lens = await Lens.load(root, told);
    progress.hidden = true;
    once.hidden = true;
    return { ...lens, table: (slug) => Lens.table(root, slug) };
  };
  const ready = () => (network ??= load().catch((problem) => { network = null; throw problem; }));

  const state = { turn: 0, chosen: new URLSearchParams(location.hash.slice(1)).get("class"), answer: null, view: null };

  const explainClass = async (slug) => {
    const turn = state.turn;
    select.value = slug;
    about.textContent = lensSay("Looking …");
    try {
      const [lens, told] = [await ready(), await portrait(slug)];
      const { answer, view } = state;
      const element = await lensOwn.seen({ lens, root, slug, portrait: told, answer, view, names: lensNames });
      if (turn !== state.turn || select.value !== slug) return;
      about.textContent = "";
      shown.replaceChildren(element);
    } catch (problem) {
      shown.replaceChildren();
      about.textContent = problem.message;
    }
  };

  // The class that the address names, else the first of the answers that has a page.
  const first = (order) => {
    const options = [...select.options].map((option) => option.value);
    if (options.includes(state.chosen)) return state.chosen;
    return order.map((c) => lensNames.slugs[c]).find(Boolean);
  };
  const explain = async (file) => {
    state.turn += 1;
    const turn = state.turn;
    shown.replaceChildren();
    result.hidden = true;
    try {
      const lens = await ready();
      status.textContent = lensSay("Looking …");
      const { pixels, view, note } = await lens.prepare(file);
      const answer = await lens.run(pixels);
      if (turn !== state.turn) return;
      Object.assign(state, { answer, view });
      lensOwn.draw(part(result, ".own__seen canvas"), view);
      part(result, ".own__seen figcaption").textContent = `${lensSay("As the network sees it.")} ${note}`;
      const order = [...answer.probabilities.keys()].sort((a, b) => answer.probabilities[b] - answer.probabilities[a]);
      const { list, show } = lensWhatIf.answers(lensNames, order[0], root);
      show(answer.probabilities);
      part(result, ".own__answers").replaceChildren(list);
      status.textContent = note;
      result.hidden = false;
      const near = first(order.slice(0, 5));
      about.textContent = "";
      if (near) await explainClass(near);
      else {
        select.selectedIndex = -1;
        about.textContent = lensSay("None of these classes has a page here. Choose one to see what speaks for it.");
      }
      result.scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
    } catch (problem) {
      progress.hidden = true;
      status.textContent = problem.message;
    }
  };

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", ({ target }) => {
    if (target.files?.length) explain(target.files[0]);
    target.value = "";
  });
  const given = (event, files) => {
    if (!files?.length) return;
    event.preventDefault();
    explain(files[0]);
  };
  document.addEventListener("paste", (event) => given(event, event.clipboardData?.files));
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    form.classList.add("own--over");
  });
  document.addEventListener("dragleave", () => form.classList.remove("own--over"));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("own--over");
    given(event, event.dataTransfer?.files);
  });
  select.addEventListener("change", () => {
    state.chosen = select.value;
    try { history.replaceState(null, "", `#class=${select.value}`); } catch { /* an address may refuse */ }
    explainClass(select.value);
  });
  addEventListener("lens-theme", () => { if (state.answer && select.value) explainClass(select.value); });

  // Pictures of the site, one click away.
  const offer = ({ name, picture }) => {
    const bytes = Uint8Array.from(atob(picture), (letter) => letter.charCodeAt(0));
    const file = new Blob([bytes], { type: "image/webp" });
    const image = document.createElement("img");
    image.src = URL.createObjectURL(file);
    image.alt = name;
    const button = document.createElement("button");
    button.type = "button";
    button.append(image);
    button.addEventListener("click", () => explain(file));
    const entry = document.createElement("li");
    entry.append(button);
    return entry;
  };
  script("explain/examples.js").then(() => {
    const box = part(form, ".own__examples");
    box.querySelector("ul").append(...lensExamples.map(offer));
    box.hidden = lensExamples.length === 0;
  }, () => {}); // without them, one's own pictures do
})();
