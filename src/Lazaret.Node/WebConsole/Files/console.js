// The console works without this. It keeps pages that show what happens up to date, and helps with copying and dropping.
"use strict";

(() => {
  const live = document.querySelector("[data-live]");
  if (live) follow(live);
  for (const button of document.querySelectorAll("[data-copy]")) copying(button);
  sendingOnce();
  for (const field of document.querySelectorAll("textarea[data-drop]")) dropping(field);

  // Asks the node to answer when something happened on it after what this page shows. Then the page is fetched again, once nobody is at work in it.
  async function follow(live) {
    const [main, later, news] = ["main", "[data-later]", "[data-news]"].map(part => document.querySelector(part));
    // Such requests do not keep a session from being idle.
    const unattended = { "Lazaret-Unattended": "1" };
    const pause = time => new Promise(go => setTimeout(go, time));
    const now = () => `${new Date().toISOString().slice(11, 19)} UTC`;
    let seen = live.dataset.seen;
    let isLost = false;
    later.addEventListener("click", () => {
      for (const form of main.querySelectorAll("form")) form.reset();
      for (const open of main.querySelectorAll("details.act[open]")) open.open = false;
      main.focus();
    });
    for (;;) {
      let why = "Not live";
      try {
        const answer = await fetch(`${live.dataset.live}?seen=${encodeURIComponent(seen)}`, { headers: unattended });
        if (answer.status === 401 && !isInUse()) return location.reload();
        if (answer.status === 401) why = "Signed out, sign in in another tab";
        if (!answer.ok) throw new Error();
        const last = await answer.text();
        if (last !== seen) {
          await untilFree();
          if (!await refresh()) return;
          live.textContent = `Live. Last change ${now()}`;
        } else if (isLost) live.textContent = "Live";
        isLost = false;
        // Where too many wait already, the node answers at once.
        await pause(last === seen ? 5000 : 1000);
        seen = last;
      } catch {
        if (!isLost) news.textContent = live.textContent = `${why} since ${now()}: trying again`;
        isLost = true;
        await pause(5000);
      }
    }

    // Somebody who types, or who goes through the page by keyboard, would lose their place.
    function isInUse() {
      return main.querySelector(":focus-visible, input:focus, select:focus, textarea:focus, details.act[open]") || [...main.querySelectorAll("form")].some(form => [...form.elements].some(isEdited));
    }

    async function untilFree() {
      if (document.hidden) await new Promise(go => document.addEventListener("visibilitychange", go, { once: true }));
      for (; isInUse(); await pause(1000)) later.hidden = false;
      later.hidden = true;
    }

    // Answers false where the page changes no more.
    async function refresh() {
      const answer = await fetch(location.href, { headers: { ...unattended, "Accept": "text/html" } });
      // The session is over: the page is left for the one where people sign in.
      if (answer.redirected) return location.reload();
      if (!answer.ok && answer.status !== 404) throw new Error();
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      // The script of a picture that was not there before runs on a new page alone.
      if (fresh.querySelector("[data-viewer]") && !document.querySelector("[data-viewer]")) return location.reload();
      const told = () => ["main h1", "main .head p", "main [data-told]", "nav.main .count"].map(part => document.querySelector(part)?.textContent ?? "");
      const before = told();
      for (const part of ["main", "nav.main"]) {
        const [old, next] = [document.querySelector(part), fresh.querySelector(part)];
        if (old && next && old.innerHTML !== next.innerHTML) old.innerHTML = next.innerHTML;
      }
      const changed = told().filter((text, at) => text !== before[at]);
      if (changed.length) news.textContent = changed.join(". ");
      if (fresh.querySelector("[data-live]")) return true;
      live.removeAttribute("class");
      live.removeAttribute("data-live");
      live.textContent = `Last change ${now()}`;
    }
  }

  // A second click sends nothing: what the first one does is under way. A secret that is shown once would be lost behind the second answer.
  function sendingOnce() {
    let sent = new WeakSet();
    addEventListener("submit", event => {
      if (event.target.method !== "post" || event.defaultPrevented) return;
      if (sent.has(event.target)) event.preventDefault();
      sent.add(event.target);
      // Where no page came, it may be sent again.
      setTimeout(() => sent.delete(event.target), 10000);
    });
    addEventListener("pageshow", () => { sent = new WeakSet(); });
  }

  function isEdited(field) {
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.options) return field.selectedIndex !== Math.max(0, [...field.options].findIndex(option => option.defaultSelected));
    return "defaultValue" in field && field.value !== field.defaultValue;
  }

  // A file that is dropped is read into the field.
  function dropping(field) {
    field.addEventListener("dragover", event => event.preventDefault());
    field.addEventListener("drop", async event => {
      const file = event.dataTransfer.files[0];
      if (!file) return;
      event.preventDefault();
      field.value = await file.text();
    });
  }

  function copying(button) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).textContent);
      button.textContent = "Copied";
    });
  }
})();
