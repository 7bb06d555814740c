"""Rosters in YAML: every scalar is text, and nothing of YAML that hides what is said."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from roster_files import HEADER, csv_of, person_in_yaml, problems_of, quoted, read

from pulumi_conduit.errors import is_invisible
from pulumi_conduit.resources.fields import composed
from pulumi_conduit.roster import yaml_file

WHOLE = """\
x_owner: HR
defaults:
  people: {type: STANDARD, accounts: [analysts]}
  companies: {on_destroy: retain}
groups:
  analysts: [1, Travel]
people:
- email: Ada@acme.example
  first_name: Ada
  last_name: Lovelace
- {email: alan@acme.example, first_name: Alan, last_name: Turing, type: READ_ONLY,
   accounts: [4, analysts], x_team: navy}
companies:
- company_id: ACME
  name: Acme Corporation
  page_enabled: false
- {company_id: b2, on_destroy: disable_page, on_conflict: adopt, x_team: navy}
"""


@pytest.fixture(params=["libyaml", "pure Python"], autouse=True)
def loader(request, monkeypatch):
    """Read by both of PyYAML's parsers."""
    if request.param == "pure Python":
        monkeypatch.setattr(yaml_file, "_LOADER", yaml.SafeLoader)


def test_every_section_is_read():
    """Defaults fill what a row leaves open, groups stand for their accounts, and companies are there."""
    roster = read(WHOLE, "roster.yaml")

    ada, alan = roster.people
    acme, other = roster.companies
    assert ("ada@acme.example", "STANDARD", (1, 2)) == (ada.email, ada.type, ada.accounts)
    assert ("READ_ONLY", (1, 2, 4), {"x_team": "navy"}) == (alan.type, alan.accounts, alan.labels)
    assert ("ACME", "Acme Corporation", False, "retain", None) == (
        acme.company_id,
        acme.name,
        acme.page_enabled,
        acme.on_destroy,
        acme.on_conflict,
    )
    assert ("b2", None, None, "disable_page", "adopt") == (
        other.company_id,
        other.name,
        other.page_enabled,
        other.on_destroy,
        other.on_conflict,
    )


def test_the_people_may_stand_in_a_csv_file_beside_it():
    """Groups and defaults hold for them, too."""
    roster = WHOLE[: WHOLE.index("people:\n- ")] + "people: team.CSV\n"
    people = csv_of("a@b.example,A,B", header="email,first_name,last_name")
    named = csv_of("c@d.example,C,D,analysts|4")

    (one,) = read(roster, "roster.yaml", beside={"team.CSV": people}).people
    (other,) = read(roster, "roster.yaml", beside={"team.CSV": named}).people

    assert ("STANDARD", (1, 2)) == (one.type, one.accounts)
    assert (1, 2, 4) == other.accounts


def test_a_default_label_holds_for_rows_without_their_own():
    """A roster can be split by it, whether its people are in YAML or in CSV."""
    defaults = "defaults: {people: {x_team: navy}, companies: {x_team: trade}}\n"
    companies = "companies: [{company_id: A1}]\n"
    people = csv_of("a@b.example,A,B,1,", "c@d.example,C,D,1,research", header=f"{HEADER},x_team")

    in_yaml = read(defaults + person_in_yaml() + companies, "roster.yaml")
    in_csv = read(f"{defaults}people: team.csv\n", "roster.yaml", beside={"team.csv": people})

    assert [{"x_team": "navy"}, {"x_team": "trade"}] == [in_yaml.people[0].labels, in_yaml.companies[0].labels]
    assert [{"x_team": "navy"}, {"x_team": "research"}] == [one.labels for one in in_csv.people]


def test_a_csv_file_of_nobody_is_named_by_the_problem():
    """The roster in YAML is right, and the file that it names has only the columns."""
    roster = "people: team.csv\n"

    assert [
        "team.csv:1:1: declares no person; to remove all people, remove the Roster from the program"
    ] == problems_of(roster, "roster.yaml", beside={"team.csv": f"{HEADER}\n"})


