"""Tests of the program beside this file. They need no credential, no Pulumi CLI and no network."""

from pathlib import Path

import pytest

PROGRAM = Path(__file__).parent


@pytest.fixture
def tenant(conduit_sandbox):
    """Give a sandbox in which all of it exists."""
    conduit_sandbox.link.put_company("ACME", name="Acme Corporation")
    ada = {"first_name": "Ada", "last_name": "Lovelace", "accounts": [1, 2]}
    conduit_sandbox.conductor.put_user("ada@acme.example", type="STANDARD", **ada)
    conduit_sandbox.forget_requests()
    return conduit_sandbox


def test_nothing_is_written_while_it_is_as_declared(tenant, conduit_stack):
    """All of it is in the state, and the only request that is no read is the login."""
    up = conduit_stack(PROGRAM).up()

    assert up.creates("acme")
    assert up.creates("ada-2")
    assert {"POST /login"} == {route for route in tenant.counts() if not route.startswith("GET ")}


def test_what_differs_is_edited(tenant, conduit_stack):
    """`on_conflict="adopt"` sets the declared type."""
    tenant.conductor.edit_user("ada@acme.example", type="READ_ONLY")

    conduit_stack(PROGRAM).up()

    assert tenant.conductor.user("ada@acme.example")["type"] == "STANDARD"
