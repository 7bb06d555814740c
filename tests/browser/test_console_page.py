"""The sandbox's console in a real browser: what it shows, how it keeps up, and that it can be read."""

from __future__ import annotations

import pytest
import tenants
from console_elements import CELLS, HELD, HELD_WHILE_INACTIVE, LOOK, LOOK_AWAY, NOT_HELD, cell, row_of
from selenium.webdriver.common.keys import Keys
from tenants import ADA

from pulumi_conduit.sandbox import Sandbox


def test_the_matrix_is_the_state(console, sandbox):
    """Every person has a row and every account a column, and what is held, and what an INACTIVE person holds, shows."""
    page = console(tenants.documented)

    users = sandbox.conductor.users()
    accounts = sandbox.conductor.accounts()
    expected = []
    for email, user in sorted(users.items()):
        held = HELD if user["status"] == "ACTIVE" else HELD_WHILE_INACTIVE
        marks = [held if account in user["accounts"] else NOT_HELD for account in accounts]
        expected.append([email, user["type"], user["status"], *marks])
    assert expected == page.evaluate(CELLS)
    assert [f"{key} {name}" for key, name in accounts.items()] == [each.text for each in page.all("#people th.mark")]
    assert "15 people, 37 grants, 1 inactive" == page.find("#access-count").text
    assert ["ACME", "GLOBEX", "INITECH"] == [each.text for each in page.all("#companies tbody th")]
    assert ["open", "closed", "open"] == [each.text for each in page.all("#companies td:nth-child(3)")]


def test_the_console_fits_a_phone(console):
    """At 390 px the page does not scroll sideways: its tables do, each in its own box."""
    page = console(tenants.documented)
    page.resize(390, 844)

    assert page.evaluate("return document.documentElement.scrollWidth <= window.innerWidth")


def test_the_page_refreshes_but_not_while_it_is_hidden(console, sandbox):
    """What happens elsewhere shows by itself; a hidden page asks for nothing, and catches up when it is seen again."""
    page = console(tenants.ada)
    sandbox.conductor.edit_user(ADA, status="INACTIVE")
    page.until(lambda: row_of(page, ADA)[2] == "INACTIVE")

    page.evaluate(LOOK_AWAY)
    page.until(lambda: page.find("#pulse").text == "paused")
    sandbox.conductor.edit_user(ADA, status="ACTIVE")
    page.forget()
    page.evaluate("return new Promise((done) => setTimeout(done, 1500))")
    assert ([], "INACTIVE") == (page.requested(), row_of(page, ADA)[2])

    page.evaluate(f"{LOOK}; {LOOK_AWAY}")
    page.evaluate("return new Promise((done) => setTimeout(done, 1500))")
    assert (1, "paused") == (len(page.requested()), page.find("#pulse").text)
    sandbox.conductor.edit_user(ADA, type="READ_ONLY")
    page.evaluate(LOOK)
    page.until(lambda: row_of(page, ADA)[1:3] == ["READ_ONLY", "ACTIVE"])


def test_a_stopped_sandbox_is_reported_and_found_again(page):
    """While it is away the page says so, and shows the next one at the same place by itself."""
    with Sandbox.start() as first:
        port = int(first.link_url.rpartition(":")[2])
        page.open(f"{first.link_url}/")
        page.until(lambda: page.find("#pulse").text == "live")
    page.until(lambda: page.find("#pulse").text == "not reachable")
    with Sandbox.start(port=port) as second:
        tenants.ada(second)
        page.until(lambda: page.find("#pulse").text == "live")
        assert [ADA, "admin@sandbox.example", "other@sandbox.example"] == [row[0] for row in page.evaluate(CELLS)]
        page.driver.get("about:blank")


def test_people_are_filtered_by_keyboard(console):
    """A slash goes to the field, what is typed chooses, the count follows, and Escape shows all again."""
    page = console(tenants.documented)
    page.press("/", "globex")
    page.until(lambda: len(page.evaluate(CELLS)) == 4)
    assert "4 people, 8 grants" == page.find("#access-count").text
    page.press(Keys.TAB)
    assert "edsger@globex.example" == page.focused().text
    page.press("/", Keys.ESCAPE)

    assert 15 == len(page.evaluate(CELLS))


def test_the_log_can_be_cleared_and_narrowed_down(console, sandbox):
    """Changes only hides what changed nothing; cleared is cleared for this page only."""
    page = console(tenants.documented)
    shown = "return [...document.querySelectorAll('#log > li')].filter((each) => each.checkVisibility()).length"
    everything = page.evaluate(shown)
    page.find("#only-changes").click()
    assert everything - 3 == page.evaluate(shown)  # a login, a list and a 404
    page.find("#clear").click()
    assert (0, "0 events") == (page.evaluate(shown), page.find("#story-count").text)
    asked = len(sandbox.requests)
    sandbox.conductor.edit_user(ADA, type="READ_ONLY")
    page.until(lambda: page.evaluate(shown) == 1)

    assert asked == len(sandbox.requests)


def test_two_hundred_people_by_forty_accounts_stay_readable(console):
    """The names of people and accounts stay visible wherever one scrolls, and nothing spills out of the page."""
    scroll = """
    const [pane, account, person] = [...arguments].map((css) => document.querySelector(css));
    pane.scrollTo(300, 2500);
    const [outer, top, left] = [pane, account, person].map((each) => each.getBoundingClientRect());
    const spilt = document.documentElement.scrollWidth - innerWidth;
    return [pane.scrollTop, top.top - outer.top, left.left - outer.left, spilt];
    """
    page = console(tenants.large)
    rows = page.evaluate(CELLS)

    assert (200, 43) == (len(rows), len(rows[0]))
    for size in (1280, 800), (1920, 1080), (700, 900):
        page.resize(*size)
        last = "#people thead th:last-child"
        assert [2500, 0, 0, 0] == page.evaluate(scroll, "#access .pane", last, "#people tbody tr:nth-child(110) th")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_console_is_readable_and_pictured(console, pictured, sandbox, scheme):
    """Every text stands out from what is behind it, in light and in dark; so do the pictures of the documentation."""
    page = console(tenants.documented)
    page.prefer(scheme)
    page.find("#log li:nth-child(30)")
    cell(page, "barbara@acme.example", 6).click()
    page.until(lambda: row_of(page, "barbara@acme.example")[6] == HELD)

    assert [] == page.faint()
    pictured(f"console-{scheme}")
    assert [] == page.complaints()
