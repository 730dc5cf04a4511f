// Selects faxes of a list, a page or a stretch at once, and hears the keys that its help lists.

const form = document.getElementById("chosen");
const all = document.querySelector("[data-pick-all]");
const told = document.querySelector("[data-picked]");
const list = document.getElementById("fax-list");
let last = null;

const boxes = () => [...document.querySelectorAll(".row-pick input")];
const picked = () => boxes().filter((box) => box.checked);

/** Say how many are selected. */
function tell() {
  const count = picked().length;
  const words = count ? told.dataset.words.replace("{n}", count) : "";
  if (told.textContent !== words) told.textContent = words;
  all.checked = count > 0 && count === boxes().length;
  all.indeterminate = count > 0 && !all.checked;
}

/** Select, or not, all from the box clicked last to this one. */
function stretch(box) {
  const row = boxes();
  const [from, to] = [row.indexOf(last), row.indexOf(box)].sort((one, other) => one - other);
  if (from < 0) return;
  for (const each of row.slice(from, to + 1)) each.checked = box.checked;
}

document.addEventListener("click", (event) => {
  const box = event.target.closest?.(".row-pick input");
  if (!box) return;
  if (event.shiftKey && last) stretch(box);
  last = box;
  tell();
});
// A click on the place around the box would mark text while Shift is held.
list.addEventListener("mousedown", (event) => {
  if (event.shiftKey && event.target.closest(".row-pick")) event.preventDefault();
});
all.addEventListener("change", () => {
  for (const box of boxes()) box.checked = all.checked;
  tell();
});
document.addEventListener("portal:merged", tell);
window.addEventListener("pageshow", tell);
all.disabled = false;
tell();

// --- Keys ---------------------------------------------------------------------------------------

const rows = () => [...document.querySelectorAll("li.row")];
const here = () => document.activeElement.closest("li.row");

function move(by) {
  const every = rows();
  const at = every.indexOf(here());
  const next = at < 0 ? every[0] : every[Math.min(Math.max(at + by, 0), every.length - 1)];
  next?.querySelector(".row-link").focus();
}

function pick() {
  const box = here()?.querySelector(".row-pick input");
  if (!box) return;
  box.checked = !box.checked;
  last = box;
  tell();
}

/** Do what a button of the bar does to what is selected, or to the fax that one is at. */
function press(key) {
  const button = form.querySelector(`[data-key="${key}"]`);
  if (!button) return;
  if (!picked().length) pick();
  if (picked().length) form.requestSubmit(button);
}

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  x: pick,
  e: () => press("e"),
  "#": () => press("#"),
  "/": () => document.getElementById("q").focus(),
  "?": () => document.getElementById("keys-help").showPopover(),
};

/** Whether somebody is writing or choosing, and means the letter itself. */
function busy(target) {
  return (
    target.isContentEditable ||
    target.matches("textarea, select, input:not([type=checkbox], [type=radio])") ||
    document.querySelector("[popover]:popover-open, dialog[open]")
  );
}

if (form.dataset.keys === "on") {
  document.addEventListener("keydown", (event) => {
    const does = Object.hasOwn(KEYS, event.key) && KEYS[event.key];
    const held = event.ctrlKey || event.metaKey || event.altKey;
    if (!does || held || event.repeat && event.key === "e" || busy(event.target)) return;
    event.preventDefault();
    does();
  });
}