def test_problems_of_both_files_come_together():
    """Each says in which file it is."""
    roster = "people: team.csv\ngruops: {}\n"

    assert [
        "roster.yaml:2:1: 'gruops' is not a section of a roster; did you mean 'groups'?",
        "team.csv:2:1: email: must be an email address in ASCII",
    ] == problems_of(roster, "roster.yaml", beside={"team.csv": csv_of("x,A,B,1")})


def test_a_missing_csv_file_is_reported_where_it_is_named():
    """That is the line to correct."""
    (problem,) = problems_of("people: gone.csv\n", "roster.yaml")

    assert problem == "roster.yaml:1:9: 'gone.csv' cannot be read: No such file or directory"


@pytest.mark.parametrize(
    "text", ["010", "1:30", "no", "Null", "~", "true", "1e3", "2026-01-01", "0x1F", ".inf", "=", "<<"]
)
def test_every_scalar_is_text(text):
    """What other readers take for a number, a date or nothing is somebody's name."""
    (person,) = read(person_in_yaml(first_name=text, last_name=text), "roster.yaml").people

    assert (text, text) == (person.first_name, person.last_name)


@pytest.mark.parametrize(("text", "flag"), [("true", True), ("TRUE", True), ("'false'", False), ("False", False)])
def test_true_and_false_are_the_only_booleans(text, flag):
    """In any case, since spreadsheets shout."""
    (person,) = read(person_in_yaml(sso_access=text), "roster.yaml").people

    assert flag is person.sso_access


@pytest.mark.parametrize("text", ["yes", "no", "on", "off", "y", "1", "0", "~", "null", "truee"])
def test_other_words_of_yaml_are_no_booleans(text):
    """`no` is also Norway."""
    assert ["roster.yaml:6:15: sso_access: must be true or false"] == problems_of(
        person_in_yaml(sso_access=text), "roster.yaml"
    )


@pytest.mark.parametrize("text", ["1", "'1'", '"1"'])
def test_an_account_id_is_decimal_digits(text):
    """Quotes make no difference, since every scalar is text."""
    (person,) = read(person_in_yaml(accounts=f"[{text}]"), "roster.yaml").people

    assert (1,) == person.accounts


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("010", "an account id has no leading zero"),
        ("00", "an account id has no leading zero"),
        ("9007199254740992", "must be a whole number from 0 to 9007199254740991"),
        ("9" * 5000, "must be a whole number from 0 to 9007199254740991"),
        ("-1", "'-1' is neither a group nor an account that this identity owns"),
        ("1:30", "'1:30' is neither a group nor"),
        ("1e3", "'1e3' is neither a group nor"),
        ("٣", "'٣' is neither a group nor"),
        ("1_000", "'1_000' is neither a group nor"),
        ("[1]", "must be a single value"),
        ("{a: 1}", "must be a single value"),
        ("''", "has no value; omit it, or give one"),
        ("Double", "'Double' is the name of 2 accounts, 3, 4; write the id of one"),
        ("Travl", "'Travl' is neither a group nor an account that this identity owns; the nearest are 'Travel' (2)"),
    ],
)
def test_what_is_no_account_is_an_error(text, reason):
    """It says what is wrong, and which accounts may have been meant."""
    (problem,) = problems_of(person_in_yaml(accounts=f"[{text}]"), "roster.yaml")

    assert problem.startswith(f"roster.yaml:5:14: accounts: {reason}")


VISIBLE = (
    st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), min_size=1, max_size=20)
    .map(composed)
    .filter(lambda name: name and not any(map(is_invisible, name)))
)


@given(VISIBLE, VISIBLE, st.lists(st.integers(0, 2**53 - 1), min_size=1, max_size=5))
def test_whatever_an_eye_can_see_comes_back(first_name, last_name, accounts):
    """Names are exact, and accounts a set in ascending order."""
    roster = person_in_yaml(first_name=quoted(first_name), last_name=quoted(last_name), accounts=str(accounts))

    (person,) = read(roster, "roster.yaml").people

    assert (first_name, last_name, tuple(sorted(set(accounts)))) == (
        person.first_name,
        person.last_name,
        person.accounts,
    )
