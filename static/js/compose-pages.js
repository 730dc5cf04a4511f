// The pages of a new fax: put in order by dragging; the buttons do their work without a new page.

const form = document.getElementById("compose");
const strip = () => document.querySelector("#strip .strip-pages");
// Where the focus goes when the button that was pressed is not there any more, or has no more use.
const INSTEAD = { earlier: "later", later: "earlier", remove: "back", back: "turn" };
let pressed = "";
let dragged = null;

const tell = (action) => document.dispatchEvent(new CustomEvent("compose:change", { detail: { action } }));

form.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=action]");
  if (!button || !/^(page|document)\./.test(button.value)) return;
  event.preventDefault();
  pressed = button.id;
  tell(button.value);
});

function refocus() {
  const [verb, page] = pressed.split("-");
  const found = [pressed, `${INSTEAD[verb]}-${page}`].map((id) => document.getElementById(id));
  (found.find((one) => one && !one.disabled) ?? document.getElementById("documents")).focus();
  pressed = "";
}

function prepare() {
  for (const leaf of document.querySelectorAll("#strip .leaf[data-page]")) leaf.draggable = true;
}

document.addEventListener("portal:merged", (event) => {
  if (event.detail.target.id !== "documents-field") return;
  prepare();
  if (pressed) refocus();
});
prepare();

// --- Dragging ---------------------------------------------------------------------------------

/** The page that the pointer is over, and whether what is dropped there goes behind it. */
function spot(event) {
  const leaf = event.target.closest?.("#strip .leaf[data-page]");
  if (!leaf) return null;
  const { left, width } = leaf.getBoundingClientRect();
  return { leaf, behind: event.clientX > left + width / 2 };
}

function mark(found) {
  for (const leaf of document.querySelectorAll(".drop-before, .drop-behind")) {
    leaf.classList.remove("drop-before", "drop-behind");
  }
  found?.leaf.classList.add(found.behind ? "drop-behind" : "drop-before");
}

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("#strip .leaf[data-page]") ?? null;
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/x-fax-page", dragged.dataset.page);
  dragged.classList.add("dragged");
});
document.addEventListener("dragover", (event) => {
  if (!dragged) return;
  const found = spot(event);
  if (found) event.preventDefault();
  mark(found);
});
document.addEventListener("drop", (event) => {
  const found = dragged && spot(event);
  if (!found || found.leaf === dragged) return;
  event.preventDefault();
  const rest = [...strip().querySelectorAll(".leaf[data-page]")].filter((leaf) => leaf !== dragged);
  const place = rest.indexOf(found.leaf) + 1 + (found.behind ? 1 : 0);
  tell(`page.place.${dragged.dataset.page}.${place}`);
});
document.addEventListener("dragend", () => {
  mark(null);
  dragged?.classList.remove("dragged");
  dragged = null;
});
