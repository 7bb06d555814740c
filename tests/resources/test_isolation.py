"""What is said and done of one object does not leak to another, is not cut too short, and comes from its own tenant."""

import pytest
from declarations import ANN, BOB, PreviewFailedError, account_list, grant, lines, user

from pulumi_conduit.errors import ConduitError, RefusedError
from pulumi_conduit.resources.fields import UNKNOWN


def test_each_person_who_comes_back_with_foreign_accounts_is_named(sandbox, stack):
    """A warning about one person does not silence that about the next."""
    for email in (ANN, BOB):
        sandbox.conductor.put_user(email, status="INACTIVE", accounts=[2, 99])

    stack.up({"ann": user(onConflict="adopt"), "bob": user(BOB, onConflict="adopt")})

    said = [warning for warning in stack.warnings if "99" in warning]
    assert [
        f"user {email}: is reactivated with accounts 99, which this identity does not own" for email in (ANN, BOB)
    ] == [warning for warning in said if "which this identity does not own" in warning]


def test_a_return_without_a_change_of_type_sets_no_type(sandbox, stack):
    """Somebody whose type is right comes back by the accounts and the status alone."""
    sandbox.conductor.put_user(ANN, status="INACTIVE", accounts=[1])

    stack.up({"ann": user()})

    assert [f"PUT /users/{ANN}/status"] == [line for line in lines(sandbox) if "accounts" not in line and "PUT" in line]


def test_an_import_of_a_list_sees_accounts_that_are_not_declared(sandbox, stack):
    """An account that the user has beside the declared ones is a difference, for the next update would take it away."""
    sandbox.conductor.put_user(ANN, accounts=[1, 2])

    with pytest.raises((ConduitError, PreviewFailedError)) as caught:
        stack.preview({"all": account_list(1, importId=ANN)})

    assert (
        f"account list of user {ANN}: import_ never writes, and account_ids is 'Retail' (1), 'Travel' (2) in Conductor"
        " but 'Retail' (1) in the program: set it to the value in Conductor"
    ) == str(caught.value)


def test_a_list_that_goes_leaves_what_its_user_declares_now(sandbox, stack):
    """Initial accounts that were edited in the same run count, not those that the list remembers."""
    stack.up({"ann": user(accounts=[1]), "all": account_list(1, 2)})

    stack.up({"ann": user(accounts=[2])})

    assert [2] == sandbox.conductor.user(ANN)["accounts"]


def test_a_renamed_user_whose_grants_are_declared_is_not_warned_of(sandbox, stack):
    """Accounts that the program declares for that very user are no reason to warn."""
    stack.up({"ann": user(), "two": grant(2)})

    stack.up({"new": user(), "two": grant(2)})

    assert [] == [warning for warning in stack.warnings if "no grant of this program declares" in warning]


@pytest.mark.parametrize(
    "left_out", [grant(2), account_list(1, 2), grant(UNKNOWN)], ids=["a grant", "a list", "a grant of unknown account"]
)
def test_grants_that_the_run_leaves_out_are_no_reason_to_warn(stack, left_out):
    """A run with --target-replace checks the user only, and its grants are declared all the same."""
    stack.up({"ann": user(), "two": grant(2)})
    stack.up({"new": user(), "other": left_out}, target="new")
    handler = stack.handler("user", "ann")

    handler.delete(handler.state(stack.outputs("ann")))

    assert [f"user {ANN}: not deleted: resource 'new' declares the same object now"] == stack.warnings[-1:]


def test_an_account_that_no_left_out_grant_declares_is_warned_of(sandbox, stack):
    """The grants that the run leaves out cover their own accounts only."""
    stack.up({"ann": user(), "two": grant(2)})
    sandbox.conductor.add_grant(ANN, 3)
    stack.up({"new": user(), "two": grant(2)}, target="new")
    handler = stack.handler("user", "ann")

    handler.delete(handler.state(stack.outputs("ann")))

    assert f"user {ANN}: holds accounts that no grant of this program declares: 'Finance' (3)" == stack.warnings[-1]


def test_a_renamed_user_is_looked_at_under_its_profile(sandbox, stack):
    """The warning comes from the profile's own responses; the default profile sees nobody here."""
    stack.environ |= sandbox.environ(profile="b")
    stack.environ |= {"CONDUCTOR_USERNAME": "other@sandbox.example"}
    stack.environ |= {"CONDUCTOR_PASSWORD": sandbox.conductor.password("other@sandbox.example")}
    stack.up({"ann": user(profile="b"), "two": grant(2, profile="b")})

    stack.up({"new": user(profile="b")})

    assert f"user {ANN}: holds accounts that no grant of this program declares: 'Travel' (2)" == stack.warnings[-1]


def test_a_list_that_another_resource_declares_now_is_named_when_it_is_spared(sandbox, stack):
    """Whoever renames a list reads which one was left alone."""
    sandbox.conductor.put_user(ANN, accounts=[1])
    stack.up({"old": account_list(1, 2)})

    stack.up({"new": account_list(1, 2)})

    assert (f"account list of user {ANN}: not deleted: resource 'new' declares the same object now") in stack.warnings


def test_a_profiles_limit_holds_for_what_its_returns_take_away(sandbox, stack):
    """Revocations of a return count against the limit of the profile that it happens under."""
    sandbox.conductor.put_user(ANN, status="INACTIVE", accounts=[1, 2])
    stack.environ |= sandbox.environ(profile="b") | {"CONDUIT_MAX_REVOCATIONS_B": "0"}

    with pytest.raises(RefusedError, match="CONDUIT_MAX_REVOCATIONS allows 0"):
        stack.up({"ann": user(profile="b")})

    assert "INACTIVE" == sandbox.conductor.user(ANN)["status"]


@pytest.mark.parametrize(("length", "shown"), [(80, "x" * 80), (81, "x" * 80 + "…")])
def test_a_long_actual_value_is_cut_after_80_characters(sandbox, stack, length, shown):
    """An actual name of 80 characters is shown whole, a longer one by its first 80."""
    sandbox.conductor.put_user(ANN, first_name="x" * length)

    with pytest.raises((ConduitError, PreviewFailedError), match=f"first_name is '{shown}'"):
        stack.preview({"ann": user()})


def test_a_user_that_is_only_read_was_never_applied(sandbox, stack):
    """What `get` returns carries no declaration, so that nothing counts as declared by it."""
    sandbox.conductor.put_user(ANN, accounts=[1])

    assert {} == stack.get("user", ANN).last_applied
