// Keeps a status page fresh: asks again each half minute and puts what has changed in place. The page works without it.
"use strict";
(() => {
  const EVERY = 30000;
  const line = document.getElementById("line");

  function put(fresh) {
    const held = document.activeElement && document.activeElement.closest("section, details");
    const open = new Set([...document.querySelectorAll("details[open]")].map((one) => one.id));
    for (const one of fresh.querySelectorAll("details[id]")) one.open = open.has(one.id);
    const main = document.getElementById("main"), next = fresh.getElementById("main");
    for (const part of [...main.children]) if (part.id && !fresh.getElementById(part.id)) part.remove();
    let before = null;
    for (const part of [...next.children].reverse()) {
      const known = part.id && document.getElementById(part.id);
      let place = known;
      if (!known) {
        place = document.importNode(part, true);
        main.insertBefore(place, before);
      } else if (!known.isEqualNode(part) && !(held && known.contains(held))) {
        place = document.importNode(part, true);
        known.replaceWith(place);
      }
      before = place;
    }
    document.title = fresh.title;
    document.getElementById("as-of").replaceWith(document.importNode(fresh.getElementById("as-of"), true));
  }

  async function ask() {
    if (document.hidden) return;
    try {
      const answer = await fetch(location.href, { cache: "no-cache", credentials: "omit" });
      if (answer.ok) put(new DOMParser().parseFromString(await answer.text(), "text/html"));
      line.textContent = answer.ok ? "" : "!";
    } catch { line.textContent = "!"; }
  }

  setInterval(ask, EVERY);
  document.addEventListener("visibilitychange", ask);
})();
