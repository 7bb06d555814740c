"""Reactivations and replacements on the real engine: what is declared is there, and who was switched off stays so."""

import pytest

ANN = "ann@acme.example"
URN = "urn:pulumi:dev::onboarding::pulumi-python:dynamic/conduit:ConductorUser::ann"
PERSON = f'email="{ANN}", first_name="Ann", last_name="Example", initial_accounts=[1]'
GRANTS = """
conduit.UserAccountAccess("two", user=ann, account_id=2)
conduit.UserAccountAccess("three", user=ann, account_id=3)
"""


def program(access="", status="ACTIVE", name="ann", more="", opts="None"):
    """Return a program that declares Ann and her access."""
    declared = f'ann = conduit.ConductorUser("{name}", {PERSON}, status="{status}", opts={opts}{more})'
    return f"{declared}\n{access}"


@pytest.fixture
def brought_up(stack):
    """Return a way to bring up programs, one after the other."""

    def bring_up(*programs):
        for one in programs:
            stack.program(one)
            done = stack.up()
            assert 0 == done.code, done.text

    return bring_up


@pytest.fixture
def ann(sandbox):
    """Return a way to see Ann's status and accounts."""

    def actual():
        user = sandbox.conductor.user(ANN)
        return user["status"], user["accounts"]

    return actual


def assert_settled(stack):
    """Say that the same program again changes nothing and asks for nothing."""
    again = stack.run("preview", "--expect-no-changes")
    assert 0 == again.code, again.text
    again = stack.up()
    assert (0, {}) == (again.code, again.writes()), again.text


LIST = 'conduit.UserAccountAccessExclusive("{}", user=ann, account_ids={})'.format
TEAM = 'team = pulumi.ComponentResource("test:index:Team", "team")\n'


@pytest.mark.parametrize(
    "declared",
    [
        LIST("all", "[2]"),
        LIST("all", "pulumi.Output.from_input([2])"),
        LIST("every", "[2]"),
        TEAM + LIST("all", "[2], opts=pulumi.ResourceOptions(parent=team)"),
    ],
    ids=["as before", "an output", "another name", "in a component"],
)
def test_a_list_decides_over_a_reactivation(stack, sandbox, ann, brought_up, declared):
    """The initial account, which the list forbids, does not come back; the preview names what goes and nothing else."""
    brought_up(program(LIST("all", "[1, 2]")), program(LIST("all", "[2]")), program(LIST("all", "[2]"), "INACTIVE"))
    sandbox.conductor.edit_user(ANN, accounts=[2, 5])
    stack.program(program(declared))

    told = stack.preview()
    assert told.lines("CONDUIT-REVOKE[accounts=5]: "), told.text
    assert [] == told.lines("CONDUIT-REVOKE[accounts=2")
    brought_up(program(declared))

    assert ("ACTIVE", [2]) == ann()
    assert_settled(stack)


@pytest.mark.parametrize(
    "part",
    [("--target", URN), ("--exclude", "**three")],
    ids=["target", "exclude"],
)
def test_a_reactivation_gives_what_its_run_leaves_out(stack, ann, brought_up, part):
    """Grants outside the run are declared all the same."""
    brought_up(program(GRANTS), program(GRANTS, "INACTIVE"))
    stack.program(program(GRANTS))

    done = stack.up(*part)

    assert (0, ("ACTIVE", [1, 2, 3])) == (done.code, ann()), done.text
    assert_settled(stack)


def test_a_grant_that_fails_after_a_reactivation_is_mended_by_a_plain_run(stack, sandbox, ann, brought_up):
    """The user is not ACTIVE before all that is declared is there."""
    brought_up(program(GRANTS), program(GRANTS, "INACTIVE"))
    sandbox.conductor.edit_user(ANN, accounts=[5])
    sandbox.faults.add("PUT /users/{userEmail}/accounts", status=400, times=None)
    stack.program(program(GRANTS))
    assert 0 != stack.up().code
    assert "INACTIVE" == ann()[0]
    sandbox.faults.clear()

    brought_up(program(GRANTS))

    assert ("ACTIVE", [1, 2, 3]) == ann()
    assert_settled(stack)


@pytest.mark.parametrize(
    "value",
    ["pulumi.Output.from_input(3)", "ann.id.apply(lambda _: 3)"],
    ids=["known soon", "known after its user"],
)
def test_a_grant_whose_value_is_not_plain(stack, ann, brought_up, value):
    """One that is known in time is kept; one that waits for its user stops the reactivation, and takes nothing away."""
    access = f'conduit.UserAccountAccess("late", user=ann, account_id={value})'
    brought_up(program(access), program(access, "INACTIVE"))
    stack.program(program(access))

    done = stack.up()

    if "apply" in value:
        assert 0 != done.code
        assert done.lines("not reactivated: the access declared as 'late' is not known yet"), done.text
        assert ("INACTIVE", [1, 3]) == ann()
    else:
        assert (0, ("ACTIVE", [1, 3])) == (done.code, ann()), done.text
        assert_settled(stack)


REPLACEMENTS = {
    "replace": (("--replace", URN), {}),
    "rename": ((), {"name": "ada"}),
    "component": ((), {"opts": 'pulumi.ResourceOptions(parent=pulumi.ComponentResource("test:index:Team", "team"))'}),
    "replace_on_changes": (
        (),
        {"opts": 'pulumi.ResourceOptions(replace_on_changes=["sendEmail"])', "more": ", send_email=True"},
    ),
    "profile": ((), {"more": ', profile="b"'}),
}


@pytest.mark.parametrize("is_refreshed", [True, False], ids=["refreshed", "unrefreshed"])
@pytest.mark.parametrize("way", [*REPLACEMENTS, "taint"])
def test_a_deactivation_made_outside_stays_through_a_replacement(stack, sandbox, ann, brought_up, way, is_refreshed):
    """Whatever the engine shows of the old state, the run ends INACTIVE, and so do the next ones."""
    sandbox.conductor.edit_identity("other@sandbox.example", accounts=[1, 99])
    stack.environ |= sandbox.environ(identity="other@sandbox.example", profile="b")
    brought_up(program())
    sandbox.conductor.edit_user(ANN, status="INACTIVE")
    if is_refreshed:
        assert 0 == stack.refresh().code
    if way == "taint":
        assert 0 == stack.run("state", "taint", URN).code
    arguments, changes = REPLACEMENTS.get(way, ((), {}))
    stack.program(program(**changes))

    done = stack.up(*arguments)

    assert 0 == done.code, done.text
    assert done.lines("stays INACTIVE; to reactivate it, declare INACTIVE"), done.text
    assert "INACTIVE" == ann()[0]
    if way in ("replace_on_changes", "profile"):
        assert {} == done.writes()
    assert 0 == stack.refresh().code
    assert_settled(stack)
    assert "INACTIVE" == ann()[0]
