"""A deactivation made outside stays, however its user is replaced, renamed or moved in the program."""

import pytest
from declarations import ANN, BOB, PreviewFailedError, account_list, grant, lines, user

from pulumi_conduit.errors import RefusedError, SettingsError
from pulumi_conduit.resources.fields import UNKNOWN
from pulumi_conduit.warnings import REACTIVATE

STATUS, TYPE = f"PUT /users/{ANN}/status", f"PUT /users/{ANN}/type"
OTHER = "other@sandbox.example"
STAYS = (
    f"user {ANN}: it was deactivated outside of Pulumi and stays INACTIVE; to reactivate it, declare INACTIVE, run"
    " `up`, then declare ACTIVE, run `up`"
)


def status(sandbox):
    """Return Ann's status."""
    return sandbox.conductor.user(ANN)["status"]


@pytest.fixture
def switched_off(sandbox, stack):
    """Bring up Ann, who is deactivated outside; return a way to say whether a refresh notices."""

    def switch_off(*, is_refreshed, **properties):
        stack.up({"ann": user(**properties)})
        sandbox.conductor.edit_user(ANN, status="INACTIVE")
        if is_refreshed:
            stack.refresh()
        sandbox.forget_requests()

    return switch_off


def replaced(stack, program, name="ann"):
    """Run what the engine does under `replace_on_changes`: check, diff, check as for a new one, create, delete."""
    stack.begin()
    stack.program = program
    kind, properties = program[name]
    old = stack.held[name]
    handler = stack.handler(kind, name)
    checked = handler.check(old.inputs, properties)
    handler.diff(handler.state(old.outputs), checked.inputs)
    taken_again(stack, program, name, old)


def taken_again(stack, program, name="ann", old=None, *, is_killed=False):
    """Run what the engine does under `--replace` and after a taint: check as for a new one, create, delete."""
    kind, properties = program[name]
    if old is None:
        stack.begin()
        stack.program = program
        old = stack.held[name]
    inputs = stack.check(kind, properties, name)
    stack._record(name, kind, inputs, lambda handler, spec: handler.create(spec))
    if not is_killed:
        stack._delete(name, old)
    return old


def settled(sandbox, stack, program):
    """Say that the user is INACTIVE, and stays so in the next runs, with a refresh and without."""
    assert status(sandbox) == "INACTIVE"
    stack.up(program)
    assert status(sandbox) == "INACTIVE"
    stack.refresh().up(program)
    assert stack.operations == [("same", name) for name in program]
    assert status(sandbox) == "INACTIVE"
    assert STAYS in stack.warnings


@pytest.mark.parametrize("policy", ["error", "reactivate_inactive", "adopt"])
@pytest.mark.parametrize("is_refreshed", [True, False])
def test_where_the_old_state_is_seen_a_replacement_adopts_the_user_inactive(
    sandbox, stack, switched_off, is_refreshed, policy
):
    """Nobody is ACTIVE for a moment, under any policy, and nothing is written."""
    switched_off(is_refreshed=is_refreshed)
    program = {"ann": user(onConflict=policy)}

    replaced(stack, program)

    assert lines(sandbox) == []
    assert STAYS in stack.warnings
    assert f"CONDUIT-ADOPT[left=INACTIVE]: user {ANN} exists, is INACTIVE and stays so" in stack.warnings
    assert not [one for one in stack.warnings if one.startswith(REACTIVATE)]
    settled(sandbox, stack, program)


def test_a_replaced_user_that_stays_inactive_gets_its_type(sandbox, stack, switched_off):
    """The type follows its declaration, the status stays."""
    switched_off(is_refreshed=True)

    replaced(stack, {"ann": user(type="STANDARD")})

    assert lines(sandbox) == [TYPE]
    settled(sandbox, stack, {"ann": user(type="STANDARD")})


def test_under_error_a_replaced_user_that_stays_inactive_keeps_its_type(sandbox, stack, switched_off):
    """That policy lets nothing be changed that a create finds."""
    switched_off(is_refreshed=True)

    with pytest.raises(PreviewFailedError, match="type is 'READ_ONLY' in Conductor but 'STANDARD' in the program"):
        replaced(stack, {"ann": user(type="STANDARD", onConflict="error")})

    assert lines(sandbox) == []


