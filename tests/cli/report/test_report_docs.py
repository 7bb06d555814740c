"""The page about reports, held to the command."""

import re
from pathlib import Path

from plan_builder import step, user

from pulumi_conduit.cli.report import json_data
from pulumi_conduit.cli.report.command import command
from pulumi_conduit.cli.report.companies import CompanyChange
from pulumi_conduit.cli.report.person import PersonChange

PAGE = Path(__file__).parents[3].joinpath("docs", "report.md").read_text(encoding="utf-8")


def rows(header):
    """Return the rows of the table whose header begins with this word."""
    return PAGE.partition(f"\n| {header} |")[2].split("\n\n")[0].split("\n")[2:]


def test_every_option_is_documented():
    """The table is the command, no more and no less."""
    listed = {one for row in rows("option") for one in re.findall(r"`(--[\w-]+)`", row.split("|")[1])}
    taken = {one for parameter in command.params for one in parameter.opts if one.startswith("--")}

    assert taken == listed


def test_every_key_of_the_json_is_documented(told):
    """Each key of each object stands in the row of its parent, and every word that can happen, too."""
    company = step("create", "company", "acme", new={"companyId": "ACME"})
    made = json_data.as_data(told(step("create", "user", "ada", new=user()), company), [])
    words = {row.split("|")[1].strip(" `"): set(re.findall(r"`(\w+)`", row)) for row in rows("key")}

    assert made.keys() == words.keys()
    assert set() == made["counts"].keys() - words["counts"]
    assert set() == (made["people"][0].keys() | {fate.name.lower() for fate in PersonChange}) - words["people"]
    assert set() == (made["companies"][0].keys() | {fate.name.lower() for fate in CompanyChange}) - words["companies"]
