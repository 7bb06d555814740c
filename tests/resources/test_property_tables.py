"""Each resource's table of properties agrees with the dataclasses of its declaration and its state."""

import dataclasses

import pytest

from pulumi_conduit.resources import account_access, roster_shard
from pulumi_conduit.resources.account_access_exclusive import model as account_access_exclusive
from pulumi_conduit.resources.company import model as company
from pulumi_conduit.resources.conductor_user import model as conductor_user
from pulumi_conduit.resources.fields import camel_case

SPECS = {
    "company": (company.PROPERTIES, company.CompanySpec),
    "user": (conductor_user.PROPERTIES, conductor_user.ConductorUserSpec),
    "grant": (account_access.PROPERTIES, account_access.AccountAccessSpec),
    "list": (account_access_exclusive.PROPERTIES, account_access_exclusive.AccountAccessExclusiveSpec),
    "shard": (
        {name: one for name, one in roster_shard.PROPERTIES.items() if name != "reshardFrom"},
        roster_shard.RosterShardSpec,
    ),
}
STATES = {
    "company": (company.PROPERTIES, company.CompanyState),
    "user": (conductor_user.PROPERTIES, conductor_user.ConductorUserState),
    "grant": (account_access.PROPERTIES, account_access.AccountAccessState),
    "list": (account_access_exclusive.PROPERTIES, account_access_exclusive.AccountAccessExclusiveState),
}


def fields_of(cls):
    """Return the fields of a dataclass by stored names."""
    return {camel_case(field.name): field for field in dataclasses.fields(cls)}


@pytest.mark.parametrize("kind", SPECS)
def test_a_declaration_has_exactly_the_properties_of_the_table(kind):
    """A property that only one of them has would be dropped, or refused, without a word."""
    properties, spec = SPECS[kind]

    assert fields_of(spec).keys() == properties.keys()


@pytest.mark.parametrize("kind", SPECS)
def test_a_declaration_requires_what_the_normal_form_always_has(kind):
    """What is required or has a default is there; anything else may be None."""
    properties, spec = SPECS[kind]
    always = {name for name, one in properties.items() if one.required or one.default is not None}

    assert always == {name for name, field in fields_of(spec).items() if field.default is dataclasses.MISSING}


@pytest.mark.parametrize("kind", STATES)
def test_a_state_records_every_declared_property_but_the_import(kind):
    """Inputs that a refresh returns come from the state."""
    properties, state = STATES[kind]

    assert properties.keys() - {"importId"} <= fields_of(state).keys()


def test_what_the_api_cannot_change_in_a_user_is_marked_in_its_table():
    """Names, view and single sign-on have no endpoint."""
    expected = {"firstName": "first_name", "lastName": "last_name", "view": "view", "ssoAccess": "sso_access"}

    assert conductor_user.IMMUTABLE == expected


def test_a_user_is_compared_by_all_but_what_names_it():
    """Another email is another user, and an import happens once."""
    assert {"email", "importId"} == conductor_user.PROPERTIES.keys() - set(conductor_user.COMPARED)
