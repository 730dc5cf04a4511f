// Who a new fax goes to: found in the contacts while one types, kept as chips, checked at once.
// The text field of the page stays what is sent; without this script it is all there is.

const field = document.getElementById("to-field");
const told = document.getElementById("to-told");
const status = document.getElementById("to-status");
const token = document.querySelector("#compose [name=csrfmiddlewaretoken]").value;
const text = document.getElementById("to"); // hidden from here on, and always complete
const select = document.getElementById("group");
const words = field.dataset;
const QUIET = 250; // milliseconds without a key
const FEW = 7; // digits that may be a number
const MANY = 10; // digits of a whole one
const SEPARATED = /[,;\n\r\t]/;
let chips = []; // { text, name, shown, country, trouble, number, group }
let options = [];
let active = -1;
let timer = 0;
let asked = 0;

/* --- The field that people see ------------------------------------------------------------------ */
const box = document.createElement("div");
const list = document.createElement("ul");
const input = document.createElement("input");
const menu = document.createElement("ul");

function build() {
  box.className = "to-box";
  list.className = "to-chips";
  list.setAttribute("aria-label", words.chosen);
  input.type = "text";
  input.setAttribute("autocomplete", "off");
  input.setAttribute("spellcheck", "false");
  input.setAttribute("autocapitalize", "off");
  input.setAttribute("enterkeyhint", "done");
  for (const name of ["placeholder", "aria-invalid"]) {
    if (text.hasAttribute(name)) input.setAttribute(name, text.getAttribute(name));
  }
  input.setAttribute("aria-describedby", `${text.getAttribute("aria-describedby")} ${told.id}`);
  menu.className = "to-menu";
  menu.id = "to-menu";
  menu.hidden = true;
  menu.setAttribute("role", "listbox");
  menu.setAttribute("aria-label", words.fitting);
  if (words.find) {
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", menu.id);
  } else {
    input.setAttribute("inputmode", text.getAttribute("inputmode"));
  }
  text.id = "to-all";
  text.hidden = true;
  input.id = "to";
  const anchor = document.createElement("div");
  anchor.className = "to-anchor";
  box.append(list, input);
  anchor.append(box, told, menu); // what fits opens below what is told
  text.after(anchor);
}

/* --- What is sent --------------------------------------------------------------------------------- */
function written(chip) {
  if (chip.text !== undefined) return chip.text;
  const name = chip.name.replace(/[<>\n\r\t]/g, " ").trim();
  return name ? `${name} <${chip.number}>` : chip.number;
}

/** The hidden field says what the chips and the half-typed rest say. */
function keep() {
  const lines = chips.filter((chip) => !chip.group).map(written);
  if (input.value.trim()) lines.push(input.value.trim());
  text.value = lines.join("\n");
  if (select) {
    const groups = chips.filter((chip) => chip.group);
    const ids = groups.map((chip) => chip.group).join(",");
    if (![...select.options].some((each) => each.value === ids)) {
      select.add(new Option(groups.map((chip) => chip.name).join(", "), ids));
    }
    select.value = ids;
  }
  text.dispatchEvent(new Event("input", { bubbles: true })); // the cover page shows it
}

/* --- Chips ---------------------------------------------------------------------------------------- */
function who(chip) {
  return chip.name || chip.shown || chip.text;
}

function draw() {
  list.replaceChildren(...chips.map(asItem));
  list.hidden = !chips.length;
}

function asItem(chip, place) {
  const item = document.createElement("li");
  item.className = `to-chip${chip.trouble ? " bad" : ""}${chip.group ? " group" : ""}`;
  const said = document.createElement("span");
  const name = document.createElement("strong");
  name.textContent = who(chip);
  said.append(name);
  const more = [chip.name ? chip.shown : "", chip.country].filter(Boolean).join(" · ");
  if (more && !chip.trouble) said.append(" ", small(more));
  if (chip.trouble) said.append(" ", small(chip.trouble));
  const remove = document.createElement("button");
  remove.type = "button";
  remove.textContent = "×";
  remove.dataset.place = place;
  remove.setAttribute("aria-label", words.remove.replace("{who}", who(chip)));
  item.append(said, remove);
  return item;
}

