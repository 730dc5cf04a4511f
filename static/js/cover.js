// A cover page that is being written: drawn anew as one types, just as it will be faxed.

const form = document.getElementById("cover-form");
const figure = document.getElementById("cover-figure");
const trouble = document.getElementById("cover-trouble");
const html = form.elements.html;
const QUIET = 500; // milliseconds without a key
let timer = 0;
let asking = null; // the request under way
let picture = ""; // the address of the picture at hand

function tell(words) {
  trouble.textContent = words;
  trouble.hidden = !words;
}

function show(blob) {
  const former = picture;
  picture = URL.createObjectURL(blob);
  figure.querySelector("img").src = picture;
  figure.querySelector("a").href = picture;
  if (former) URL.revokeObjectURL(former);
}

async function draw() {
  asking?.abort();
  asking = new AbortController();
  figure.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.dataset.picture, {
      method: "POST",
      body: new FormData(form),
      signal: asking.signal,
    });
    if (answer.status === 200 && !answer.redirected) {
      show(await answer.blob());
      tell("");
    } else if (answer.status === 422) {
      tell(await answer.text());
    } else tell(trouble.dataset.lost);
    figure.removeAttribute("aria-busy");
  } catch (error) {
    if (error.name === "AbortError") return;
    tell(trouble.dataset.lost);
    figure.removeAttribute("aria-busy");
  }
}

for (const kind of ["input", "change"]) {
  form.addEventListener(kind, (event) => {
    if (event.target.name === "name") return;
    if (event.target.name === "layout" && !form.elements.own_html.checked) {
      // What one would begin from is the layout that is chosen.
      html.value = form.querySelector(`[data-source="${event.target.value}"]`).value;
    }
    if (event.target === html) form.elements.own_html.checked = true;
    clearTimeout(timer);
    timer = setTimeout(draw, kind === "change" ? 0 : QUIET);
  });
}
// What was refused, or came back with the browser's own step back, differs from what is stored.
if (form.querySelector("[role=alert]")) draw();
window.addEventListener("pageshow", (event) => event.persisted && draw());
