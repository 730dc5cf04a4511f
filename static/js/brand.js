// Choosing a colour by looking, and seeing a logo before it is sent.

const form = document.getElementById("brand-form");
const well = document.getElementById("accent-well");
const accent = document.getElementById("accent");
const chosen = { light: "", dark: "" };

well.addEventListener("input", () => {
  accent.value = well.value;
});

accent.addEventListener("input", () => {
  if (/^#[0-9a-f]{6}$/i.test(accent.value)) well.value = accent.value;
});

function show() {
  for (const scheme of ["light", "dark"]) {
    const url = chosen[scheme] || (scheme === "dark" && chosen.light);
    const pane = document.querySelector(`.brand-pane.${scheme} .card-brand`);
    if (!url || !pane) continue;
    const picture = document.createElement("img");
    picture.src = url;
    picture.alt = document.getElementById("product_name").value;
    const frame = document.createElement("span");
    frame.className = "logo";
    frame.append(picture);
    pane.replaceChildren(frame);
  }
}

form.addEventListener("change", (event) => {
  const scheme = { logo: "light", logo_dark: "dark" }[event.target.id];
  if (!scheme) return;
  if (chosen[scheme]) URL.revokeObjectURL(chosen[scheme]);
  const [file] = event.target.files;
  chosen[scheme] = file ? URL.createObjectURL(file) : "";
  show();
});

// How it would look, as soon as nobody types for a moment.
let typing = 0;
form.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => {
    const detail = new FormData(form);
    for (const name of ["logo", "logo_dark"]) detail.delete(name);
    detail.set("do", "preview");
    const part = document.getElementById("brand-preview");
    part.dispatchEvent(new CustomEvent("portal:post", { bubbles: true, detail }));
  }, 400);
});

document.addEventListener("portal:merged", show);
