// The page of the visitor's own picture: loads the engine and the network when a picture is chosen.
(() => {
  "use strict";
  const form = document.getElementById("explain");
  if (!form) return;
  const { root } = document.documentElement.dataset;
  const classes = new Map(JSON.parse(form.dataset.classes).map(([slug, index]) => [index, slug]));
  const status = form.querySelector("[role=status]");
  const list = form.querySelector("ol");

  let lens = null;
  const engine = () => new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `${root}assets/browser.js`;
    script.onload = resolve;
    script.onerror = () => reject(new Error("The page's own script could not be loaded."));
    document.head.append(script);
  });
  const ready = async () => {
    if (!globalThis.Lens) await engine();
    const told = (share) => { status.textContent = `Loading the network: ${Math.round(100 * share)} %`; };
    return Lens.load(root, told);
  };

  const line = async ({ activations, probabilities }, index) => {
    const entry = document.createElement("li");
    entry.textContent = `${lens.facts.labels[index]}: ${(100 * probabilities[index]).toFixed(1)} %`;
    const slug = classes.get(index);
    if (!slug) return entry;
    const parts = await lens.contributions(slug, index, await lens.codes(slug, activations));
    entry.append(` (concept ${parts.indexOf(Math.max(...parts)) + 1} adds most)`);
    return entry;
  };
  const explain = async (file) => {
    list.replaceChildren();
    try {
      lens ??= await ready();
      status.textContent = "Looking …";
      const { pixels, note } = await lens.prepare(file);
      const answer = await lens.run(pixels);
      const first = [...answer.probabilities.keys()].sort((a, b) => answer.probabilities[b] - answer.probabilities[a]).slice(0, 5);
      list.replaceChildren(...await Promise.all(first.map((index) => line(answer, index))));
      status.textContent = note;
    } catch (problem) {
      status.textContent = problem.message;
    }
  };
  form.addEventListener("change", ({ target }) => { if (target.files?.length) explain(target.files[0]); });
  form.addEventListener("submit", (event) => event.preventDefault());
})();
