// The dialogs: an object as it is, to be saved as it shall be; only what was changed is sent.

import { companyPath, order, userPath } from "./orders.js";
import { byId, element, shown } from "./text.js";

const NOBODY = {
  first_name: "",
  last_name: "",
  type: "READ_ONLY",
  status: "ACTIVE",
  view: "COMPLETE",
  sso_access: false,
};
let apps = [];

/** Know the Link APPs of this state. */
export function knowApps(state) {
  apps = Object.keys(state.apps);
}

/** Open the dialog of a person who is there. */
export function editPerson(person) {
  open("person", `Edit ${shown(person.email)}`, person, {
    save: (fields) => order("PATCH", userPath(person.email), fields, `${person.email} is changed`),
    remove: () => order("DELETE", userPath(person.email), undefined, `${person.email} is removed`),
  });
}

/** Open the dialog of a person who is to be added. */
export function addPerson(isTaken) {
  open("person", "Add a person", { ...NOBODY, email: "", accounts: "1" }, {
    save: ({ email = "", accounts = "1", ...fields }) => {
      // To put over somebody who is there would be another thing than adding.
      if (isTaken(email)) throw new Error(`${email} is there already`);
      const person = { ...NOBODY, ...fields, accounts: numbers(accounts) };
      return order("PUT", userPath(email), person, `${email} is added`);
    },
  });
}

/** Open the dialog of a company that is there. */
export function editCompany(company) {
  const path = companyPath(company.app, company.id);
  open("company", `Edit ${shown(company.id)}`, company, {
    save: (fields) => order("PATCH", path, fields, `${company.id} is changed`),
    remove: () => order("DELETE", path, undefined, `${company.id} is removed`),
  });
}

/** Open the dialog of a company that is to be added. */
export function addCompany(isTaken) {
  const select = byId("company").querySelector("select");
  select.replaceChildren(...apps.map((name) => element("option", { textContent: name })));
  const blank = { app: apps[0], id: "", name: "", page_enabled: true };
  open("company", "Add a company", blank, {
    save: ({ app = apps[0], id = "", ...fields }) => {
      if (isTaken(app, id)) throw new Error(`${id} is there already`);
      return order("PUT", companyPath(app, id), fields, `${id} is added`);
    },
  });
}

/** Ask before everything goes. */
export function reset() {
  const save = () => order("POST", "/reset", undefined, "the sandbox is as new");
  open("resetting", "Reset the sandbox?", {}, { saveAnyway: true, save });
}

/** Make the dialogs' buttons work. */
export function listenToForms() {
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      submit(dialog);
    });
    dialog.querySelector("[data-cancel]").addEventListener("click", () => dialog.close());
    dialog.querySelector("[data-remove]")?.addEventListener("click", () => attempt(dialog, dialog.ways.remove));
  }
}

function open(id, title, values, ways) {
  const dialog = byId(id);
  dialog.ways = ways;
  dialog.querySelector("h2").textContent = title;
  dialog.querySelector(".problem").textContent = "";
  const isNew = !ways.remove;
  for (const label of dialog.querySelectorAll("[data-new]")) setShown(label, isNew);
  const remove = dialog.querySelector("[data-remove]");
  if (remove) remove.hidden = isNew;
  for (const field of fieldsOf(dialog)) put(field, values[field.name]);
  dialog.showModal();
}

function setShown(label, isShown) {
  label.hidden = !isShown;
  label.querySelector("input, select").disabled = !isShown;
}

// What the browser makes of a text (no newlines, say) is remembered, so that a field nobody touched is not sent.
function put(field, value) {
  if (field.type === "checkbox") field.checked = value ?? false;
  else field.value = value ?? "";
  field.was = valueOf(field);
}

const fieldsOf = (dialog) => [...dialog.querySelectorAll("input, select")];
const valueOf = (field) => (field.type === "checkbox" ? field.checked : field.value);

function submit(dialog) {
  const touched = fieldsOf(dialog).filter((field) => !field.disabled && valueOf(field) !== field.was);
  if (touched.length === 0 && !dialog.ways.saveAnyway) return dialog.close();
  const fields = Object.fromEntries(touched.map((field) => [field.name, valueOf(field)]));
  return attempt(dialog, () => dialog.ways.save(fields));
}

async function attempt(dialog, way) {
  try {
    await way();
    dialog.close();
  } catch (error) {
    dialog.querySelector(".problem").textContent = shown(error.message);
  }
}

const numbers = (text) => text.split(",").filter((part) => part.trim()).map(Number);
