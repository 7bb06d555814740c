"""The sandbox's console in a real browser: it shows what is there, changes it, and takes no text for anything else."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import tenants
from attacker import attacking
from selenium.webdriver.common.keys import Keys

from pulumi_conduit.sandbox import Sandbox

# The corpus of hostile names belongs to the hostile tests.
sys.path.insert(0, str(Path(__file__).parents[1] / "hostile"))
from corpus import NAMES, SPEAKABLE, steering_of_lines

ADA = "ada@acme.example"
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
CONTRAST = """
const light = (text) => {
  const parts = text.match(/[\\d.]+/g).map(Number).slice(0, 3).map((each) => each / 255);
  const [r, g, b] = parts.map((each) => each <= 0.03928 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const behind = (each) => {
  const colour = getComputedStyle(each).backgroundColor;
  return colour === 'rgba(0, 0, 0, 0)' ? behind(each.parentElement) : colour;
};
const seen = [...document.querySelectorAll('body *')].filter((each) =>
  each.checkVisibility() && [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
return seen.map((each) => {
  const [one, other] = [light(getComputedStyle(each).color), light(behind(each))].sort((a, b) => b - a);
  return [Math.round((one + 0.05) / (other + 0.05) * 100) / 100, `${each.className} ${each.textContent}`];
});
"""


@pytest.fixture(scope="module")
def running_sandbox():
    """Start one sandbox for all: to stop one takes longer than most tests."""
    with Sandbox.start() as running:
        yield running


@pytest.fixture
def sandbox(running_sandbox):
    """Return a sandbox as it was at its start."""
    running_sandbox.reset()
    return running_sandbox


@pytest.fixture
def console(page, sandbox):
    """Return a way to open the console, which then shows what is there."""

    def show(prepare=None):
        if prepare:
            prepare(sandbox)
        page.open(f"{sandbox.link_url}/")
        page.find("#people tbody tr")
        page.until(lambda: page.find("#pulse").text == "live", "live")
        return page

    return show


def put_ada(sandbox):
    """Put one person who holds two accounts."""
    sandbox.conductor.put_user(ADA, first_name="Ada", last_name="Lovelace", type="STANDARD", accounts=[1, 4])


def row_of(page, email):
    """Return the texts of a person's row."""
    return next(row for row in page.evaluate(CELLS) if row[0] == email)


def cell(page, email, column):
    """Return the cell of a person in a column, counted from the left."""
    script = """return [...document.querySelectorAll('#people tbody tr')]
        .find((row) => row.cells[0].textContent === arguments[0]).cells[arguments[1]]"""
    return page.evaluate(script, email, column)


def test_the_page_asks_nobody_but_the_sandbox(console, sandbox):
    """From the first request to the last it stays at home, and the browser has nothing against it."""
    page = console(tenants.documented)
    page.find("#log li")

    assert {sandbox.link_url} == {url[: len(sandbox.link_url)] for url in page.requested()}
    assert [] == page.complaints()


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


def test_a_click_grants_and_takes_away_and_the_log_says_so(console, sandbox):
    """The state changes, the cell and the log show it, and the log of API requests knows nothing of it."""
    page = console(put_ada)

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
    page = console(put_ada)
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
    page = console(put_ada)
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


def test_a_person_is_added_and_nobody_is_overwritten(console, sandbox):
    """Who is there already is not put anew, and says so; a wrong account is the sandbox's to refuse."""
    page = console(put_ada)
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


def test_a_refused_edit_is_told(console, sandbox):
    """Whoever clicks on what is no longer so is told what the sandbox says."""
    page = console(put_ada)
    page.evaluate(LOOK_AWAY)
    sandbox.conductor.remove_grant(ADA, 1)

    cell(page, ADA, 3).click()

    page.until(lambda: page.find("#done").text == "user 'ada@acme.example' does not hold account 1")
    assert [4] == sandbox.conductor.user(ADA)["accounts"]


def test_reset_asks_first(console, sandbox):
    """Cancel leaves everybody there; Reset does not, and empties the log."""
    page = console(put_ada)
    page.find("#reset").click()
    page.find("#resetting [data-cancel]").click()
    assert ADA in sandbox.conductor.users()
    page.find("#reset").click()
    page.find("#resetting [type=submit]").click()
    page.until(lambda: len(page.all("#people tbody tr")) == 2)

    assert ADA not in sandbox.conductor.users()
    assert [] == page.evaluate(LOG)


def test_the_page_is_live_but_not_while_nobody_looks(console, sandbox):
    """What happens elsewhere shows by itself; a hidden page asks for nothing, and catches up when it is seen again."""
    page = console(put_ada)
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


def test_a_sandbox_that_is_gone_is_told_and_found_again(page):
    """While it is away the page says so, and shows the next one at the same place by itself."""
    with Sandbox.start() as first:
        port = int(first.link_url.rpartition(":")[2])
        page.open(f"{first.link_url}/")
        page.until(lambda: page.find("#pulse").text == "live")
    page.until(lambda: page.find("#pulse").text == "not reachable")
    with Sandbox.start(port=port) as second:
        put_ada(second)
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


def test_hostile_texts_stay_texts(console, sandbox):
    """Names of people, accounts and companies, and paths, are shown and do nothing; what hides is shown escaped."""

    def prepare(sandbox):
        for number, text in enumerate(NAMES.values(), 200):
            sandbox.conductor.add_account(number, text)
            sandbox.conductor.put_user(f"p{number}@x.example", first_name=text, last_name=text, accounts=[number])
            sandbox.link.put_company(f"C{number}", name=text)
        sandbox.conductor.put_user("<img>@x.example", accounts=[1])
        sandbox.conductor.put_user("\u202e<b>`@\u200bx.example", accounts=[1])
        sandbox.link.add_app("img")
        with tenants.session("no-token") as anybody:
            for text in NAMES.values():
                anybody.request("GET", f"{sandbox.link_url}/link/{tenants.quoted(text)}?{tenants.quoted(text)}=1")

    page = console(prepare)
    elements = "return [...new Set([...document.querySelectorAll('body *')].map((each) => each.localName))].sort()"
    seen = page.evaluate("return document.body.innerText")
    names = page.evaluate("return [...document.querySelectorAll('#companies td')].map((each) => each.textContent)")

    assert set(SPEAKABLE.values()) <= set(names)
    assert [] == steering_of_lines(seen.replace("\t", ""))
    assert {"img", "iframe", "a", "b", "script", "svg"} & set(page.evaluate(elements)) == {"b"}  # the log's own
    for person in page.all("#people tbody th")[-3:]:
        person.click()
        page.until(lambda: page.find("#person").is_displayed())
        assert [] == steering_of_lines(page.find("#person h2").text)
        page.press(Keys.ESCAPE)
    assert {sandbox.link_url} == {url[: len(sandbox.link_url)] for url in page.requested()}
    assert [] == page.complaints()


def test_markup_is_refused_by_the_browser_itself(console):
    """Even a mistake in a script could not make a text into markup, run something inline or ask somebody else."""
    page = console()
    attempt = """try { document.body.innerHTML = '<i>x</i>'; return 'done' } catch (error) { return error.name }"""
    assert "TypeError" == page.evaluate(attempt)
    page.evaluate("""
        const inline = document.createElement('style');
        inline.textContent = 'body {display: none}';
        document.head.append(inline);
    """)
    assert page.find("header").is_displayed()
    beyond = "return fetch('http://127.0.0.1:1/').catch((error) => error.name)"
    assert "TypeError" == page.evaluate(beyond)

    assert 3 == len([each for each in page.complaints() if "Content Security Policy" in each])


def test_another_page_can_neither_press_the_buttons_nor_frame_them(page, sandbox):
    """What a hostile site can make a browser send changes nothing: fetches of every kind, and forms."""
    put_ada(sandbox)
    orders = """
    const target = arguments[0];
    const ada = target + '/_sandbox/users/ada@acme.example';
    const sent = [
      fetch(target + '/_sandbox/reset', {method: 'POST', mode: 'no-cors'}),
      fetch(target + '/_sandbox/reset', {method: 'POST', mode: 'no-cors', referrerPolicy: 'no-referrer'}),
      fetch(target + '/_sandbox/clock', {method: 'POST', mode: 'no-cors', body: '{"advance_s": 99999}'}),
      fetch(ada, {method: 'DELETE'}),
      fetch(ada, {method: 'PATCH', headers: {'Content-Type': 'application/json'}, body: '{"status": "INACTIVE"}'}),
      fetch(target + '/_sandbox/state'),
    ];
    document.getElementById('reset').submit();
    document.getElementById('clock').submit();
    return Promise.allSettled(sent).then((all) => all.map((each) => each.value?.type ?? 'failed'));
    """
    before = sandbox.dump()
    with attacking(sandbox.link_url) as url:
        page.open(url)
        outcome = page.evaluate(orders, sandbox.link_url)
        page.evaluate("return new Promise((done) => setTimeout(done, 300))")
        framed = page.complaints()
        page.driver.get("about:blank")

    assert ["opaque", "opaque", "opaque", "failed", "failed", "failed"] == outcome
    assert before == sandbox.dump()
    assert any("frame-ancestors" in each or "X-Frame-Options" in each for each in framed)


def test_two_hundred_people_by_forty_accounts_stay_readable(console):
    """The names of people and accounts stay in sight wherever one scrolls, and nothing spills out of the page."""
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

    assert [] == [text for ratio, text in page.evaluate(CONTRAST) if ratio < 4.5]
    pictured(f"console-{scheme}")
    assert [] == page.complaints()
