"""The report as a page, in a real browser: a matrix of 500 people and 40 accounts, found by eye and by keyboard."""

import random

import pytest
from corpus import NAMES
from selenium.webdriver.common.keys import Keys

from pulumi_conduit.cli.report import page as html
from pulumi_conduit.cli.report.person import PersonChange, PersonReport
from pulumi_conduit.cli.report.report import Report, evaluate_limits

PEOPLE, ACCOUNTS = 500, 40
FIRST = ("Ada", "Grace", "Alan", "Joan", "Edsger", "Barbara", "Donald", "Radia", "Ken", "Frances")
LAST = ("Lovelace", "Hopper", "Turing", "Clarke", "Dijkstra", "Liskov", "Knuth", "Perlman", "Thompson", "Allen")
TRADES = ("Retail", "Travel", "Finance", "Health", "Media", "Energy", "Food", "Sports", "Education", "Insurance")
PARTS = ("EMEA", "Americas", "Asia Pacific", "Nordics")


NO_CHANGE: tuple[PersonChange, ...] = ()
NOTHING: frozenset[int] = frozenset()


def somebody(number, dice):
    """Return one of 500 people, every twelfth of whom changes."""
    first, last = FIRST[number % 10], LAST[number // 10 % 10]
    before = frozenset(dice.sample(range(1, ACCOUNTS + 1), dice.randint(2, 9)))
    after, effects, revoked = before, NO_CHANGE, NOTHING
    kind = number // 12 % 5 if number % 12 == 0 else None
    if kind == 0:
        before, effects = frozenset(), (PersonChange.CREATED,)
    elif kind == 1:
        after, effects = frozenset(), (PersonChange.DEACTIVATED,)
    elif kind == 2:
        effects = (PersonChange.PROMOTED,)
    elif kind is not None:
        revoked = frozenset(sorted(before)[:1])
        after = (before - revoked) | frozenset(dice.sample(range(1, ACCOUNTS + 1), 2))
    email = f"{first}.{last}{number}@acme.example".lower()
    return PersonReport(
        email, "", f"{first} {last}", "READ_ONLY", effects=effects, before=before, after=after, revoked=revoked
    )


@pytest.fixture(scope="module")
def big():
    """Return a report of 500 people and 40 accounts, all of them shown."""
    dice = random.Random(4)  # noqa: S311 - no secret, and the same each time
    people = tuple(somebody(number, dice) for number in range(PEOPLE))
    names = {one + 1: f"{TRADES[one % 10]} {PARTS[one // 10]}" for one in range(ACCOUNTS)}
    return Report(people, (), shows_kept=True, names=names)


@pytest.fixture
def shown(page, tmp_path):
    """Return a function that opens a report in the browser, from a file, and returns the page."""

    def show(report, limits=()):
        file = tmp_path / "report.html"
        file.write_text(html.render(report, evaluate_limits(report, dict(limits))), encoding="utf-8")
        page.open(file.as_uri())
        return page

    return show


def visible_rows(page):
    """Return the addresses in the lines of the matrix that can be seen."""
    script = (
        "return [...document.querySelectorAll('.grid tbody tr')].filter(row => row.offsetParent)"
        ".map(row => row.querySelector('.email').textContent)"
    )
    return page.evaluate(script)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_matrix_is_calm_and_readable(shown, pictured, big, scheme):
    """The picture in the docs is of those who change among 500 people, in either scheme."""
    page = shown(big)
    page.prefer(scheme)
    page.evaluate("document.getElementById('matrix').scrollIntoView()")
    page.evaluate("document.querySelector('.grid').scrollTo(0, 1230)")

    pictured(f"report-matrix-{scheme}")


def test_a_page_asks_for_nothing_and_nothing_is_refused(shown, big):
    """The browser saw the file and no other request, and had nothing to complain of."""
    page = shown(big)

    assert [url for url in page.requested() if not url.startswith("file:")] == []
    assert page.complaints() == []


def test_only_who_changes_is_shown_until_everybody_is_asked_for(shown, big):
    """A reviewer sees 42 lines, and all 500 at a keystroke; no script is needed."""
    page = shown(big)
    before = len(visible_rows(page))
    page.find("#only-changed").send_keys(Keys.SPACE)

    assert (len(big.changed_people), PEOPLE) == (before, len(visible_rows(page)))


def test_a_person_is_found_by_a_part_of_the_name(shown, big):
    """The search narrows the lines by address, name and what happens."""
    page = shown(big)
    page.find("#only-changed").send_keys(Keys.SPACE)
    page.find("#find").send_keys("radia perlman")

    found = visible_rows(page)

    assert {"radia.perlman"} == {one.rstrip("0123456789").partition("@")[0].rstrip("0123456789") for one in found}
    assert 0 < len(found) < 20


def test_the_matrix_is_walked_by_keyboard_and_keeps_its_heads_visible(shown, big):
    """Tab leads into the matrix, arrows and the end key move it, and names of people and accounts stay."""
    page = shown(big)
    page.find("#only-changed").send_keys(Keys.SPACE)
    page.find("#find").send_keys(Keys.TAB)
    grid = page.find(".grid")
    assert grid == page.focused()

    page.press(Keys.END)
    page.press(*[Keys.ARROW_RIGHT] * 10)
    page.until(lambda: page.evaluate("const g = arguments[0]; return g.scrollTop > 5000 && g.scrollLeft > 100", grid))

    script = (
        "const g = arguments[0].getBoundingClientRect();"
        "const h = arguments[0].querySelector('thead th:nth-child(20)').getBoundingClientRect();"
        "const p = arguments[0].querySelector('tbody tr:last-child th').getBoundingClientRect();"
        "return [Math.round(h.top - g.top), Math.round(p.left - g.left)]"
    )
    assert all(0 <= distance <= 2 for distance in page.evaluate(script, grid))


def test_a_narrow_window_never_scrolls_the_page_sideways(shown, big):
    """Tables scroll within themselves."""
    page = shown(big)
    page.resize(480, 800)

    assert page.evaluate("return document.documentElement.scrollWidth <= window.innerWidth")


def test_hostile_names_are_text_in_a_real_browser(shown):
    """No name of the corpus becomes an element, a request or a script that runs."""
    people = tuple(
        PersonReport(name, name, name, "READ_ONLY", effects=(PersonChange.CREATED,), after=frozenset({number}))
        for number, name in enumerate(NAMES.values())
    )
    report = Report(people, (), unverified="".join(NAMES.values())[:300], names=dict(enumerate(NAMES.values())))

    page = shown(report, {"adoptions": 0})

    assert page.complaints() == []
    assert [url for url in page.requested() if not url.startswith("file:")] == []
    script = "return [...new Set([...document.body.querySelectorAll('*')].map(e => e.localName))].sort()"
    elements = page.evaluate(script)
    assert not {"img", "a", "b", "iframe", "svg", "object"} & set(elements)
    assert 1 == elements.count("script") == len(page.all("script"))


def test_contrast_is_enough_in_either_scheme(shown, big):
    """What is gained, lost and kept stands out from its background: 4.5 to 1 or more (WCAG 2.2, AA)."""
    script = """
        const light = (text) => { const c = text.match(/[\\d.]+/g).slice(0, 3).map((v) => {
            v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
            return 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2]; };
        const ground = (e) => { const c = getComputedStyle(e).backgroundColor;
            return c === "rgba(0, 0, 0, 0)" && e.parentElement ? ground(e.parentElement) : c; };
        const looked_at = ["td.gained", "td.lost", "td.kept", ".email", ".what"].map((s) => `.grid ${s}`);
        return [...looked_at, ".headline"].map((s) => {
            const e = document.querySelector(s); const [a, b] = [light(getComputedStyle(e).color), light(ground(e))];
            return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05); });
    """
    page = shown(big)
    ratios = []
    for scheme in ("light", "dark"):
        page.prefer(scheme)
        ratios += page.evaluate(script)

    assert [] == [ratio for ratio in ratios if ratio < 4.5]


def test_the_page_fits_a_phone(shown, big):
    """At 390 px nothing but the matrix is wider than the screen, and that scrolls in its own frame."""
    page = shown(big, {"deactivations": 0})
    page.resize(390, 844)

    assert page.evaluate("return document.documentElement.scrollWidth") <= 390
    assert page.evaluate("return document.querySelector('.list').offsetWidth") <= 390
