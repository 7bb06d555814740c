// What happened, newest first: each request with its answer, and what it changed.

import { byId, counted, element, momentOf, shown } from "./text.js";

const list = byId("log");
const items = new Map();
let accounts = {};
let cleared = 0;
let last = 0;

/** Show the events of this state; those that are shown already stay as they are. */
export function showLog({ accounts: names, events }) {
  accounts = names;
  last = events.at(-1)?.seq ?? 0;
  const wanted = events.filter(({ seq }) => seq > cleared);
  const numbers = new Set(wanted.map(({ seq }) => seq));
  for (const [seq, item] of items) if (!numbers.has(seq)) drop(seq, item);
  for (const event of wanted) place(event);
  byId("story-count").textContent = counted(wanted.length, "event", "events");
  byId("no-events").hidden = wanted.length > 0;
}

/** Let the two controls above the log do what they say. */
export function listenToLog() {
  const only = byId("only-changes");
  only.addEventListener("change", () => list.classList.toggle("only-changes", only.checked));
  byId("clear").addEventListener("click", () => {
    cleared = last;
    showLog({ accounts, events: [] });
  });
}

function drop(seq, item) {
  item.remove();
  items.delete(seq);
}

function place(event) {
  const text = JSON.stringify(event);
  const old = items.get(event.seq);
  if (old?.text === text) return;
  const item = itemOf(event);
  item.text = text;
  items.set(event.seq, item);
  if (old) old.replaceWith(item);
  else list.prepend(item);
}

function itemOf(event) {
  const changes = event.changes.map((change) => element("li", {}, ...changeOf(change)));
  const parts = [headline(event), ...(changes.length ? [element("ul", {}, ...changes)] : [])];
  return element("li", { className: changes.length ? "changing" : "" }, ...parts);
}

function headline(event) {
  const { api, method, who } = event;
  return element(
    "div",
    { className: "line" },
    element("time", { dateTime: event.at, textContent: momentOf(event.at).split(" ")[1] }),
    element("span", { className: `api api-${api}`, textContent: api }),
    element("span", { className: "method", textContent: method || "Python" }),
    element("span", { className: "path", title: who ? shown(who) : "" }, ...breakable(pathOf(event) + queryOf(event))),
    element("span", { className: `answer answer-${kindOf(event)}`, textContent: answerOf(event) }),
  );
}

// A long path is broken after a long segment of it.
function breakable(path) {
  return path.split(/(?<=[^/]{8}\/)/).flatMap((part) => [part, element("wbr")]);
}

function pathOf({ api, path }) {
  return shown(api === "outside" ? path.replace("/_sandbox", "") : path);
}

function queryOf({ query }) {
  const pairs = Object.entries(query).map(([name, value]) => `${shown(name)}=${shown(value)}`);
  return pairs.length ? `?${pairs.join("&")}` : "";
}

function answerOf({ status, is_over, method }) {
  return status === null ? (is_over ? (method ? "cut off" : "") : "…") : String(status);
}

function kindOf({ status }) {
  return status === null ? "none" : String(status)[0];
}

function changeOf({ kind, name, what, fields }) {
  const subject = element("b", { textContent: name ? shown(name) : kind });
  return [name && kind !== "user" ? `${kind} ` : "", subject, ` ${TOLD[what](fields)}`];
}

const TOLD = {
  created: (fields) => ["created", ...born(fields)].join(", "),
  edited: (fields) => edited(fields).join(", ") || "has another secret",
  removed: () => "removed",
};
const AT_BIRTH = ["name", "page_enabled", "type", "status", "accounts"];
const edited = (fields) => Object.entries(fields).map(([field, pair]) => fieldOf(field, pair, true));

function born(fields) {
  return AT_BIRTH.filter((field) => field in fields).map((field) => fieldOf(field, fields[field], false));
}

function fieldOf(field, [before, after], isEdit) {
  if (field === "accounts") return accountsOf(before ?? [], after ?? []);
  if (field === "page_enabled") return after ? "page open" : "page closed";
  return isEdit ? `${field} ${wordOf(before)} → ${wordOf(after)}` : wordOf(after);
}

function accountsOf(before, after) {
  // The sign, the number and the name stay on one line.
  const called = (id) => `\u00a0${id}\u00a0${shown(accounts[id] ?? "")}`;
  const added = after.filter((id) => !before.includes(id)).map((id) => `+${called(id)}`);
  const taken = before.filter((id) => !after.includes(id)).map((id) => `−${called(id)}`);
  return [...added, ...taken].join(", ");
}

function wordOf(value) {
  return typeof value === "string" && /^[A-Z_]+$/.test(value) ? value : shown(JSON.stringify(value));
}
