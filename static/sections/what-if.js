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
    element.onerror = () => reject(new Error(lensSay("A part could not be loaded; check the connection and try again.")));
    document.head.append(element);
  });

  let [table, lens, turn] = [null, null, 0];
  const picture = (image) => {
    if (!lens) return lensWhatIf.added(table, table.codes(image), table.rest(image));
    const [, h, w] = lens.facts.feature_shape;
    return lensWhatIf.run(lens, slug, table.places(image, h, w), table.rest(image));
  };
  const show = async (image) => {
    turn += 1;
    const mine = turn;
    const frame = marks.make("div", "what-if__picture");
    const hint = marks.make("p");
    const choose = marks.make("a", "", lensSay("Choose another in the graph"));
    choose.href = "#graph";
    hint.append(`${marks.describe(image)}. `, choose);
    frame.append(marks.whole(image), hint);
    const panel = await lensWhatIf.panel({ concepts, picture: picture(image), index: Number(index), names: lensNames, root });
    if (mine === turn) stage.replaceChildren(frame, panel);
  };
  // The image in the graph's frame; an image is there, or some that were chosen together.
  const kept = () => Number(document.querySelector("#graph .graph__pin .sight")?.dataset.image ?? 0);

  ask.addEventListener("click", async () => {
    ask.disabled = true;
    status.textContent = lensSay("Loading …");
    try {
      if (!globalThis.Lens) await script(`${root}assets/browser.js`);
      if (!globalThis.lensNames) await script(`${root}explain/names.js`);
      const loaded = await Lens.table(root, slug);
      if (!loaded.linear) {
        lens = await Lens.load(root, (share) => { status.textContent = lensSay("Loading the network: {share} %", { share: Math.round(100 * share) }); });
      }
      table = loaded;
      await show(kept());
      status.textContent = "";
      stage.hidden = false;
      ask.nextElementSibling.remove();
      ask.remove();
      stage.querySelector("input").focus({ preventScroll: true });
      section.dataset.ready = "true";
    } catch (problem) {
      told(problem);
      ask.disabled = false;
    }
  });
  const told = (problem) => { status.textContent = problem.message; };
  addEventListener("lens-image", ({ detail }) => { if (table) show(detail).catch(told); });
})();
