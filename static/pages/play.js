// Guess first: the seed in the address chooses the images and the order of the answers, so that two
// who share an address play the same game. Nothing is sent anywhere.
(() => {
  "use strict";
  const game = document.getElementById("play");
  if (!game) return;
  const [status, stage] = [".play__status", ".play__round"].map((selector) => {
    const element = game.querySelector(selector);
    if (!element) throw new Error(`play: #play holds no ${selector}`);
    return element;
  });
  const { root } = document.documentElement.dataset;
  const [rounds, chance] = [Number(game.dataset.rounds), Number(game.dataset.chance)];
  const ANSWERS = 4;

  const make = (tag, kind = "", ...content) => {
    const element = document.createElement(tag);
    if (kind) element.className = kind;
    element.append(...content);
    return element;
  };
  const button = (kind, text, onClick) => {
    const made = make("button", kind, text);
    made.type = "button";
    made.addEventListener("click", onClick);
    return made;
  };
  const crop = (file, [column, row, columns, rows], alt, kind) => {
    const image = make("img");
    image.src = file;
    image.alt = alt;
    const frame = make("span", `crop ${kind}`, image);
    frame.style.cssText = `--x:${column};--y:${row};--w:${columns};--h:${rows}`;
    return frame;
  };

  // Random numbers from a seed (mulberry32), and a shuffle by them.
  const random = (seed) => {
    let state = seed >>> 0;
    return () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let x = Math.imul(state ^ (state >>> 15), state | 1);
      x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
      return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
    };
  };
  const shuffled = (list, next) => {
    const all = [...list];
    for (let i = all.length - 1; i > 0; i -= 1) {
      const j = Math.floor(next() * (i + 1));
      [all[i], all[j]] = [all[j], all[i]];
    }
    return all;
  };

  const seedOf = () => Number(new URLSearchParams(location.hash.slice(1)).get("seed")) || 0;
  const sow = () => {
    const seed = 1 + Math.floor(Math.random() * 999_999);
    try { history.replaceState(null, "", `#seed=${seed}`); } catch { /* an address may refuse */ }
    return seed;
  };

  const truth = (question, guess) => {
    const base = `${root}classes/${question.slug}/`;
    const link = make("a", "", question.answer);
    link.href = `${base}index.html#image=${question.image}`;
    const verdict = make("p", "play__verdict", guess === question.answer ? lensSay("Right.") : lensSay("No."), " ", ...lensAround(lensSay("The network said {name}, sure to {share}.", { share: question.probability }), { name: link }));
    if (question.label) verdict.append(" ", lensSay("A mistake: the label says {name}.", { name: question.label }));
    const reasons = make("ul", "play__reasons");
    for (const { number, tone, share, tile, tiles } of question.reasons) {
      const way = make("a", tone, make("span", "badge", make("span", "sr", `${lensSay("concept")} `), String(number)));
      way.href = `${base}index.html#concept-${number}`;
      if (tile) way.append(crop(`${base}${tile}`, [0, 0, tiles, 1], "", "play__tile"));
      way.append(share);
      reasons.append(make("li", "", way));
    }
    const told = question.reasons.length ? [make("p", "play__why", lensSay("What spoke for it, in parts of the evidence:")), reasons] : [];
    return [verdict, ...told];
  };

  const start = (seed) => {
    const next = random(seed);
    const asked = shuffled(lensQuestions, next).slice(0, rounds).map((question) => ({
      ...question,
      answers: shuffled([question.answer, ...question.wrong.slice(0, ANSWERS - 1)], next),
    }));
    let right = 0;
    const finish = () => {
      const how = right > chance
        ? lensSay("{right} of {rounds} right: better than blind guessing, which gets {chance}.", { right, rounds, chance })
        : right === chance
          ? lensSay("{right} of {rounds} right: as well as blind guessing, which gets {chance}.", { right, rounds, chance })
          : lensSay("{right} of {rounds} right: worse than blind guessing, which gets {chance}.", { right, rounds, chance });
      status.textContent = "";
      const score = make("p", "play__score", how);
      const share = make("p", "", lensSay("The address of this page holds these very images: send it to someone, and compare."));
      stage.replaceChildren(score, share, button("button", lensSay("Play again, with other images"), () => start(sow())));
      stage.querySelector("button").focus();
    };
    const round = (n) => {
      const question = asked[n];
      status.textContent = lensSay("Image {number} of {rounds} · {right} right so far", { number: n + 1, rounds, right });
      const answers = make("div", "play__answers");
      const after = make("div", "play__truth");
      after.setAttribute("role", "status");
      const guess = (name) => {
        if (name === question.answer) right += 1;
        for (const each of answers.children) {
          each.disabled = true;
          if (each.textContent === question.answer) each.classList.add("play__right");
          else if (each.textContent === name) each.classList.add("play__wrong");
        }
        status.textContent = lensSay("Image {number} of {rounds} · {right} right so far", { number: n + 1, rounds, right });
        const last = n + 1 === rounds;
        const on = button("button", last ? lensSay("How did I do?") : lensSay("Next image"), () => (last ? finish() : round(n + 1)));
        after.replaceChildren(...truth(question, name), on);
        on.focus({ preventScroll: true });
      };
      answers.append(...question.answers.map((name) => button("play__answer", name, () => guess(name))));
      const image = crop(`${root}classes/${question.slug}/${question.file}`, question.cell, lensSay("the image in question"), "play__image");
      stage.replaceChildren(image, make("div", "", make("h2", "", lensSay("What did the network say?")), answers, after));
    };
    round(0);
  };

  const script = document.createElement("script");
  script.src = "questions.js";
  script.onload = () => start(seedOf() || sow());
  script.onerror = () => { status.textContent = lensSay("The images could not be loaded; check the connection and try again."); };
  document.head.append(script);
  addEventListener("hashchange", () => { if (seedOf()) start(seedOf()); });
})();
