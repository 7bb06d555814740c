"""A program that lives under a profile alone is renamed and looked at by that profile's settings, and by no others."""

import pytest
from declarations import ANN, BOB, PreviewFailedError, account_list, company, grant, lines, user

from pulumi_conduit.errors import ConduitError


@pytest.fixture
def stack(sandbox, new_stack):
    """Return a stack that knows the settings of profile b, and none of the default profile."""
    nothing = dict.fromkeys(sandbox.environ())
    return new_stack(**nothing, **sandbox.environ(profile="b"))


def under_b(program, prefix=""):
    """Return the program with every resource under profile b, and under another name when a prefix is given."""
    return {prefix + name: (kind, {**properties, "profile": "b"}) for name, (kind, properties) in program.items()}


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
