// The documents of a new fax: chosen or dropped, kept in order, and shown as fax pages at once.

const form = document.getElementById("compose");
const field = () => document.getElementById("documents-field");
const input = () => document.getElementById("documents");
const upload = () => form.querySelector("[name=upload]");
let chosen = []; // the files that are wanted
let shown = []; // the files of the preview at hand, as long as this page knows them

function preview() {
  const detail = new FormData(form);
  field().dispatchEvent(new CustomEvent("portal:post", { bubbles: true, detail }));
}

function show(files) {
  chosen = files;
  const data = new DataTransfer();
  for (const file of files) data.items.add(file);
  input().files = data.files;
  if (files.length) preview();
  else clear();
}

function clear() {
  shown = [];
  // The upload is not wanted any more; the next one takes its place.
  const left = upload();
  if (left) {
    left.name = "earlier";
    left.removeAttribute("id");
    form.append(left);
  }
  for (const id of ["sources", "strip", "documents-error"]) document.getElementById(id)?.remove();
  document.getElementById("drop").classList.remove("has", "invalid", "known");
  document.dispatchEvent(new CustomEvent("portal:cleared"));
}

/** Single documents can be removed and added as long as this page knows all of them. */
function offer() {
  const buttons = field().querySelectorAll("[data-remove]");
  const known = buttons.length > 0 && shown.length === buttons.length;
  for (const button of buttons) button.hidden = !known;
  document.getElementById("drop").classList.toggle("known", known);
}

form.addEventListener("change", (event) => {
  if (event.target.id === "documents") show([...shown, ...event.target.files]);
  else if (event.target.name === "quality" && upload()) preview();
});

form.addEventListener("click", (event) => {
  const remove = event.target.closest("[data-remove]");
  if (remove) show(shown.filter((_, place) => place !== Number(remove.dataset.remove)));
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
document.addEventListener("dragover", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  document.getElementById("drop").classList.add("over");
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) document.getElementById("drop").classList.remove("over");
});
document.addEventListener("drop", (event) => {
  document.getElementById("drop").classList.remove("over");
  if (!carriesFiles(event)) return;
  event.preventDefault();
  show([...shown, ...event.dataTransfer.files]);
});

// What was chosen before this script had come, on a slow line or kept by a reload.
document.addEventListener("DOMContentLoaded", () => {
  if (input()?.files.length) show([...input().files]);
});

document.addEventListener("portal:merged", () => {
  // Files that cannot be faxed are let go, so that the next choice begins from what is good. What
  // is shown is on the server; sending it again would be a second upload.
  if (!document.getElementById("documents-error") && chosen.length) shown = chosen;
  chosen = [];
  if (upload()) form.querySelector("[name=earlier]")?.remove();
  input().value = "";
  offer();
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

form.addEventListener("submit", (event) => {
  if (form.hasAttribute("data-sent")) event.preventDefault();
  else busy(true);
});
window.addEventListener("pageshow", () => busy(false));
