// Puts an answer into a page that is there, node by node: what has not changed stays put, focus,
// pictures and open parts too. "portal:merge" on a node asks for it; "portal:merged" tells of it.

const FIELDS = "textarea, select, input:not([type=hidden], [type=checkbox], [type=radio], [type=file])";
const BOXES = "input:is([type=checkbox], [type=radio])";
// What two nodes without an id must share to be the same.
const ALIKE = { INPUT: ["name", "type"], BUTTON: ["name", "value"], FORM: ["action"], LABEL: ["for"] };
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
  if (isTyped(now)) return; // whoever is at it goes on
  morphAttributes(now, next);
  morphChildren(now, next, fresh);
}

/** Whether something is being typed or chosen here, or was and is not sent yet. */
function isTyped(field) {
  if (!field.matches(FIELDS)) return false;
  if (field === document.activeElement) return true;
  if (field.nodeName !== "SELECT") return field.value !== field.defaultValue;
  const own = [...field.options].findLastIndex((option) => option.defaultSelected);
  return !field.multiple && field.selectedIndex !== Math.max(own, 0);
}

/** Whether something in it is typed, chosen or ticked that is not sent yet. */
function holdsTyped(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return false;
  return [node, ...node.querySelectorAll(`${FIELDS}, ${BOXES}`)].some(
    (field) => isTyped(field) || (field.matches(BOXES) && field.checked !== field.defaultChecked),
  );
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
  const there = new Set([...next.children].map((node) => node.id));
  for (const node of [...now.children]) {
    if (node.id && !there.has(node.id) && !holdsTyped(node)) node.remove();
  }
  const byId = new Map([...now.children].filter((node) => node.id).map((node) => [node.id, node]));
  let here = now.firstChild;
  for (const wanted of [...next.childNodes]) {
    while (here?.id && !there.has(here.id)) here = here.nextSibling; // it is kept for what was typed
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
    if (!holdsTyped(here)) here.remove();
    here = after;
  }
}

function alike(one, other) {
  if (one.nodeType !== other.nodeType || one.nodeName !== other.nodeName) return false;
  const names = [...(ALIKE[one.nodeName] ?? [])];
  if (["checkbox", "radio"].includes(one.type)) names.push("value");
  return names.every((name) => one.getAttribute(name) === other.getAttribute(name));
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
  const focused = document.activeElement;
  morph(target, next, fresh);
  if (focused.isConnected && focused !== document.activeElement) focused.focus({ preventScroll: true });
  for (const node of fresh) if (node.matches("li.row")) node.classList.add("arrived");
  document.dispatchEvent(new CustomEvent("portal:merged", { detail: { target } }));
});
