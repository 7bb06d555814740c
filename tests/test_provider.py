"""What every state refers to must never change: type tokens, provider references, property names."""

import base64

import pytest
from pulumi.dynamic.dynamic import serialize_provider

import pulumi_conduit as conduit
from pulumi_conduit import provider
from pulumi_conduit.program.roster import RosterShard

REFERENCES = {
    provider.Company: "gASVKgAAAAAAAACMF3B1bHVtaV9jb25kdWl0LnByb3ZpZGVylIwHQ29tcGFueZSTlCmBlC4=",
    provider.ConductorUser: "gASVMAAAAAAAAACMF3B1bHVtaV9jb25kdWl0LnByb3ZpZGVylIwNQ29uZHVjdG9yVXNlcpSTlCmBlC4=",
    provider.AccountAccess: "gASVMAAAAAAAAACMF3B1bHVtaV9jb25kdWl0LnByb3ZpZGVylIwNQWNjb3VudEFjY2Vzc5STlCmBlC4=",
    provider.AccountList: "gASVLgAAAAAAAACMF3B1bHVtaV9jb25kdWl0LnByb3ZpZGVylIwLQWNjb3VudExpc3SUk5QpgZQu",
    provider.RosterShard: "gASVLgAAAAAAAACMF3B1bHVtaV9jb25kdWl0LnByb3ZpZGVylIwLUm9zdGVyU2hhcmSUk5QpgZQu",
}
TOKENS = {
    conduit.Company: "pulumi-python:dynamic/conduit:Company",
    conduit.ConductorUser: "pulumi-python:dynamic/conduit:ConductorUser",
    conduit.UserAccountAccess: "pulumi-python:dynamic/conduit:UserAccountAccess",
    conduit.UserAccountAccessExclusive: "pulumi-python:dynamic/conduit:UserAccountAccessExclusive",
    RosterShard: "pulumi-python:dynamic/conduit:RosterShard",
}


@pytest.mark.parametrize("kind", REFERENCES, ids=lambda kind: kind.__name__)
def test_a_provider_is_a_constant_reference_of_at_most_80_bytes(kind):
    """States hold this text for years: a change of it would be a change of every resource."""
    assert REFERENCES[kind] == serialize_provider(kind())
    assert len(REFERENCES[kind]) <= 80


@pytest.mark.parametrize("kind", REFERENCES, ids=lambda kind: kind.__name__)
def test_a_reference_of_an_old_state_still_finds_its_provider(kind):
    """A read or delete years later loads what an old state holds."""
    import dill  # noqa: PLC0415 - Pulumi's own dependency

    loaded = dill.loads(base64.b64decode(REFERENCES[kind]))  # noqa: S301 - the constant above

    assert type(loaded) is kind
    assert vars(loaded) == {}
    assert not loaded.serialize_as_secret_always


@pytest.mark.parametrize("kind", TOKENS, ids=lambda kind: kind.__name__)
def test_a_type_token_never_changes(kind):
    """The engine finds resources in the state by it."""
    assert TOKENS[kind] == kind.type_token()
