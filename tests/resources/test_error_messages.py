"""Errors whose every word somebody acts on, held whole: what failed, why, and each way out."""

import pytest
from declarations import ANN, PreviewFailedError, company, grant, user

from pulumi_conduit.errors import ConduitError, RefusedError
from pulumi_conduit.resources.declaration_registry import Key, Kind
from pulumi_conduit.resources.limits import Missing, MissingGate, MissingLimit
from pulumi_conduit.resources.tenant import Tenant, guard_delete, guard_url

HERE = Tenant("https://here.example", "admin")


def told(act, *arguments):
    """Return what an error says."""
    with pytest.raises((ConduitError, PreviewFailedError)) as caught:
        act(*arguments)
    return str(caught.value)


def test_a_delete_elsewhere_names_both_addresses_and_both_ways_out():
    """After a move of an API the error says that a delete does not move along."""
    assert (
        "user ann: it was recorded at https://there.example, but the settings name https://here.example; nothing was"
        " read or changed. CONDUIT_ALLOW_MOVE does not apply to a delete: let a refresh or an update record the new URL"
        " first, or point the settings back"
    ) == told(guard_delete, "user ann", "https://there.example#admin", HERE)


def test_a_read_elsewhere_spells_out_the_allowance():
    """The setting that allows the move can be copied from the line."""
    assert (
        "user ann: it was recorded at https://there.example, but the settings name https://here.example; nothing was"
        " read or changed. Point the settings back, or, if the API has moved, set"
        " CONDUIT_ALLOW_MOVE='https://there.example=>https://here.example'"
    ) == told(guard_url, "user ann", "https://there.example#admin", HERE, {})


@pytest.mark.parametrize("stored", [None, ""])
def test_state_without_a_tenant_names_both_ways_out(stored):
    """Neither a backup nor the removal from state is guessed."""
    assert (
        "user ann: its state names no tenant, so nothing was read or changed;"
        " restore the state from a backup, or remove it with `pulumi state delete` and declare it again"
    ) == told(guard_url, "user ann", stored, HERE, {})


def test_a_replacement_that_is_refused_names_both_ways_out(sandbox, stack):
    """Two changes that would replace a company are both named, and so are the ways out."""
    stack.up({"acme": company("ACME")})
    stack.environ |= sandbox.environ(link_app="b", profile="b")

    assert (
        "company 'ACME': a change of company_id and profile would replace it, and its state says on_destroy='error',"
        " because a company cannot be deleted; declare the new company beside it, or set on_destroy='retain' in an `up`"
        " of its own first"
    ) == told(stack.preview, {"acme": company("OTHER", profile="b")})


def test_a_grant_that_cannot_be_removed_names_who_can(sandbox, stack):
    """An identity that sees neither user nor account points to the one that does."""
    sandbox.conductor.put_user(ANN, accounts=[1])
    stack.up({"two": grant(2)})
    sandbox.conductor.edit_user(ANN, accounts=[2])
    sandbox.conductor.edit_identity("admin@sandbox.example", accounts=[1])

    assert (
        f"access of user {ANN} to account 2: not removed, because this identity does not own accounts 2 and may not be"
        " shown them; use the identity that owns them"
    ) == told(stack.destroy)


def test_a_conflict_lists_everything_that_differs(sandbox, stack):
    """Type and status that both differ stand in one line, joined by words."""
    sandbox.conductor.put_user(ANN, type="STANDARD", status="INACTIVE")

    assert (
        f"user {ANN}: exists, and type is 'STANDARD' in Conductor but 'READ_ONLY' in the program; status is 'INACTIVE'"
        " in Conductor but 'ACTIVE' in the program: set each to the value in Conductor, or set"
        " on_conflict='reactivate_inactive'. After a rename, rename first and edit in a second `up`,"
        " or add an alias"
    ) == told(stack.preview, {"ann": user(onConflict="error")})


def test_a_company_that_is_adopted_says_what_was_edited(sandbox, stack):
    """Name and page that both differed stand in one warning."""
    sandbox.link.put_company("ACME", name="Old", page_enabled=False)

    stack.up({"acme": company(name="New", pageEnabled=True, onConflict="adopt")})

    (warning,) = stack.warnings
    assert (
        "CONDUIT-ADOPT: company 'ACME' exists and is adopted and edited: name is 'Old' in Conduit Link but 'New' in"
        " the program; page_enabled is false in Conduit Link but true in the program"
    ) == warning


def at_most(number):
    """Return a limit that was asked for."""
    return MissingLimit.declared(number, "CONDUIT_MAX_MISSING")


def user_gone(number):
    """Return the verdict over one user."""
    return Missing(f"user {number}", Key(HERE, Kind.USER, str(number)))


class Clock:
    """Time that passes by sleeping only, and notes each wait."""

    def __init__(self):
        """Begin at zero."""
        self.now, self.waits = 0.0, []

    def __call__(self):
        """Return the seconds so far."""
        return self.now

    def sleep(self, seconds):
        """Pass at once; exactly, so that a moment can be met."""
        self.waits.append(seconds)
        self.now += 0.5


def test_lost_patience_says_what_to_raise():
    """A verdict that never gets rest names the setting that gives it more time."""
    clock = Clock()
    gate = MissingGate(quiet_s=0.5, clock=clock, sleep=clock.sleep)
    with gate.reading():
        assert (
            "user 1: not found, but the other reads of this run did not end within 2 s, so state is unchanged;"
            " refresh again, or raise CONDUIT_DEADLINE_SECONDS"
        ) == told(gate.confirm, user_gone(1), at_most(3), 2)

    assert 2.0 == clock.now


def test_too_many_missing_users_say_what_to_check():
    """Too many verdicts name the limit, and what is likelier than that all are gone."""
    clock = Clock()
    gate = MissingGate(quiet_s=0.0, clock=clock, sleep=clock.sleep)
    gate.confirm(user_gone(1), at_most(1), 1)

    assert (
        "user 2: one of 2 objects not found in this run, more than maxMissing (1) allows: state is unchanged; check the"
        " credentials and the URL, or raise CONDUIT_MAX_MISSING"
    ) == told(gate.confirm, user_gone(2), at_most(1), 1)


def test_rest_begins_at_the_very_moment_that_was_set():
    """A verdict waits for the rest that was asked for and not a look longer, in small steps."""
    clock = Clock()
    gate = MissingGate(quiet_s=1.0, clock=clock, sleep=clock.sleep)

    gate.confirm(user_gone(1), at_most(3), 10)

    assert (1.0, [0.02, 0.02]) == (clock.now, clock.waits)


def test_without_patience_there_is_no_wait():
    """A deadline that is over refuses at once: nothing is forgotten early."""
    clock = Clock()
    gate = MissingGate(quiet_s=1.0, clock=clock, sleep=clock.sleep)

    with pytest.raises(RefusedError, match="within 0 s,"):
        gate.confirm(user_gone(1), at_most(3), 0)
    assert [] == clock.waits
