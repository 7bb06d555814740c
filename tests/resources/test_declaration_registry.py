"""Renames and moves without an alias, and double declarations: what the registry is for."""

import pytest
from declarations import ANN, BOB, PreviewFailedError, account_list, company, grant, lines, user

from pulumi_conduit.errors import RefusedError

PROGRAM = {
    "acme": company(name="Acme", onDestroy="disable_page"),
    "ann": user(),
    "one": grant(1),
    "two": grant(2),
    "bob": user(BOB, onDestroy="retain"),
    "all": account_list(1, 3, email=BOB),
}


def renamed(program):
    """Return the program with every resource under another name, as if moved into a component."""
    return {f"new-{name}": declaration for name, declaration in program.items()}


def test_renaming_everything_writes_nothing(sandbox, stack):
    """Every object changes its resource and nothing else, with a warning."""
    stack.up(PROGRAM)
    before = sandbox.dump()
    sandbox.forget_requests()

    stack.up(renamed(PROGRAM))

    assert lines(sandbox) == []
    assert sandbox.dump() == before
    assert set(stack.held) == set(renamed(PROGRAM))
    owned = [warning for warning in stack.warnings if "declares the same object now" in warning]
    taken = [warning for warning in stack.warnings if warning.startswith("CONDUIT-ADOPT")]
    assert len(taken) == len(PROGRAM)
    assert len(owned) == len(PROGRAM) - len({"one", "two"})  # linked grants go with their user, without a call


def test_renaming_and_back_ends_where_it_began(sandbox, stack):
    """A rename may be undone."""
    stack.up(PROGRAM)
    sandbox.forget_requests()

    stack.up(renamed(PROGRAM)).up(PROGRAM)

    assert lines(sandbox) == []
    assert set(stack.held) == set(PROGRAM)


@pytest.mark.parametrize(
    ("old", "new", "drift"),
    [
        ({"it": user()}, {"new": user()}, lambda sandbox: sandbox.conductor.edit_user(ANN, first_name="Drifted")),
        (
            {"it": company(name="Acme", onDestroy="disable_page")},
            {"new": company(name="Acme", onDestroy="disable_page")},
            lambda sandbox: sandbox.link.edit_company("ACME", name="Drifted"),
        ),
        (
            {"it": account_list(1, 2)},
            {"new": account_list(1, 2)},
            lambda sandbox: sandbox.faults.add("GET /users/{userEmail}", status=400),
        ),
    ],
)
def test_while_the_new_owner_failed_the_old_one_is_kept(sandbox, stack, old, new, drift):
    """A delete whose object is declared by a resource that failed fails, and the state stays."""
    if "user" in old["it"][1]:
        sandbox.conductor.put_user(ANN)
    stack.up(old)
    drift(sandbox)
    sandbox.forget_requests()
    stack.environ["CONDUIT_PREVIEW"] = "offline"

    stack.up(new, keep_going=True)

    assert set(stack.held) == {"it"}
    assert str(stack.errors[-1]).endswith(
        ": not deleted: resource 'new' declares the same object and failed; fix that resource and run again"
    )
    assert [line for line in lines(sandbox) if not line.startswith("POST /users")] == []


def test_a_grant_whose_new_owner_failed_is_kept(sandbox, stack):
    """Nobody loses access because a rename went wrong."""
    sandbox.conductor.put_user(ANN, accounts=[1])
    stack.up({"two": grant(2)})
    sandbox.faults.add("GET /users", status=400, times=None)
    stack.environ["CONDUIT_PREVIEW"] = "offline"

    stack.up({"new": grant(2)}, keep_going=True)

    assert set(stack.held) == {"two"}
    assert sandbox.conductor.user(ANN)["accounts"] == [1, 2]


@pytest.fixture
def ann(sandbox):
    """Put Ann with account 1, whom the program does not declare."""
    sandbox.conductor.put_user(ANN, accounts=[1])


def test_grants_that_become_a_list_are_not_removed(sandbox, stack, ann):
    """A list that holds the account owns the grant, whatever kind declared it before."""
    stack.up({"two": grant(2), "three": grant(3)})
    sandbox.forget_requests()

    stack.up({"all": account_list(1, 2)})

    assert sandbox.conductor.user(ANN)["accounts"] == [1, 2]
    assert lines(sandbox) == [f"PUT /users/{ANN}/accounts removal=true"] * 2  # the list's, and that of the old grant


