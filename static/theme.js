// Light or dark, as the system says or the visitor chose; drawings hear of a change.
(() => {
  "use strict";
  const html = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const dark = () => (html.dataset.theme ? html.dataset.theme === "dark" : system.matches);
  const tell = () => dispatchEvent(new Event("lens-theme"));
  document.querySelector(".theme").addEventListener("click", () => {
    html.dataset.theme = dark() ? "light" : "dark";
    try { localStorage.setItem("lens-theme", html.dataset.theme); } catch { /* file:// may refuse */ }
    tell();
  });
  system.addEventListener("change", tell);
})();
