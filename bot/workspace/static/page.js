"use strict";
// What the page does: it sends what a person does, and draws anew what has changed.

const body = document.body;
const token = document.querySelector("meta[name=csrf-token]").content;
const drawn = new Map();
let version = body.dataset.version;

const regions = (root) => [...root.querySelectorAll("[data-region]")];
const warning = (error) =>
  error === "operation_timeout" || error === "dispatch_failed"
    ? `This app is not responding (${error}).`
    : `That did not work (${error}).`;

let composed = false; // whether the person typed something that is not answered yet

function toast(text, act = null) {
  const notes = [...document.getElementById("toasts").children];
  notes.find((other) => other.textContent === text)?.remove();
  const note = document.createElement(act ? "button" : "div");
  note.className = "toast";
  note.textContent = text;
  if (act)
    note.addEventListener("click", () => {
      note.remove();
      act();
    });
  document.getElementById("toasts").append(note);
  setTimeout(() => note.remove(), 6000);
}

async function send(act) {
  try {
    const answer = await fetch("/act", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": token },
      body: JSON.stringify({ user: body.dataset.user, ...act }),
    });
    if (answer.status === 403) location.reload();
    return await answer.json();
  } catch {
    return { error: "connection_lost" };
  }
}

// ── values ────────────────────────────────────────────────────────────────────────────────────

function inputs(root) {
  return [...root.querySelectorAll("input[name], select[name], textarea[name]")];
}

function valueOf(input, root) {
  if (input.type === "radio" || input.type === "checkbox") {
    const same = inputs(root).filter((other) => other.name === input.name && other.checked);
    const chosen = same.map((other) => other.value);
    return input.type === "radio" ? (chosen[0] ?? null) : chosen;
  }
  if (input.multiple) return [...input.selectedOptions].map((option) => option.value);
  if (input.type === "datetime-local")
    return input.value ? Date.parse(`${input.value}Z`) / 1000 : null;
  return input.value === "" ? null : input.value;
}

function valuesOf(root) {
  return Object.fromEntries(inputs(root).map((input) => [input.name, valueOf(input, root)]));
}

function keepTouched(before, after) {
  const touched = inputs(before).filter((input) => input.dataset.touched);
  for (const input of inputs(after)) {
    const choice = input.type === "radio" || input.type === "checkbox";
    const old = touched.find((o) => o.name === input.name && (!choice || o.value === input.value));
    if (!old) continue;
    input.dataset.touched = "yes";
    if (choice) input.checked = old.checked;
    else if (input.multiple)
      for (const option of input.options)
        option.selected = [...old.selectedOptions].some((chosen) => chosen.value === option.value);
    else input.value = old.value;
  }
}

// ── drawing ───────────────────────────────────────────────────────────────────────────────────

const usable = (root) => [...root.querySelectorAll("button, summary, a[href], input, select, textarea")];

/** Finds again what has the focus: by its name, or else by its place, as a new button has a new name. */
function focused() {
  const at = document.activeElement;
  if (!at || at === body) return () => null;
  if (at.id) return () => document.getElementById(at.id);
  const region = at.closest("[data-region]");
  const message = at.closest("[data-ts]");
  const inside = [
    region ? `[data-region="${region.dataset.region}"] ` : "",
    message ? `[data-ts="${message.dataset.ts}"] ` : "",
  ].join("");
  const value = at.dataset.value ? `[data-value="${CSS.escape(at.dataset.value)}"]` : "";
  const name = at.name && `${inside}[name="${CSS.escape(at.name)}"]${value}`;
  const place = message ? usable(message).indexOf(at) : -1;
  return () =>
    (name && document.querySelector(name)) ||
    (place < 0 ? null : usable(document.querySelector(inside) ?? body)[place]);
}

function showModal() {
  const dialog = document.querySelector("[data-region=modal] dialog");
  if (!dialog || dialog.open) return;
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    close(dialog);
  });
  dialog.showModal();
  const first = dialog.querySelector("[aria-invalid=true], [autofocus]") ?? inputs(dialog)[0];
  first?.focus();
}

const answers = (region) => [...region.querySelectorAll("[data-ephemeral]")];

/** An answer to what was typed is shown; one to a click is told of: the card stays where it is. */
function pointToAnswers(region, known) {
  const fresh = answers(region).filter((answer) => !known.has(answer.dataset.ts));
  if (!fresh.length) return;
  if (composed) fresh.at(-1).scrollIntoView({ block: "nearest" });
  else if (fresh.at(-1).getBoundingClientRect().top > region.getBoundingClientRect().bottom)
    toast("Triage answered, further down ↓", () =>
      answers(region).at(-1)?.scrollIntoView({ block: "nearest" }),
    );
  composed = false;
}

