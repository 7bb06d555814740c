"""Drift made in the console, in a real browser: by mouse, by keyboard and in dialogs."""

from __future__ import annotations

import tenants
from console_elements import HELD, HELD_WHILE_INACTIVE, LOG, LOOK_AWAY, NOT_HELD, cell, row_of
from selenium.webdriver.common.keys import Keys
from tenants import ADA


def test_a_click_grants_and_takes_away_and_the_log_says_so(console, sandbox):
    """The state changes, the cell and the log show it, and the log of API requests knows nothing of it."""
    page = console(tenants.ada)

    cell(page, ADA, 5).click()
    page.until(lambda: row_of(page, ADA)[5] == HELD)
    cell(page, ADA, 3).click()
    page.until(lambda: row_of(page, ADA)[3] == NOT_HELD)

    assert [3, 4] == sandbox.conductor.user(ADA)["accounts"]
    newest, before, *_ = page.evaluate(LOG)
    assert newest.endswith(f"outside DELETE /users/{ADA}/accounts/1 200 {ADA} \N{MINUS SIGN} 1 Retail")
    assert before.endswith(f"outside PUT /users/{ADA}/accounts/3 200 {ADA} + 3 Finance")
    assert f"1 Retail is taken from {ADA}" == page.find("#done").text
    assert [] == sandbox.requests


def test_everything_goes_by_keyboard(console, sandbox):
    """From the top of the page: to the table by Tab, to the cell by arrows, and Enter deactivates."""
    page = console(tenants.ada)
    page.find("#reset").send_keys("")
    page.evaluate("document.querySelector('#filter').focus()")
    page.press(Keys.TAB)
    assert "ada@acme.example" == page.focused().text
    page.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ENTER)
    page.until(lambda: row_of(page, ADA)[2] == "INACTIVE")
    assert "INACTIVE" == page.focused().text
    page.press(Keys.ARROW_LEFT, " ")
    page.until(lambda: row_of(page, ADA)[1] == "READ_ONLY")
    page.press(Keys.END, Keys.ARROW_UP, Keys.SPACE)
    page.until(lambda: row_of(page, ADA)[-1] == HELD_WHILE_INACTIVE)

    user = sandbox.conductor.user(ADA)
    assert ("INACTIVE", "READ_ONLY", [1, 4, 99]) == (user["status"], user["type"], user["accounts"])
    assert "ada@acme.example, 99 Somebody else's: held, Enter takes it away" == page.find("#hint").text
    page.press(Keys.TAB)
    assert "ada@acme.example" != page.evaluate("return document.activeElement.parentElement.cells?.[0].textContent")


def test_a_dialog_changes_what_was_touched_and_gives_the_focus_back(console, sandbox):
    """Enter on a person opens it, Enter saves, Escape leaves all as it was; what others change meanwhile stays."""
    page = console(tenants.ada)
    page.evaluate("document.querySelector('#people tbody th').focus()")
    page.press(Keys.ENTER)
    page.until(lambda: page.find("#person").is_displayed())
    assert "Edit ada@acme.example" == page.find("#person h2").text
    assert "first_name" == page.focused().get_attribute("name")
    sandbox.conductor.edit_user(ADA, type="READ_ONLY")
    page.press(Keys.END, *[Keys.BACKSPACE] * 3, "Augusta", Keys.ENTER)
    page.until(lambda: not page.find("#person").is_displayed())
    page.until(lambda: 'first_name "Ada" → "Augusta"' in page.evaluate(LOG)[0])

    user = sandbox.conductor.user(ADA)
    assert ("Augusta", "Lovelace", "READ_ONLY") == (user["first_name"], user["last_name"], user["type"])
    assert ADA == page.focused().text
    page.press(Keys.ENTER)
    page.until(lambda: page.find("#person").is_displayed())
    page.press("Nobody", Keys.ESCAPE)
    page.until(lambda: not page.find("#person").is_displayed())
    assert user == sandbox.conductor.user(ADA)


def test_a_company_is_added_closed_renamed_and_removed(console, sandbox):
    """Each is one dialog or one cell."""
    page = console()
    page.find("#add-company").click()
    page.find("#company [name=id]").send_keys("ACME")
    page.find("#company [name=name]").send_keys("Acme", Keys.ENTER)
    page.until(lambda: page.all("#companies tbody tr"))
    page.find("#companies td:nth-child(3)").click()
    page.until(lambda: page.find("#companies td:nth-child(3)").text == "closed")
    page.find("#companies td:nth-child(2)").click()
    page.find("#company [name=name]").send_keys(" Corporation", Keys.ENTER)
    page.until(lambda: page.find("#companies td:nth-child(2)").text == "Acme Corporation")

    company = sandbox.link.company("ACME")
    assert ("Acme Corporation", False) == (company["name"], company["page_enabled"])
    page.find("#companies th[scope=row]").click()
    page.find("#company [data-remove]").click()
    page.until(lambda: not page.all("#companies tbody tr"))
    assert {} == sandbox.link.companies()


def test_a_person_is_added_and_no_user_is_overwritten(console, sandbox):
    """Who is there already is not put anew, and says so; a wrong account is the sandbox's to refuse."""
    page = console(tenants.ada)
    page.find("#add-person").click()
    page.find("#person [name=email]").send_keys("ADA@acme.example", Keys.ENTER)
    page.until(lambda: page.find("#person .problem").text == "ADA@acme.example is there already")
    page.fill("#person [name=email]", "bob@acme.example")
    page.find("#person [name=accounts]").send_keys(", 77", Keys.ENTER)
    page.until(lambda: page.find("#person .problem").text == "the sandbox has no account 77")
    page.press(Keys.BACKSPACE, Keys.ENTER)
    page.until(lambda: not page.find("#person").is_displayed())
    page.until(lambda: len(page.all("#people tbody tr")) == 4)

    assert [1, 7] == sandbox.conductor.user("bob@acme.example")["accounts"]
    assert "Ada" == sandbox.conductor.user(ADA)["first_name"]


def test_a_refused_edit_is_reported(console, sandbox):
    """A click on what has changed meanwhile shows the sandbox's message."""
    page = console(tenants.ada)
    page.evaluate(LOOK_AWAY)
    sandbox.conductor.remove_grant(ADA, 1)

    cell(page, ADA, 3).click()

    page.until(lambda: page.find("#done").text == "user 'ada@acme.example' does not hold account 1")
    assert [4] == sandbox.conductor.user(ADA)["accounts"]


def test_reset_asks_first(console, sandbox):
    """Cancel leaves everybody there; Reset does not, and empties the log."""
    page = console(tenants.ada)
    page.find("#reset").click()
    page.find("#resetting [data-cancel]").click()
    assert ADA in sandbox.conductor.users()
    page.find("#reset").click()
    page.find("#resetting [type=submit]").click()
    page.until(lambda: len(page.all("#people tbody tr")) == 2)

    assert ADA not in sandbox.conductor.users()
    assert [] == page.evaluate(LOG)
