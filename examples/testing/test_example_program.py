"""Tests of the program beside this file. They need no credential, no Pulumi CLI and no network."""

from pathlib import Path

PROGRAM = Path(__file__).parent


def test_everybody_is_onboarded(conduit_stack, conduit_sandbox):
    """The program makes the company and both people, and asks for nothing the second time."""
    stack = conduit_stack(PROGRAM)
    assert stack.preview().creates("ada")

    up = stack.up()

    assert up.outputs == {"company": "acme"}
    assert conduit_sandbox.conductor.user("ada@acme.example")["type"] == "STANDARD"
    assert conduit_sandbox.conductor.user("alan@acme.example")["accounts"] == [1]
    conduit_sandbox.forget_requests()
    assert stack.up().is_unchanged
    assert conduit_sandbox.requests == []


def test_a_demotion_by_hand_is_repaired(conduit_stack, conduit_sandbox):
    """Drift is found by a refresh, and repaired by the next up."""
    stack = conduit_stack(PROGRAM)
    stack.up()
    conduit_sandbox.conductor.edit_user("ada@acme.example", type="READ_ONLY")

    assert stack.refresh().updates("ada")
    assert stack.up().updates("ada")

    assert conduit_sandbox.conductor.user("ada@acme.example")["type"] == "STANDARD"
