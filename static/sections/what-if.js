// What if, on a class page: for the image that the graph keeps. Loads its table when asked.
(() => {
  "use strict";
  const section = document.getElementById("what-if");
  if (!section) return;
  const [ask, status, stage] = [".what-if__ask", ".what-if__status", ".what-if__stage"].map((selector) => {
    const element = section.querySelector(selector);
    if (!element) throw new Error(`what-if: #what-if holds no ${selector}`);
    return element;
  });
  const { root } = document.documentElement.dataset;
  const { slug, index } = section.dataset;
  const data = JSON.parse(document.querySelector("#graph script[type='application/json']").textContent);
  const marks = lensGraph.marks(data);
  const concepts = data.concepts.map((c) => ({
    ...c, badge: () => marks.badge(c.number), tile: () => (c.tile ? marks.tile(c, "inline") : null),
  }));

  const script = (address) => new Promise((resolve, reject) => {
    const element = document.createElement("script");
    element.src = address;
    element.onload = resolve;
    element.onerror = () => reject(new Error("A part could not be loaded; check the connection and try again."));
    document.head.append(element);
  });

  let table = null;
  const show = (image) => {
    const picture = marks.make("div", "what-if__picture");
    const hint = marks.make("p");
    const choose = marks.make("a", "", "Choose another in the graph");
    choose.href = "#graph";
    hint.append(`${marks.describe(image)}. `, choose);
    picture.append(marks.whole(image), hint);
    const given = { concepts, table, index: Number(index), names: lensNames, root };
    stage.replaceChildren(picture, lensWhatIf.panel({ ...given, codes: table.codes(image), rest: table.rest(image) }));
  };
  // The image in the graph's frame; an image is there, or some that were chosen together.
  const kept = () => Number(document.querySelector("#graph .graph__pin .sight")?.dataset.image ?? 0);

  ask.addEventListener("click", async () => {
    ask.disabled = true;
    status.textContent = "Loading …";
    try {
      if (!globalThis.Lens) await script(`${root}assets/browser.js`);
      if (!globalThis.lensNames) await script(`${root}explain/names.js`);
      table = await Lens.table(root, slug);
      status.textContent = "";
      stage.hidden = false;
      show(kept());
      ask.nextElementSibling.remove();
      ask.remove();
      stage.querySelector("input").focus({ preventScroll: true });
      section.dataset.ready = "true";
    } catch (problem) {
      status.textContent = problem.message;
      ask.disabled = false;
    }
  });
  addEventListener("lens-image", ({ detail }) => { if (table) show(detail); });
})();
