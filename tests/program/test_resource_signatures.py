"""The classes that programs use, and a roster's columns, have what the tables of properties have."""

import inspect
from types import SimpleNamespace
from typing import Any

import pytest

import pulumi_conduit as conduit
from pulumi_conduit.program import company, conductor_user
from pulumi_conduit.program.roster import Roster
from pulumi_conduit.resources import account_access
from pulumi_conduit.resources.account_access_exclusive import model as account_access_exclusive
from pulumi_conduit.resources.company import model as company_model
from pulumi_conduit.resources.conductor_user import model as user_model
from pulumi_conduit.resources.fields import snake_case
from pulumi_conduit.roster import CompanyRow, PersonRow
from pulumi_conduit.roster.model import COMPANY, PERSON

TABLES = {
    conduit.Company: company_model.PROPERTIES,
    conduit.ConductorUser: user_model.PROPERTIES,
    conduit.UserAccountAccess: account_access.PROPERTIES,
    conduit.UserAccountAccessExclusive: account_access_exclusive.PROPERTIES,
}
EVERY_ROW_HAS_THE_SAME = {"profile"}


def properties(table):
    """Return the Python names in a table; `import_id` is an option of Pulumi's."""
    return {snake_case(name) for name in table} - {"import_id"}


@pytest.mark.parametrize("resource", TABLES)
def test_a_resource_takes_the_properties_of_its_table(resource):
    """One that is only in the table could not be declared; one that is only in the class would be refused."""
    arguments = inspect.signature(resource).parameters.keys() - {"resource_name", "opts"}

    assert properties(TABLES[resource]) == arguments


@pytest.mark.parametrize("resource", TABLES)
def test_a_resource_has_an_output_for_each_property(resource):
    """What was declared can be read."""
    assert properties(TABLES[resource]) <= resource.__annotations__.keys()


@pytest.mark.parametrize(("module", "table"), [(company, company_model), (conductor_user, user_model)])
def test_what_is_only_read_has_each_property(module, table):
    """`get` fills the outputs that it names."""
    assert properties(table.PROPERTIES) - EVERY_ROW_HAS_THE_SAME == set(module._ARGUMENTS)


def test_a_person_in_a_roster_may_have_each_property():
    """Accounts are a column with a mode; the profile is the roster's."""
    expected = properties(user_model.PROPERTIES) - {"initial_accounts"} - EVERY_ROW_HAS_THE_SAME

    assert expected | {"accounts", "access"} == PERSON.keys()


def test_a_company_in_a_roster_may_have_each_property():
    """The profile is the roster's."""
    assert properties(company_model.PROPERTIES) - EVERY_ROW_HAS_THE_SAME == COMPANY.keys()


NOWHERE: Any = None
ROSTER: Any = SimpleNamespace(_resource_name="team", _child_opts=None, _profile=None)


def test_a_roster_declares_people_with_each_property(mocker):
    """A cell that was read, and not passed on, would be ignored without a word."""
    declared = mocker.patch("pulumi_conduit.program.roster.ConductorUser")

    Roster._user(ROSTER, PersonRow(NOWHERE, "ada@acme.example", "Ada", "Lovelace", (1,)))

    assert properties(user_model.PROPERTIES) == declared.call_args.kwargs.keys()


def test_a_roster_declares_companies_with_each_property(mocker):
    """Likewise."""
    declared = mocker.patch("pulumi_conduit.program.roster.Company")

    Roster._company(ROSTER, CompanyRow(NOWHERE, "acme"))

    assert properties(company_model.PROPERTIES) == declared.call_args.kwargs.keys()
