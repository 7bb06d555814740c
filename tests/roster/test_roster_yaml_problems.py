"""What is wrong with a roster in YAML, each with its place."""

import pytest
import yaml
from roster_files import ADA_IN_YAML, person_in_yaml, problems_of

from pulumi_conduit.enums import UserView
from pulumi_conduit.roster import yaml_file

NOBODY = "declares no person; to remove all people, remove the Roster from the program"
SECTIONS = "a roster has keys: defaults, groups, people, companies"
GROUP_NAME = "groups: the name of a group must not be a number and must not hold |"
TWO_OF_EACH = """\
people:
- {email: ada@acme.example, first_name: Ada, last_name: Lovelace, accounts: [1]}
- {email: ADA@ACME.example, first_name: Ada, last_name: Byron, accounts: [1]}
companies:
- company_id: ACME
- company_id: acme
"""

PROBLEMS = [
    ("", ["1:1: is empty"]),
    ("# nothing\n", ["2:1: is empty"]),
    ("just text", [f"1:1: {SECTIONS}"]),
    ("- a\n- b\n", [f"1:1: {SECTIONS}"]),
    ("groups: {}\n", [f"1:1: {NOBODY}"]),
    ("people: []\n", [f"1:1: {NOBODY}"]),
    ("people: {}\n", ["1:9: 'people' must be a list"]),
    ("people: people.txt\n", ["1:9: 'people' must be a list"]),
    ("people: [x]\ncompanies: x\n", ["1:10: a row must have keys: email", "2:12: 'companies' must be a list"]),
    ("people: [*a]\n", ["1:10: an alias, '*a': not supported, write it out"]),
    ("people: &a []\n", ["1:9: an anchor, '&a': not supported"]),
    ("x_a: !!python/name:os.system\n", ["1:6: a tag, 'tag:yaml.org,2002:python/name:os.system': not supported"]),
    ("x_a: !!str x\n", ["1:6: a tag, 'tag:yaml.org,2002:str': not supported, every value is text"]),
    ("? [a]\n: b\npeople: []\n", ["1:3: a key must be text"]),
    ("people: []\n---\npeople: []\n", ["2:1: a second document; a roster is one"]),
    ("a: b: c\n", ["1:5: is not valid YAML: mapping values are not allowed"]),
    ("people:\n\t- a\n", ["2:1: is not valid YAML: while scanning for the next token"]),
    ("people: [\n", ["is not valid YAML: while parsing a flow"]),
    ("x_deep: " + "[" * 500, ["1:24: is nested deeper than 16 levels"]),
    ("groups: []\n", ["1:9: 'groups' must have keys"]),
    ("groups: {1: [2]}\n", [f"1:10: {GROUP_NAME}"]),
    ("groups: {a|b: [2]}\n", [f"1:10: {GROUP_NAME}"]),
    ("groups: {7.0: [1]}\n", [f"1:10: {GROUP_NAME}"]),
    ("groups: {'1,2': [1]}\n", [f"1:10: {GROUP_NAME}"]),
    ("groups: {'010': [1]}\n", [f"1:10: {GROUP_NAME}"]),
    ('groups: {"Caf\\u00e9": [1], "Cafe\\u0301": [2]}\n', ["the key 'Caf\u00e9' is duplicate; first in line 1"]),
    ("defaults: {people: {x_team: [a]}}\n", ["1:29: x_team: must be a single value"]),
    ("groups: {a: [b], b: [2]}\n", ["1:14: accounts: 'b' is a group, and groups cannot be nested"]),
    ("groups: {a: []}\n", ["1:13: group 'a': must hold at least one account"]),
    ("defaults: {poeple: {}}\n", ["1:12: 'poeple' has no defaults; did you mean 'people'?"]),
    ("defaults: {people: []}\n", ["1:20: the defaults of people must have keys"]),
    ("defaults: {people: *a}\n", ["1:20: an alias, '*a': not supported, write it out"]),
    ("defaults: {people: {email: x}}\n", ["1:21: 'email' is not a key of the defaults of people"]),
    ("defaults: {companies: {on_destroy: no}}\n", ["1:36: on_destroy: must be one of error, retain, disable_page"]),
]
ROWS = [
    ("", "3: accounts: is required"),
    ("accounts: 1", "13: accounts: must be a list"),
    ("accounts: *a", "13: an alias, '*a': not supported, write it out"),
    ("accounts: [*a]", "14: an alias, '*a': not supported, write it out"),
    ("accounts: [1], type: *a", "24: an alias, '*a': not supported, write it out"),
    ("accounts: []", "13: accounts: must hold at least one account"),
    ("accounts: [1], type: ''", "24: type: has no value; omit it, or give one"),
    ("accounts: [1], type: [STANDARD]", "24: type: must be a single value"),
    ("accounts: [1], email: x", "18: the key 'email' is duplicate; first in line 2"),
    ("accounts: [1], team: x", "18: 'team' is not a key of this row"),
    ("accounts: [1], x_: x", "18: 'x_' is not a key of this row"),
    ("accounts: [1], x_team: [x]", "26: x_team: must be a single value"),
    ("accounts: [1], Type: x", "18: 'Type' is not a key of this row; did you mean 'type'?"),
]


