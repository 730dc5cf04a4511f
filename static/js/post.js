// A part that is drawn from what is in a form: "portal:post" on it sends the form to the part's
// data-post, and the answer takes its place. Who asks again does not wait for what was asked before.
// "portal:posted" tells when it is over, and whether an answer came; if none did, the part's data-lost
// says so until the next one.

const under = new WeakMap();

document.addEventListener("portal:post", (event) => {
  const part = event.target;
  const asking = new XMLHttpRequest(); // it tells how much of a file is sent, which fetch does not
  const former = under.get(part);
  under.set(part, asking);
  former?.abort(); // which tells nothing any more
  asking.open("POST", part.dataset.post);
  asking.setRequestHeader("X-Fragment", "1");
  asking.upload.addEventListener("progress", ({ lengthComputable, loaded, total }) => {
    const detail = lengthComputable && loaded < total ? { loaded, total } : null;
    part.dispatchEvent(new CustomEvent("portal:progress", { bubbles: true, detail }));
  });
  asking.addEventListener("loadend", () => {
    if (under.get(part) !== asking) return;
    part.classList.remove("asking");
    // Signed out meanwhile: the answer is the log-in page.
    const { responseURL, status, responseText: html } = asking;
    if (responseURL && responseURL !== new URL(part.dataset.post, location.href).href) {
      location.replace(part.closest("[data-home]")?.dataset.home ?? location.pathname + location.search);
    }
    else {
      const came = status === 200 || status === 422;
      if (came) part.dispatchEvent(new CustomEvent("portal:merge", { bubbles: true, detail: { html } }));
      else {
        const told = part.matches("[data-lost]") ? part : part.querySelector("[data-lost]");
        if (told) told.textContent = told.dataset.lost;
      }
      part.dispatchEvent(new CustomEvent("portal:posted", { detail: came }));
    }
  });
  part.classList.add("asking");
  asking.send(event.detail);
});
