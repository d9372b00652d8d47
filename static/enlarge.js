// A picture, larger: one <dialog> for the page; the strips of tiles with their light open in it.
globalThis.lensEnlarge = (() => {
  "use strict";
  const make = (tag, kind, text = "") => {
    const element = document.createElement(tag);
    if (kind) element.className = kind;
    if (text) element.textContent = text;
    return element;
  };
  let dialog = null;
  let turn = null;
  const build = () => {
    dialog = make("dialog", "enlarge");
    const close = make("button", "enlarge__close", "×");
    close.type = "button";
    close.setAttribute("aria-label", lensSay("Close"));
    close.addEventListener("click", () => dialog.close());
    dialog.append(close, make("div", "enlarge__body"));
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    dialog.addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!by || !turn) return;
      event.preventDefault();
      turn(by);
    });
    document.body.append(dialog);
  };
  // What to show, how it is called, and what an arrow key does.
  const open = (content, label, onTurn = null) => {
    if (!dialog) build();
    turn = onTurn;
    dialog.setAttribute("aria-label", label);
    dialog.lastChild.replaceChildren(content);
    if (!dialog.open) dialog.showModal();
  };

  const cell = (source, i, n, alt) => {
    const frame = make("span", "crop");
    const places = { "--x": i, "--y": 0, "--w": n, "--h": 1 };
    for (const [name, value] of Object.entries(places)) frame.style.setProperty(name, value);
    const picture = make("img");
    picture.src = source;
    picture.alt = alt;
    frame.append(picture);
    return frame;
  };
  const figure = (picture, words) => {
    const box = make("figure");
    box.append(picture, make("figcaption", "", words));
    return box;
  };
  const api = { open, whole: null };
  const trio = ({ strips, concept, images, n }, i) => {
    const box = make("div", "enlarge__trio");
    const whole = api.whole && images[i] !== undefined ? api.whole(Number(images[i])) : null;
    if (whole) box.append(figure(whole, lensSay("the image")));
    box.append(
      figure(cell(strips[0], i, n, lensSay("patch {patch} that holds concept {number} most", { patch: i + 1, number: concept })), lensSay("the patch")),
      figure(cell(strips[1], i, n, lensSay("the whole image, lit where the concept is present")), lensSay("where the concept is")),
      make("p", "", lensSay("Concept {number}, picture {picture} of {all}", { number: concept, picture: i + 1, all: n })),
    );
    return box;
  };
  for (const pairs of document.querySelectorAll(".pairs")) {
    const { concept } = pairs.dataset;
    const strips = [...pairs.querySelectorAll("img")].map((img) => img.getAttribute("src"));
    const [shown, all, start] = ["--n", "--all", "--start"].map((name) => Number(pairs.style.getPropertyValue(name)));
    const n = all || shown;
    const images = (pairs.dataset.images ?? "").split(" ").filter(Boolean);
    const show = (i) => open(trio({ strips, concept, images, n }, i), lensSay("Picture {picture} of concept {number}", { picture: i + 1, number: concept }), (by) => show((i + by + n) % n));
    const row = make("div", "pairs__open");
    for (let i = start; i < start + shown; i += 1) {
      const button = make("button");
      button.type = "button";
      button.tabIndex = i === start ? 0 : -1;
      button.setAttribute("aria-label", lensSay("Picture {picture} of concept {number}, larger", { picture: i + 1, number: concept }));
      button.addEventListener("click", () => show(i));
      row.append(button);
    }
    pairs.append(row);
  }
  return api;
})();
