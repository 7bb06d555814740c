"""What a user's test gets: a stack of a folder or of a function, results to ask, failures that say why."""

import pulumi
import pytest

import pulumi_conduit as conduit
from pulumi_conduit.sandbox import Sandbox
from pulumi_conduit.testing.engine import EngineError, Secret
from pulumi_conduit.testing.stack import OperationFailed, Stack

ADA = "ada@acme.example"


def onboard():
    """Declare one person, whose first name is configuration."""
    ada = conduit.ConductorUser(
        "ada",
        email=ADA,
        first_name=pulumi.Config().get("first") or "Ada",
        last_name="Lovelace",
        type="STANDARD",
        initial_accounts=[1],
    )
    pulumi.export("email", ada.email)
    pulumi.export("token", pulumi.Config().get_secret("token"))


def declare_an_unknown_account():
    """Declare what the provider refuses."""
    conduit.ConductorUser("ada", email=ADA, first_name="Ada", last_name="Lovelace", initial_accounts=[4711])


def print_settings():
    """Show which settings the program sees."""
    import os  # noqa: PLC0415 - part of the program

    print("person:", os.environ["CONDUCTOR_USERNAME"], os.environ["CONDUIT_LINK_APP_TOKEN_B"])  # noqa: T201


def test_a_function_is_a_program(conduit_stack, conduit_sandbox):
    """What a function declares is planned, made, looked at and taken down, and each result says what happened."""
    stack = conduit_stack(onboard)

    assert (True, False) == (stack.preview().creates("ada"), stack.preview().creates("grace"))
    assert {"create": 2} == stack.up().summary
    assert stack.up().keeps("ada")
    conduit_sandbox.conductor.edit_user(ADA, type="READ_ONLY")
    drifted = stack.refresh()
    assert (True, ("type",)) == (drifted.updates("ada"), drifted.steps[-1].changes)
    assert stack.up().updates("ada")
    assert stack.destroy().deletes("ada")
    assert "INACTIVE" == conduit_sandbox.conductor.user(ADA)["status"]


def test_configuration_reaches_the_program(conduit_stack, conduit_sandbox):
    """Plain and secret configuration is the program's, and a secret stays one in the outputs."""
    stack = conduit_stack(onboard, config={"first": "Augusta", "token": Secret("canary")})

    up = stack.up()

    assert "Augusta" == conduit_sandbox.conductor.user(ADA)["first_name"]
    assert {"email": ADA, "token": Secret("canary")} == up.outputs
    assert "canary" not in repr(up)


def test_settings_of_the_one_who_tests_are_hidden(conduit_stack, conduit_sandbox, monkeypatch):
    """A program under test never sees credentials from outside, not even of profiles."""
    monkeypatch.setenv("CONDUCTOR_USERNAME", "somebody@real.example")
    monkeypatch.setenv("CONDUIT_LINK_APP_TOKEN_B", "canary")

    printed = [one.message for one in conduit_stack(print_settings).preview().diagnostics]

    assert [f"person: {conduit_sandbox.environ()['CONDUCTOR_USERNAME']} "] == printed


def test_a_failure_shows_the_providers_line(conduit_stack):
    """The error of a failed operation is the provider's own, and the result comes with it."""
    stack = conduit_stack(declare_an_unknown_account)

    with pytest.raises(OperationFailed) as failure:
        stack.up()

    first, second = str(failure.value).splitlines()
    assert "up failed:" == first
    assert second.startswith("pulumi-python:dynamic/conduit:ConductorUser (ada): ")
    assert "4711" in second
    assert [second.split(": ", 1)[1]] == failure.value.result.errors


def test_two_stacks_of_one_test_share_the_sandbox_and_nothing_else(conduit_stack):
    """Each stack has a state of its own."""
    one, other = conduit_stack(onboard), conduit_stack(onboard, name="other")

    one.up()

    assert (True, []) == (len(one.resources()) > 0, other.resources())


@pytest.mark.parametrize("program", [lambda: None, print], ids=["lambda", "builtin"])
def test_what_no_other_process_can_call_is_refused(program, tmp_path):
    """Only a function at the top of a module can be the program of another process."""
    with Sandbox.start() as sandbox, pytest.raises(EngineError, match="is no function at the top of a module"):
        Stack(program, sandbox, tmp_path / "stack")
