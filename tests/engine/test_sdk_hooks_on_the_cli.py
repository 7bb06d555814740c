"""The hooks into the SDK on the real CLI: what it shows and stores, with them and without."""

import json

import pytest

PEOPLE = """
for number in range(5):
    email = f"person{number}@example.com"
    user = conduit.ConductorUser(email, email=email, first_name="A", last_name="B", initial_accounts=[1])
    conduit.UserAccountAccess(f"{email}-2", user=user, account_id=2)
pulumi.log.debug("written by the program, first")
pulumi.log.warn("written by the program, second")
pulumi.log.debug("written by the program, third\\nin two lines")
pulumi.log.info("written by the program, fourth")
pulumi.export("emails", [f"person{number}@example.com" for number in range(5)])
"""
ON_AND_OFF = ("auto", "off")
FAILING = {
    "program": ("raise ValueError('no such row')", "ValueError: no such row"),
    "output": (
        "def fail(_):\n    raise ValueError('no such account')\n\nuser.email.apply(fail)",
        "ValueError: no such account",
    ),
    "resource": (
        "conduit.Company('acme', company_id='not an id', name='A', on_destroy='retain')",
        "company_id",
    ),
}


def debug_lines(ran):
    """Return the debug messages that the SDK or the program wrote, without what differs from run to run."""
    return sorted(
        line.strip()
        for line in ran.text.splitlines()
        if line.strip().startswith("debug: ")
        and any(what in line for what in ("ty=", "beginning rpc", "written by", "RPCs", "outputs completed"))
    )


def test_debug_messages_are_shown_as_without_the_hooks(stack):
    """All of them, each with the CLI's prefix."""
    stack.program(PEOPLE)
    shown = {mode: stack.run("preview", "--debug", CONDUIT_SDK_HOOKS=mode) for mode in ON_AND_OFF}

    assert [0, 0] == [ran.code for ran in shown.values()], shown["auto"].text
    expected = debug_lines(shown["off"])
    assert 40 < len(expected)
    assert expected == debug_lines(shown["auto"])


@pytest.mark.parametrize("mode", ON_AND_OFF)
def test_messages_are_shown_in_the_order_in_which_they_were_written(stack, mode):
    """A debug message that comes later than a warning would tell another story."""
    stack.program(PEOPLE)

    ran = stack.run("preview", "--debug", CONDUIT_SDK_HOOKS=mode)

    _, _, shown = ran.text.partition("Diagnostics:")
    written = [line.strip() for line in shown.splitlines() if "written by" in line or "in two lines" in line]
    assert [
        "debug: written by the program, first",
        "warning: written by the program, second",
        "debug: written by the program, third",
        "in two lines",
        "written by the program, fourth",
    ] == written


def test_a_state_is_the_same_with_and_without_the_hooks(stack):
    """What one of them has made is unchanged for the other, whichever comes first."""
    stack.program(PEOPLE)
    assert 0 == stack.run("up", "--yes", "--skip-preview", CONDUIT_SDK_HOOKS="auto").code
    exported = {}
    for mode in ("off", "auto"):
        ran = stack.run("up", "--yes", "--skip-preview", "--expect-no-changes", CONDUIT_SDK_HOOKS=mode)
        assert 0 == ran.code, ran.text
        resources = json.loads(stack.run("stack", "export").text)["deployment"]["resources"]
        exported[mode] = [{key: value for key, value in one.items() if key != "modified"} for one in resources]

    order = sorted(exported["off"], key=lambda one: one["urn"])
    assert order == sorted(exported["auto"], key=lambda one: one["urn"])


@pytest.mark.parametrize("mode", ON_AND_OFF)
@pytest.mark.parametrize("what", FAILING)
def test_a_failure_is_shown_as_without_the_hooks(stack, what, mode):
    """In the program, in an output and in a resource; and what was logged before it."""
    code, error = FAILING[what]
    stack.program(PEOPLE + code)

    ran = stack.run("preview", "--debug", CONDUIT_SDK_HOOKS=mode)

    assert 0 != ran.code
    assert error in ran.text
    assert "debug: written by the program, first" in ran.text
