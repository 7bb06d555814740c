"""A refresh shows drift as arguments: what it records as inputs is a declaration, and nothing else that the API has."""

import pytest
from declarations import ANN, BOB, account_list, company, grant, user

PROGRAM = {
    "acme": company(name="Acme", pageEnabled=True),
    "bare": company("BARE"),
    "ann": user(),
    "two": grant(2),
    "bob": user(BOB, type="STANDARD", view="RESEARCH", ssoAccess=True),
    "all": account_list(1, 3, email=BOB),
}


@pytest.mark.parametrize("name", PROGRAM)
def test_what_a_refresh_records_as_inputs_could_have_been_declared(sandbox, stack, name):
    """Every recorded input is an argument of its kind; the page's address, times and tenants are none."""
    stack.up(PROGRAM)

    stack.refresh()

    kind, _ = PROGRAM[name]
    assert set() == set(stack.held[name].inputs) - set(stack.handler(kind).properties)


@pytest.mark.parametrize("name", PROGRAM)
def test_a_refresh_without_drift_records_what_was_declared(sandbox, stack, name):
    """Without drift the inputs that a refresh records are those that were there before it."""
    stack.up(PROGRAM)
    before = stack.held[name].inputs

    stack.refresh()

    assert before == stack.held[name].inputs


def test_a_refresh_records_what_drifted_and_is_repaired(sandbox, stack):
    """A name, a page and a type that were changed outside show under their arguments."""
    stack.up(PROGRAM)
    sandbox.link.edit_company("ACME", name="Drifted", page_enabled=False)
    sandbox.conductor.edit_user(ANN, type="STANDARD", first_name="Drifted")

    stack.refresh()

    assert PROGRAM["acme"][1] | {"name": "Drifted", "pageEnabled": False} == {
        name: value for name, value in stack.held["acme"].inputs.items() if name in PROGRAM["acme"][1]
    }
    assert ("STANDARD", "First") == tuple(stack.held["ann"].inputs[name] for name in ("type", "firstName"))
