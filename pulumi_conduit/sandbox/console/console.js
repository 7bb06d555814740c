// The console: one state, shown three ways.

import { showCompanies } from "./companies.js";
import { addCompany, addPerson, knowApps, listenToForms, reset } from "./forms.js";
import { askNow, live } from "./live.js";
import { listenToLog, showLog } from "./log.js";
import { listenToFilter, showMatrix } from "./matrix.js";
import { afterEachOrder, tell } from "./orders.js";
import { byId, shown } from "./text.js";

let state = { users: {}, apps: {} };

function show(latest) {
  state = latest;
  knowApps(state);
  showMatrix(state);
  showCompanies(state);
  showLog(state);
  const turned = Object.entries(state.switches).map(([name, value]) => `${name}=${value}`);
  byId("switches").textContent = shown(turned.join("  "));
}

const isPerson = (email) => Object.keys(state.users).some((each) => each.toLowerCase() === email.toLowerCase());
const isCompany = (app, id) => id.toLowerCase() in state.apps[app];

byId("place").textContent = location.host;
byId("add-person").addEventListener("click", () => addPerson(isPerson));
byId("add-company").addEventListener("click", () => addCompany(isCompany));
byId("void-tokens").addEventListener("click", () => {
  tell("DELETE", "/sessions", undefined, "every access token is void");
});
byId("reset").addEventListener("click", reset);
listenToFilter();
listenToLog();
listenToForms();
afterEachOrder(askNow);
live(show);
