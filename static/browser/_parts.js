// The engine's parts: each file holds one function that makes it, so that a worker made from a
// Blob can be given their text. Nothing runs here until lensPart("name") is first asked for.
globalThis.lensParts = {};
globalThis.lensPart = (() => {
  const made = {};
  return (name) => (made[name] ??= globalThis.lensParts[name]());
})();
