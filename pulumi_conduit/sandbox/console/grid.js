// A table in which every cell can be reached by the arrow keys and does something; knows nothing of what is in it.
//
// A column: key, header, text(record), and as it likes: className(record), says(record) for the hint and the ear,
// act(record), label for a column that is wider than its header says, isMark for one that holds a mark only.

import { byId, element } from "./text.js";

const MOVES = {
  ArrowUp: (at) => ({ ...at, row: at.row - 1 }),
  ArrowDown: (at) => ({ ...at, row: at.row + 1 }),
  ArrowLeft: (at) => ({ ...at, column: at.column - 1 }),
  ArrowRight: (at) => ({ ...at, column: at.column + 1 }),
  PageUp: (at) => ({ ...at, row: at.row - 10 }),
  PageDown: (at) => ({ ...at, row: at.row + 10 }),
  Home: (at, event) => ({ row: event.ctrlKey ? 0 : at.row, column: 0 }),
  End: (at, event) => ({ row: event.ctrlKey ? Infinity : at.row, column: Infinity }),
};
const NEWS_MS = 6000;

export class Grid {
  #table;
  #columns = [];
  #shape = "";
  #isNew = true;
  #pointed = null;
  #rows = new Map();
  #head = element("thead");
  #body = element("tbody");
  #bands = element("colgroup");

  constructor(table) {
    this.#table = table;
    table.append(this.#bands, this.#head, this.#body);
    table.addEventListener("keydown", (event) => this.#press(event));
    table.addEventListener("click", (event) => this.#act(cellOf(event)));
    table.addEventListener("focusin", (event) => this.#hold(cellOf(event)));
    table.addEventListener("mouseover", (event) => this.#point(cellOf(event)));
    table.addEventListener("mouseleave", () => this.#point(null));
  }

  /** Show these records, each under its key, in this order. */
  show(columns, records, keyOf) {
    this.#reshape(columns);
    const keys = new Set(records.map(keyOf));
    for (const [key, row] of this.#rows) if (!keys.has(key)) this.#drop(key, row);
    records.forEach((record, index) => this.#place(record, keyOf(record), index));
    this.#isNew = false;
    this.#keepOneStop();
    this.#hint();
  }

  /** Show only the rows whose record passes. */
  filter(passes) {
    for (const row of this.#rows.values()) row.hidden = !passes(row.record);
    this.#keepOneStop();
  }

  #reshape(columns) {
    this.#columns = columns;
    const shape = JSON.stringify(columns.map(({ key, header }) => [key, header]));
    if (shape === this.#shape) return;
    this.#shape = shape;
    this.#isNew = true;
    this.#rows.clear();
    this.#body.replaceChildren();
    this.#bands.replaceChildren(...columns.map(() => element("col")));
    this.#head.replaceChildren(element("tr", {}, ...columns.map(headerOf)));
  }

  #drop(key, row) {
    const next = row.contains(document.activeElement) && (row.nextElementSibling ?? row.previousElementSibling);
    row.remove();
    this.#rows.delete(key);
    if (next) next.cells[0].focus();
  }

  #place(record, key, index) {
    const row = this.#rows.get(key) ?? this.#make(key);
    row.record = record;
    this.#columns.forEach((column, at) => fill(row.cells[at], column, record));
    if (this.#body.children[index] !== row) this.#body.insertBefore(row, this.#body.children[index] ?? null);
  }

  #make(key) {
    const row = element("tr", {}, ...this.#columns.map(cellFor));
    for (const cell of row.cells) cell.isQuiet = this.#isNew;
    this.#rows.set(key, row);
    return row;
  }

  #keepOneStop() {
    const held = this.#body.querySelector('[tabindex="0"]');
    if (held && !held.parentElement.hidden) return;
    if (held) held.tabIndex = -1;
    const first = this.#visible()[0];
    if (first) first.cells[0].tabIndex = 0;
  }

  #visible() {
    return [...this.#body.rows].filter((row) => !row.hidden);
  }

  #press(event) {
    const cell = cellOf(event);
    if (!cell || event.altKey || event.metaKey) return;
    if (event.key === "Enter" || event.key === " ") this.#act(cell);
    else if (MOVES[event.key]) this.#move(cell, MOVES[event.key], event);
    else return;
    event.preventDefault();
  }

  #move(cell, move, event) {
    const rows = this.#visible();
    const to = move({ row: rows.indexOf(cell.parentElement), column: cell.cellIndex }, event);
    const row = rows[Math.max(0, Math.min(to.row, rows.length - 1))];
    row.cells[Math.max(0, Math.min(to.column, row.cells.length - 1))].focus();
  }

  #act(cell) {
    const column = cell && this.#columns[cell.cellIndex];
    if (!column?.act) return;
    cell.focus();
    column.act(cell.parentElement.record);
  }

  #hold(cell) {
    if (!cell) return;
    for (const other of this.#body.querySelectorAll('[tabindex="0"]')) other.tabIndex = -1;
    cell.tabIndex = 0;
    this.#point(cell);
  }

  #point(cell) {
    this.#pointed = cell;
    const at = cell ? cell.cellIndex : -1;
    const mark = (each, index) => each.classList.toggle("pointed", index === at && this.#columns[at].isMark);
    [...this.#bands.children].forEach(mark);
    [...this.#head.rows[0].cells].forEach(mark);
    this.#hint();
  }

  // Said again after each change: what Enter would do is another thing then.
  #hint() {
    const cell = this.#pointed;
    if (!cell?.isConnected) return;
    byId("hint").textContent = this.#columns[cell.cellIndex].says?.(cell.parentElement.record) ?? cell.textContent;
  }
}

function cellOf(event) {
  return event.target.closest("tbody td, tbody th");
}

function headerOf({ header, isMark, className }) {
  const text = element("span", { textContent: header });
  return element("th", { scope: "col", className: isMark ? "mark" : "", title: header }, text);
}

function cellFor(column, index) {
  const cell = element(index === 0 ? "th" : "td", { tabIndex: -1 });
  if (index === 0) cell.scope = "row";
  cell.setAttribute("role", index === 0 ? "rowheader" : "gridcell");
  return cell;
}

function fill(cell, column, record) {
  const text = column.text(record);
  const look = `${column.isMark ? "mark " : ""}${column.className?.(record) ?? ""}`;
  if (cell.look !== look) cell.className = cell.look = look;
  if (cell.isFilled && cell.textContent === text) return;
  cell.textContent = text;
  if (column.isMark) cell.setAttribute("aria-label", column.says(record));
  if (!cell.isQuiet) flash(cell);
  cell.isFilled = true;
  cell.isQuiet = false;
}

function flash(cell) {
  cell.classList.add("news");
  clearTimeout(cell.settling);
  cell.settling = setTimeout(() => cell.classList.remove("news"), NEWS_MS);
}
