// A level that the address names is opened, and all levels around it.
(() => {
  "use strict";
  const open = () => {
    const branch = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!branch?.matches(".branch")) return;
    for (let level = branch; level; level = level.parentElement.closest(".branch")) level.open = true;
    branch.scrollIntoView();
  };
  addEventListener("hashchange", open);
  open();
})();
