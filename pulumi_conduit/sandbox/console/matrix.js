// Who has access to what: people by accounts, each cell an edit from outside.

import { Grid } from "./grid.js";
import { editPerson } from "./forms.js";
import { tell, userPath } from "./orders.js";
import { byId, counted, shown } from "./text.js";

const grid = new Grid(byId("people"));
const filter = byId("filter");
let people = [];

/** Show the matrix of this state. */
export function showMatrix({ accounts, users }) {
  people = Object.values(users).sort((one, other) => (one.email < other.email ? -1 : 1));
  grid.show([...FACTS, ...Object.entries(accounts).map(accountColumn)], people, ({ email }) => email);
  sift();
}

/** Let the field above the matrix choose who is shown. */
export function listenToFilter() {
  filter.addEventListener("input", sift);
  filter.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") filter.value = "";
    if (key === "Escape") sift();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target.closest("input, select, dialog[open]")) return;
    event.preventDefault();
    filter.focus();
  });
}

function sift() {
  const wanted = filter.value.trim().toLowerCase();
  const passing = people.filter((person) => passes(person, wanted));
  grid.filter((person) => passes(person, wanted));
  byId("access-count").textContent = summary(passing);
}

function passes({ email, first_name, last_name, type, status }, wanted) {
  return `${email} ${first_name} ${last_name} ${type} ${status}`.toLowerCase().includes(wanted);
}

function summary(some) {
  const grants = some.reduce((sum, { accounts }) => sum + accounts.length, 0);
  const inactive = some.filter(isInactive).length;
  const counts = [counted(some.length, "person", "people"), counted(grants, "grant", "grants")];
  return [...counts, ...(inactive ? [`${inactive} inactive`] : [])].join(", ");
}

const isInactive = ({ status }) => status === "INACTIVE";
const rowLook = (person) => (isInactive(person) ? "inactive" : "");
const nameOf = ({ first_name, last_name }) => shown(`${first_name} ${last_name}`);

const FACTS = [
  {
    key: "email",
    header: "Person",
    text: ({ email }) => shown(email),
    className: (person) => `who ${rowLook(person)}`,
    says: (person) => `${shown(person.email)}, ${nameOf(person)}: Enter edits`,
    act: editPerson,
  },
  {
    key: "type",
    header: "Type",
    text: ({ type }) => type,
    className: (person) => `word type-${person.type} ${rowLook(person)}`,
    says: ({ email, type }) => `${shown(email)} is ${type}: ${ofType(type)}`,
    act: setType,
  },
  {
    key: "status",
    header: "Status",
    text: ({ status }) => status,
    className: (person) => `word status-${person.status} ${rowLook(person)}`,
    says: ({ email, status }) => `${shown(email)} is ${status}: Enter makes it ${otherStatus(status)}`,
    act: ({ email, status }) => setField(email, "status", otherStatus(status)),
  },
];

const ofType = (type) => (type === "ADMIN" ? "no API call could change that" : `Enter makes it ${otherType(type)}`);
const otherType = (type) => (type === "STANDARD" ? "READ_ONLY" : "STANDARD");
const otherStatus = (status) => (status === "ACTIVE" ? "INACTIVE" : "ACTIVE");

function setType({ email, type }) {
  if (type !== "ADMIN") setField(email, "type", otherType(type));
}

function setField(email, field, value) {
  tell("PATCH", userPath(email), { [field]: value }, `${email} is ${value} now`);
}

const HELD = "held, Enter takes it away";
const NOT_HELD = "not held, Enter grants it";

function accountColumn([id, name]) {
  const account = Number(id);
  const holds = ({ accounts }) => accounts.includes(account);
  const called = `${id} ${shown(name)}`;
  return {
    key: id,
    header: called,
    isMark: true,
    text: (person) => (holds(person) ? (isInactive(person) ? "○" : "●") : ""),
    className: rowLook,
    says: (person) => `${shown(person.email)}, ${called}: ${holds(person) ? HELD : NOT_HELD}`,
    act: (person) => setGrant(person, account, called, holds(person)),
  };
}

function setGrant({ email }, account, called, isHeld) {
  const done = isHeld ? `${called} is taken from ${email}` : `${called} is granted to ${email}`;
  tell(isHeld ? "DELETE" : "PUT", `${userPath(email)}/accounts/${account}`, undefined, done);
}
