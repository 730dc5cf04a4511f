// The documents of a new fax: chosen, dropped, pasted or photographed, one after the other, and
// shown as fax pages at once.

const form = document.getElementById("compose");
const field = () => document.getElementById("documents-field");
const input = () => document.getElementById("documents");
const upload = () => form.querySelector("[name=upload]");
const QUIET = 600; // milliseconds without a key, until what it costs is asked for
let turn = Promise.resolve(); // whatever changes documents or pages waits for what came before
let changing = 0; // how many changes are not over yet
let failed = false; // whether one of them came to nothing

/** Send the form to a part's own address; whether its answer stands in its place now. */
function post(part, data) {
  return new Promise((done) => {
    part.addEventListener("portal:posted", ({ detail }) => done(detail), { once: true });
    part.dispatchEvent(new CustomEvent("portal:post", { bubbles: true, detail: data }));
  });
}

/** Have the documents' part of the form made anew, with more files or another thing done to it. */
function change({ files = [], values = {} }) {
  if (!changing) failed = false;
  changing += 1;
  turn = turn.then(() => made(files, values)).catch(() => {
    failed = true;
  }).finally(() => {
    changing -= 1;
  });
}

async function made(files, values) {
  const data = new FormData(form);
  data.delete("documents");
  for (const file of files) data.append("documents", file);
  for (const [name, value] of Object.entries(values)) data.append(name, value);
  const came = await post(field(), data);
  input().value = "";
  if (!came || input().hasAttribute("aria-invalid")) failed = true;
  if (!came && files.length) document.getElementById("documents-lost").hidden = false;
}

function add(files) {
  if (files.length) change({ files: [...files] });
}

document.addEventListener("compose:change", (event) => change({ values: event.detail }));

form.addEventListener("change", (event) => {
  if (event.target.name === "documents") {
    add(event.target.files);
    event.target.value = "";
  } else if (event.target.name === "quality" && upload()) change({});
});

form.addEventListener("click", (event) => {
  const fill = event.target.closest("[data-fill]");
  if (fill) {
    const target = document.getElementById(fill.dataset.fill);
    target.value = target.value.trim() ? `${target.value.trim()}\n${fill.dataset.value}` : fill.dataset.value;
    target.focus();
  }
});

// Until this script had come they would have been pressed in vain.
for (const fill of form.querySelectorAll("[data-fill]")) fill.disabled = false;

// Files dropped anywhere on the page are meant for the fax.
const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
function hovering(yes) {
  document.getElementById("drop").classList.toggle("over", yes);
  document.getElementById("drop-here").hidden = !yes;
}
document.addEventListener("dragover", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  hovering(true);
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) hovering(false);
});
document.addEventListener("drop", (event) => {
  hovering(false);
  if (!carriesFiles(event)) return;
  event.preventDefault();
  add(event.dataTransfer.files);
});

// Files, or a picture, from the clipboard; with text beside them it is the text that is meant.
document.addEventListener("paste", (event) => {
  const { files, types } = event.clipboardData ?? {};
  if (!files?.length || [...types].includes("text/plain")) return;
  event.preventDefault();
  const { pasted } = input().dataset;
  add([...files].map((file) => {
    if (file.name && file.name !== "image.png") return file;
    return new File([file], `${pasted}.${file.type.split("/")[1] ?? "png"}`, { type: file.type });
  }));
});

// What was chosen before this script had come, on a slow line or kept by a reload.
document.addEventListener("DOMContentLoaded", () => {
  if (input()?.files.length) add(input().files);
});

// What it takes and costs is told again when something that counts has changed.
let timer = 0;
function reckon() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    const data = new FormData(form);
    data.delete("documents");
    post(document.getElementById("estimate"), data);
  }, QUIET);
}
for (const kind of ["input", "change"]) {
  form.addEventListener(kind, (event) => {
    if (upload() && !["documents", "quality"].includes(event.target.name)) reckon();
  });
}
document.addEventListener("portal:merged", (event) => {
  if (event.detail.target === field()) reckon();
});

document.addEventListener("portal:progress", (event) => {
  const bar = document.querySelector("#working progress");
  if (!bar || !event.detail) {
    bar?.removeAttribute("value");
    return;
  }
  bar.max = event.detail.total;
  bar.value = event.detail.loaded;
});

// One press sends one fax.
const send = form.querySelector("[data-busy]");
const words = send.querySelector("span");
const idle = words.textContent;

function busy(yes) {
  form.toggleAttribute("data-sent", yes);
  send.setAttribute("aria-disabled", String(yes));
  words.textContent = yes ? send.dataset.busy : idle;
}

// What is under way when Send is pressed goes along; if it came to nothing, nothing goes.
let awaited = false;
form.addEventListener(
  "submit",
  async (event) => {
    if (!changing) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (awaited) return;
    const { submitter } = event;
    awaited = true;
    if ((submitter?.value ?? "send") === "send") busy(true);
    while (changing) await turn;
    awaited = false;
    busy(false);
    if (!failed) return form.requestSubmit(submitter);
    const lost = document.getElementById("documents-lost");
    lost.hidden = input().hasAttribute("aria-invalid");
    (lost.hidden ? field() : lost).scrollIntoView({ block: "center" });
  },
  { capture: true },
);

form.addEventListener("submit", (event) => {
  if (form.hasAttribute("data-sent")) event.preventDefault();
  else if ((event.submitter?.value ?? "send") === "send") busy(true);
});
window.addEventListener("pageshow", () => busy(false));