@pytest.mark.parametrize("is_refreshed", [True, False])
def test_a_profile_of_another_identity_does_not_reactivate(sandbox, stack, switched_off, is_refreshed):
    """The engine replaces the user then, and has shown its old state."""
    sandbox.conductor.edit_identity(OTHER, accounts=[1, 99])
    stack.environ |= sandbox.environ(identity=OTHER, profile="b")
    switched_off(is_refreshed=is_refreshed)

    stack.preview({"ann": user(profile="b")})
    assert stack.operations == [("replace", "ann")]
    stack.up({"ann": user(profile="b")})

    assert STATUS not in lines(sandbox)
    settled(sandbox, stack, {"ann": user(profile="b")})


def test_two_users_that_swap_their_addresses_keep_their_states(sandbox, stack):
    """A deactivation belongs to the person and not to the resource."""
    stack.up({"one": user(ANN), "two": user(BOB)})
    sandbox.conductor.edit_user(ANN, status="INACTIVE")
    stack.refresh()

    stack.up({"two": user(ANN), "one": user(BOB)})

    assert [status(sandbox), sandbox.conductor.user(BOB)["status"]] == ["INACTIVE", "ACTIVE"]


@pytest.mark.parametrize("is_refreshed", [True, False])
@pytest.mark.parametrize("way", ["replace", "rename"])
def test_where_only_the_delete_sees_the_old_state_it_sets_the_user_inactive_again(
    sandbox, stack, switched_off, way, is_refreshed
):
    """The create could not know, and nobody is left ACTIVE when the run ends; no limit forbids that."""
    switched_off(is_refreshed=is_refreshed)
    stack.environ["CONDUIT_MAX_DEACTIVATIONS"] = "0"
    program = {"ann" if way == "replace" else "new": user()}

    if way == "replace":
        taken_again(stack, program)
    else:
        stack.up(program)

    assert lines(sandbox) == [STATUS, STATUS]
    assert stack.warnings.count(STAYS) == 1
    assert status(sandbox) == "INACTIVE"
    stack.refresh()
    settled(sandbox, stack, program)


@pytest.mark.parametrize("most", ["0", "1"])
def test_a_deactivation_of_a_user_reactivated_outside_counts(sandbox, stack, switched_off, most):
    """The rename finds an ACTIVE user; the refresh knows that the deactivation outside came last."""
    switched_off(is_refreshed=True)
    sandbox.conductor.edit_user(ANN, status="ACTIVE")
    sandbox.forget_requests()
    stack.environ["CONDUIT_MAX_DEACTIVATIONS"] = most

    if most == "0":
        with pytest.raises(RefusedError, match="CONDUIT_MAX_DEACTIVATIONS"):
            stack.up({"new": user()})
    else:
        stack.up({"new": user()})

    assert [status(sandbox), lines(sandbox)] == (["ACTIVE", []] if most == "0" else ["INACTIVE", [STATUS]])


@pytest.mark.parametrize("is_refreshed", [True, False])
def test_a_kill_before_the_delete_is_mended_by_a_plain_rerun(sandbox, stack, switched_off, is_refreshed):
    """The next process is shown the old state by the delete that is still to come."""
    switched_off(is_refreshed=is_refreshed)
    program = {"ann": user()}
    old = taken_again(stack, program, is_killed=True)
    assert status(sandbox) == "ACTIVE"

    stack.up(program)
    stack._delete("ann", old)

    assert status(sandbox) == "INACTIVE"
    stack.refresh()
    settled(sandbox, stack, program)


def test_a_kill_before_the_new_state_was_written_is_mended_too(sandbox, stack, switched_off):
    """The old state says enough where a refresh has seen the deactivation."""
    switched_off(is_refreshed=True)
    program = {"ann": user()}
    before = dict(stack.held)
    old = taken_again(stack, program, is_killed=True)
    stack.held = before

    taken_again(stack, program, old=None)

    assert old.outputs["status"] == "INACTIVE"
    assert status(sandbox) == "INACTIVE"


def test_inactive_that_was_applied_in_between_lets_the_user_come_back(sandbox, stack, switched_off):
    """Whoever declared INACTIVE and then ACTIVE has decided; an old state that is still to be deleted does not."""
    switched_off(is_refreshed=True)
    old = taken_again(stack, {"ann": user()}, is_killed=True)
    stack.up({"ann": user(status="INACTIVE")})

    stack.up({"ann": user()})
    stack._delete("ann", old)

    assert status(sandbox) == "ACTIVE"


