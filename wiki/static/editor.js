// The form of a design, made nicer: rows without a round trip, tables pasted, nothing lost when the line is cut.
// Everything here can also be done without it. It asks nobody but this site, and its sentences come with the form.

const form = document.querySelector("form.document");
const words = JSON.parse(form.dataset.words);
const told = document.getElementById("told");
const kept = document.getElementById("kept");
const UNTOLD = new Set(["csrf_token", "op"]);
const say = (sentence, ...values) => sentence.replace(/\{(\d)\}/g, (_, n) => values[n]);
const fold = (text) => text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").trim().toLowerCase();
const clock = (at, full) =>
  new Date(at).toLocaleString(document.documentElement.lang, full ? { dateStyle: "medium", timeStyle: "short" } : { hour: "2-digit", minute: "2-digit" });

let unsaved = "unsaved" in form.dataset;
let leaving = false;

function tell(sentence, { wrong = false, undo = null } = {}) {
  told.textContent = sentence;
  told.classList.toggle("error", wrong);
  if (undo) {
    const button = make("button", { type: "button", textContent: words.undo });
    button.addEventListener("click", () => { undo(); tell(""); changed(); });
    told.append(" ", button);
  }
}

function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function fill(element, children) {
  element.textContent = "";
  element.append(...children);
}

// What the form holds, as it would be sent.

function fields() {
  return [...new FormData(form)].map(([name, value]) => [name, String(value).replace(/\r?\n/g, "\r\n")]);
}

const told_by = (pairs) => JSON.stringify(pairs.filter(([name, value]) => value && !UNTOLD.has(name)));

function body(more) {
  return new URLSearchParams([...fields(), ...more]);
}

// Rows

const list_of = (part) => form.querySelector(`.rowlist[data-part="${part}"]`);
const rows_of = (list) => [...list.children];
const first_field = (row) => row.querySelector(".cell input:not([type=hidden]), .cell textarea, .cell select");

function key() {
  const letters = "abcdefghijklmnopqrstuvwxyz234567";
  return [...crypto.getRandomValues(new Uint8Array(8))].map((n) => letters[n & 31]).join("");
}

function number(list) {
  const part = list.dataset.part;
  const own = new RegExp(`(^|[#-])${part}-(?:\\d+|__i__)(?=-|$)`);
  rows_of(list).forEach((row, index) => {
    for (const element of [row, ...row.querySelectorAll("[id],[name],[formaction]")]) {
      for (const name of ["id", "name", "formaction"]) {
        const value = element.getAttribute(name);
        if (value) element.setAttribute(name, value.replace(own, `$1${part}-${index}`));
      }
      if (element.tagName === "BUTTON") element.value = element.value.replace(own, `$1${part}-${index}`);
    }
    entitle(list, row, index);
  });
}

// A row is called by its title or name; licences and pictures by what does not change.
function entitle(list, row, index) {
  const named = ["title", "name", "text"].map((name) => row.querySelector(`[name="${list.dataset.part}-${index}-${name}"]`));
  const legend = row.querySelector("legend");
  if (!named.some(Boolean) || !document.getElementById(`row-${list.dataset.part}`)) return;
  const called = named.map((field) => field && field.value.trim()).find(Boolean);
  legend.textContent = called ? `${index + 1}. ${called}` : say(words.line, index + 1);
}

function add(list, before = null) {
  const blank = document.getElementById(`row-${list.dataset.part}`).content.firstElementChild.cloneNode(true);
  blank.querySelector('[name$="-key"]').value = key();
  list.insertBefore(blank, before);
  return blank;
}

