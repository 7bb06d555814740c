"""`pulumi up --replace` and `--target-replace`: nobody's access changes, and no warning is false."""

import pulumi
import pytest
from sampling import sample

import pulumi_conduit as conduit

ADA = "ada@acme.example"


def declare_ada():
    """Declare a person with two single grants."""
    ada = conduit.ConductorUser("ada", email=ADA, first_name="Ada", last_name="Lovelace", initial_accounts=[1])
    for account in (1, 2):
        conduit.UserAccountAccess(f"ada-{account}", user=ada, account_id=account)


def declare_ada_with_a_list():
    """Declare a person whose accounts are one list."""
    ada = conduit.ConductorUser("ada", email=ADA, first_name="Ada", last_name="Lovelace", initial_accounts=[1])
    conduit.UserAccountAccessExclusive("ada-accounts", user=ada, account_ids=[1, 2])


def declare_ada_by_outputs():
    """Declare a person whose second account is known when the program has waited for it."""
    ada = conduit.ConductorUser("ada", email=ADA, first_name="Ada", last_name="Lovelace", initial_accounts=[1])
    conduit.UserAccountAccess("ada-2", user=ada, account_id=pulumi.Output.from_input(2))


def warnings_of(result):
    """Return the warnings without their common beginning."""
    return [one.message.removeprefix(f"user {ADA}: ") for one in result.diagnostics if one.severity == "warning"]


@pytest.mark.parametrize("program", sample([declare_ada, declare_ada_with_a_list, declare_ada_by_outputs], 3))
def test_a_user_that_is_replaced_alone_keeps_its_access_without_a_false_warning(
    program, conduit_stack, conduit_sandbox
):
    """With --target-replace the run checks no grant, and the program declares them all the same."""
    stack = conduit_stack(program)
    stack.up()
    conduit_sandbox.forget_requests()

    result = stack.up(target="ada", replace="ada")

    assert [
        f"CONDUIT-ADOPT: user {ADA} exists and is adopted without a write",
        "not deleted: resource 'ada' declares the same object now",
    ] == warnings_of(result)
    assert [] == conduit_sandbox.writes()
    assert stack.up().is_unchanged


def test_an_account_given_outside_is_still_named(conduit_stack, conduit_sandbox):
    """What neither the run nor the rest of the program declares is the reason for the warning."""
    stack = conduit_stack(declare_ada)
    stack.up()
    conduit_sandbox.conductor.add_grant(ADA, 3)

    result = stack.up(target="ada", replace="ada")

    assert "holds accounts that no grant of this program declares: 'Finance' (3)" == warnings_of(result)[-1]


def test_a_user_deactivated_outside_stays_inactive_when_it_is_replaced_alone(conduit_stack, conduit_sandbox):
    """A replacement by hand is no declaration that the person is to come back."""
    stack = conduit_stack(declare_ada)
    stack.up()
    conduit_sandbox.conductor.edit_user(ADA, status="INACTIVE")

    stack.up(target="ada", replace="ada")

    assert "INACTIVE" == conduit_sandbox.conductor.user(ADA)["status"]