function small(content) {
  const made = document.createElement("small");
  made.textContent = content;
  return made;
}

function add(chip) {
  const same = (each) => (chip.group ? each.group === chip.group : chip.number && each.number === chip.number);
  if (chips.some(same)) {
    status.textContent = words.twice.replace("{who}", who(chip));
    return;
  }
  chips.push(chip);
  status.textContent = `${words.added.replace("{who}", who(chip))} ${chip.trouble ?? ""}`;
}

function remove(place) {
  const [gone] = chips.splice(place, 1);
  status.textContent = words.removed.replace("{who}", who(gone));
  draw();
  keep();
  const next = list.querySelectorAll("button")[Math.min(place, chips.length - 1)];
  (next ?? input).focus();
}

/* --- Asking the server ---------------------------------------------------------------------------- */
async function check(content) {
  const body = new URLSearchParams({ text: content, csrfmiddlewaretoken: token });
  const answer = await fetch(words.check, { method: "POST", body });
  return answer.ok && !answer.redirected ? answer.json() : null;
}

/** Make chips of a text; of very many numbers one. Until it is known it stands there as it is. */
async function take(content) {
  const waiting = { text: content, name: "", shown: content.length > 40 ? `${content.slice(0, 40)}…` : content };
  chips.push(waiting);
  draw();
  keep();
  const found = await check(content).catch(() => null);
  const place = chips.indexOf(waiting);
  if (place < 0 || !found) return;
  if (found.read) {
    const rest = chips.splice(place).slice(1);
    for (const each of found.read) add(each);
    chips.push(...rest);
  } else {
    if (found.many) Object.assign(waiting, { name: words.list, shown: found.many });
    waiting.trouble = found.trouble;
  }
  draw();
  keep();
}

/** What is being typed becomes a chip; the field is free at once. */
function commit() {
  const content = input.value.trim();
  if (!content) return;
  input.value = "";
  close();
  tell(null);
  take(content);
}

async function ask() {
  const content = input.value.trim();
  const mine = ++asked;
  if (!content) {
    close();
    tell(null);
    return;
  }
  const digits = content.replace(/\D/g, "").length;
  const [found, checked] = await Promise.all([
    words.find ? fetch(`${words.find}?q=${encodeURIComponent(content)}`).then((one) => (one.ok ? one.json() : null)) : null,
    digits >= FEW ? check(content) : null,
  ]).catch(() => []);
  if (mine !== asked || input.value.trim() !== content) return;
  const one = checked?.read?.length === 1 ? checked.read[0] : null;
  tell(one?.trouble && digits < MANY ? null : one); // who is still typing has no whole number yet
  if (found && document.activeElement === input) open(found, content);
}

/** Who leaves the field has typed it all: now it is said if it is no number. */
async function left() {
  const content = input.value.trim();
  close();
  if (!content) return;
  const found = await check(content).catch(() => null);
  if (found?.read?.length === 1 && input.value.trim() === content) tell(found.read[0]);
}

function tell(one) {
  told.hidden = !one;
  if (!one) return;
  told.className = `to-told${one.trouble ? " bad" : ""}`;
  told.textContent = one.trouble || [one.country, one.shown].filter(Boolean).join(" · ");
}

/* --- The list below the field --------------------------------------------------------------------- */
function open(found, content) {
  const groups = select ? found.groups : [];
  options = [
    ...groups.map((each) => ({ group: each.id, name: each.name, shown: each.told })),
    ...found.contacts.map((each) => ({ ...each, country: "" })),
  ];
  active = -1;
  menu.replaceChildren(...options.map(asOption));
  menu.hidden = !options.length;
  input.setAttribute("aria-expanded", String(options.length > 0));
  input.removeAttribute("aria-activedescendant");
  if (options.length || /\p{L}/u.test(content)) status.textContent = found.told;
}

