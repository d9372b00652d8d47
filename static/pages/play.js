// Guess first: the seed in the address chooses the images, what is asked of each (what the network
// said, or which of four places decided) and the order of the answers, so that two who share an
// address play the same game. Nothing is sent anywhere.
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
  const LETTERS = "ABCD";
  const [SAID, SPOT] = ["said", "spot"];

  const make = (tag, kind = "", ...content) => {
    const element = document.createElement(tag);
    if (kind) element.className = kind;
    element.append(...content);
    return element;
  };
  const button = (kind, text, onClick) => {
    const made = make("button", kind, text);
    made.type = "button";
    if (onClick) made.addEventListener("click", onClick);
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

  const truth = (question, right) => {
    const base = `${root}classes/${question.slug}/`;
    const link = make("a", "", question.answer);
    link.href = `${base}index.html#image=${question.image}`;
    const verdict = make("p", "play__verdict", right ? lensSay("Right.") : lensSay("No."), " ");
    if (question.asked === SPOT) verdict.append(...lensAround(lensSay("Place {letter} decided most: it holds {share} of what speaks for {name}.", { letter: question.letter, share: question.spots[0].share }), { name: link }));
    else verdict.append(...lensAround(lensSay("The network said {name}, sure to {share}.", { share: question.probability }), { name: link }));
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

  // Half the images are asked about a place, as far as they have some.
  const dealt = (seed) => {
    const next = random(seed);
    const images = shuffled(lensQuestions, next).slice(0, rounds);
    const kinds = shuffled(images.map((_, n) => (n % 2 ? SPOT : SAID)), next);
    return images.map((question, n) => {
      const asked = question.spots.length ? kinds[n] : SAID;
      const answers = shuffled([question.answer, ...question.wrong.slice(0, ANSWERS - 1)], next);
      // by where they are, so that the letter tells nothing
      const spots = [...question.spots].sort((a, b) => a.top - b.top || a.left - b.left);
      const letter = LETTERS[spots.indexOf(question.spots[0])];
      return { ...question, asked, answers, letter, places: spots };
    });
  };
  const said = (question) => {
    const box = make("div", "play__answers");
    return { box, buttons: question.answers.map((name) => [button("play__answer", name), name === question.answer]) };
  };
  const spots = (question, image) => {
    const buttons = question.places.map((spot, n) => {
      const mark = button("play__spot", LETTERS[n]);
      mark.setAttribute("aria-label", lensSay("place {letter}", { letter: LETTERS[n] }));
      mark.style.cssText = `left:${spot.left}%;top:${spot.top}%;width:${spot.width}%;height:${spot.height}%`;
      return [mark, LETTERS[n] === question.letter];
    });
    image.append(...buttons.map(([mark]) => mark));
    const name = make("b", "", question.answer);
    const box = make("p", "play__ask", ...lensAround(lensSay("The network said {name}. One of these four frames holds clearly more of what spoke for it than each of the others: choose it."), { name }));
    return { box, buttons };
  };

  const start = (seed) => {
    const asked = dealt(seed);
    const won = { [SAID]: 0, [SPOT]: 0 };
    const right = () => won[SAID] + won[SPOT];
    const finish = () => {
      const told = { right: right(), rounds, chance };
      const how = right() > chance
        ? lensSay("{right} of {rounds} right: better than blind guessing, which gets {chance}.", told)
        : right() === chance
          ? lensSay("{right} of {rounds} right: as well as blind guessing, which gets {chance}.", told)
          : lensSay("{right} of {rounds} right: worse than blind guessing, which gets {chance}.", told);
      status.textContent = "";
      const score = make("p", "play__score", how);
      const all = (kind) => asked.filter((question) => question.asked === kind).length;
      const of = (kind) => lensSay("{right} of {all}", { right: won[kind], all: all(kind) });
      const [said, spot] = [of(SAID), of(SPOT)];
      const kinds = asked.some((question) => question.asked === SPOT)
        ? [make("p", "play__kinds", lensSay("What it said: {said}. Which place decided: {spot}.", { said, spot }))] : [];
      const share = make("p", "", lensSay("The address of this page holds these very images: send it to someone, and compare."));
      stage.replaceChildren(score, ...kinds, share, button("button", lensSay("Play again, with other images"), () => start(sow())));
      stage.querySelector("button").focus();
    };
    const round = (n) => {
      const question = asked[n];
      const tell = () => { status.textContent = lensSay("Image {number} of {rounds} · {right} right so far", { number: n + 1, rounds, right: right() }); };
      tell();
      const after = make("div", "play__truth");
      after.setAttribute("role", "status");
      const image = crop(`${root}classes/${question.slug}/${question.file}`, question.cell, lensSay("the image in question"), "");
      const frame = make("div", "play__image", image);
      const { box, buttons } = question.asked === SPOT ? spots(question, frame) : said(question);
      for (const [choice, isRight] of buttons) {
        choice.addEventListener("click", () => {
          if (isRight) won[question.asked] += 1;
          for (const [each, its] of buttons) {
            each.disabled = true;
            if (its) each.classList.add("play__right");
            else if (each === choice) each.classList.add("play__wrong");
          }
          if (question.asked === SPOT) buttons.forEach(([each], at) => each.append(make("small", "", question.places[at].share)));
          tell();
          const last = n + 1 === rounds;
          const on = button("button", last ? lensSay("How did I do?") : lensSay("Next image"), () => (last ? finish() : round(n + 1)));
          after.replaceChildren(...truth(question, isRight), on);
          on.focus({ preventScroll: true });
        });
      }
      if (question.asked === SAID) box.append(...buttons.map(([choice]) => choice));
      const title = question.asked === SPOT ? lensSay("Which place decided?") : lensSay("What did the network say?");
      stage.replaceChildren(frame, make("div", "", make("h2", "", title), box, after));
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