@pytest.mark.parametrize("name", ["ann", "new"])
def test_a_declared_return_with_a_rename_or_a_replacement_is_no_deactivation_made_outside(sandbox, stack, name):
    """INACTIVE was applied: ACTIVE brings the user back, whatever its resource is called."""
    stack.up({"ann": user(status="INACTIVE")})

    if name == "new":
        stack.up({name: user()})
    else:
        taken_again(stack, {name: user()})

    assert status(sandbox) == "ACTIVE"
    assert STAYS not in stack.warnings


def test_an_old_state_of_a_user_that_is_declared_inactive_now_changes_nothing(sandbox, stack, switched_off):
    """There is nothing to take back."""
    switched_off(is_refreshed=True)

    stack.up({"new": user(status="INACTIVE")})

    assert lines(sandbox) == []
    assert STAYS not in stack.warnings


def test_a_new_stack_has_no_old_state(sandbox, stack):
    """There `on_conflict` decides."""
    sandbox.conductor.put_user(ANN, status="INACTIVE")

    stack.up({"ann": user()})

    assert status(sandbox) == "ACTIVE"


def dropped(stack):
    """Return the settings without those of profile b."""
    return {key: value for key, value in stack.environ.items() if not key.endswith("_B")}


@pytest.mark.parametrize("is_refreshed", [True, False])
@pytest.mark.parametrize("name", ["ann", "new"])
def test_credentials_that_are_dropped_with_their_profile_reactivate_no_user(
    sandbox, stack, switched_off, name, is_refreshed
):
    """What a state says of a person holds without the settings of the profile that recorded it."""
    sandbox.conductor.edit_identity(OTHER, accounts=[1, 2, 99])
    stack.environ |= sandbox.environ(identity=OTHER, profile="b")
    switched_off(is_refreshed=is_refreshed, profile="b")
    stack.environ = dropped(stack)

    stack.up({name: user()})

    assert status(sandbox) == "INACTIVE"
    settled(sandbox, stack, {name: user()})


@pytest.mark.parametrize("access", [grant(2), account_list(1, 2)])
def test_access_that_is_renamed_while_its_profile_is_dropped_stays(sandbox, stack, access):
    """Whether another resource declares it now is known from what its state recorded, without those settings."""
    sandbox.conductor.edit_identity(OTHER, accounts=[1, 2, 99])
    stack.environ |= sandbox.environ(identity=OTHER, profile="b")
    kind, properties = access
    stack.up({"ann": user(), "old": (kind, properties | {"profile": "b"})})
    stack.environ = dropped(stack)

    stack.up({"ann": user(), "new": access})

    assert sandbox.conductor.user(ANN)["accounts"] == [1, 2]
    assert list(stack.held) == ["ann", "new"]


def test_access_that_is_removed_while_its_profile_is_dropped_needs_its_settings(sandbox, stack):
    """Nobody else can take it away, and the error names them."""
    sandbox.conductor.edit_identity(OTHER, accounts=[1, 2, 99])
    stack.environ |= sandbox.environ(identity=OTHER, profile="b")
    stack.up({"ann": user(), "old": grant(2, profile="b")})
    stack.environ = dropped(stack)

    with pytest.raises(SettingsError, match="CONDUCTOR_URL_B"):
        stack.up({"ann": user()})

    assert "old" in stack.held


def test_a_person_whom_this_run_deactivates_first_is_reactivated_by_its_create(sandbox, stack):
    """The engine deletes before the check where a replaced resource gives the address; no other actor did it."""
    stack.up({"ann": user(), "g": grant(2)})
    inputs, state = stack.held["ann"].inputs, stack.outputs("ann")
    stack.begin()
    handler = stack.handler("user", "ann")
    handler.diff(handler.state(state), {**inputs, "email": UNKNOWN})
    handler.delete(handler.state(state))
    assert "INACTIVE" == sandbox.conductor.user(ANN)["status"]

    stack.handler("grant", "g").check({}, grant(2)[1])
    checked = handler.check({}, user()[1])
    handler.create(handler.spec(checked.inputs))

    live = sandbox.conductor.user(ANN)
    assert ("ACTIVE", [1, 2]) == (live["status"], live["accounts"])
