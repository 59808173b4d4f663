// The console works without this. It keeps pages that show what happens up to date, and helps with the form of a question.
"use strict";

(() => {
  const live = document.querySelector("[data-live]");
  if (live) follow(live.dataset.live, live.dataset.seen);
  for (const form of document.querySelectorAll("form[data-question]")) question(form);
  for (const button of document.querySelectorAll("[data-copy]")) copying(button);
  for (const field of document.querySelectorAll("textarea[data-drop]")) dropping(field);

  // Asks the node to answer when something happened on it after what this page shows; then the page is fetched again.
  async function follow(address, seen) {
    const say = text => { const said = document.querySelector("[data-live]"); if (said) said.textContent = text; };
    const now = () => new Date().toTimeString().slice(0, 8);
    // Such requests do not keep a session from being idle.
    const unattended = { "Lazaret-Unattended": "1" };
    let stale = false;
    document.addEventListener("visibilitychange", () => { if (stale && !document.hidden) refresh(); });
    const pause = time => new Promise(go => setTimeout(go, time));
    for (;;) {
      try {
        const answer = await fetch(`${address}?seen=${seen}`, { headers: unattended });
        if (answer.status === 401) { location.reload(); return; }
        if (!answer.ok) throw new Error();
        const last = await answer.text();
        if (last !== seen) await refresh();
        // Where too many wait already, the node answers at once.
        await pause(last === seen ? 5000 : 1000);
        seen = last;
      } catch {
        say(`Not live since ${now()}: trying again`);
        await pause(5000);
      }
    }

    async function refresh() {
      const active = document.activeElement;
      stale = document.hidden;
      if (stale || (active && active.closest("main") && active.matches("input, select, textarea"))) return;
      const answer = await fetch(location.href, { headers: { ...unattended, "Accept": "text/html" } });
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      // The script of a picture that was not there before runs on a new page alone.
      if (fresh.querySelector("[data-viewer]") && !document.querySelector("[data-viewer]")) { location.reload(); return; }
      const held = active && active.id ? active.id : null;
      for (const part of ["main", "nav.main"]) {
        const [old, next] = [document.querySelector(part), fresh.querySelector(part)];
        if (old && next && old.innerHTML !== next.innerHTML) old.innerHTML = next.innerHTML;
      }
      if (held) document.getElementById(held)?.focus({ preventScroll: true });
      say(`Live. Last change ${now()}`);
    }
  }

  // Writes the chosen filters and covariates into the fields that are sent, and the same request as a command.
  function question(form) {
    const [filters, covariates] = [form.querySelector("[name=filters]"), form.querySelector("[name=covariates]")];
    const update = () => {
      const chosen = {};
      for (const box of form.querySelectorAll("[data-level]")) if (box.checked) (chosen[box.dataset.of] ??= []).push(box.dataset.level);
      for (const from of form.querySelectorAll("[data-range]")) {
        const part = {};
        for (const end of ["min", "max"]) {
          const field = from.querySelector(`[data-end=${end}]`);
          if (field.value !== "") part[end] = Number(field.value);
        }
        if (Object.keys(part).length) chosen[from.dataset.range] = part;
      }
      for (const [name, levels] of Object.entries(chosen)) if (Array.isArray(levels) && levels.length === 1) chosen[name] = levels[0];
      filters.value = JSON.stringify(chosen);
      covariates.value = [...form.querySelectorAll("[data-covariate]:checked")].map(box => box.dataset.covariate).join(",");
      const file = form.querySelector("[type=file]").files[0];
      const said = form.querySelector("[data-map]");
      if (said) said.textContent = file ? `${file.name}, ${(file.size / 1048576).toFixed(1)} MB. Read in this browser, not sent yet.` : "";
      tell(form, file ? file.name : "map.nii.gz");
    };
    // The form stays as it is when the node refuses it: the file would have to be chosen again.
    form.addEventListener("submit", async event => {
      event.preventDefault();
      const checks = event.submitter?.matches("[data-checking]");
      const buttons = form.querySelectorAll("[data-sending], [data-checking]");
      for (const button of buttons) button.disabled = true;
      for (const box of ["refusal", "checked"]) document.getElementById(box).hidden = true;
      const sent = new FormData(form);
      for (const [name, value] of [...sent]) if (value === "") sent.delete(name);
      try {
        const answer = await fetch(checks ? form.dataset.check : form.dataset.send, { method: "POST", body: sent, headers: { "Accept": "application/json" } });
        const said = await answer.json();
        if (answer.ok && !checks) { location.href = `${form.dataset.next}/${said.job_id}`; return; }
        if (answer.ok && said.maps > 0) praise(said.words);
        else refuse(said.faults ?? (said.errors ? said.errors.map(fault => `${fault.field}: ${fault.message}`) : [said.detail || said.title]));
      } catch { refuse(["The node could not be reached. Nothing was sent twice: try again."]); }
      for (const button of buttons) button.disabled = false;
    });

    function praise(words) {
      const box = document.getElementById("checked");
      box.hidden = false;
      box.firstElementChild.textContent = words;
      box.focus();
    }

    function refuse(lines) {
      const box = document.getElementById("refusal");
      box.hidden = false;
      box.querySelector("ul").replaceChildren(...lines.map(line => { const item = document.createElement("li"); item.textContent = line; return item; }));
      box.focus();
    }

    // Another project allows other things: the page is written anew for it, with what was chosen so far.
    form.querySelector("[name=project]")?.addEventListener("change", event => {
      const chosen = new URLSearchParams([...new FormData(form)].filter(([name, value]) => name !== "map_file" && value !== ""));
      chosen.set("project", event.target.value);
      location.search = chosen;
    });
    form.addEventListener("input", update);
    form.addEventListener("change", update);
    update();
    const drop = form.querySelector(".drop");
    drop.addEventListener("dragover", event => event.preventDefault());
    drop.addEventListener("drop", event => {
      event.preventDefault();
      const field = form.querySelector("[type=file]");
      field.files = event.dataTransfer.files;
      field.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }

  // The same request as a command, and as a program.
  function tell(form, map) {
    const fields = [...new FormData(form)].filter(([name, value]) => name !== "map_file" && value !== "" && value !== "{}");
    const write = (place, lines) => { const said = document.querySelector(place); if (said) said.textContent = lines.join("\n"); };
    const quoted = text => `'${text.replaceAll("'", "'\\''")}'`;
    write("[data-curl]", ["curl -H \"Authorization: Bearer $KEY\" \\", `  -F ${quoted(`map_file=@"${map}"`)} \\`, ...fields.map(([name, value]) => `  -F ${quoted(`${name}=${value}`)} \\`), `  ${location.origin}/jobs`]);
    // What JSON writes as a text, Python reads as one.
    const text = JSON.stringify;
    write("[data-python]", ["import os, requests", "", "answer = requests.post(", `    ${text(`${location.origin}/jobs`)},`, "    headers={\"Authorization\": f\"Bearer {os.environ['KEY']}\"},",
      `    files={"map_file": open(${text(map)}, "rb")},`, "    data={", ...fields.map(([name, value]) => `        ${text(name)}: ${text(value)},`), "    },", ")", "print(answer.json())"]);
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
