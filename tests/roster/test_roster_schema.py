"""The JSON Schema for editors: up to date, valid itself, and of one mind with the reader."""

import subprocess
import sys
from pathlib import Path

import jsonschema_rs
import pytest
import yaml
from roster_files import person_in_yaml, problems_of, read

import pulumi_conduit.roster
from pulumi_conduit.roster.model import COMPANY, PERSON
from pulumi_conduit.roster.schema import roster_schema

FILE = Path(pulumi_conduit.roster.__file__).parent / "roster.schema.json"
COMPANIES = person_in_yaml() + "companies:\n- {company_id: ACME, %s}\n"
RIGHT = {
    "least": person_in_yaml(),
    "everything": person_in_yaml(
        type="STANDARD",
        view="RESEARCH",
        sso_access="true",
        access="exclusive",
        status="INACTIVE",
        send_email="'false'",
        on_conflict="adopt",
        on_destroy="retain",
        x_team="navy",
        accounts="[1, '2', Travel, a]",
    )
    + "groups: {a: [1], 'b c': [Travel]}\nx_more: [anything]\n",
    "companies": COMPANIES % "name: Acme, page_enabled: false, on_conflict: adopt, on_destroy: retain, x_a: 1",
    "defaults": "defaults: {people: {accounts: [1], type: STANDARD}, companies: {on_destroy: retain}}\n"
    + person_in_yaml(),
}
WRONG = {
    "nobody": "people: []\n",
    "no people": "groups: {a: [1]}\n",
    "a section": person_in_yaml() + "gruops: {}\n",
    "a key": person_in_yaml(team="x"),
    "an address": person_in_yaml(email="ada"),
    "a word": person_in_yaml(type="ADMIN"),
    "a word of users": person_in_yaml(on_destroy="error"),
    "a boolean": person_in_yaml(sso_access="'yes'"),
    "no accounts": person_in_yaml(accounts="[]"),
    "accounts": person_in_yaml(accounts="1"),
    "a negative account": person_in_yaml(accounts="[-1]"),
    "a leading zero": person_in_yaml(accounts="['010']"),
    "a large account": person_in_yaml(accounts="[9007199254740992]"),
    "an empty name": person_in_yaml(first_name="''"),
    "a long name": person_in_yaml(first_name="W" * 1025),
    "no name": "people: [{email: a@b.example, first_name: A, accounts: [1]}]\n",
    "a file": "people: people.txt\n",
    "a group": person_in_yaml() + "groups: {'1': [1]}\n",
    "a group like an account id": person_in_yaml() + "groups: {'7.0': [1]}\n",
    "a group like two account ids": person_in_yaml() + "groups: {'1, 2': [1]}\n",
    "an empty group": person_in_yaml() + "groups: {a: []}\n",
    "a company id": person_in_yaml() + "companies: [{company_id: A-1}]\n",
    "a company without an id": person_in_yaml() + "companies: [{name: Acme}]\n",
    "a company's word": COMPANIES % "on_destroy: deactivate",
    "a company's key": COMPANIES % "nmae: Acme",
    "a default of one": "defaults: {people: {email: x@y.example}}\n" + person_in_yaml(),
    "a list as the default of a label": "defaults: {people: {x_team: [a]}}\n" + person_in_yaml(),
    "defaults of nothing": "defaults: {persons: {}}\n" + person_in_yaml(),
}


@pytest.fixture(scope="module")
def validator():
    """Give what judges as an editor would."""
    return jsonschema_rs.validator_for(roster_schema())


def test_the_file_is_what_the_columns_make():
    """Whoever changes a column writes the file anew: python -m pulumi_conduit.roster.schema."""
    command = [sys.executable, "-m", "pulumi_conduit.roster.schema"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own interpreter

    assert FILE.read_text(encoding="utf-8") == printed.stdout


def test_every_column_is_explained():
    """An editor shows it while one types."""
    properties = roster_schema()["properties"]

    people, companies = properties["people"]["oneOf"][0]["items"], properties["companies"]["items"]
    assert {*PERSON} == {name for name, one in people["properties"].items() if one["description"]}
    assert {*COMPANY} == {name for name, one in companies["properties"].items() if one["description"]}


def test_the_schema_is_a_schema():
    """It obeys the draft that it names."""
    assert jsonschema_rs.meta.is_valid(roster_schema())


@pytest.mark.parametrize("roster", RIGHT.values(), ids=RIGHT)
def test_what_is_right_is_right_to_both(validator, roster):
    """An editor marks nothing that the reader takes."""
    assert read(roster, "roster.yaml").people
    assert [] == [str(error) for error in validator.iter_errors(yaml.safe_load(roster))]


@pytest.mark.parametrize("roster", WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_wrong_to_both(validator, roster):
    """An editor marks it before the reader refuses it."""
    assert problems_of(roster, "roster.yaml")
    assert not validator.is_valid(yaml.safe_load(roster))