function act(button) {
  const [, part, index, how] = /^(.*?)-(?:(\d+)-)?(add|up|down|remove)$/.exec(button.value) || [];
  const list = part && list_of(part);
  if (!list || (how === "add" && !document.getElementById(`row-${part}`))) return false;
  if (how === "add") {
    const row = add(list);
    number(list);
    first_field(row).focus();
    tell(words.added);
  } else if (how === "remove") {
    const row = list.children[index];
    const after = row.nextElementSibling;
    const key = row.querySelector('[name$="-key"]').value;
    const naming = [...form.querySelectorAll(`[data-refers="${part}"] input:checked, select[data-refers="${part}"]`)].filter((field) => field.value === key);
    const name = (on) => naming.forEach((field) => (field.tagName === "SELECT" ? (field.value = on ? key : "") : (field.checked = on)));
    row.remove();
    name(false);
    number(list);
    const next = after || list.lastElementChild;
    (next || document.getElementById(part)).focus();
    tell(words.removed, { undo: () => { list.insertBefore(row, after); name(true); number(list); first_field(row).focus(); } });
  } else {
    const row = list.children[index];
    const other = how === "up" ? row.previousElementSibling : row.nextElementSibling;
    if (other) (how === "up" ? other.before(row) : other.after(row));
    number(list);
    button.focus();
    // At an end of the list its button is not shown.
    if (document.activeElement !== button) row.focus();
    row.scrollIntoView({ block: "nearest" });
    tell(words.moved);
  }
  changed();
  return true;
}

// What a step or a replacement can name follows the lists as they stand in the form.
function offer(box) {
  const list = list_of(box.dataset.refers);
  if (!list) return;
  const labels = new Map(rows_of(list).map((row) => [row.querySelector('[name$="-key"]').value, row.querySelector("legend").textContent.replace(/^\d+\. /, "")]));
  if (box.tagName === "SELECT") {
    const chosen = box.value;
    const known = [...labels];
    if (chosen && !labels.has(chosen)) known.push([chosen, `? ${chosen}`]);
    fill(box, [new Option("", ""), ...known.map(([key, label]) => new Option(label, key))]);
    box.value = chosen;
    return;
  }
  const chosen = new Set([...box.querySelectorAll("input:checked")].map((tick) => tick.value));
  const shown = box.querySelector('[name$="-shown"]');
  const name = shown.name.replace(/shown$/, shown.value);
  const known = [...labels, ...[...chosen].filter((key) => !labels.has(key)).map((key) => [key, `? ${key}`])];
  fill(box.querySelector(".ticks"), known.map(([value, label]) => tick(name, value, label, chosen.has(value))));
}

function tick(name, value, label, checked) {
  return make("label", {}, make("input", { type: "checkbox", name, value, checked }), " ", make("span", { textContent: label }));
}

form.addEventListener("toggle", (event) => event.target.querySelectorAll && event.target.querySelectorAll("[data-refers]").forEach(offer), true);
form.addEventListener("focusin", (event) => event.target.matches("select[data-refers]") && offer(event.target));

// A table from a spreadsheet

