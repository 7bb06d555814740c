"""What docs/scale.md says of moving a resource between stacks by hand, on the CLI."""

import pytest

PERSON = """
    ada = conduit.ConductorUser(
        "ada", email="ada@acme.example", first_name="Ada", last_name="Lovelace", initial_accounts=[1]{user}
    )
    conduit.UserAccountAccess("travel", user=ada, account_id=2{grant})
"""
KEPT = ", opts=pulumi.ResourceOptions(retain_on_delete=True)"
OTHER = """
    conduit.ConductorUser("zoe", email="zoe@acme.example", first_name="Zoe", last_name="Z", initial_accounts=[1])
"""


@pytest.fixture
def other(stack):
    """Give a second stack, with config of its own and a person of its own, as each part of a split roster has."""
    assert 0 == stack.run("stack", "init", "other").code
    assert 0 == stack.run("config", "set", "conduit:maxMissing", "2", "--stack", "other").code
    stack.program(OTHER)
    assert 0 == stack.up("--stack", "other").code
    return "other"


def test_a_person_moves_to_another_stack_without_a_write(stack, other):
    """The CLI refuses `state move` between stacks of other config; adopt there, then remove here from state only."""
    stack.program(PERSON.format(user="", grant=""))
    assert 0 == stack.up("--stack", "dev").code
    urn = "urn:pulumi:dev::onboarding::pulumi-python:dynamic/conduit:ConductorUser::ada"

    moved = stack.run("state", "move", "--yes", "--source", "dev", "--dest", other, urn)
    stack.program(OTHER + PERSON.format(user=', on_conflict="adopt"', grant=""))
    adopted = stack.up("--stack", other)
    stack.program(PERSON.format(user=', on_destroy="retain"', grant=KEPT))
    retained = stack.up("--stack", "dev")
    stack.program("")
    removed = stack.up("--stack", "dev")

    assert (True, True) == (moved.code != 0, "already exists in destination stack" in moved.text), moved.text
    runs = adopted, retained, removed
    assert [(0, {})] * 3 == [(one.code, one.writes()) for one in runs], "\n".join(one.text for one in runs)
    user = stack.sandbox.conductor.user("ada@acme.example")
    assert ("ACTIVE", [1, 2]) == (user["status"], user["accounts"])
    stack.program(OTHER + PERSON.format(user=', on_conflict="adopt"', grant=""))
    assert 0 == stack.preview("--expect-no-changes", "--stack", other).code
