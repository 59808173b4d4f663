// The form of a question works without this. It sends the form and keeps it as it is when the node refuses it, for the file would have to be chosen again. It shows the same request as a command.
"use strict";

(() => {
  const form = document.querySelector("form[data-question]");
  if (form) question(form);

  function question(form) {
    const file = form.querySelector("[type=file]");
    const task = form.querySelector("[name=task]");
    // As many questions as the chosen file has volumes, which the picture's script counts.
    let maps = 1;
    file.addEventListener("maps", event => { maps = event.detail; update(); });
    const price = questions => {
      const said = form.querySelector("[data-cost]");
      if (said) said.textContent = `This costs ${questions === 1 ? "1 question" : `${questions} questions`}; ${said.dataset.cost} are left this week.`;
      // The page was written for one.
      const bar = document.querySelector("[data-questions] .f1");
      if (!bar) return;
      bar.dataset.one ??= parseFloat(bar.getAttribute("width"));
      bar.setAttribute("width", `${Math.min(bar.dataset.one * questions, 100 - parseFloat(bar.getAttribute("x")))}%`);
    };
    const update = () => {
      // What the chosen analysis does not take is not shown, and not sent.
      for (const part of form.querySelectorAll("[data-task]")) {
        part.hidden = Boolean(task) && !part.dataset.task.split(" ").includes(task.value);
        for (const field of part.querySelectorAll("input, select")) field.disabled = part.hidden;
      }
      file.required = !file.disabled;
      const chosen = file.files[0];
      form.querySelector("[data-map]").textContent = chosen ? `${chosen.name}, ${chosen.size < 1e6 ? `${Math.ceil(chosen.size / 1e3)} kB` : `${(chosen.size / 1e6).toFixed(1)} MB`}. Not sent yet.` : "";
      tell(form, file.disabled ? null : chosen ? chosen.name : "map.nii.gz");
      price(file.disabled || !chosen ? 1 : maps);
    };
    form.addEventListener("submit", async event => {
      event.preventDefault();
      const buttons = form.querySelectorAll("[data-sending], [data-checking]");
      for (const button of buttons) button.disabled = true;
      for (const box of ["refusal", "checked"]) document.getElementById(box).hidden = true;
      clearMarks();
      try {
        const answer = await fetch(event.submitter?.matches("[formaction]") ? event.submitter.formAction : form.action, { method: "POST", body: new FormData(form), headers: { "Accept": "application/json" } });
        const said = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : null;
        if (said?.next) return location.assign(said.next);
        if (said?.maps > 0) praise(said.words);
        else if (answer.status === 401) refuse([{ words: "Your session has ended. Sign in in another tab, then send this again: the page keeps your question and your map." }]);
        else if (said) refuse(said.faults ?? [{ words: said.detail ?? said.title }]);
        else refuse([{ words: answer.status === 413 ? "The map is larger than the proxy in front of the node lets through." : `Not the node answered, but something in front of it, with status ${answer.status}.` }]);
      } catch { refuse([{ words: "The node was not reached, or its answer was lost. Send it again: the same question from this page is asked once." }]); }
      for (const button of buttons) button.disabled = false;
    });

    function praise(words) {
      const box = document.getElementById("checked");
      box.hidden = false;
      box.firstElementChild.textContent = words;
      box.focus();
    }

    function refuse(faults) {
      const box = document.getElementById("refusal");
      box.hidden = false;
      box.querySelector("ul").replaceChildren(...faults.map(fault => {
        const item = document.createElement("li");
        const part = fault.at && document.getElementById(fault.at);
        if (part) mark(part, fault.words);
        const words = part ? item.appendChild(Object.assign(document.createElement("a"), { href: `#${fault.at}` })) : item;
        words.textContent = fault.words;
        return item;
      }));
      box.focus();
    }

    // As the node writes it into a page for a browser that runs no script.
    function mark(part, words) {
      const isField = part.matches("input, select");
      (isField ? part.parentElement : part).classList.add("faulty");
      const told = document.getElementById(`${part.id}-f`) ?? Object.assign(document.createElement("p"), { id: `${part.id}-f`, className: "fault" });
      told.textContent = `${told.textContent} ${/[.!?]$/.test(words) ? words : `${words}.`}`.trim();
      if (isField) {
        part.before(told);
        part.setAttribute("aria-invalid", "true");
        if (!part.getAttribute("aria-describedby")?.includes(told.id)) part.setAttribute("aria-describedby", `${part.getAttribute("aria-describedby") ?? ""} ${told.id}`.trim());
      } else part.querySelector("legend").after(told);
    }

    function clearMarks() {
      for (const told of form.querySelectorAll(".fault")) unmark(told.id.slice(0, -2));
    }

    // Nor stands what was wrong with a part beside what it was changed to, or in the summary.
    function unmark(id) {
      const told = document.getElementById(`${id}-f`);
      if (!told) return;
      told.remove();
      const part = document.getElementById(id);
      part.closest(".faulty")?.classList.remove("faulty");
      if (part.hasAttribute("aria-invalid")) {
        part.removeAttribute("aria-invalid");
        part.setAttribute("aria-describedby", part.getAttribute("aria-describedby").split(" ").filter(name => name !== told.id).join(" "));
      }
      const box = document.getElementById("refusal");
      for (const link of box.querySelectorAll(`li a[href="#${CSS.escape(id)}"]`)) link.parentElement.remove();
      if (!box.querySelector("li")) box.hidden = true;
    }

    // Another project allows other things: the page is written anew for it, with what was chosen so far.
    const project = form.querySelector("[name=project]");
    project?.addEventListener("change", async () => {
      await keepFile(file.files[0]);
      location.search = new URLSearchParams(filled(form));
    });
    // So has another outcome another price.
    const outcome = form.querySelector("[name=outcome]");
    const showPrice = async () => {
      const asked = new URLSearchParams(filled(form)).toString();
      const answer = await fetch(`${location.pathname}?${asked}`, { headers: { "Accept": "text/html" } }).catch(() => null);
      if (!answer?.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-price]");
      // Unless something else was chosen meanwhile.
      if (fresh && asked === new URLSearchParams(filled(form)).toString()) document.querySelector("[data-price]").replaceChildren(...fresh.childNodes);
    };
    outcome?.addEventListener("change", showPrice);
    takeFile(file);
    form.addEventListener("input", update);
    form.addEventListener("change", event => {
      if (event.target === file) maps = 1;
      for (const id of [event.target.id, event.target.closest("fieldset[id]")?.id]) if (id) unmark(id);
      update();
    });
    update();
    // Who comes back to the page finds what they had chosen, which the browser fills in without a word to anybody.
    addEventListener("pageshow", event => {
      if (event.persisted) return;
      // The page was written for this project.
      if (project) project.selectedIndex = written(project);
      update();
      if (outcome && outcome.selectedIndex !== written(outcome)) showPrice();
      if (file.files.length) file.dispatchEvent(new Event("change", { bubbles: true }));
    });
    const drop = form.querySelector(".drop");
    drop.addEventListener("dragover", event => event.preventDefault());
    drop.addEventListener("drop", event => {
      event.preventDefault();
      file.files = event.dataTransfer.files;
      file.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }

  // Which choice the page was written with.
  function written(select) {
    return Math.max(0, [...select.options].findIndex(option => option.defaultSelected));
  }

  // A page that is written anew has no file. Where the browser has a store for pages, it is there in between, and for no longer.
  async function keepFile(file) {
    try {
      if (file) await (await caches.open("question")).put("/map", new Response(file, { headers: { "Lazaret-Name": encodeURIComponent(file.name), "Lazaret-Kept": Date.now() } }));
    } catch { /* No store, or no room in it: the file is chosen again. */ }
  }

  async function takeFile(field) {
    const kept = await window.caches?.match("/map", { cacheName: "question" }).catch(() => null);
    if (!kept) return;
    const content = await kept.blob();
    await caches.delete("question");
    if (Date.now() - kept.headers.get("Lazaret-Kept") > 30000 || field.files.length) return;
    const files = new DataTransfer();
    files.items.add(new File([content], decodeURIComponent(kept.headers.get("Lazaret-Name"))));
    field.files = files.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // What is chosen and typed; not the file, nor the page's mark.
  function filled(form) {
    return [...new FormData(form)].filter(([name, value]) => !["map_file", "once"].includes(name) && value !== "");
  }

  // The fields of the interface: of the boxes and edges that the page's form has, it makes two of them, as the node does.
  function fieldsOf(form) {
    const [fields, filters, covariates] = [new Map(), {}, []];
    for (const [name, value] of filled(form)) {
      const [part, of] = [name.split(":", 1)[0], name.slice(name.indexOf(":") + 1)];
      if (part === "level") (filters[of] ??= []).push(value);
      else if (part === "min" || part === "max") (filters[of] ??= {})[part] = Number(value);
      else if (name === "covariate") covariates.push(value);
      else fields.set(name, value);
    }
    try {
      for (const [name, value] of Object.entries(JSON.parse(fields.get("filters") ?? "{}"))) filters[name] = Array.isArray(filters[name]) ? filters[name].concat(value) : value;
      fields.delete("filters");
      if (Object.keys(filters).length) fields.set("filters", JSON.stringify(filters));
    } catch { /* What is typed is no JSON yet, and stays as it is. */ }
    if (covariates.length) fields.set("covariates", [...covariates, ...(fields.has("covariates") ? [fields.get("covariates")] : [])].join(","));
    return [...fields];
  }

  // The same request as a command, and as a program. Without a map's name it has none.
  function tell(form, map) {
    const fields = fieldsOf(form);
    // Where a proxy puts the node below another path, this is below it, too.
    const address = new URL(form.dataset.jobs, location.href).href;
    const write = (place, lines) => { const said = document.querySelector(place); if (said) said.textContent = lines.join("\n"); };
    const quoted = text => `'${text.replaceAll("'", "'\\''")}'`;
    write("[data-curl]", ["curl -H \"Authorization: Bearer $KEY\" \\", ...(map ? [`  -F ${quoted(`map_file=@"${map.replace(/[\\"]/g, "\\$&")}"`)} \\`] : []), ...fields.map(([name, value]) => `  -F ${quoted(`${name}=${value}`)} \\`), `  ${address}`]);
    // What JSON writes as a text, Python reads as one. Without a file, fields are parts of a form by being files without a name.
    const text = JSON.stringify;
    write("[data-python]", ["import os, requests", "", "answer = requests.post(", `    ${text(address)},`, "    headers={\"Authorization\": f\"Bearer {os.environ['KEY']}\"},",
      ...(map ? [`    files={"map_file": open(${text(map)}, "rb")},`, "    data={"] : ["    files={"]),
      ...fields.map(([name, value]) => `        ${text(name)}: ${map ? text(value) : `(None, ${text(value)})`},`), "    },", ")", "print(answer.json())"]);
  }
})();
