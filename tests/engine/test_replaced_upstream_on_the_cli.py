"""On the CLI: values from a resource that is replaced and deleted first."""

import pytest
from upstream_program import with_upstream

pytestmark = pytest.mark.engine
PERSON = 'first_name="Ada", last_name="Lovelace", initial_accounts=[1]'
PROGRAMS = {
    "user": f'ada = conduit.ConductorUser("ada", email=hr.mail, {PERSON})\n'
    'conduit.UserAccountAccess("travel", user=ada, account_id=2)\n',
    "grant": f'ada = conduit.ConductorUser("ada", email="ada@example.com", {PERSON})\n'
    'conduit.UserAccountAccess("travel", user=ada, account_id=hr.account)\n',
    "list": f'ada = conduit.ConductorUser("ada", email=hr.mail, {PERSON})\n'
    'conduit.UserAccountAccessExclusive("all", user=ada, account_ids=[1, 2])\n',
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_a_person_keeps_status_and_access(stack, sandbox, program):
    """The values are the same in the end, so nothing is sent."""
    stack.program(with_upstream(program, 1))
    assert 0 == stack.up().code

    stack.program(with_upstream(program, 2))
    ran = stack.up()

    assert (0, {}) == (ran.code, ran.writes())
    live = sandbox.conductor.user("ada@example.com")
    assert ("ACTIVE", [1, 2]) == (live["status"], sorted(live["accounts"]))


def test_a_person_who_is_replaced_with_delete_first_keeps_status_and_access(stack, sandbox):
    """The same resource declares the same person."""
    option = "opts=pulumi.ResourceOptions(delete_before_replace=True)"
    text = f'ada = conduit.ConductorUser("ada", email="ada@example.com", {PERSON}, on_destroy="retain", {option})\n'
    stack.program(with_upstream(text + 'conduit.UserAccountAccess("travel", user=ada, account_id=2)\n', 1))
    assert 0 == stack.up().code

    ran = stack.up("--replace", "**::ada")

    assert (0, {}) == (ran.code, ran.writes())
    live = sandbox.conductor.user("ada@example.com")
    assert ("ACTIVE", [1, 2]) == (live["status"], sorted(live["accounts"]))
