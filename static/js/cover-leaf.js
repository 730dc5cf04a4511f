// The cover page of a new fax: drawn anew as one types, and shown before the documents' pages.

const form = document.getElementById("compose");
const documents = document.getElementById("documents-field");
const trouble = document.getElementById("cover-trouble");
const WATCHED = ["cover", "to", "subject", "message", "faxbox", "quality", "when", "send_at"];
const QUIET = 400; // milliseconds without a key
const WIDTH = 864;
let timer = 0;
let asking = null; // the request under way
let picture = ""; // the address of the picture at hand

const leaf = () => document.getElementById("cover-leaf");
const strip = () => document.getElementById("strip");

function place() {
  if (!strip()) documents.append(document.getElementById("strip-parts").content.cloneNode(true));
  if (!leaf()) strip().querySelector(".strip-pages").prepend(document.getElementById("cover-parts").content.cloneNode(true));
}

function remove() {
  leaf()?.remove();
  if (strip() && !strip().querySelector(".leaf")) strip().remove();
  number();
}

/** Number the pages as they will arrive, the cover's first. */
function number() {
  if (!strip()) return;
  const leaves = [...strip().querySelectorAll(".leaf")];
  const first = leaf();
  const own = first ? Number(first.dataset.pages) : 0;
  const total = leaves.length + (first ? own - 1 : 0);
  const words = strip().querySelector(".strip-pages").dataset.words;
  leaves.forEach((one, index) => {
    const page = index + 1 + (first && index ? own - 1 : 0);
    const range = one === first && own > 1 ? `1–${own}` : String(page);
    one.querySelector("img").alt = words.replace("{page}", range).replace("{pages}", total);
    one.querySelector("figcaption").textContent = range;
  });
  const title = document.getElementById("strip-title");
  title.textContent = total === 1 ? title.dataset.one : title.dataset.many.replace("{n}", total);
}

function show(blob, pages) {
  place();
  const former = picture;
  picture = URL.createObjectURL(blob);
  leaf().dataset.pages = pages;
  leaf().querySelector("img").src = picture;
  leaf().querySelector("a").href = picture;
  if (former) URL.revokeObjectURL(former);
  number();
}

function tell(words) {
  trouble.textContent = words;
  trouble.hidden = !words;
}

async function draw() {
  asking?.abort();
  if (!form.elements.cover.value) {
    tell("");
    remove();
    return;
  }
  asking = new AbortController();
  const typed = new FormData(form);
  typed.delete("documents");
  try {
    const answer = await fetch(`${form.dataset.picture}?width=${WIDTH}`, {
      method: "POST",
      body: typed,
      signal: asking.signal,
    });
    if (answer.status === 200 && !answer.redirected) {
      tell("");
      show(await answer.blob(), answer.headers.get("Cover-Pages"));
    } else {
      tell(answer.status === 422 ? await answer.text() : trouble.dataset.lost);
      remove();
    }
  } catch (error) {
    if (error.name === "AbortError") return;
    tell(trouble.dataset.lost);
    remove();
  }
}

function soon(wait) {
  clearTimeout(timer);
  timer = setTimeout(draw, wait);
}

for (const kind of ["input", "change"]) {
  form.addEventListener(kind, (event) => {
    if (!WATCHED.includes(event.target.name)) return;
    if (event.target.name === "cover" || form.elements.cover.value) soon(event.target.name === "cover" ? 0 : QUIET);
  });
}

// Other documents came, with the cover drawn anew before them, unless it could not be.
document.addEventListener("portal:merged", () => {
  if (form.elements.cover.value && !leaf()) soon(0);
});
if (form.elements.cover.value && !leaf()) soon(0);
