// The companies of every Link APP.

import { editCompany } from "./forms.js";
import { Grid } from "./grid.js";
import { companyPath, tell } from "./orders.js";
import { byId, counted, momentOf, shown } from "./text.js";

const grid = new Grid(byId("companies"));

/** Show the companies of this state. */
export function showCompanies({ apps }) {
  const rows = Object.entries(apps).flatMap(([app, own]) => Object.values(own).map((company) => ({ app, ...company })));
  grid.show(COLUMNS, rows, ({ app, id }) => `${app}/${id}`);
  byId("link-count").textContent = counted(rows.length, "company", "companies");
  byId("companies").hidden = rows.length === 0;
  byId("no-companies").hidden = rows.length > 0;
}

const pageOf = ({ page_enabled }) => (page_enabled ? "open" : "closed");

const toggleOf = ({ page_enabled }) => (page_enabled ? "closes" : "opens");

const COLUMNS = [
  {
    key: "id",
    header: "Company",
    text: ({ id }) => shown(id),
    className: () => "who",
    says: ({ id }) => `${shown(id)}: Enter edits`,
    act: editCompany,
  },
  {
    key: "name",
    header: "Name",
    text: ({ name }) => (name === null ? "" : shown(name)),
    className: () => "name",
    says: ({ id, name }) => `${shown(id)} is called ${name === null ? "nothing" : shown(name)}: Enter renames`,
    act: editCompany,
  },
  {
    key: "page",
    header: "Link page",
    text: pageOf,
    className: (company) => `word page-${pageOf(company)}`,
    says: (company) => `the page of ${shown(company.id)} is ${pageOf(company)}: Enter ${toggleOf(company)} it`,
    act: ({ app, id, page_enabled }) => {
      const done = `the page of ${id} is ${page_enabled ? "closed" : "open"} now`;
      tell("PATCH", companyPath(app, id), { page_enabled: !page_enabled }, done);
    },
  },
  { key: "app", header: "Link APP", text: ({ app }) => shown(app) },
  { key: "created_at", header: "Created", text: ({ created_at }) => momentOf(created_at) },
];
