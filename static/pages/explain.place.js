// Where a picture would stand in the strategic cluster graph of a class. Its stored places are never
// computed anew: the graph is a map of the images' profiles (the shares of the concepts), and the
// picture goes between the images whose profiles are most like its own.
//
//   lensPlace.find(images, profile, amount, least)   {order, x, y, alone, faint, strategy}
//       images: [{x, y, profile, strategy}], profile: signed shares, all in parts of 1
//       order: images by distance, nearest first; x, y: the mean place of the nearest BETWEEN, each
//       weighted by 1 / distance⁴ (left out and placed anew, 3,113 images of 34 classes land .10 from
//       their own place in the middle, nine of ten within .21; two images are .87 apart)
//       alone: farther from its nearest image than any image is from its own
//       faint: amount (Σ|φ|) is less than in any image
//       strategy: the number of the one whose mean is nearest, by the logarithms of the shares that the
//       images were grouped by (lens_site/strategies/methods/copula.py); 0 where the class has none, or
//       the picture is alone or faint
//   lensPlace.chart({marks, portrait, found, view, base})   elements: the graph with the picture, its legend
globalThis.lensPlace = (() => {
  "use strict";
  const BETWEEN = 3;
  const SMALL = 0.01; // a share about which the logarithm turns linear

  const far = (a, b) => Math.sqrt(a.reduce((sum, x, i) => sum + (x - b[i]) ** 2, 0));
  const widest = (images) => Math.max(...images.map((image, i) => images.reduce(
    (least, other, j) => (i === j ? least : Math.min(least, far(image.profile, other.profile))), Infinity,
  )));
  const logarithms = (profile) => profile.map((share) => Math.asinh(share / (2 * SMALL)));
  const closest = (images, profile) => {
    const own = logarithms(profile);
    const away = new Map();
    for (const number of new Set(images.map((image) => image.strategy))) {
      const members = images.filter((image) => image.strategy === number).map((image) => logarithms(image.profile));
      away.set(number, far(own, own.map((_, i) => members.reduce((sum, row) => sum + row[i], 0) / members.length)));
    }
    return [...away.keys()].reduce((best, number) => (away.get(number) < away.get(best) ? number : best));
  };

  const find = (images, profile, amount, least) => {
    const away = images.map((image) => far(image.profile, profile));
    const order = [...images.keys()].sort((a, b) => away[a] - away[b]);
    const between = order.slice(0, BETWEEN);
    const nearest = Math.max(away[order[0]], 1e-6); // so that no weight is infinite
    const weights = between.map((i) => (nearest / Math.max(away[i], nearest)) ** 4);
    const whole = weights.reduce((sum, x) => sum + x, 0);
    const mean = (axis) => between.reduce((sum, i, n) => sum + images[i][axis] * weights[n], 0) / whole;
    const [alone, faint] = [images.length > 1 && away[order[0]] > widest(images), amount < least];
    const strategy = alone || faint ? 0 : closest(images, profile);
    return { order, x: mean("x"), y: mean("y"), alone, faint, strategy };
  };

  const SVG = "http://www.w3.org/2000/svg";
  const draw = (tag, values, ...content) => {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(values)) element.setAttribute(name, value);
    element.append(...content);
    return element;
  };

  // Each dot leads to its image on the page of the class; the three between are tied to the picture.
  const chart = ({ marks, portrait, found, view, base }) => {
    const { images, left, top, make } = marks;
    const { groups } = lensGraph.legend(portrait, marks);
    const group = images.some((image) => image.strategy) ? groups.strategy : groups.concept;
    const between = found.order.slice(0, BETWEEN);
    const tied = between.map((i) => draw("line", {
      class: "own__tie", x1: left(found.x), y1: top(found.y), x2: left(images[i].x), y2: top(images[i].y),
    }));
    const dot = (i) => {
      const [image, tone] = [images[i], group.tone(group.of(images[i]))];
      const shape = image.right === 0
        ? draw("svg", { x: left(image.x), y: top(image.y) }, draw("path", { d: "M0-6.4 6.4 0 0 6.4-6.4 0z" }))
        : draw("circle", { cx: left(image.x), cy: top(image.y), r: 4.5 });
      const name = draw("title", {});
      name.textContent = [lensSay("image {number}", { number: i + 1 }), ...(image.right === 0 ? [lensSay("a mistake")] : [])].join(", ");
      return draw("a", { href: `${base}index.html#image=${i + 1}`, class: tone, tabindex: -1 }, name, shape);
    };
    const near = between.map((i) => lensSay("image {number}", { number: i + 1 })).join(", ");
    const frame = draw("svg", {
      class: "scatter", role: "group", width: "100%", height: "100%",
      "aria-label": lensSay("Your picture among the {n} images of {name}, nearest to {near}", { n: images.length, name: portrait.name, near }),
    }, ...tied, ...images.map((_, i) => dot(i)), draw("circle", { class: "own__point", cx: left(found.x), cy: top(found.y), r: 6 }));
    const below = parseFloat(top(found.y)) < 25; // no room above
    const own = make("div", below ? "own__here own__here--below" : "own__here");
    const canvas = make("canvas");
    [canvas.width, canvas.height] = [view.width, view.height];
    canvas.getContext("2d").drawImage(view, 0, 0);
    own.append(canvas);
    own.style.cssText = `left:${left(found.x)};top:${top(found.y)}`;
    const field = make("div", "graph__field");
    field.append(frame, own);
    const legend = make("ul", "graph__legend");
    const counts = new Map();
    for (const image of images) counts.set(group.of(image), (counts.get(group.of(image)) ?? 0) + 1);
    for (const key of group.entries().filter((each) => counts.has(each))) {
      const [item, words] = [make("li"), make("span")];
      words.append(...group.mark(key), ` · ${counts.get(key)}`);
      item.append(words);
      legend.append(item);
    }
    return [field, legend];
  };
  return { find, chart };
})();
