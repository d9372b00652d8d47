// The classifier in the visitor's browser. Nothing is loaded, and no worker started, before a call.
//
//   const lens = await Lens.load(root, progress)   root: path to the site's top, "../" or "";
//       progress(share) hears 0 to 1. Loads explain/network*.js and starts a worker. Rejects with an
//       Error whose message is a sentence for the visitor, as all of these do, in the language of
//       the site (static/_words.js).
//   lens.facts    {name, labels, preprocessing, feature_shape, linear, kind}
//   await lens.prepare(source)   a File, a Blob or an <img>: {pixels, view, width, height, note};
//       pixels: RGB bytes of the crop, view: an ImageBitmap of what the network sees, width and
//       height of the upright picture, note: a sentence or ""
//   await lens.run(pixels)       {logits, probabilities, activations: {data, p, h, w}}; data is
//       (p, h w), channel by channel
//   await lens.codes(slug, activations)   {codes, mean, k, h, w}: codes (h w, k) by place, mean (k)
//   await lens.contributions(slug, index, codes, method)   k numbers: what each concept of the class
//       adds to the logit of class `index`: u_i γ_i at a linear head, else by importance method:
//       "gradient-input": the slope of y(u) as concept i grows, others: y(u) − y(u without concept i)
//   await lens.decode(slug, codes)   the activations {data, p, h, w} that codes stand for
//   await lens.head(activations)     logits
//   await lens.edited(slug, codes, factors)   logits of codes, each concept's times its factor
//   lens.close()                     ends the worker
//
//   const table = await Lens.table(root, slug)   what stored and edited codes say, without the network
//       (classes/<slug>/table.js)
//       table.k, table.images, table.linear
//       table.codes(image)           mean codes (k) of an image of the class page
//     and, where table.classes is there (patches are cells of the map, and all that the head reads):
//       table.rest(image)            (classes): what its concepts leave out of its logits; exact for
//                                    the classes that edits make likely; for the others the mean of the
//                                    class, so shifted that the former's probabilities are exact
//                                    before any edit
//     where the head is linear:
//       table.logits(mean, rest)     (classes): logits of mean codes; rest may be left out
//       table.contributions(index, mean)   k numbers u_i γ_i
//     where it is not:
//       table.places(image, h, w)    codes as lens.codes gives them, for lens.edited; the mean at all
//                                    places where the head sees no more than that
//   Lens.softmax(logits)             probabilities
//   await Lens.blob(root, name)      a file that the site holds as scripts (lens_site/site/scripts.py),
//                                    as a Blob: so a picture of the site can be prepared from a disk, too
globalThis.Lens = (() => {
  "use strict";
  const PARTS = ["safetensors", "gemmCode", "gemm", "ops", "graph", "header", "resize", "picture", "worker"];
  const STEP = 0.01; // part of a concept by which it grows and shrinks for a slope
  const arrived = new Map();

  // Files call this, for fetch does not read from file://.
  globalThis.LensData = (name, number, count, text) => arrived.set(`${name} ${number}`, { count, text });

  const script = (address) => new Promise((resolve, reject) => {
    const element = document.createElement("script");
    element.src = address;
    element.onload = () => { element.remove(); resolve(); };
    element.onerror = () => {
      element.remove();
      reject(new Error(lensSay("A part could not be loaded; check the connection and try again.")));
    };
    document.head.append(element);
  });
  const piece = async (root, name, number) => {
    await script(`${root}${name}${number > 1 ? `-${number}` : ""}.js`);
    const key = `${name} ${number}`;
    const part = arrived.get(key);
    if (!part) throw new Error(lensSay("A part could not be loaded; check the connection and try again.")); // a server may answer with something else
    arrived.delete(key);
    return part;
  };
  const data = async (root, name) => {
    const { count, text } = await piece(root, name, 1);
    const texts = [text];
    for (let number = 2; number <= count; number += 1) texts.push((await piece(root, name, number)).text);
    return lensPart("safetensors").bytes(texts.join("")); // parts of three bytes each: their base64 joins
  };
  const opened = async (root, name) => lensPart("safetensors").open(await data(root, name));

  // The promise of `make`, made once; one that failed is made again.
  const once = (kept, key, make) => {
    if (!kept.has(key)) kept.set(key, make().catch((error) => { kept.delete(key); throw error; }));
    return kept.get(key);
  };

  const softmax = (logits) => {
    const most = logits.reduce((a, b) => Math.max(a, b), -Infinity);
    const powers = Float64Array.from(logits, (x) => Math.exp(x - most));
    const sum = powers.reduce((a, b) => a + b, 0);
    return powers.map((x) => x / sum);
  };

  const tables = new Map();
  const table = (root, slug) => once(tables, slug, async () => {
    const file = await opened(root, `classes/${slug}/table`);
    const mean = file.array("codes");
    const [images, k] = file.shape("codes");
    const codesOf = (image) => mean.slice(image * k, (image + 1) * k);
    const told = { k, images, linear: file.names.includes("gamma"), codes: codesOf };
    if (!file.names.includes("rest")) return told;
    const [common, shift, own, which] = ["rest_mean", "rest_shift", "rest", "rest_classes"].map(file.array);
    const [classes, chosen] = [common.length, which.length];
    told.classes = classes;
    told.rest = (image) => {
      const rest = common.map((x) => x + shift[image]);
      which.forEach((c, i) => { rest[c] = own[image * chosen + i]; });
      return rest;
    };
    if (!told.linear) {
      const stored = file.names.includes("places") ? file.array("places") : null;
      const places = (image, h, w) => {
        const [means, all] = [codesOf(image), h * w * k];
        const codes = stored ? stored.slice(image * all, (image + 1) * all)
          : Float32Array.from({ length: all }, (_, i) => means[i % k]);
        return { codes, mean: means, k, h, w };
      };
      return { ...told, places };
    }
    const [gamma, zero] = ["gamma", "at_zero"].map(file.array);
    return {
      ...told,
      logits: (codes, rest = null) => {
        const logits = Float32Array.from(zero);
        for (let i = 0; i < k; i += 1) {
          for (let c = 0; c < classes; c += 1) logits[c] += codes[i] * gamma[i * classes + c];
        }
        if (rest) for (let c = 0; c < classes; c += 1) logits[c] += rest[c];
        return logits;
      },
      contributions: (index, codes) => Float32Array.from({ length: k }, (_, i) => codes[i] * gamma[i * classes + index]),
    };
  });

  const start = () => {
    const text = [
      `globalThis.lensSay = ${lensSayText()};`,
      "const made = {}; globalThis.lensParts = {};",
      "globalThis.lensPart = (name) => (made[name] ??= globalThis.lensParts[name]());",
      ...PARTS.map((name) => `lensParts.${name} = ${lensParts[name]};`),
      'lensPart("worker");',
    ].join("\n");
    const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    const worker = new Worker(address);
    const waiting = new Map();
    let last = 0;
    worker.onmessage = ({ data: { id, answer, problem } }) => {
      const { resolve, reject } = waiting.get(id);
      waiting.delete(id);
      if (problem === undefined) resolve(answer);
      else reject(new Error(problem));
    };
    worker.onerror = () => {
      for (const { reject } of waiting.values()) reject(new Error(lensSay("The network stopped; perhaps memory ran out. Load the page again.")));
      waiting.clear();
    };
    const ask = (what, given, moved = []) => new Promise((resolve, reject) => {
      last += 1;
      waiting.set(last, { resolve, reject });
      worker.postMessage({ id: last, what, given }, moved);
    });
    const close = () => { worker.terminate(); URL.revokeObjectURL(address); };
    return { ask, close };
  };

  const bitmapOf = async (image) => {
    try {
      await image.decode();
      const options = { premultiplyAlpha: "none", colorSpaceConversion: "none" };
      return await createImageBitmap(image, options);
    } catch {
      throw new Error(lensSay("This picture cannot be shown, so it cannot be read."));
    }
  };

  // Hands the network to the worker, part by part, so that no copy of the whole is kept here.
  const network = async (root, ask, progress, options) => {
    for (let number = 1, of = 1; number <= of; number += 1) {
      const { count, text } = await piece(root, "explain/network", number);
      await ask("part", { text });
      of = count;
      progress(number / (count + 1));
    }
    const facts = await ask("open", { options });
    progress(1);
    return facts;
  };

  const load = async (root, progress = () => {}, options = {}) => {
    const { ask, close } = start();
    const facts = await network(root, ask, progress, options).catch((problem) => { close(); throw problem; });
    const [p, h, w] = facts.feature_shape;
    const kept = new Map();
    const atoms = (slug) => once(kept, slug, async () => {
      const file = await opened(root, `classes/${slug}/atoms`);
      const { way, patches } = file.notes;
      const arrays = Object.fromEntries(file.names.map((name) => [name, file.array(name)]));
      return { way, patches, arrays, k: file.shape("dictionary")[0] };
    });
    const prepare = async (source) => {
      if (source instanceof Blob) return ask("prepare", { source });
      const bitmap = await bitmapOf(source);
      try {
        return await ask("prepare", { source: bitmap }, [bitmap]);
      } catch (problem) {
        if (problem.name !== "DataCloneError") throw problem;
        throw new Error(lensSay("A page opened from a disk may not read this picture; choose the file itself."));
      }
    };
    const run = async (pixels) => {
      const { data, logits } = await ask("run", { pixels });
      return { logits, probabilities: softmax(logits), activations: { data, p, h, w } };
    };
    const codes = async (slug, activations) => {
      const { way, patches, arrays, k } = await atoms(slug);
      if (!way) throw new Error(lensSay("The concepts of this class were found by a method that this page cannot repeat."));
      if (patches === "crops") throw new Error(lensSay("The concepts of this class are of crops, each looked at by itself, which this page cannot repeat."));
      const made = lensPart("codes").encode(way, arrays, k, activations);
      const mean = new Float32Array(k);
      made.forEach((code, i) => { mean[i % k] += code / (h * w); });
      return { codes: made, mean, k, h, w };
    };
    const decode = async (slug, { codes: made, k }) => {
      const { arrays: { dictionary, mean } } = await atoms(slug);
      const data = new Float32Array(p * h * w);
      for (let c = 0, at = 0; c < p; c += 1) {
        for (let place = 0; place < h * w; place += 1, at += 1) {
          let sum = mean ? mean[c] : 0;
          for (let i = 0; i < k; i += 1) sum += made[place * k + i] * dictionary[i * p + c];
          data[at] = sum;
        }
      }
      return { data, p, h, w };
    };
    const head = ({ data }) => ask("head", { data });
    const edited = async (slug, coded, factors) => {
      const known = await table(root, slug);
      if (known.linear) return known.logits(coded.mean.map((code, i) => code * factors[i]));
      const codes = coded.codes.map((code, i) => code * factors[i % coded.k]);
      return head(await decode(slug, { ...coded, codes }));
    };
    const contributions = async (slug, index, coded, method = "") => {
      const known = await table(root, slug);
      if (known.linear) return known.contributions(index, coded.mean);
      const slope = method === "gradient-input";
      const parts = new Float32Array(coded.k);
      for (let i = 0; i < coded.k; i += 1) {
        const logit = async (factor) => (await edited(slug, coded, Array.from(parts, (_, j) => (j === i ? factor : 1))))[index];
        parts[i] = slope ? (await logit(1 + STEP) - await logit(1 - STEP)) / (2 * STEP) : await logit(1) - await logit(0);
      }
      return parts;
    };
    return { facts, prepare, run, codes, contributions, decode, head, edited, close };
  };
  const blob = async (root, name) => new Blob([await data(root, name)]);
  return { load, table, softmax, blob };
})();
