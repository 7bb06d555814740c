"""What tests read off the console, and what they do to it; knows the page's elements, and no sandbox."""

from __future__ import annotations

HELD, NOT_HELD, HELD_WHILE_INACTIVE = "●", "", "○"
CELLS = """
const rows = [...document.querySelectorAll('#people tbody tr:not([hidden])')];
return rows.map((row) => [...row.cells].map((cell) => cell.textContent));
"""
LOG = "return [...document.querySelectorAll('#log > li')].map((each) => each.innerText.replace(/\\s+/g, ' ').trim())"
LOOKING = """
Object.defineProperty(document, 'hidden', {{value: {}, configurable: true}});
document.dispatchEvent(new Event('visibilitychange'))"""
LOOK, LOOK_AWAY = LOOKING.format("false"), LOOKING.format("true")


def row_of(page, email):
    """Return the texts of a person's row."""
    return next(row for row in page.evaluate(CELLS) if row[0] == email)


def cell(page, email, column):
    """Return the cell of a person in a column, counted from the left."""
    script = """return [...document.querySelectorAll('#people tbody tr')]
        .find((row) => row.cells[0].textContent === arguments[0]).cells[arguments[1]]"""
    return page.evaluate(script, email, column)
