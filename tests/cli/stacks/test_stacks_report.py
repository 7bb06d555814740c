"""The plans of several stacks as one: what the report then says of people who move, leave and fail."""

import json

import pytest
from plan_builder import plan

from pulumi_conduit.cli.report.report import read_report
from pulumi_conduit.cli.stacks.report import merged_plan
from pulumi_conduit.errors import ConduitError, InvalidInputError
from pulumi_conduit.warnings import ADOPT, CodedWarning

PREFIX = "pulumi-python:dynamic/conduit:"


def step(op, email, stack, **more):
    """Return a step about a person in a stack."""
    state = {
        "type": f"{PREFIX}ConductorUser",
        "custom": True,
        "id": email,
        "inputs": {"email": email, "type": "READ_ONLY", "status": "ACTIVE", "initialAccounts": [1]},
        "outputs": {"email": email, "type": "READ_ONLY", "status": "ACTIVE", "initialAccounts": [1]},
    }
    urn = f"urn:pulumi:{stack}::team::{PREFIX}ConductorUser::team-{email}"
    old = {"oldState": {**state, "urn": urn}} if op in ("same", "delete") else {}
    new = {"newState": {**state, "urn": urn}} if op in ("same", "create") else {}
    return {"op": op, "urn": urn, **old, **new, **more}


def report_of(*plans):
    """Return the report of plans, each given as its steps; whoever is created has been found there."""
    printed = {f"s{number}": json.dumps(plan(*steps, said=_found(steps))) for number, steps in enumerate(plans)}
    return read_report(merged_plan(printed), is_unverified_allowed=True)


def _found(steps):
    """Return what the provider warns of in the preview of a create."""
    text = str(CodedWarning(ADOPT, "user exists and is adopted without a write"))
    return [("warning", one["urn"], text) for one in steps if one["op"] == "create"]


def happens(report):
    """Return what happens to whom."""
    return {one.email: [fate.name for fate in one.effects] for one in report.people if one.is_changed}


def test_who_leaves_one_stack_and_comes_into_another_is_not_deactivated():
    """Alone, each plan reports a deactivation and a new user."""
    here, there = [step("delete", "a@b.example", "s0")], [step("create", "a@b.example", "s1")]

    assert {"a@b.example": ["DEACTIVATED"]} == happens(report_of(here))
    assert {} == happens(report_of(here, there))
    assert {} == happens(report_of(there, here))


def test_limits_hold_over_all_stacks():
    """Two leavers of two stacks are two."""
    leavers = [[step("delete", f"{name}@b.example", f"s{number}")] for number, name in enumerate("ab")]

    assert {"a@b.example": ["DEACTIVATED"], "b@b.example": ["DEACTIVATED"]} == happens(report_of(*leavers))


def test_a_diagnostic_of_any_stack_is_kept():
    """An error of one is an error of all."""
    failed = plan(step("create", "a@b.example", "s0"))
    failed["diagnostics"] = [{"severity": "error", "urn": "", "message": "error: no"}]
    printed = {"s0": json.dumps(plan(step("same", "b@b.example", "s0"))), "s1": json.dumps(failed)}

    with pytest.raises(InvalidInputError, match="the preview failed: no"):
        read_report(merged_plan(printed))


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("", "nothing"),
        ("{}", "{}"),
        ("[1]", r"\[1\]"),
        ("warning: x", "warning: x"),
        ('{"steps": []}', r'{"steps": \[\]}'),
    ],
)
def test_a_stack_that_printed_no_plan_is_named(printed, shown):
    """It is never a stack without changes."""
    with pytest.raises(ConduitError, match=rf"^stack s1: `pulumi preview --json` printed no plan, but: {shown}$"):
        merged_plan({"s0": json.dumps(plan()), "s1": printed})


def test_a_plan_that_lacks_steps_is_refused_as_ever():
    """What does not add up in one does not add up in all."""
    short = plan(step("create", "a@b.example", "s0"))
    short["changeSummary"] = {"create": 2}

    with pytest.raises(InvalidInputError, match="do not add up"):
        read_report(merged_plan({"s0": json.dumps(short), "s1": json.dumps(plan())}))
