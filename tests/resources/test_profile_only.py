"""A stack whose settings are those of a profile alone: whoever forgets the profile finds no settings at all."""

import pytest
from declarations import ANN, BOB, PreviewFailedError, account_list, company, grant, lines, user

from pulumi_conduit.errors import ConduitError
from pulumi_conduit.resources.fields import to_properties


@pytest.fixture
def stack(sandbox, new_stack):
    """Return a stack that knows the settings of profile b, and none of the default profile."""
    nothing = dict.fromkeys(sandbox.environ())
    return new_stack(**nothing, **sandbox.environ(profile="b"))


def under_b(program, prefix=""):
    """Return the program with every resource under profile b, and under another name when a prefix is given."""
    return {prefix + name: (kind, {**properties, "profile": "b"}) for name, (kind, properties) in program.items()}


@pytest.mark.parametrize("kind", ["company", "user", "grant", "list"])
def test_get_looks_where_the_profile_says_and_records_it(sandbox, stack, kind):
    """`X.get(profile=…)` uses that profile's settings, and its state goes on to."""
    sandbox.link.put_company("ACME", name="Acme")
    sandbox.conductor.put_user(ANN, accounts=[1])

    state = to_properties(stack.get(kind, {"company": "ACME", "grant": f"{ANN}:1"}.get(kind, ANN), "b"))

    assert "b" == state["profile"]


@pytest.mark.parametrize("kind", ["company", "user", "grant", "list"])
def test_get_without_the_profile_finds_no_settings(sandbox, stack, kind):
    """Without the profile there is nowhere to look, so that the test above can fail."""
    with pytest.raises(ConduitError, match="CONDU"):
        stack.get(kind, {"company": "ACME", "grant": f"{ANN}:1"}.get(kind, ANN))


def test_a_whole_life_needs_no_default_profile(sandbox, stack):
    """Creation, edits, a return, a refresh and the end all happen under the profile."""
    program = {
        "acme": company(name="Acme", onDestroy="disable_page"),
        "ann": user(),
        "two": grant(2),
        "bob": user(BOB),
        "all": account_list(1, 3, email=BOB),
    }
    off = {**program, "ann": user(status="INACTIVE"), "bob": user(BOB, status="INACTIVE")}
    for declared in (program, off, program):
        stack.preview(under_b(declared))
        stack.up(under_b(declared))
        stack.refresh()

    assert [[1, 2], [1, 3]] == [sandbox.conductor.user(email)["accounts"] for email in (ANN, BOB)]
    stack.destroy()
    assert {"INACTIVE"} == {sandbox.conductor.user(email)["status"] for email in (ANN, BOB)}


def test_the_plan_of_a_return_looks_under_the_profile(sandbox, stack):
    """A leftover that nobody here can take away fails the plan, under a profile as well."""
    stack.up(under_b({"ann": user(status="INACTIVE")}))
    sandbox.conductor.edit_user(ANN, accounts=[1, 99])

    with pytest.raises(ConduitError, match="99"):
        stack.preview(under_b({"ann": user()}))


def test_the_preview_of_a_reactivation_shows_late_grants_under_the_profile(sandbox, stack):
    """Grants that were not known to the reactivation are planned again, under a profile as well."""
    stack.up(under_b({"ann": user(status="INACTIVE"), "two": grant(2), "three": grant(3)}))
    stack.declared_late = {"two"}

    planned = stack.preview(under_b({"ann": user(), "two": grant(2), "three": grant(3)}))

    assert [("update", "ann"), ("update", "two"), ("same", "three")] == planned


def test_a_retained_user_is_looked_at_under_the_profile(sandbox, stack):
    """The warning about a user that is removed from state only comes from the profile's own GET."""
    stack.up(under_b({"ann": user(onDestroy="retain")}))

    stack.destroy()

    assert [
        f"user {ANN}: removed from state only (on_destroy='retain') and still has access to 'Retail' (1)"
    ] == stack.warnings


@pytest.mark.parametrize("kind", ["company", "user", "grant", "list"])
def test_an_import_looks_under_the_profile(sandbox, stack, kind):
    """An object that is as declared is imported without a write, under a profile as well."""
    sandbox.link.put_company("ACME", name="Acme")
    sandbox.conductor.put_user(ANN, accounts=[1])
    declared = {
        "company": company(importId="ACME", name="Acme"),
        "user": user(importId=ANN),
        "grant": grant(1, importId=f"{ANN}:1"),
        "list": account_list(1, importId=ANN),
    }
    program = under_b({"it": declared[kind]})

    stack.preview(program)
    stack.up(program)

    assert [] == lines(sandbox)
    assert "b" == stack.outputs("it")["profile"]


PROGRAM = {
    "acme": company(name="Acme", onDestroy="disable_page"),
    "ann": user(),
    "two": grant(2),
    "bob": user(BOB),
    "all": account_list(1, 3, email=BOB),
}


@pytest.mark.parametrize("name", PROGRAM)
def test_a_rename_under_a_profile_writes_nothing(sandbox, stack, name):
    """The new resource owns the object in the place of its profile, so that the old one's delete spares it."""
    sandbox.conductor.put_user(ANN, first_name="First", last_name="Last", accounts=[1])
    sandbox.conductor.put_user(BOB, first_name="First", last_name="Last", accounts=[1])
    one = {name: PROGRAM[name]}
    stack.up(under_b(one))
    sandbox.forget_requests()

    stack.up(under_b(one, "new-"))

    assert {f"new-{name}"} == set(stack.held)
    assert [] == lines(sandbox)
    assert [] == [warning for warning in stack.warnings if "UNVERIFIED" in warning]


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (user(accounts=[99]), "account 99 is not one that this identity owns"),
        (grant(99), "account 99 is not one that this identity owns"),
        (account_list(99), "account 99 is not one that this identity owns"),
    ],
)
def test_a_preview_under_a_profile_looks_with_its_credentials(stack, kind, told):
    """What is wrong with a new resource shows in the preview, although the default profile could not look."""
    with pytest.raises((ConduitError, PreviewFailedError), match=told):
        stack.preview(under_b({"it": kind}))
    assert [] == [warning for warning in stack.warnings if "UNVERIFIED" in warning]