function replaceRegion(now, next, html) {
  const known = new Set(answers(now).map((answer) => answer.dataset.ts));
  const bottom = now.scrollHeight - now.scrollTop - now.clientHeight < 60;
  const top = now.scrollTop;
  const open = [...now.querySelectorAll("details[open]")].map((menu) => menu.dataset.key);
  const [was, will] = [now.querySelector("[data-view-id]"), next.querySelector("[data-view-id]")];
  if (was && will && was.dataset.viewId === will.dataset.viewId) keepTouched(was, will);
  now.replaceChildren(...next.childNodes);
  for (const menu of now.querySelectorAll("details[data-key]"))
    if (open.includes(menu.dataset.key)) menu.open = true;
  const follows = now.dataset.region !== "sidebar" && !now.querySelector(".home");
  now.scrollTop = bottom && follows ? now.scrollHeight : top;
  pointToAnswers(now, known);
  drawn.set(now.dataset.region, html);
}

let letGo = Promise.resolve(); // a click is lost where what is pressed is drawn anew meanwhile
document.addEventListener("pointerdown", (event) => {
  if (event.button) return; // a menu of the browser's may take the release
  letGo = new Promise((resolve) => {
    for (const end of ["pointerup", "pointercancel"])
      document.addEventListener(end, () => setTimeout(resolve), { once: true });
  });
});

async function refresh() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) {
    toast(`The page could not be drawn (HTTP ${answer.status}).`);
    return;
  }
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  await letGo;
  const find = focused();
  let changed = false;
  for (const now of regions(document)) {
    const next = fresh.querySelector(`[data-region=${now.dataset.region}]`);
    const html = next.innerHTML;
    if (html === drawn.get(now.dataset.region)) continue;
    replaceRegion(now, next, html);
    changed = true;
  }
  showModal();
  if (changed && document.activeElement === body) find()?.focus();
  version = fresh.body.dataset.version;
  body.dataset.drawn = version;
}

let refreshing = null;
let again = false;
function refreshSoon() {
  if (refreshing) {
    again = true;
    return refreshing;
  }
  refreshing = refresh()
    .catch(() => {})
    .finally(() => {
      refreshing = null;
      if (again) {
        again = false;
        refreshSoon();
      }
    });
  return refreshing;
}

function listen() {
  const live = new EventSource("/live");
  live.onmessage = (event) => {
    if (event.data !== String(version)) refreshSoon();
  };
  live.onerror = () => {
    live.close();
    setTimeout(poll, 1000);
  };
}

async function poll() {
  try {
    const answer = await (await fetch("/version")).json();
    if (String(answer.version) !== String(version)) await refreshSoon();
    listen();
  } catch {
    setTimeout(poll, 2000);
  }
}

// ── what a person does ────────────────────────────────────────────────────────────────────────

function confirmed(element) {
  if (!element.dataset.confirm) return Promise.resolve(true);
  const asked = JSON.parse(element.dataset.confirm);
  const dialog = document.getElementById("confirm");
  document.getElementById("confirm-title").textContent = asked.title.text;
  document.getElementById("confirm-text").textContent = asked.text.text;
  document.getElementById("confirm-deny").textContent = asked.deny.text;
  const yes = document.getElementById("confirm-yes");
  yes.textContent = asked.confirm.text;
  yes.classList.toggle("danger", asked.style === "danger");
  dialog.returnValue = "deny";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "confirm"), {
      once: true,
    });
  });
}

const isBusy = (element) => element.getAttribute("aria-busy") === "true";

/** It is not disabled meanwhile: whoever uses the keyboard would lose their place. */
async function busy(element, work) {
  element.setAttribute("aria-busy", "true");
  try {
    return await work();
  } finally {
    element.removeAttribute("aria-busy");
  }
}

function report(answer, dialog) {
  if (!answer.error) return;
  const line = dialog?.isConnected ? dialog.querySelector(".modal-error") : null;
  if (!line) {
    toast(warning(answer.error));
    return;
  }
  line.textContent = warning(answer.error);
  line.hidden = false;
}

async function use(element, value) {
  if (isBusy(element) || !(await confirmed(element))) return;
  const view = element.closest("[data-view-id]");
  const message = element.closest("[data-ts]");
  const where = view
    ? { kind: "use", view_id: view.dataset.viewId, values: valuesOf(view) }
    : {
        kind: "click",
        channel: message.dataset.channel,
        ts: message.dataset.ts,
        values: valuesOf(message),
      };
  const { blockId: block_id, actionId: action_id } = element.dataset;
  const shown = element.closest("details")?.querySelector("summary") ?? element;
  const answer = await busy(shown, () => send({ ...where, block_id, action_id, value }));
  report(answer, view?.closest("dialog"));
}

