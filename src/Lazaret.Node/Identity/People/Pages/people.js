"use strict";

const root = document.body.dataset.root;
const fault = document.querySelector("#fault");

function tell(words) {
  fault.textContent = words;
  fault.hidden = false;
  fault.focus();
}

async function post(path, content) {
  const answer = await fetch(root + path, { method: "POST", headers: { "Content-Type": "application/json", "Accept": "application/json" }, body: JSON.stringify(content) });
  const body = await answer.json();
  if (!answer.ok)
    throw new Error(body.detail);
  return body;
}

async function signIn() {
  const options = PublicKeyCredential.parseRequestOptionsFromJSON(await post("/sign-in/passkey/options", {}));
  const credential = await navigator.credentials.get({ publicKey: options });
  return post("/sign-in/passkey", { credential: credential.toJSON() });
}

async function setUp(link) {
  const options = PublicKeyCredential.parseCreationOptionsFromJSON(await post("/sign-in/setup/passkey/options", { link }));
  const credential = await navigator.credentials.create({ publicKey: options });
  return post("/sign-in/setup/passkey", { link, credential: credential.toJSON() });
}

for (const button of document.querySelectorAll("[data-passkey]")) {
  button.addEventListener("click", async () => {
    if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
      tell("This browser does not support passkeys, or this page did not come over a secure connection.");
      return;
    }
    button.disabled = true;
    fault.hidden = true;
    try {
      location.assign((await (button.dataset.passkey === "sign-in" ? signIn() : setUp(button.dataset.link))).next);
    } catch (e) {
      // The browser says NotAllowedError for "cancelled", "timed out" and "there is none".
      tell(e.name === "NotAllowedError" ? "No passkey was used: you cancelled, it took too long, or this device has no passkey for this node." : e.message);
    } finally {
      button.disabled = false;
    }
  });
}

// A link's secret stands behind the #: it goes out of the address, and into the form.
const begin = document.querySelector("form[data-begin]");

function takeLink() {
  const link = location.hash.slice(1);
  if (link === "")
    return;
  history.replaceState(null, "", location.pathname);
  if (begin) {
    begin.elements.link.value = link;
    begin.requestSubmit();
  }
}

// A link that is opened in this tab changes nothing but what stands behind the #, and the browser loads no page: one without the form is replaced here.
window.addEventListener("hashchange", () => {
  if (begin || location.hash === "")
    takeLink();
  else
    location.replace(`${location.pathname}?new${location.hash}`);
});
takeLink();
