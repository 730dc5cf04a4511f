// Keeps what is on the page true: a part says with data-live where it is told anew, and with
// data-every after how many seconds to ask. An answer without data-live is the last.

const SLOWEST = 60; // seconds between tries while the portal does not answer
const followed = new WeakSet();
const waiting = new Set(); // what ends each wait at once

const listen = (name) => document.addEventListener(name, () => {
  for (const done of waiting) done();
});
listen("visibilitychange"); // who comes back is told at once
listen("portal:ask");

/** Until it is time, or somebody wants to know. */
function pause(seconds) {
  return new Promise((done) => {
    const over = () => {
      clearTimeout(timer);
      waiting.delete(over);
      done();
    };
    const timer = setTimeout(over, seconds * 1000);
    waiting.add(over);
  });
}

/** Seconds until the next look. Unseen, only what the tab's title tells of is looked at, at times. */
function until(node, failures) {
  const every = Number((document.hidden ? node.dataset.unseen : node.dataset.every) || SLOWEST);
  return Math.max(every, Math.min(SLOWEST, failures && 2 ** failures));
}

/** The page anew; one that answered a form is asked for at its own address, without the form. */
function home(node) {
  const page = node.closest("[data-home]")?.dataset.home;
  location.replace(page ?? location.pathname + location.search);
}

/** Says, once, that nothing is told any more: what is seen was deleted, or is not for whoever looks. */
function end(node) {
  for (const one of node.querySelectorAll("[data-keeps]")) one.remove();
  const words = document.querySelector("script[data-ended]");
  if (!words.dataset.ended) return;
  const told = document.createElement("p");
  told.className = "note";
  told.setAttribute("role", "status");
  node.before(told);
  setTimeout((said) => told.append(said), 100, words.dataset.ended); // what is there already is read out
  words.dataset.ended = "";
}

async function follow(node) {
  let failures = 0;
  let stamp = "";
  while (node.isConnected && node.dataset.live) {
    await pause(until(node, failures));
    if (!node.isConnected || !node.dataset.live) break;
    if (document.hidden && !node.dataset.unseen) continue;
    try {
      const asked = node.dataset.live;
      const headers = { "X-Fragment": "1", ...(stamp && { "If-None-Match": stamp }) };
      const answer = await fetch(asked, { headers, cache: "no-store", redirect: "manual" });
      // Signed out meanwhile: the log-in page belongs on a page of its own.
      if (answer.type === "opaqueredirect") return home(node);
      if ([403, 404].includes(answer.status)) {
        delete node.dataset.live;
        end(node);
        break;
      }
      if (!answer.ok && answer.status !== 304) throw new Error(answer.status);
      failures = 0;
      if (answer.status === 304) continue;
      const html = await answer.text();
      if (node.dataset.live !== asked) continue;
      stamp = answer.headers.get("ETag") ?? "";
      node.dispatchEvent(new CustomEvent("portal:merge", { bubbles: true, detail: { html } }));
    } catch {
      failures += 1; // it is asked again, and less and less often
    }
  }
  followed.delete(node);
}

function begin() {
  for (const node of document.querySelectorAll("[data-live]")) {
    if (followed.has(node)) continue;
    followed.add(node);
    follow(node);
  }
}

document.addEventListener("portal:merged", begin);
begin();
