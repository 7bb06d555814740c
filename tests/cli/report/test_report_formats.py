"""What each format shows, and what names from outside can never make of it."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from corpus import NAMES, steering_of_lines

from pulumi_conduit.cli import escaping
from pulumi_conduit.cli.report import json_data, markdown, page, text
from pulumi_conduit.cli.report.companies import CompanyChange, CompanyReport
from pulumi_conduit.cli.report.person import PersonChange, PersonReport
from pulumi_conduit.cli.report.plan import PlanDiagnostic
from pulumi_conduit.cli.report.report import Report, evaluate_limits, read_report

GOLDEN = Path(__file__).parent / "golden" / "roster-edit.md"
DOCUMENTED = Path(__file__).parents[3] / "docs" / "report.md"
ACCOUNTS = {1: "Retail", 2: "Travel", 3: "Finance", 4: "Health", 5: "Media"}
NONE = {"deactivations": 0, "revocations": 0, "reactivations": 0, "adoptions": 0, "promotions": 0}
every_name = pytest.mark.parametrize("name", NAMES.values(), ids=list(NAMES))


def hostile(name):
    """Return a report that has one name in every tenant that others can fill."""
    person = PersonReport(
        name, name, name, "READ_ONLY", effects=(PersonChange.DEACTIVATED, PersonChange.PROMOTED), before=frozenset({1})
    )
    kept = PersonReport(f"{name}2", "", name, kept=frozenset({1}), adoptions=1, revoked=frozenset({1}))
    effects = (CompanyChange.CREATED, CompanyChange.NAMED, CompanyChange.ADOPTED)
    company = CompanyReport(name, name, effects, old_name=name, new_name=name)
    warning = PlanDiagnostic("warning", f"urn:pulumi:dev::a::b::{name}", name)
    return Report((person, kept), (company,), (warning,), {}, name, shows_kept=False, names={1: name})


def rendered(form, report):
    """Return a report, with every limit exceeded, in a format."""
    return form.render(report, evaluate_limits(report, NONE))


class Tags(HTMLParser):
    """Collects what a browser would make of a page, or of the HTML in a comment."""

    def __init__(self, html):
        """Parse it whole."""
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.text = [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        """Keep an element and its attributes."""
        self.tags.append(tag)
        self.attributes += attributes

    def handle_data(self, data):
        """Keep a text."""
        self.text.append(data)


def test_a_stranger_finds_the_five_facts_of_a_roster_edit(recorded):
    """One joins, one leaves, one is promoted, two accounts change: the comment is the one that is kept as its model."""
    report = replace(read_report(recorded("roster edit")), names=ACCOUNTS, reported_at="2026-11-29 12:05 UTC")

    shown = markdown.render(report, evaluate_limits(report, {"deactivations": 0}))

    assert GOLDEN.read_text(encoding="utf-8") == shown


def test_the_documented_comment_is_the_real_one():
    """What the docs show as an example is what the tests hold."""
    assert GOLDEN.read_text(encoding="utf-8") in DOCUMENTED.read_text(encoding="utf-8")


@every_name
def test_a_comment_holds_names_in_code_spans_only(name):
    """What is left of a comment when its code spans are gone is ours, whoever chose the names."""
    shown = rendered(markdown, hostile(name))
    spans = re.compile(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)")

    assert spans.sub("`", rendered(markdown, hostile("a"))) == spans.sub("`", shown)
    assert [] == steering_of_lines(shown)


@every_name
def test_no_line_of_a_comment_begins_with_a_name(name):
    """GitLab takes a line that begins with a slash for a command, and build servers one that begins with colons."""
    starts = ("", "<", "#", ">", "|", "-", "A", "N", "*", "1 resource")

    assert all(line.startswith(starts[1:]) or not line for line in rendered(markdown, hostile(name)).split("\n"))


@every_name
def test_a_page_is_the_same_whatever_the_names(name):
    """No name makes an element or an attribute, or comes out of its own; a page holds one script, and that is ours."""
    shown, plain = Tags(rendered(page, hostile(name))), Tags(rendered(page, hostile("a")))

    assert plain.tags == shown.tags
    assert [name for name, _ in plain.attributes] == [name for name, _ in shown.attributes]
    assert escaping.terminal(name) in "".join(shown.text)
    assert [] == steering_of_lines(rendered(page, hostile(name)))


@every_name
def test_a_terminal_is_never_steered_by_a_report(name):
    """Plain text has as many lines as there are facts, whatever the names."""
    shown = rendered(text, hostile(name))

    assert [] == steering_of_lines(shown)
    assert rendered(text, hostile("a")).count("\n") == shown.count("\n")


@every_name
def test_json_holds_the_very_names(name):
    """A machine gets what is there, and whatever prints the JSON stays unharmed."""
    shown = rendered(json_data, hostile(name))
    told = json.loads(shown)

    assert (name, name) == (told["people"][0]["email"], told["people"][0]["loses"][0]["name"])
    assert shown.isascii()
    assert [] == steering_of_lines(shown)


@pytest.mark.parametrize("form", [text, markdown, page])
@pytest.mark.parametrize("name", ["=cmd()", "+1", "@SUM(A1)", "-2"])
def test_no_report_puts_a_formula_into_a_spreadsheet(form, name):
    """Copied and pasted, a cell that begins with a name is text."""
    assert f">{name}" not in rendered(form, hostile(name))
    assert f"`{name}" not in rendered(form, hostile(name))
    assert not [line for line in rendered(form, hostile(name)).split("\n") if line.startswith(name)]


def test_a_page_asks_for_nothing_and_runs_its_own_script_only(recorded):
    """Its policy forbids all but the style and the script whose digests it names, and it refers to no address."""
    shown = page.render(read_report(recorded("whole plan")), [])
    policy = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', shown)[0]
    parts = [re.findall(rf"<{tag}>(.*?)</{tag}>", shown, re.DOTALL)[0] for tag in ("style", "script")]
    digests = [page._digest(one) for one in parts]

    assert (
        f"default-src 'none'; style-src '{digests[0]}'; script-src '{digests[1]}'; base-uri 'none'; form-action 'none'"
        == policy
    )
    assert not re.search(r"https?:|url\(|@import|<link|src=|href=", shown)


def test_a_page_has_the_matrix_before_and_after(recorded):
    """Each cell says what becomes of one account of one person, in a word for screen readers."""
    report = replace(read_report(recorded("whole plan")), names=ACCOUNTS)
    grid = page.render(report, []).partition('id="matrix"')[2]
    rows = re.findall(
        r'<tr class="(\w+)"><th scope="row"><span class="email">(\w+)@.*?</th>(.*?)</tr>', grid, re.DOTALL
    )
    cells = {who: re.findall(r'<td(?: class="(\w+)" aria-label="\w+")?>', line) for _, who, line in rows}

    assert {
        "grace": ["lost", "lost", "", "", ""],
        "ada": ["kept", "lost", "", "", "gained"],
        "joan": ["gained", "", "", "gained", ""],
        "alan": ["kept", "kept", "kept", "", ""],
    } == cells
    assert ["changed", "changed", "changed", "same"] == [kind for kind, _, _ in rows]


def test_a_page_says_when_the_plan_does_not_show_what_is_kept(recorded):
    """A matrix of changes only must not be taken for everything."""
    hint = "The plan holds what it changes only."

    assert hint in page.render(read_report(recorded("roster edit")), [])
    assert hint not in page.render(read_report(recorded("whole plan")), [])


@pytest.mark.parametrize("form", [text, markdown, page])
def test_a_plan_without_changes_says_so(recorded, form):
    """No news is reported as such, and no table is empty."""
    shown = form.render(read_report(recorded("nothing")), [])

    assert "nobody&#39;s access changes" in shown or "no access changes" in shown
    assert "What happens" not in shown


@pytest.mark.parametrize("form", [text, markdown, page])
def test_what_others_do_is_counted_and_what_is_renamed_only_is_too(recorded, form):
    """Nothing in the plan is passed over in silence."""
    others = form.render(read_report(recorded("others")), [])
    renamed = form.render(read_report(recorded("renamed")), [])

    assert "Not covered, because other providers manage it: 1 create, 1 update." in others
    assert "2 resources renamed or replaced in the state only: nothing changes." in renamed


def test_a_comment_fits_whatever_the_plan_and_says_what_is_left_out():
    """GitHub takes 65,536 characters; the counts at its head stay whole."""
    people = tuple(
        PersonReport(
            f"person-{n}@acme.example", "", "N" * 200, effects=(PersonChange.CREATED,), after=frozenset(range(20))
        )
        for n in range(800)
    )
    warnings = tuple(PlanDiagnostic("warning", "a::b", f"{n} {'W' * 900}") for n in range(100))

    shown = markdown.render(Report(people, (), warnings), [])

    assert len(shown) < 65_536
    assert "### Access plan: 800 created, 800 gain accounts" in shown
    told = shown.count("| `person-")
    assert f"**{800 - told} more do not fit here**: see the report as HTML or JSON." in shown
    assert re.search(r"- and \d+ more\n", shown)


@pytest.mark.parametrize("count", [31, 1_000, 20_000])
def test_a_user_with_very_many_accounts_hides_no_other_in_a_comment(count):
    """The row names the person and the first accounts, and the people after it are shown, too."""
    first = PersonReport("ann@acme.example", "", "Ann", effects=(PersonChange.CREATED,), after=frozenset(range(count)))
    second = PersonReport("bob@acme.example", "", "Bob", effects=(PersonChange.CREATED,), after=frozenset({1}))

    report = Report((first, second), ())

    shown = markdown.render(report, [])
    assert f"account 29, and {count - 30} more |" in shown
    assert "| `bob@acme.example`" in shown
    assert "do not fit" not in shown
    assert f"account {count - 1}" in text.render(report, [])
