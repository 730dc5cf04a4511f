// A page, larger, over the page that shows it small. Without this the link leads to the picture.

const dialog = document.createElement("dialog");
dialog.className = "zoom";
dialog.setAttribute("aria-labelledby", "zoom-title");
const template = document.getElementById("zoom-parts");
dialog.append(template.content.cloneNode(true));
document.body.append(dialog);

const picture = dialog.querySelector("img");
const title = dialog.querySelector("#zoom-title");
const [before, after] = dialog.querySelectorAll("[data-step]");
const links = () => [...document.querySelectorAll("a[data-zoom]")];
let place = 0;

function show(where) {
  const all = links();
  place = Math.max(0, Math.min(where, all.length - 1));
  const words = all[place].querySelector("img").alt;
  picture.src = all[place].href;
  picture.alt = words;
  title.textContent = words;
  before.disabled = place === 0;
  after.disabled = place === all.length - 1;
  dialog.querySelector(".zoom-sheet").scrollTo(0, 0);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-zoom]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  show(links().indexOf(link));
  dialog.showModal();
});

dialog.addEventListener("click", (event) => {
  const step = event.target.closest("[data-step]");
  if (step) show(place + Number(step.dataset.step));
  else if (event.target.closest("[data-close]") || event.target.closest(".zoom-sheet")) dialog.close();
});

dialog.addEventListener("keydown", (event) => {
  const ahead = document.dir === "rtl" ? -1 : 1;
  if (event.key === "ArrowRight") show(place + ahead);
  if (event.key === "ArrowLeft") show(place - ahead);
});

dialog.addEventListener("close", () => links()[place]?.focus());
