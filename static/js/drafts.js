// What is typed is kept as a draft, quietly, once nothing was typed for a while.

const form = document.getElementById("compose");
const told = document.getElementById("draft-told");
const QUIET = 3000; // milliseconds
const NOT_TYPED = ["documents", "csrfmiddlewaretoken", "form_key", "draft"];
let timer = 0;
let saving = null; // what is under way
let over = false;

function typed() {
  const data = new FormData(form);
  for (const name of NOT_TYPED) data.delete(name);
  const text = (value) => (value instanceof File ? `${value.name} ${value.size}` : value);
  return new URLSearchParams([...data].map(([name, value]) => [name, text(value)])).toString();
}
let saved = typed();

async function save() {
  const now = typed();
  const data = new FormData(form);
  data.delete("documents");
  const answer = await fetch(form.dataset.draft, { method: "POST", body: data, keepalive: true });
  if (answer.redirected || ![200, 422].includes(answer.status)) {
    over = true; // deleted meanwhile, or signed out: nothing is made anew behind one's back
    told.textContent = "";
    return;
  }
  const { draft, words } = await answer.json();
  if (draft) form.elements.draft.value = draft;
  saved = now;
  told.textContent = words;
}

function attempt() {
  clearTimeout(timer);
  if (over || saving || form.hasAttribute("data-sent") || typed() === saved) return saving;
  saving = save()
    .catch(() => {}) // without a connection; the next key tries again
    .finally(() => {
      saving = null;
      if (typed() !== saved) soon();
    });
  return saving;
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(attempt, QUIET);
}

for (const kind of ["input", "change"]) form.addEventListener(kind, soon);
document.addEventListener("portal:merged", (event) => {
  if (event.detail.target.id === "documents-field") soon();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) attempt();
});

// What is being kept is waited for, so that sending it removes it.
form.addEventListener(
  "submit",
  (event) => {
    clearTimeout(timer);
    if (!saving) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    over = true;
    saving.then(() => form.requestSubmit(event.submitter));
  },
  { capture: true },
);
window.addEventListener("pageshow", () => {
  over = false;
});
