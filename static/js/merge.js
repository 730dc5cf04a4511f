// Puts an answer into a page that is there, node by node: what has not changed stays put, focus,
// pictures and open parts too. "portal:merge" on a node asks for it; "portal:merged" tells of it.

const KEPT = { DETAILS: ["open"], INPUT: ["value", "checked"], DIALOG: ["open"] };

/** Make `now` look like `next`; nodes that are new to the page are added to `fresh`. */
function morph(now, next, fresh) {
  if (now.isEqualNode(next)) return;
  // Not told again: it stays as it is.
  if (now.id && now.id === next.id && next.hasAttribute("data-stays")) return;
  if (now.nodeType !== next.nodeType || now.nodeName !== next.nodeName || now.id !== next.id) {
    now.replaceWith(next);
    note(next, fresh);
    return;
  }
  if (now.nodeType !== Node.ELEMENT_NODE) {
    now.nodeValue = next.nodeValue;
    return;
  }
  morphAttributes(now, next);
  morphChildren(now, next, fresh);
}

function morphAttributes(now, next) {
  const kept = KEPT[now.nodeName] ?? [];
  for (const { name } of [...now.attributes]) {
    if (!next.hasAttribute(name) && !kept.includes(name)) now.removeAttribute(name);
  }
  for (const { name, value } of [...next.attributes]) {
    if (now.getAttribute(name) !== value && !(kept.includes(name) && name !== "value")) {
      now.setAttribute(name, value);
    }
  }
}

/** Children with an id are found again by it, wherever they stand; the others by their place. */
function morphChildren(now, next, fresh) {
  const byId = new Map([...now.children].filter((node) => node.id).map((node) => [node.id, node]));
  let here = now.firstChild;
  for (const wanted of [...next.childNodes]) {
    const same = wanted.id ? byId.get(wanted.id) : here && !here.id && alike(here, wanted) ? here : null;
    if (!same) {
      now.insertBefore(wanted, here);
      note(wanted, fresh);
      continue;
    }
    if (same === here) here = here.nextSibling;
    else now.insertBefore(same, here);
    morph(same, wanted, fresh);
  }
  while (here) {
    const after = here.nextSibling;
    here.remove();
    here = after;
  }
}

function alike(one, other) {
  return one.nodeType === other.nodeType && one.nodeName === other.nodeName;
}

function note(node, fresh) {
  if (node.nodeType === Node.ELEMENT_NODE) fresh.push(node);
}

/** What an answer tells of other places: the title, and parts that stand elsewhere on the page. */
function elsewhere(answer, fresh) {
  const title = answer.querySelector("title");
  if (title) document.title = title.textContent.trim().replace(/\s+/g, " ");
  for (const next of answer.querySelectorAll("[data-elsewhere]")) {
    next.removeAttribute("data-elsewhere");
    const now = document.getElementById(next.id);
    if (now) morph(now, next, fresh);
  }
}

document.addEventListener("portal:merge", (event) => {
  const { target } = event;
  const answer = new DOMParser().parseFromString(event.detail.html, "text/html");
  const fresh = [];
  elsewhere(answer, fresh);
  const next = answer.getElementById(target.id);
  if (!next) return;
  morph(target, next, fresh);
  for (const node of fresh) if (node.matches("li.row")) node.classList.add("arrived");
  document.dispatchEvent(new CustomEvent("portal:merged", { detail: { target } }));
});
