"""On the real engine: what a GET does not show is removed all the same, and what a list shows is not adopted unseen."""

from dataclasses import replace

import pytest

from pulumi_conduit.cli.report import text
from pulumi_conduit.cli.report.report import read_report

ADA, OTHER = "ada@example.com", "b@sandbox.example"
ALL, ONE = "UserAccountAccessExclusive", "UserAccountAccess"
USER = f"""
    ada = conduit.ConductorUser(
        "ada", email="{ADA}", first_name="Ada", last_name="Lovelace", initial_accounts=[1]{{more}}
    )
"""
GRANT = '    conduit.UserAccountAccess("travel", user={user}, account_id=2{more})\n'
LIST = '    conduit.UserAccountAccessExclusive("all", user={user}, account_ids=[{accounts}])\n'
PLAIN = f'"{ADA}"'


def brought_up(stack, text):
    """Bring a program up."""
    stack.program(text)
    ran = stack.up()
    assert ran.code == 0, ran.text
    return ran


def accounts(stack):
    """Return what the user holds."""
    return stack.sandbox.conductor.user(ADA)["accounts"]


RETAINED = USER.format(more=', on_destroy="retain"')


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (USER.format(more="") + GRANT.format(user="ada", more=""), USER.format(more="")),
        (USER.format(more="") + LIST.format(user="ada", accounts="1, 2"), USER.format(more="")),
        (GRANT.format(user=PLAIN, more=""), ""),
        (RETAINED + GRANT.format(user="ada", more=""), None),
    ],
    ids=["grant", "list", "user of another stack", "destroy"],
)
def test_a_removal_does_not_believe_a_404(stack, before, after):
    """The GET's route is wrong: the access goes all the same; with the write's route wrong, too, the state keeps it."""
    if after == "":
        stack.sandbox.conductor.put_user(ADA, accounts=[1])
    brought_up(stack, before)
    remove = stack.destroy if after is None else stack.up
    if after is not None:
        stack.program(after)
    for route in ("GET /users/{userEmail}", "PUT /users/{userEmail}/accounts"):
        stack.sandbox.faults.add(route, status=404, body={"message": "Not Found"}, times=None)

    refused = remove()
    kept = len(stack.resources(ONE) + stack.resources(ALL))
    stack.sandbox.faults.clear()
    stack.sandbox.faults.add("GET /users/{userEmail}", status=404, body={"message": "Not Found"}, times=None)
    removed_at_last = remove()

    assert (1, 1, True) == (refused.code, kept, "CONDUCTOR_ROUTES" in refused.text), refused.text
    assert (0, True) == (removed_at_last.code, "CONDUCTOR_ROUTES" in removed_at_last.text), removed_at_last.text
    assert [1] == accounts(stack)
    assert [] == stack.resources(ONE) + stack.resources(ALL)


@pytest.mark.parametrize("kind", ["removed", "destroyed", "beside another identity"])
def test_a_list_that_goes_revokes_no_access(stack, kind):
    """A user of another stack, and a retained one, keep what they hold, and the error names the ways out."""
    stack.sandbox.conductor.add_identity(OTHER, "pw", [99])
    if kind == "destroyed":
        brought_up(stack, RETAINED + LIST.format(user="ada", accounts="1"))
        brought_up(stack, RETAINED + LIST.format(user="ada", accounts="2"))
        ran = stack.destroy()
    else:
        foreign = [99] if kind == "beside another identity" else []
        stack.sandbox.conductor.put_user(ADA, accounts=[1, *foreign])
        brought_up(stack, LIST.format(user=PLAIN, accounts="1, 2"))
        stack.program("")
        ran = stack.up()

    assert (1, 1) == (ran.code, len(stack.resources(ALL))), ran.text
    assert "Declare a UserAccountAccess for an account that it keeps" in ran.text
    assert {"removed": [1, 2], "destroyed": [2], "beside another identity": [1, 2, 99]}[kind] == accounts(stack)


@pytest.mark.parametrize(
    ("removed", "declared"),
    [
        ("", GRANT.format(user=PLAIN, more="")),
        ("", GRANT.format(user=PLAIN, more="").replace("travel", "trip")),
        (LIST.format(user=PLAIN, accounts="1"), LIST.format(user=PLAIN, accounts="1, 2")),
    ],
    ids=["grant", "another name", "list"],
)
def test_access_that_only_a_late_list_shows_is_added(stack, removed, declared):
    """The list is older than the removal, so the user's own GET decides, and the access is there."""
    stack.sandbox.conductor.put_user(ADA, accounts=[1])
    brought_up(stack, GRANT.format(user=PLAIN, more="") if "Exclusive" not in declared else declared)
    brought_up(stack, removed)
    stack.sandbox.switches = replace(stack.sandbox.switches, list_lag_writes=1)

    ran = brought_up(stack, declared)

    assert {"PUT /users/{userEmail}/accounts": 1} == ran.writes()
    assert [1, 2] == accounts(stack)


@pytest.mark.parametrize(
    "declared",
    [
        GRANT.format(user="ada", more=', profile="b"'),
        LIST.format(user="ada", accounts="1, 2").replace("account_ids", 'profile="b", account_ids'),
    ],
    ids=["grant", "list"],
)
def test_access_that_another_identity_removed_in_the_run_is_added(stack, declared):
    """One identity reactivates the user and removes account 2; the list of the other one still shows it."""
    stack.sandbox.conductor.add_identity(OTHER, "pw", [1, 2, 3])
    stack.environ |= stack.sandbox.environ(identity=OTHER, profile="b")
    stack.sandbox.conductor.put_user(ADA, first_name="Ada", last_name="Lovelace", status="INACTIVE", accounts=[1, 2])

    brought_up(stack, USER.format(more="") + declared)

    assert ("ACTIVE", [1, 2]) == (stack.sandbox.conductor.user(ADA)["status"], accounts(stack))


def test_a_destroy_of_people_who_were_only_adopted_says_so_before_and_in_the_run(stack):
    """The report of `destroy --preview-only --json` counts them, and each deactivation has its warning."""
    stack.sandbox.conductor.put_user(ADA, first_name="Ada", last_name="Lovelace", accounts=[1])
    created = 'conduit.ConductorUser("alan", email="alan@example.com", first_name="A", last_name="T",'
    brought_up(stack, USER.format(more="") + f"    {created} initial_accounts=[1])\n")

    planned = stack.run("destroy", "--preview-only", "--json")
    report = text.render(read_report(planned.text), [])
    ran = stack.destroy()

    assert "note: 1 person was found by this stack, not created" in report
    assert f"user {ADA}: was found by its resource, not created" in ran.text
    assert "user alan@example.com: was found" not in ran.text
    assert {"INACTIVE"} == {stack.sandbox.conductor.user(one)["status"] for one in (ADA, "alan@example.com")}
