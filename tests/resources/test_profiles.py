"""Profiles: another name for the same tenant is stored, another tenant replaces."""

import pytest
from declarations import ANN, account_list, company, grant, lines, user

SAME = {
    "acme": company(onDestroy="retain"),
    "ann": user(),
    "two": grant(2),
    "bob": user("bob@acme.example"),
    "all": account_list(1, email="bob@acme.example"),
}


def under(profile, program):
    """Return the program with every resource under a profile."""
    return {name: (kind, {**properties, "profile": profile}) for name, (kind, properties) in program.items()}


def test_a_profile_that_names_the_same_tenant_is_stored_without_a_request(sandbox, stack):
    """Settings that reach the same tenant by another name change nothing but the recorded name."""
    stack.up(SAME)
    stack.environ |= sandbox.environ(profile="b")
    sandbox.forget_requests()

    stack.up(under("b", SAME))

    assert {what for what, _ in stack.operations} == {"update"}
    assert sandbox.counts() == {}
    assert {held.outputs["profile"] for held in stack.held.values()} == {"b"}


@pytest.mark.parametrize("first", SAME)
def test_a_profile_that_names_another_tenant_replaces(sandbox, stack, first):
    """Another tenant has other objects."""
    program = {first: SAME[first]}
    if first in ("two", "all"):
        sandbox.conductor.put_user(program[first][1]["user"])
    stack.up(program)
    stack.environ |= sandbox.environ(link_app="b", identity="other@sandbox.example", profile="b")
    stack.environ["CONDUIT_PREVIEW_B"] = "offline"

    stack.preview(under("b", program))

    assert stack.operations == [("replace", first)]


def test_a_profile_can_change_together_with_a_list(sandbox, stack):
    """What else changes is written under the new name."""
    stack.up({name: SAME[name] for name in ("bob", "all")})
    stack.environ |= sandbox.environ(profile="b")

    stack.up(under("b", {"bob": SAME["bob"], "all": account_list(1, 2, email="bob@acme.example")}))

    assert sandbox.conductor.user("bob@acme.example")["accounts"] == [1, 2]


def test_a_profile_can_change_while_a_grant_is_owed(sandbox, stack):
    """A grant that a return has reset is added again, whatever its profile is called now."""
    off, on = ({"ann": user(status=status), "two": grant(2)} for status in ("INACTIVE", "ACTIVE"))
    stack.up(off)
    stack.declared_late = {"two"}
    stack.environ |= sandbox.environ(profile="b")

    stack.up(under("b", on))

    assert sandbox.conductor.user(ANN)["accounts"] == [1, 2]


def test_an_owed_grant_that_shows_again_is_given_all_the_same(sandbox, stack):
    """What this run has removed and sees again may be an old answer, and to add what is there has no effect."""
    off, on = ({"ann": user(status=status), "two": grant(2)} for status in ("INACTIVE", "ACTIVE"))
    stack.up(off)
    stack.declared_late = {"two"}
    sandbox.faults.add(
        "GET /users/{userEmail}", after=2, hook=lambda: sandbox.conductor.edit_user(ANN, accounts=[1, 2])
    )
    sandbox.forget_requests()

    stack.up(on)

    assert sandbox.conductor.user(ANN)["accounts"] == [1, 2]
    access = f"PUT /users/{ANN}/accounts removal="
    assert lines(sandbox) == [f"{access}true", f"PUT /users/{ANN}/status", f"{access}false"]


def test_profiles_of_one_tenant_share_a_session(sandbox, stack):
    """One login and one list serve every name of an identity."""
    stack.environ |= sandbox.environ(profile="b")

    stack.preview({"ann": user(), "bob": user("bob@acme.example", profile="b")})

    assert sandbox.count("POST /login") == 1
    assert stack.run.sessions.conductor(None) is stack.run.sessions.conductor("b")
