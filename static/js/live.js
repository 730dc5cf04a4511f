// Keeps what is on the page true without disturbing who is looking at it: an answer is merged
// into the page node by node, so what has not changed stays put, focus, pictures and open parts too.

const htmx = window.htmx;
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

htmx.defineExtension("morph", {
  isInlineSwap: (style) => style === "morph",
  handleSwap(style, target, fragment) {
    if (style !== "morph") return false;
    const next = fragment.querySelector(`#${CSS.escape(target.id)}`) ?? fragment.firstElementChild;
    if (!next) return [];
    const fresh = [];
    morph(target, next, fresh);
    for (const node of fresh) if (node.matches("li.row")) node.classList.add("arrived");
    htmx.process(target);
    document.dispatchEvent(new CustomEvent("portal:merged", { detail: { target } }));
    return fresh;
  },
});

// Signed out meanwhile: the answer is the log-in page, which belongs on a page of its own.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig } = event.detail;
  const asked = new URL(requestConfig.path, location.href).pathname;
  if (xhr.responseURL && new URL(xhr.responseURL).pathname !== asked) {
    event.detail.shouldSwap = false;
    location.reload();
  }
});

// In a tab that nobody sees only the list goes on, so that its title can tell of arrivals.
document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, requestConfig } = event.detail;
  if (document.hidden && requestConfig.verb === "get" && elt.id !== "fax-list") event.preventDefault();
});

// The fax was deleted meanwhile: stop asking for it.
document.addEventListener("htmx:responseError", (event) => {
  const { xhr, elt } = event.detail;
  if (xhr.status !== 404) return;
  elt.removeAttribute("hx-get");
  elt.removeAttribute("hx-trigger");
  htmx.process(elt);
});