@pytest.fixture(params=["libyaml", "pure Python"], autouse=True)
def loader(request, monkeypatch):
    """Read by both of PyYAML's parsers."""
    if request.param == "pure Python":
        monkeypatch.setattr(yaml_file, "_LOADER", yaml.SafeLoader)


@pytest.mark.parametrize(("content", "problems"), PROBLEMS, ids=[content[:20] for content, _ in PROBLEMS])
def test_a_problem_is_reported_with_its_position(content, problems):
    """One line each; nothing else is said of what was reported already."""
    found = problems_of(content, "roster.yaml")

    assert [True] * len(problems) == [part in line for part, line in zip(problems, found, strict=True)], found


def test_a_file_deeper_than_a_parser_goes_is_one_problem():
    """From some depth on libyaml gives up by itself, before it has reported the position where ours is reached."""
    (found,) = problems_of("x_deep: " + "[" * 5000, "roster.yaml")

    assert "is nested deeper than 16 levels" in found or "exceeded maximum nesting depth" in found


@pytest.mark.parametrize(("more", "problem"), ROWS)
def test_a_problem_of_a_row_is_reported_with_its_position(more, problem):
    """The value's place where a value is wrong, the key's where a key is, and the row's where something is missing."""
    (found,) = problems_of(f"people:\n- {{{ADA_IN_YAML},\n  {more}}}\n", "roster.yaml")

    line = 2 if "is required" in problem else 3
    assert found.startswith(f"roster.yaml:{line}:{problem}")


def test_companies_are_the_same_in_any_case():
    """And people are, too."""
    assert [
        "roster.yaml:3:3: email: 'ada@acme.example' is declared twice; first at roster.yaml:2:3",
        "roster.yaml:6:3: company_id: 'acme' is declared twice; first at roster.yaml:5:3",
    ] == problems_of(TWO_OF_EACH, "roster.yaml")


def test_an_admin_and_other_words_that_the_apis_do_not_take_are_refused():
    """They read as in a program."""
    roster = person_in_yaml(
        type="ADMIN", status="active", view="ALL", access="all", on_conflict="x", on_destroy="error"
    )

    assert [
        "roster.yaml:6:9: type: an ADMIN can neither be created nor managed by this API; declare READ_ONLY or STANDARD",
        "roster.yaml:7:11: status: must be one of ACTIVE, INACTIVE",
        f"roster.yaml:8:9: view: must be one of {', '.join(UserView.__members__)}",
        "roster.yaml:9:11: access: must be one of additive, exclusive",
        "roster.yaml:10:16: on_conflict: must be one of error, reactivate_inactive, adopt",
        "roster.yaml:11:15: on_destroy: must be one of deactivate, retain",
    ] == problems_of(roster, "roster.yaml")