function asOption(option, place) {
  const item = document.createElement("li");
  item.id = `to-option-${place}`;
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", "false");
  item.dataset.place = place;
  const name = document.createElement("strong");
  name.textContent = option.name || option.shown;
  const more = [option.company, option.name ? option.shown : "", option.trouble].filter(Boolean).join(" · ");
  item.append(name, " ", small(more));
  return item;
}

function close() {
  asked++;
  clearTimeout(timer);
  options = [];
  active = -1;
  menu.hidden = true;
  if (words.find) input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}

function move(step) {
  const count = options.length;
  active = active < 0 && step < 0 ? count - 1 : (active + step + count) % count;
  [...menu.children].forEach((item, place) => item.setAttribute("aria-selected", String(place === active)));
  input.setAttribute("aria-activedescendant", `to-option-${active}`);
  menu.children[active].scrollIntoView({ block: "nearest" });
}

function choose(place) {
  const option = options[place];
  input.value = "";
  close();
  tell(null);
  add(option);
  draw();
  keep();
  input.focus();
}

/* --- What people do ------------------------------------------------------------------------------- */
input.addEventListener("input", () => {
  keep();
  if (/[,;]$/.test(input.value)) {
    commit();
    return;
  }
  clearTimeout(timer);
  timer = setTimeout(ask, QUIET);
});

input.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.key === "ArrowDown" && options.length) move(1);
  else if (event.key === "ArrowUp" && options.length) move(-1);
  else if (event.key === "Enter" && active >= 0) choose(active);
  else if (event.key === "Enter") commit(); // and never sends the form
  else if (event.key === "Escape" && !menu.hidden) close();
  else if (event.key === "Backspace" && !input.value && chips.length) list.querySelector("li:last-child button").focus();
  else return;
  event.preventDefault();
});

input.addEventListener("paste", (event) => {
  const pasted = event.clipboardData?.getData("text/plain") ?? "";
  if (!SEPARATED.test(pasted.trim()) && !/<.*>/.test(pasted)) return;
  event.preventDefault();
  close();
  take(pasted.trim());
});

input.addEventListener("blur", left);

menu.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
menu.addEventListener("click", (event) => {
  const item = event.target.closest("[data-place]");
  if (item) choose(Number(item.dataset.place));
});

list.addEventListener("click", (event) => {
  const button = event.target.closest("[data-place]");
  if (button) remove(Number(button.dataset.place));
});

list.addEventListener("keydown", (event) => {
  const buttons = [...list.querySelectorAll("button")];
  const place = buttons.indexOf(event.target);
  if (place < 0) return;
  if (event.key === "Backspace" || event.key === "Delete") remove(place);
  else if (event.key === "ArrowLeft") buttons[Math.max(0, place - 1)].focus();
  else if (event.key === "ArrowRight") (buttons[place + 1] ?? input).focus();
  else return;
  event.preventDefault();
});

box.addEventListener("click", (event) => {
  if (event.target === box || event.target === list) input.focus();
});

// A test number comes into the field if that is free, else it becomes one of several.
field.querySelector(".trials").addEventListener("click", (event) => {
  const fill = event.target.closest("[data-fill]");
  if (!fill) return;
  event.stopPropagation();
  commit();
  input.value = fill.dataset.value;
  keep();
  ask();
  input.focus();
});

/* --- What the page came with ---------------------------------------------------------------------- */
function groupsChosen() {
  const ids = select.value.split(",");
  chips = chips.filter((chip) => !chip.group);
  for (const { value, dataset } of select.options) {
    if (dataset.name && ids.includes(value)) add({ group: value, name: dataset.name, shown: dataset.told });
  }
}

build();
const first = text.value.trim();
const several = SEPARATED.test(first) || /<.*>/.test(first);
select?.addEventListener("change", () => {
  groupsChosen();
  draw();
  keep();
});
if (select) groupsChosen();
draw();
if (several) take(first);
else if (first) {
  input.value = first;
  left();
}
status.textContent = "";