function table(text) {
  const lines = text.replace(/\r\n?/g, "\n").replace(/\n+$/, "");
  const sign = lines.includes("\t") ? "\t" : lines.includes("\n") ? [";", ","].find((s) => lines.split("\n").every((line) => line.includes(s))) || "\t" : null;
  if (!sign) return null;
  const found = [[]];
  let cell = "", quoted = false;
  for (let i = 0; i <= lines.length; i++) {
    const c = lines[i];
    if (quoted && c !== undefined) {
      if (c !== '"') cell += c;
      else if (lines[i + 1] === '"') { cell += '"'; i++; }
      else quoted = false;
    } else if (c === '"' && cell === "" && /"(?=[\t\n;,]|$)/.test(lines.slice(i + 1))) quoted = true;
    else if (c === sign || c === "\n" || c === undefined) {
      found[found.length - 1].push(cell.trim());
      cell = "";
      if (c === "\n") found.push([]);
    } else cell += c;
  }
  return found.filter((line) => line.some(Boolean));
}

const is_number = (text) => /^\d+([.,/]\d+)?$/.test(text);

function columns(lines, part, from) {
  const headings = JSON.parse(form.dataset.headings);
  const heads = lines[0].map((head) => Object.keys(headings).find((name) => headings[name].some((word) => fold(word) === fold(head))));
  if (part === "bom" && new Set(heads.filter(Boolean)).size >= 2) {
    lines.shift();
    return heads.map((head, i) => (heads.indexOf(head) === i ? head : undefined));
  }
  const width = Math.max(...lines.map((line) => line.length));
  if (width === 1) return [from];
  if (part === "bom") {
    const counts = (i) => lines.filter((line) => is_number((line[i] || "").split(" ")[0])).length;
    return counts(0) === 0 && counts(1) > lines.length / 2 ? ["name", "quantity", "unit", "spec"] : ["quantity", "unit", "name", "spec"];
  }
  const names = [...list_of(part).querySelectorAll(".row:first-child .cell input:not([type=hidden]):not([type=checkbox])")].map((field) => field.name.split("-").pop());
  return names.slice(Math.max(0, names.indexOf(from)));
}

const is_blank = (row) => [...row.querySelectorAll(".cell input:not([type=hidden]):not([type=checkbox]), .cell textarea")].every((field) => !field.value.trim());

function paste(event) {
  const field = event.target;
  const list = field.closest(".rowlist");
  if (!list || field.tagName !== "INPUT" || !document.getElementById(`row-${list.dataset.part}`)) return;
  const part = list.dataset.part;
  const lines = table(event.clipboardData.getData("text/plain"));
  if (!lines || (lines.length < 2 && lines[0].length < 2)) return;
  event.preventDefault();
  const names = columns(lines, part, field.name.split("-").pop());
  const here = field.closest(".row");
  const after = here.nextElementSibling;
  const made = lines.map((line, i) => {
    const row = i === 0 && is_blank(here) ? here : add(list, after);
    const value = Object.fromEntries(names.map((name, j) => [name, line[j] || ""]).filter(([name]) => name));
    const [, amount, unit] = /^(\d+(?:[.,]\d+)?)\s*([^\d\s].*)$/.exec(value.quantity || "") || [];
    if (amount && !value.unit) Object.assign(value, { quantity: amount, unit });
    for (const [name, text] of Object.entries(value)) {
      const cell = [...row.querySelectorAll(".cell [name]")].find((e) => e.name.endsWith(`-${name}`) && e.type !== "checkbox");
      if (cell) cell.value = text;
    }
    const more = row.querySelector("details");
    if (more && ["material", "cost", "currency"].some((name) => value[name])) more.open = true;
    return row;
  });
  number(list);
  first_field(made[made.length - 1]).focus();
  tell(say(words.pasted, made.length), {
    undo: () => {
      made.forEach((row) => (row === here ? row.querySelectorAll(".cell input:not([type=hidden]):not([type=checkbox])").forEach((cell) => (cell.value = "")) : row.remove()));
      number(list);
      first_field(here).focus();
    },
  });
  changed();
}

form.addEventListener("paste", paste);

// Kept on this device: each visit keeps a copy of its own, so that none replaces another's.

const shelf = `minga ${form.dataset.who} ${form.dataset.where} ${(form.elements.section || form.elements.kind).value}`;
const visit = key();
const COPIES = 5;
const DAYS = 30;

function copies() {
  try {
    return JSON.parse(localStorage.getItem(shelf)) || {};
  } catch {
    return {};
  }
}

function put(found) {
  try {
    if (Object.keys(found).length) localStorage.setItem(shelf, JSON.stringify(found));
    else localStorage.removeItem(shelf);
    return true;
  } catch {
    return false;
  }
}

function drop(...names) {
  const found = copies();
  names.forEach((name) => delete found[name]);
  put(found);
}

function keep() {
  const found = copies();
  found[visit] = { at: Date.now(), fields: fields() };
  const names = Object.keys(found).sort((a, b) => found[b].at - found[a].at);
  names.slice(COPIES).forEach((name) => delete found[name]);
  if (put(found)) kept.textContent = say(words.device, clock(Date.now()));
}

function look_for_copies() {
  const now = told_by(fields());
  const found = copies();
  for (const [name, copy] of Object.entries(found)) {
    if (told_by(copy.fields) === now || copy.at < Date.now() - DAYS * 864e5) delete found[name];
  }
  put(found);
  const [name, copy] = Object.entries(found).sort((a, b) => b[1].at - a[1].at)[0] || [];
  if (!copy) return;
  const box = document.getElementById("found");
  const restore = make("button", { type: "button", className: "main", textContent: words.restore });
  const discard = make("button", { type: "button", textContent: words.discard });
  restore.addEventListener("click", () => show(copy.fields));
  discard.addEventListener("click", () => { drop(name); box.hidden = true; look_for_copies(); });
  fill(box, [make("p", { textContent: say(words.found, clock(copy.at, true)) }), make("p", { className: "acts" }, restore, discard)]);
  box.setAttribute("role", "status");
  box.hidden = false;
}

// The site shows the form again with what was kept: it alone knows how each field is drawn.
function show(pairs) {
  const again = make("form", { method: "post", action: form.action, hidden: true });
  const token = form.elements.csrf_token.value;
  for (const [name, value] of [...pairs.filter(([name]) => name !== "csrf_token"), ["csrf_token", token], ["do", "show"]]) {
    again.append(make("textarea", { name, value }));
  }
  document.body.append(again);
  leaving = true;
  again.submit();
}

// Kept by the site as well, now and then

let waiting = "waiting" in form.dataset;
let sent = unsaved ? "" : told_by(fields());
let later = 0;

async function keep_there() {
  const now = told_by(fields());
  if (!unsaved || waiting || leaving || now === sent || navigator.onLine === false) return;
  try {
    const answer = await fetch(form.dataset.draft, { method: "POST", body: body([]), headers: { Accept: "application/json" } });
    if (answer.ok) {
      sent = now;
      kept.textContent = say(words.both, clock(Date.now()));
    }
  } catch {
    // It stays on the device, and is tried again.
  }
}

setInterval(keep_there, 20000);

function changed() {
  unsaved = true;
  clearTimeout(later);
  later = setTimeout(keep, 1000);
}

form.addEventListener("input", (event) => {
  changed();
  const list = event.target.closest(".rowlist");
  if (list) entitle(list, event.target.closest(".row"), rows_of(list).indexOf(event.target.closest(".row")));
  if (event.target.dataset.limit) count(event.target);
});
window.addEventListener("pagehide", () => unsaved && !leaving && keep());
window.addEventListener("beforeunload", (event) => {
  if (!unsaved || leaving) return;
  event.preventDefault();
  event.returnValue = "";
});

// Saving: the same request is sent again until its answer is known, so that it applies once.

let saving = false;
let unanswered = null;

async function post(data) {
  const giving_up = new AbortController();
  const timer = setTimeout(() => giving_up.abort(), 90000);
  try {
    return await fetch(form.getAttribute("action"), { method: "POST", body: data, signal: giving_up.signal, headers: { Accept: "application/json" } });
  } finally {
    clearTimeout(timer);
  }
}

async function save(how) {
  if (saving) return;
  saving = true;
  clearTimeout(later);
  keep();
  tell(words.saving);
  try {
    let data = body([["do", how]]);
    if (unanswered && String(unanswered) !== String(data)) {
      const before = await post(unanswered);
      if (before.ok) go_on_from(await before.json());
      unanswered = null;
      data = body([["do", how]]);
    }
    unanswered = data;
    const answer = await post(data);
    if (answer.status >= 500) return tell(words.busy, { wrong: true });
    unanswered = null;
    if (answer.status === 422 && /json/.test(answer.headers.get("Content-Type"))) return complain((await answer.json()).problems);
    if (!answer.ok) return send(how);
    const done = await answer.json();
    leaving = true;
    drop(visit);
    location.assign(done.url);
  } catch {
    tell(words.offline, { wrong: true });
  } finally {
    saving = false;
  }
}

// An earlier request had been carried out after all: what was changed since then comes on top of it.
function go_on_from(done) {
  if (done.merged) return;
  form.setAttribute("action", done.edit);
  if (!form.elements.base) form.append(make("input", { type: "hidden", name: "base" }));
  form.elements.base.value = done.number;
  form.elements.op.value = [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join("");
}

function send(how) {
  form.append(make("input", { type: "hidden", name: "do", value: how }));
  leaving = true;
  HTMLFormElement.prototype.submit.call(form);
}

function complain(problems) {
  form.querySelectorAll("[aria-invalid]").forEach((field) => field.removeAttribute("aria-invalid"));
  form.querySelectorAll(".error:not(.count)").forEach((said) => said.id !== "told" && said.remove());
  const box = document.getElementById("problems");
  fill(box.querySelector("ul"), problems.map(({ id, place, sentence }) => {
    const field = document.getElementById(id) || form.querySelector(`[name="${CSS.escape(id)}"]:not([type=hidden])`);
    if (field) {
      field.id = id;
      const fold = field.closest("details");
      if (fold) fold.open = true;
      const said = make("span", { className: "error", id: `e-${id}`, textContent: sentence });
      if (field.matches("input, select, textarea")) {
        field.setAttribute("aria-invalid", "true");
        field.before(said);
        if (!field.closest("label")) field.setAttribute("aria-describedby", said.id);
      } else field.querySelector("legend").after(said);
    }
    return make("li", {}, make("a", { href: `#${id}`, textContent: place ? `${place}: ${sentence}` : sentence }));
  }));
  box.hidden = false;
  box.focus();
  tell("");
}

let pressed = null;
form.addEventListener("click", (event) => {
  pressed = event.target.closest("button");
  if (pressed && act(pressed)) event.preventDefault();
});
form.addEventListener("submit", (event) => {
  const button = event.submitter || pressed;
  const how = (button && button.value) || "save";
  if (how.startsWith("save")) {
    event.preventDefault();
    save(how);
  } else if (navigator.onLine === false) {
    event.preventDefault();
    keep();
    tell(words.away, { wrong: true });
  } else {
    keep();
    leaving = true;
  }
});

// Small helps

function count(field) {
  const limit = Number(field.dataset.limit);
  const length = [...field.value].length;
  const note = document.getElementById(`c-${field.id}`) || field.insertAdjacentElement("afterend", make("small", { id: `c-${field.id}`, className: "count" }));
  note.textContent = length > limit / 2 ? say(words.count, length, limit) : "";
  note.classList.toggle("error", length > limit);
  note.setAttribute("role", length > limit ? "status" : "none");
}

function ready() {
  const note = document.getElementById("note");
  const options = [...document.querySelectorAll("#list-note option")];
  if (!options.length) return;
  note.removeAttribute("list");
  const box = make("p", { className: "chips ready" }, ...options.map((option) => {
    const button = make("button", { type: "button", textContent: option.value });
    button.addEventListener("click", () => {
      note.value = note.value.trim() ? `${note.value.trim()}; ${option.value}` : option.value;
      changed();
      note.focus();
    });
    return button;
  }));
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", words.ready);
  note.after(box);
}

// A name that was typed into a long list becomes a tick, and the field is free for the next.
form.addEventListener("change", (event) => {
  const field = event.target;
  const box = field.closest(".typed, .cell");
  const ticks = box && (box.matches(".typed") ? box.previousElementSibling : box.querySelector(".ticks"));
  if (!ticks || !ticks.matches(".ticks") || field.tagName !== "INPUT" || field.type === "checkbox" || !field.value.trim()) return;
  ticks.append(tick(field.name, field.value.trim(), field.value.trim(), true));
  field.value = "";
});

form.querySelectorAll(".scripted").forEach((element) => (element.hidden = false));
form.querySelectorAll(".second").forEach((element) => element.remove());
form.querySelectorAll("[data-limit]").forEach(count);
ready();
look_for_copies();
if (unsaved) keep();
