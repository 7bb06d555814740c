"""The page about rosters, held to the reader."""

import re
from pathlib import Path

import pytest
from roster_files import problems_of, read

from pulumi_conduit.roster.model import COMPANY, PERSON
from pulumi_conduit.roster.rows import MAX_ROWS
from pulumi_conduit.roster.source import MAX_BYTES

PAGE = (Path(__file__).parents[2] / "docs" / "roster.md").read_text(encoding="utf-8")
BAD_YAML = """\
people: people.csv
groups:
  analysts: [1]
  everybody: [1, 2]
gruops:
  sales: [3]
"""
BAD_CSV = """\
email,first_name,last_name,type,accounts
ada@acme.example,Ada,Lovelace,STANDARD,1
alan@acme.example,Alan,Turing,ADMIRAL,1
Ada@acme.example,Ada,Byron,,1
grace@acme.example,Grace,Hopper,,Travl
"""


def example(heading, language):
    """Return the first example under a heading."""
    return re.findall(rf"## {heading}.*?```{language}\n(.*?)```", PAGE, re.DOTALL)[0]


def listed(first):
    """Return the columns that the list below these words has."""
    rows = re.findall(rf"Of {first}:\n\n(.*?)\n\n", PAGE, re.DOTALL)[0].splitlines()
    return {name for row in rows for name in re.findall(r"`(\w+)`", row.partition(":")[0])}


def test_the_csv_can_be_copied():
    """It is a roster as it stands."""
    ada, grace = read(example("People in CSV", "csv")).people

    assert ((1, 2), (2,)) == (ada.accounts, grace.accounts)
    assert grace.is_exclusive


def test_the_yaml_can_be_copied():
    """With its groups, defaults and companies."""
    roster = read(example("Everything in YAML", "yaml"), "roster.yaml")

    assert [(1, 2, 4), (1,)] == [one.accounts for one in roster.people]
    assert ["READ_ONLY", "retain"] == [roster.people[1].type, roster.companies[0].on_destroy]


@pytest.mark.parametrize(("first", "columns"), [("people", PERSON), ("companies", COMPANY)])
def test_every_column_is_documented(first, columns):
    """No more and no less."""
    assert {*columns} == listed(first)


def test_the_problems_shown_are_what_is_said():
    """Word by word."""
    said = problems_of(BAD_YAML, "roster.yaml", beside={"people.csv": BAD_CSV})

    assert said == example("What is wrong with a file", "text").splitlines()


def test_the_limits_are_those_of_the_code():
    """A page that names others would mislead."""
    assert f"at most {MAX_BYTES // 1024**2} MiB, {MAX_ROWS:,} people and {MAX_ROWS:,} companies" in PAGE
