// Texts in the language of the site. A script says lensSay("Kept: {name}", { name }), and
// lensMany("{n} class", "{n} classes", n); where it is copied into a site, what it says is put before
// it in the language of that site, by lensLearn. Without, it is English.
(() => {
  "use strict";
  const told = new Map();
  let form = (n) => Number(n !== 1);
  const speaker = (texts) => (message, values = {}) => (
    (texts.get(message) ?? message).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole));
  const filled = speaker(new Map());

  globalThis.lensLearn = (messages, plural) => {
    for (const [message, translated] of Object.entries(messages)) told.set(message, translated);
    form = plural;
  };
  globalThis.lensSay = speaker(told);
  // lensSay as source, with all that was learned: for a worker, which shares nothing with the page.
  globalThis.lensSayText = () => `(${speaker})(new Map(${JSON.stringify([...told])}))`;
  globalThis.lensMany = (one, other, n, values = {}) => {
    const forms = told.get(one);
    const text = forms ? forms[Number(form(n))] : [one, other][Number(n !== 1)];
    return filled(text, { n, ...values });
  };
  // A text in pieces, elements where it names them: lensAround("See {link}.", { link }).
  globalThis.lensAround = (text, elements) => (
    text.split(/\{(\w+)\}/).map((piece, i) => (i % 2 ? elements[piece] : piece)).filter((piece) => piece !== ""));
})();