def test_a_list_that_becomes_grants_keeps_what_they_declare(sandbox, stack, ann):
    """What a grant declares now is not removed with the list, and the rest of the list is."""
    stack.up({"all": account_list(1, 2, 3)})
    sandbox.forget_requests()

    stack.up({"one": grant(1), "two": grant(2)})

    assert sandbox.conductor.user(ANN)["accounts"] == [1, 2]
    assert f"account list of user {ANN}: 1: not deleted: resource 'one' declares the same object now" in stack.warnings


def test_a_list_that_fails_keeps_the_grants_it_would_own(sandbox, stack, ann):
    """A grant stays while the list that holds it now has failed."""
    stack.up({"two": grant(2)})
    sandbox.faults.add("GET /users/{userEmail}", status=400)
    stack.environ["CONDUIT_PREVIEW"] = "offline"

    stack.up({"all": account_list(1, 2)}, keep_going=True)

    assert set(stack.held) == {"two"}
    assert sandbox.conductor.user(ANN)["accounts"] == [1, 2]


def test_a_renamed_user_with_undeclared_accounts_is_warned_of(sandbox, stack):
    """A grant removed in the edit that renames its user is never deleted by the engine, so the log names it."""
    stack.up({"ann": user(), "two": grant(2)})

    stack.up({"new": user()})

    assert sandbox.conductor.user(ANN)["accounts"] == [1, 2]
    assert stack.warnings[-1] == f"user {ANN}: holds accounts that no grant of this program declares: 'Travel' (2)"


def test_a_rename_together_with_an_edit_is_refused_in_preview(stack):
    """The message says: rename first, or add an alias."""
    stack.up({"ann": user()})

    with pytest.raises(PreviewFailedError, match=r"rename first and edit in a second `up`, or add an alias$"):
        stack.preview({"new": user(type="STANDARD")})


def test_a_removed_resource_is_deleted_although_others_are_declared(sandbox, stack):
    """The registry spares what is declared, and nothing else."""
    stack.up({"ann": user(), "bob": user(BOB)})

    stack.up({"ann": user()})

    assert sandbox.conductor.user(BOB)["status"] == "INACTIVE"
    assert sandbox.conductor.user(ANN)["status"] == "ACTIVE"


def test_swapping_two_users_by_name_writes_nothing(sandbox, stack):
    """Two resources that exchange their emails are two replacements and no deactivation."""
    stack.up({"a": user(ANN), "b": user(BOB)})
    sandbox.forget_requests()

    stack.up({"a": user(BOB), "b": user(ANN)})

    assert lines(sandbox) == []


@pytest.mark.parametrize(
    ("first", "second", "what"),
    [
        (company("ACME"), company("acme", name="Other"), "company 'acme'"),
        (user(ANN), user("Ann@acme.EXAMPLE"), f"user {ANN}"),
        (grant(1), grant(1), f"access of user {ANN} to account 1"),
        (account_list(1), account_list(1, 2), f"account list of user {ANN}"),
    ],
)
def test_two_resources_with_one_key_are_refused(sandbox, stack, ann, first, second, what):
    """One object has one owner."""
    stack.environ["CONDUIT_PREVIEW"] = "offline"

    with pytest.raises(
        PreviewFailedError,
        match=rf"^{what} is declared by two resources of this program, 'first' and 'second'; keep one of them$",
    ):
        stack.preview({"first": first, "second": second})

    assert lines(sandbox) == []


def test_a_destroy_deletes_for_good(sandbox, stack):
    """Nothing is checked in a destroy, so nothing is spared."""
    stack.up({"ann": user(), "two": grant(2), "acme": company(onDestroy="disable_page")})

    stack.destroy()

    assert sandbox.conductor.user(ANN)["status"] == "INACTIVE"
    assert sandbox.link.company("ACME")["page_enabled"] is False


def test_without_credentials_a_delete_of_what_is_declared_is_spared_all_the_same(stack):
    """A rename is recognised by its key, also where settings name no tenant."""
    stack.up({"ann": user(onDestroy="retain")})
    del stack.environ["CONDUCTOR_USERNAME"], stack.environ["CONDUCTOR_PASSWORD"]
    stack.begin()
    stack.handler("user", "new").check({}, user()[1])
    handler = stack.handler("user", "ann")

    with pytest.raises(RefusedError, match="not deleted: resource 'new' declares the same object and failed"):
        handler.delete(handler.state(stack.outputs("ann")))
