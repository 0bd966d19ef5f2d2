// Keeps a page alive: running countdowns, times in the reader's zone, and fresh contents put in place without a jump.
// Every page works without it.
"use strict";
(() => {
  const POLL = 15000, PAUSE = 2000;
  const line = document.getElementById("line");
  let ahead = 0, heard = 0, shown = "", asking = false, again = false;

  const pad = (number) => String(number).padStart(2, "0");
  const now = () => Date.now() + ahead;

  function whole(seconds) {
    const s = Math.max(0, Math.floor(seconds));
    if (s < 60) return `${s} s`;
    if (s < 3600) return `${Math.floor(s / 60)} min ${pad(s % 60)} s`;
    if (s < 86400) return `${Math.floor(s / 3600)} h ${pad(Math.floor((s % 3600) / 60))} min`;
    return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
  }

  function running(time) {
    const seconds = (Date.parse(time.dateTime) - now()) / 1000;
    if ("due" in time.dataset) return seconds >= 0 ? `${whole(seconds)} left` : `${whole(-seconds)} late`;
    return "ago" in time.dataset ? `${whole(-seconds)} ago` : whole(-seconds);
  }

  const CLOCK = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZoneName: "short" };
  const clock = new Intl.DateTimeFormat(undefined, CLOCK);
  const zone = clock.resolvedOptions().timeZone;
  const dated = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short", year: "numeric", ...CLOCK });

  function dress(root) {
    for (const time of root.querySelectorAll("time")) {
      const at = new Date(time.dateTime), today = new Date(now()).toDateString() === at.toDateString();
      time.textContent = /due|ago|for/.test(Object.keys(time.dataset)) ? running(time) : (today ? clock : dated).format(at);
    }
    for (const place of root.querySelectorAll("[data-zone]")) place.textContent = zone === "UTC" ? zone : `${zone}; hover for UTC`;
  }

  function tick() {
    for (const time of document.querySelectorAll("time[data-due], time[data-ago], time[data-for]")) {
      const text = running(time);
      if (text === time.textContent) continue;
      if (text.endsWith("late") && time.textContent.endsWith("left")) refresh();
      time.textContent = text;
    }
    const age = (Date.now() - heard) / 1000, text = age > 40 ? `not live: last heard ${whole(age)} ago` : "live";
    line.className = age > 40 ? "line stale" : "line";
    if (line.textContent !== text) line.textContent = text;
  }

  const alike = (old, fresh) => old.nodeName === fresh.nodeName && !old.id === !fresh.id;

  function morph(old, fresh) {
    if (old.nodeType !== Node.ELEMENT_NODE && old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
    if (old.nodeType !== Node.ELEMENT_NODE || old.hasAttribute("data-keep") || old.isEqualNode(fresh)) return;
    for (const { name } of [...old.attributes]) if (name !== "open" && !fresh.hasAttribute(name)) old.removeAttribute(name);
    for (const { name, value } of fresh.attributes) if (name !== "open" && old.getAttribute(name) !== value) old.setAttribute(name, value);
    let here = old.firstChild;
    for (const child of [...fresh.childNodes]) {
      const known = child.id ? [...old.children].find((one) => one.id === child.id) : here && alike(here, child) ? here : null;
      if (known && known === here) here = here.nextSibling;
      else old.insertBefore(known || document.importNode(child, true), here);
      if (known) morph(known, child);
    }
    while (here) {
      const gone = here;
      here = here.nextSibling;
      gone.remove();
    }
  }

  async function refresh() {
    if (asking) { again = true; return; }
    asking = true;
    try {
      const answer = await fetch(location.href, { credentials: "same-origin" });
      if (answer.ok) take(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch { /* the line says that we hear nothing */ }
    setTimeout(() => { asking = false; if (again) { again = false; refresh(); } }, PAUSE);
  }

  function take(page) {
    heard = Date.now();
    const standing = page.getElementById("standing").dataset;
    ahead = Date.parse(standing.now) - heard;
    shown = standing.version;
    dress(page);
    document.title = page.title;
    for (const part of document.querySelectorAll("[data-live]")) {
      const fresh = page.getElementById(part.id);
      if (fresh) morph(part, fresh);
    }
  }

  take(document);
  tick();
  document.querySelector("nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  setInterval(tick, 1000);
  setInterval(() => { if (!document.hidden) refresh(); }, POLL);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
  new EventSource("/live").addEventListener("version", (event) => { if (event.data !== shown) refresh(); });
})();
