"""Whatever the APIs turn out to do where their pages are silent, three things hold.

No access beyond the declaration; nobody undeclared is touched; nothing that exists is lost from the state. An error
is allowed; to break one of these in silence is not.
"""

import pytest
from declarations import ANN, BOB, PreviewFailedError, account_list, company, grant, user
from sampling import sample

from pulumi_conduit.errors import ConduitError

OLD, BYSTANDER = "old@acme.example", "by@acme.example"
POSITIONS = [
    ("company_create_existing", "conflict"),
    ("company_create_existing", "overwrite"),
    ("new_company_token_voids_old", True),
    ("unshared_user", "missing"),
    ("unshared_user", "forbidden"),
    ("unshared_user", "visible"),
    ("empty_accounts_accepted", False),
    ("inactive_keeps_grants", False),
    ("inactive_grants_editable", "refused"),
    ("inactive_grants_editable", "removal_ignored"),
    ("post_honours_status", False),
    ("emails_case_insensitive", False),
    ("hide_foreign_accounts", True),
    ("replace_drops_foreign", True),
    ("list_limit", 0),
    ("list_limit", 1),
    ("list_limit", 5),
    ("read_lag", 1),
    ("read_lag", 2),
    ("get_user_carries_status", False),
    ("new_login_voids_tokens", True),
    ("token_life_s", 1),
    ("error_shape", "error"),
    ("error_shape", "text"),
    ("latency_s", 0.001),
    ("rate_limit_per_s", 3),
]
"""Every position of every switch but the defaults, which all other tests hold; the first two show that they agree."""


def program(status="ACTIVE", second=2, listed=(1, 2), name="Acme", **edit):
    """Declare one of each kind, and a user that is there already, INACTIVE, with accounts nobody declares."""
    return {
        "ann": user(status=status, **edit),
        "grant": grant(second),
        "bob": user(BOB, status=status),
        "list": account_list(*listed, email=BOB),
        "old": user(OLD),
        "acme": company(name=name, onDestroy="disable_page"),
    }


LOUD = [
    ("inactive_grants_editable", "refused"),
    ("inactive_grants_editable", "removal_ignored"),
    ("list_limit", 0),
    ("list_limit", 1),
    ("error_shape", "text"),
    ("read_lag", 1),
    ("read_lag", 2),
    ("rate_limit_per_s", 3),
]
"""Positions that may lead to an error: a 404 in text proves nothing, a late one does, and a refused login is final."""

PHASES = [
    program(),
    program(type="STANDARD", second=5, listed=(1, 3), name="New"),
    program("INACTIVE", type="STANDARD", second=5, listed=(1, 3), name="New"),
    program("ACTIVE", type="STANDARD", second=5, listed=(1, 3), name="New"),
]


@pytest.fixture
def world(sandbox, switch):
    """Put the user to be reactivated, and bystanders in every corner."""
    sandbox.conductor.put_user(OLD, status="INACTIVE", accounts=[3, 4])
    sandbox.conductor.put_user(BYSTANDER, accounts=[1, 2])
    sandbox.conductor.put_user("off@acme.example", status="INACTIVE", accounts=[1])
    sandbox.conductor.put_user("foreign@acme.example", accounts=[99])
    sandbox.link.put_company("OTHER", name="Other")
    sandbox.link.put_company("ACME", name="Theirs", app="b")
    return sandbox


def bystanders(sandbox):
    """Return everything that no program declares."""
    dump = sandbox.dump()
    users = {email: live for email, live in dump["users"].items() if email not in (ANN, BOB, OLD)}
    return users, dump["apps"]["b"], dump["apps"]["default"]["other"], dump["identities"]


def allowed(*programs):
    """Return the accounts that each user may hold by these programs."""
    accounts = {email: {1} for email in (ANN, BOB, OLD)}
    for declared in programs:
        accounts[ANN].add(declared["grant"][1]["accountId"])
        accounts[BOB].update(declared["list"][1]["accountIds"])
    return accounts


def excess(sandbox, limits):
    """Return who is ACTIVE with an account beyond the limits."""
    users = sandbox.conductor.users()
    return {
        email: set(users[email]["accounts"]) - limit
        for email, limit in limits.items()
        if email in users and users[email]["status"] == "ACTIVE" and set(users[email]["accounts"]) - limit
    }


def emails(stack):
    """Return the users in state."""
    return {held.outputs["email"] for held in stack.held.values() if held.kind == "user"}


def attempt(act, *arguments):
    """Say whether a phase ended without an error."""
    try:
        act(*arguments)
    except (ConduitError, PreviewFailedError):
        return False
    return True


@pytest.mark.parametrize(("name", "position"), sample(POSITIONS, 6))
def test_no_answer_to_an_open_question_breaks_an_invariant_in_silence(world, stack, switch, name, position):
    """Through up, edit, deactivation, return, refresh and destroy."""
    untouched = bystanders(world)
    switch(**{name: position})
    before = PHASES[0]
    for wanted in PHASES:
        is_silent = attempt(stack.up, wanted)
        assert bystanders(world) == untouched
        assert excess(world, allowed(wanted) if is_silent else allowed(before, wanted)) == {}
        if is_silent:
            assert {email: world.conductor.user(email)["status"] for email in (ANN, BOB)} == dict.fromkeys(
                (ANN, BOB), wanted["ann"][1]["status"]
            )
            assert set(stack.held) == set(wanted)
        before = wanted
    held = set(stack.held)
    managed = emails(stack)

    attempt(stack.refresh)
    assert set(stack.held) == held
    stack.destroy(keep_going=True)

    assert bystanders(world) == untouched
    still_active = {email for email, live in world.conductor.users().items() if live["status"] == "ACTIVE"}
    assert still_active & managed <= emails(stack)


@pytest.mark.parametrize(("name", "position"), sample((pair for pair in POSITIONS if pair not in LOUD), 6))
def test_most_answers_let_the_whole_life_succeed(world, stack, switch, name, position):
    """Where nothing forces an error there is none, and everybody holds exactly what is declared."""
    switch(**{name: position})

    for wanted in PHASES:
        stack.up(wanted)

    assert set(world.conductor.user(ANN)["accounts"]) == {1, 5}
    assert set(world.conductor.user(BOB)["accounts"]) == {1, 3}
    stack.refresh()
    assert {what for what, _ in stack.preview(PHASES[-1])} == {"same"}
    stack.destroy()
    assert stack.held == {}