async function submit(form) {
  const dialog = form.closest("dialog");
  const button = form.querySelector("[data-submit]");
  if (!button || isBusy(button)) return;
  dialog.querySelector(".modal-error").hidden = true;
  const answer = await busy(button, () =>
    send({ kind: "submit", view_id: dialog.dataset.viewId, values: valuesOf(form) }),
  );
  await refreshSoon();
  report(answer, dialog);
}

async function close(dialog) {
  const answer = await send({ kind: "close", view_id: dialog.dataset.viewId });
  await refreshSoon();
  report(answer, null);
}

async function compose(form) {
  const field = form.querySelector("textarea");
  const text = field.value.trim();
  if (!text) return;
  const [command, ...rest] = text.split(/\s+/);
  const act = command.startsWith("/")
    ? { kind: "command", command, text: text.slice(command.length).trim() }
    : { kind: "say", text, thread_ts: form.dataset.thread };
  field.value = "";
  composed = true;
  const answer = await busy(form.querySelector("button"), () =>
    send({ ...act, channel: body.dataset.channel }),
  );
  if (act.kind === "say") report(answer, null);
  field.focus();
}

async function go(address) {
  location.assign(address);
}

document.addEventListener("click", (event) => {
  const target = event.target.closest("button, a, summary");
  for (const menu of document.querySelectorAll("details.overflow[open]"))
    if (!menu.contains(event.target)) menu.open = false;
  if (!target) return;
  if (target.matches("[data-close]")) close(target.closest("dialog"));
  else if (target.matches(".menu-toggle")) {
    const open = body.classList.toggle("menu-open");
    target.setAttribute("aria-expanded", String(open));
  } else if (target.matches("[data-shortcut]")) {
    const message = target.closest("[data-ts]");
    target.closest("details").open = false;
    send({
      kind: "shortcut",
      channel: message.dataset.channel,
      ts: message.dataset.ts,
      callback_id: target.dataset.shortcut,
    }).then((answer) => report(answer, null));
  } else if (target.matches("[role=menuitem]")) {
    target.closest("details").open = false;
    if (target.dataset.url) window.open(target.dataset.url, "_blank", "noopener,noreferrer");
    use(target, target.dataset.value);
  } else if (target.matches("button[data-action-id], a[data-action-id]")) use(target, null);
  else if (body.classList.contains("menu-open") && !target.closest(".sidebar"))
    body.classList.remove("menu-open");
});

document.addEventListener("toggle", (event) => {
  const menu = event.target.querySelector?.(".menu");
  if (!menu || !event.target.open) return;
  menu.classList.remove("up");
  menu.style.translate = "";
  const room = document.documentElement.clientHeight;
  menu.classList.toggle("up", menu.getBoundingClientRect().bottom > room - 8);
  const beyond = menu.getBoundingClientRect().right - document.documentElement.clientWidth + 8;
  if (beyond > 0) menu.style.translate = `${-beyond}px`;
  menu.querySelector("button")?.focus();
}, true);

document.addEventListener("input", (event) => {
  if (event.target.name) event.target.dataset.touched = "yes";
  if (event.target.closest("[data-composer]")) {
    event.target.style.height = "auto";
    event.target.style.height = `${event.target.scrollHeight}px`;
  }
});

document.addEventListener("change", (event) => {
  const target = event.target;
  if (target.id === "act-as") go(target.selectedOptions[0].dataset.link);
  else if (target.dataset.actionId && (!target.closest(".block-input") || dispatches(target)))
    use(target, valueOf(target, target.closest("[data-view-id], [data-ts]")));
});

function dispatches(input) {
  return input.closest("[data-dispatch]") !== null;
}

document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-composer]")) {
    event.preventDefault();
    compose(event.target);
  } else if (event.target.matches("[data-modal]")) {
    event.preventDefault();
    submit(event.target);
  }
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.overflow[open]");
  if (menu && event.key === "Escape") {
    menu.open = false;
    menu.querySelector("summary").focus();
    event.preventDefault();
  } else if (menu && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    const items = [...menu.querySelectorAll("[role=menuitem]")];
    const step = event.key === "ArrowDown" ? 1 : -1;
    items.at((items.indexOf(document.activeElement) + step) % items.length).focus();
    event.preventDefault();
  } else if (
    event.key === "Enter" && !event.shiftKey && !event.isComposing &&
    event.target.matches("[data-composer] textarea")
  ) {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
});

for (const region of regions(document)) drawn.set(region.dataset.region, region.innerHTML);
for (const region of document.querySelectorAll("main .scroll:not(:has(.home)), .thread .scroll")) {
  const latest = [...region.querySelectorAll("article")].at(-1);
  if (latest?.offsetHeight > region.clientHeight) latest.scrollIntoView();
  else region.scrollTop = region.scrollHeight;
}
showModal();
if (new URLSearchParams(location.search).get("tab") === "home") send({ kind: "home" });
body.dataset.drawn = version;
listen();
