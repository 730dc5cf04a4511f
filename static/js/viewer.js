// How the pages of a fax are shown: how large, which way up, which of them, on the whole screen.
// Without this they stand one below the other, and links lead to larger pictures of each.

const TRUE_WIDTH = 816; // pixels: 8½ inches
const STEPS = [50, 75, 100, 125, 150, 200, 300, 400];
const ABOUT = 0.02; // a page that differs by more from its paper has a box of its own

const viewer = () => document.querySelector(".viewer");
const sheets = () => viewer().querySelector(".leaves");
const leaves = () => [...viewer().querySelectorAll(".leaf")];
const isFull = () => document.fullscreenElement === viewer();
let place = 0;

// --- Which page -----------------------------------------------------------------------------
const seen = new IntersectionObserver(
  (entries) => {
    const here = entries.find((entry) => entry.isIntersecting);
    if (here) mark(leaves().indexOf(here.target));
  },
  { rootMargin: "-40% 0px -59% 0px" },
);

function mark(where) {
  const all = leaves();
  place = Math.max(0, Math.min(where, all.length - 1));
  for (const link of viewer().querySelectorAll(".thumbs a")) {
    if (Number(link.dataset.page) === place + 1) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  const told = viewer().querySelector("[data-place]");
  if (!told) return;
  told.textContent = viewer().dataset.words.replace("{page}", place + 1).replace("{pages}", all.length);
  viewer().querySelector('[data-step="-1"]').disabled = place === 0;
  viewer().querySelector('[data-step="1"]').disabled = place === all.length - 1;
}

function go(where) {
  mark(where);
  leaves()[place].scrollIntoView({ block: "start", inline: "nearest" });
}

// --- How large ------------------------------------------------------------------------------
/** Do something to the size of pages, and keep what is looked at in sight. */
function keeping(change) {
  const leaf = leaves()[place];
  const before = leaf.getBoundingClientRect();
  const part = before.top < 0 ? -before.top / before.height : 0;
  change();
  const after = leaf.getBoundingClientRect();
  const by = before.top < 0 ? after.top + part * after.height : after.top - before.top;
  (isFull() ? sheets() : document.scrollingElement).scrollBy({ top: by, behavior: "instant" });
  for (const picture of sheets().querySelectorAll("img")) {
    picture.sizes = `${Math.round(picture.parentElement.clientWidth)}px`;
  }
}

function zoom(to) {
  const steps = to !== "width" && to !== "page";
  keeping(() => {
    viewer().dataset.zoom = steps ? "steps" : to;
    if (steps) sheets().style.setProperty("--sheet", `${Math.round((TRUE_WIDTH * to) / 100)}px`);
  });
  for (const button of viewer().querySelectorAll("[data-fit]")) {
    button.setAttribute("aria-pressed", String(button.dataset.fit === String(to)));
  }
}

function scale(by) {
  const now = (leaves()[place].clientWidth / TRUE_WIDTH) * 100;
  const further = by > 0 ? STEPS.find((step) => step > now + 1) : STEPS.findLast((step) => step < now - 1);
  if (further) zoom(further);
}

function turn() {
  const turned = (Number(viewer().dataset.turn ?? 0) + 90) % 360;
  keeping(() => {
    viewer().dataset.turn = turned;
  });
}

/** A page that is longer or shorter than its paper gets a box that fits it. */
function fit(picture) {
  if (!picture.naturalWidth) return;
  const leaf = picture.closest(".leaf");
  const ratio = picture.naturalWidth / picture.naturalHeight;
  if (Math.abs(ratio / expected(leaf) - 1) > ABOUT) leaf.style.setProperty("--ratio", ratio);
}

function expected(leaf) {
  const box = leaf.querySelector(".leaf-sheet");
  const turned = ["90", "270"].includes(viewer().dataset.turn);
  return turned ? box.clientHeight / box.clientWidth : box.clientWidth / box.clientHeight;
}

// --- The whole screen -----------------------------------------------------------------------
async function full() {
  if (isFull()) await document.exitFullscreen();
  else await viewer().requestFullscreen();
}

document.addEventListener("fullscreenchange", () => {
  if (!viewer()) return;
  viewer().querySelector("[data-full]").setAttribute("aria-pressed", String(isFull()));
  keeping(() => {});
  go(place);
  if (isFull()) sheets().focus({ preventScroll: true });
});

// --- Who asks -------------------------------------------------------------------------------
document.addEventListener("click", (event) => {
  const pressed = event.target.closest?.(".viewer button, .thumbs a, .leaf-sheet");
  if (!pressed || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  if (pressed.dataset.step) go(place + Number(pressed.dataset.step));
  else if (pressed.dataset.scale) scale(Number(pressed.dataset.scale));
  else if (pressed.dataset.fit) zoom(pressed.dataset.fit);
  else if (pressed.hasAttribute("data-turn-page")) turn();
  else if (pressed.hasAttribute("data-full")) full();
  else if (pressed.dataset.page) {
    event.preventDefault();
    go(Number(pressed.dataset.page) - 1);
  } else if (document.fullscreenEnabled) {
    event.preventDefault(); // else the link leads to the picture, to be enlarged with two fingers
    mark(leaves().indexOf(pressed.closest(".leaf")));
    full();
  }
});

const KEYS = {
  "+": () => scale(1),
  "=": () => scale(1),
  "-": () => scale(-1),
  r: turn,
  f: () => document.fullscreenEnabled && full(),
  PageUp: () => go(place - 1),
  PageDown: () => go(place + 1),
  Home: () => go(0),
  End: () => go(Infinity),
};
const AHEAD = document.dir === "rtl" ? -1 : 1;
const ACROSS = { ArrowLeft: () => go(place - AHEAD), ArrowRight: () => go(place + AHEAD) };

document.addEventListener("keydown", (event) => {
  if (!event.target.closest?.(".viewer") || event.ctrlKey || event.metaKey || event.altKey) return;
  const wide = sheets().scrollWidth > sheets().clientWidth + 1; // then one moves about with them
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const act = KEYS[key] ?? (wide ? undefined : ACROSS[key]);
  if (!act) return;
  event.preventDefault();
  act();
});

// --- Pages that have come -------------------------------------------------------------------
function begin() {
  seen.disconnect();
  if (!viewer()) return;
  for (const leaf of leaves()) {
    seen.observe(leaf);
    const picture = leaf.querySelector("img");
    if (picture.complete) fit(picture);
  }
  viewer().querySelector("[data-full]").hidden = !document.fullscreenEnabled;
  mark(place);
}

document.addEventListener("load", (event) => event.target.matches?.(".viewer .leaf img") && fit(event.target), true);
document.addEventListener("portal:merged", begin);
begin();
