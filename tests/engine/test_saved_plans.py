"""What the report says of a saved plan, and what `up --plan` then does: nothing that was not reported and counted."""

import json
from dataclasses import dataclass

import pytest

from pulumi_conduit.cli.report.person import PersonChange
from pulumi_conduit.cli.report.report import LIMITS, Report, read_report

ADA, BOB, EVE = "ada@acme.example", "bob@acme.example", "eve@acme.example"
HEAD = """
def person(name, email, accounts=(1,), **more):
    return conduit.ConductorUser(
        name, email=email, first_name="A", last_name="B", initial_accounts=list(accounts), **more
    )

def grant(name, user, account, **more):
    return conduit.UserAccountAccess(name, user=user, account_id=account, **more)

def whole(name, user, *accounts):
    return conduit.UserAccountAccessExclusive(name, user=user, account_ids=list(accounts))
"""
GRAVE = {PersonChange.DEACTIVATED, PersonChange.REACTIVATED, PersonChange.PROMOTED, PersonChange.DEMOTED}


@dataclass
class Happened:
    """What an update did to one person."""

    gained: set
    lost: set
    effects: set


@pytest.fixture
def declare(stack):
    """Give what replaces the program."""
    return lambda *lines: stack.program("\n".join([HEAD, *lines]))


@pytest.fixture
def bring_up(stack, declare):
    """Give what brings a program up."""

    def up(*lines):
        declare(*lines)
        ran = stack.up()
        assert 0 == ran.code, ran.text

    return up


@pytest.fixture
def told_and_done(stack, declare):
    """Give what previews a program, runs exactly that plan, holds one against the other, and returns the report."""

    def run(*lines):
        declare(*lines)
        ran = stack.preview("--json", "--show-sames", "--show-replacement-steps", "--save-plan", "plan")
        assert 0 == ran.code, ran.text
        plan, _ = json.JSONDecoder().raw_decode(ran.text[ran.text.index("{") :])
        report = read_report(json.dumps(plan))
        before = stack.sandbox.conductor.users()
        done = stack.run("up", "--yes", "--skip-preview", "--plan", "plan")
        assert 0 == done.code, done.text
        hold(report, before, stack.sandbox.conductor.users())
        return report

    return run


def hold(report: Report, before, after):
    """Fail where something has happened that the report does not name, or does not count."""
    people = {one.email: one for one in report.people}
    done = {email: happened(before.get(email), after[email]) for email in after}
    for email, one in done.items():
        if not (one.gained or one.lost or one.effects):
            continue
        told = people[email]
        assert one.gained <= told.gained, email
        assert one.lost <= told.lost | told.may_lose, email
        assert one.effects <= set(told.effects), email
    revoked = sum(len(one.lost) for one in done.values() if PersonChange.DEACTIVATED not in one.effects)
    assert revoked <= counted(report, "revocations")
    for name, effect in [
        ("deactivations", PersonChange.DEACTIVATED),
        ("reactivations", PersonChange.REACTIVATED),
        ("promotions", PersonChange.PROMOTED),
    ]:
        assert sum(effect in one.effects for one in done.values()) <= counted(report, name)


def happened(before, after):
    """Return what has become of one person; somebody new has only gained."""
    had, has = reach(before), reach(after)
    effects = set()
    if before is not None and before["status"] != after["status"]:
        effects.add(PersonChange.REACTIVATED if after["status"] == "ACTIVE" else PersonChange.DEACTIVATED)
    if before is not None and before["type"] != after["type"]:
        effects.add(PersonChange.PROMOTED if after["type"] == "STANDARD" else PersonChange.DEMOTED)
    return Happened(has - had, had - has, effects & GRAVE)


def reach(user):
    """Return the accounts within reach of a user."""
    return set(user["accounts"]) if user and user["status"] == "ACTIVE" else set()


def counted(report, limit):
    """Return how many count against a limit."""
    return len(LIMITS[limit].found(report))


def gained(report):
    """Return who gains what, as reported."""
    return {one.email: set(one.gained) for one in report.people if one.gained}


@pytest.mark.parametrize("name", ["hr::team", ":team", "a$b::pulumi:pulumi:Stack::c"])
def test_a_name_hides_no_user(stack, bring_up, told_and_done, name):
    """A resource, and a roster's people, are reported under any name, and the update does no more."""
    roster = stack.folder / "people.csv"
    roster.write_text(f"email,first_name,last_name,accounts\n{ADA},A,B,1|2\n{BOB},A,B,1\n", encoding="utf-8")
    bring_up(f'conduit.Roster({name!r}, "people.csv")', f"eve = person({name!r}, '{EVE}')")
    roster.write_text(f"email,first_name,last_name,accounts\n{BOB},A,B,1|3\n", encoding="utf-8")

    report = told_and_done(f'conduit.Roster({name!r}, "people.csv")')

    assert (2, {BOB: {3}}) == (counted(report, "deactivations"), gained(report))


def test_access_that_comes_back_is_a_gain(stack, bring_up, told_and_done):
    """Taken away by the program, or by hand before a rename and an edit of a list: it is given, and was reported."""
    ada, bob, eve = f"ada = person('ada', '{ADA}', [1, 2])", f"bob = person('bob', '{BOB}')", f"person('eve', '{EVE}')"
    bring_up(
        f"{ada}; grant('a1', ada, 1); grant('a2', ada, 2)",
        f"{bob}; grant('b2', bob, 2)",
        f"eve = {eve}; whole('all', eve, 1, 2)",
    )
    bring_up(f"{ada}; grant('a1', ada, 1)", f"{bob}; grant('b2', bob, 2)", f"eve = {eve}; whole('all', eve, 1, 2)")
    stack.sandbox.conductor.edit_user(BOB, accounts=[1])
    stack.sandbox.conductor.edit_user(EVE, accounts=[1])

    report = told_and_done(
        f"{ada}; grant('a1', ada, 1); grant('a2', ada, 2)",
        f"{bob}; grant('b2-renamed', bob, 2)",
        f"eve = {eve}; whole('all', eve, 1, 2, 3)",
    )

    assert {ADA: {2}, BOB: {2}, EVE: {2, 3}} == gained(report)


def test_a_rename_of_what_is_there_is_no_gain(bring_up, told_and_done):
    """The preview has seen it, and the old state has it."""
    bring_up(
        f"ada = person('ada', '{ADA}'); grant('a2', ada, 2)", f"bob = person('bob', '{BOB}'); whole('b', bob, 1, 3)"
    )

    report = told_and_done(
        f"ada = person('countess', '{ADA}'); grant('a', ada, 2)", f"bob = person('bob', '{BOB}'); whole('w', bob, 1, 3)"
    )

    assert ({}, 0, 0) == (gained(report), counted(report, "adoptions"), counted(report, "revocations"))


def test_a_list_that_goes_while_a_grant_comes_is_counted_whole(bring_up, told_and_done):
    """First accounts stay only for who would hold nothing else: also where somebody has given an account by hand."""
    ada, bob = f"ada = person('ada', '{ADA}')", f"bob = person('bob', '{BOB}')"
    bring_up(f"{ada}; whole('a', ada, 1, 2)", f"{bob}; whole('b', bob, 1, 2)")

    report = told_and_done(f"{ada}; grant('a3', ada, 3)", bob)

    assert [f"{ADA}:1", f"{ADA}:2", f"{BOB}:1", f"{BOB}:2"] == list(LIMITS["revocations"].found(report))
    assert [{1, 2}, {2}] == [set(one.lost) for one in report.people]


def test_what_was_given_by_hand_makes_a_list_take_all(stack, bring_up, told_and_done):
    """No state holds the other account, so that the first ones may go, too: that is reported and counted."""
    ada = f"ada = person('ada', '{ADA}')"
    bring_up(f"{ada}; whole('a', ada, 1, 2)")
    stack.sandbox.conductor.edit_user(ADA, accounts=[1, 2, 5])

    report = told_and_done(ada)

    assert (2, {1}) == (counted(report, "revocations"), set(report.people[0].may_lose))
    assert [5] == stack.sandbox.conductor.user(ADA)["accounts"]


def test_a_return_that_repairs_a_type_is_a_promotion(stack, bring_up, told_and_done):
    """The state is as declared, and Conductor is not; one is INACTIVE, and one was set ACTIVE by hand."""
    people = [("ada", ADA, "STANDARD"), ("bob", BOB, "STANDARD"), ("eve", EVE, "READ_ONLY")]
    bring_up(*(f"person('{name}', '{email}', type='{kind}', status='INACTIVE')" for name, email, kind in people))
    stack.sandbox.conductor.edit_user(ADA, type="READ_ONLY")
    stack.sandbox.conductor.edit_user(BOB, type="READ_ONLY", status="ACTIVE")
    stack.sandbox.conductor.edit_user(EVE, type="STANDARD")

    report = told_and_done(*(f"person('{name}', '{email}', type='{kind}')" for name, email, kind in people))

    assert [ADA, BOB] == list(LIMITS["promotions"].found(report))
    assert [EVE] == [one.email for one in report.people_with(PersonChange.DEMOTED)]
    assert 3 == counted(report, "reactivations")


def test_what_was_read_and_is_managed_is_adopted_and_back(stack, bring_up, told_and_done):
    """Neither way is silent, and the other id of a `get` ends what was managed."""
    stack.sandbox.conductor.put_user(ADA, first_name="A", last_name="B", accounts=[1, 2])
    stack.sandbox.conductor.put_user(EVE, first_name="A", last_name="B", accounts=[1])
    read = f"conduit.ConductorUser.get('ada', '{ADA}'); conduit.UserAccountAccess.get('a2', '{ADA}:2')"
    managed, bob = f"ada = person('ada', '{ADA}'); grant('a2', ada, 2)", f"person('bob', '{BOB}')"
    bring_up(read, bob)

    taken = told_and_done(managed, bob)
    left = told_and_done(read, f"conduit.ConductorUser.get('bob', '{EVE}')")

    assert 2 == counted(taken, "adoptions")
    assert {ADA: [PersonChange.UNMANAGED], BOB: [PersonChange.DEACTIVATED]} == {
        one.email: list(one.effects) for one in left.people
    }
    assert frozenset({2}) == left.people[0].kept
    assert ["ACTIVE", "INACTIVE"] == [stack.sandbox.conductor.user(one)["status"] for one in (ADA, BOB)]


def test_what_a_program_prints_hides_nothing(stack, bring_up, told_and_done):
    """Under a new grant, a renamed one that was taken away by hand, and whoever is promoted or deactivated."""
    bring_up(f"ada = person('ada', '{ADA}'); grant('a2', ada, 2)", f"person('bob', '{BOB}')", f"person('eve', '{EVE}')")
    stack.sandbox.conductor.edit_user(ADA, accounts=[1])

    report = told_and_done(
        f"ada = person('ada', '{ADA}')",
        "for one in (grant('renamed', ada, 2), grant('new', ada, 3)):",
        "    pulumi.log.warn('CONDUIT-ADOPT: x', one)",
        f"bob = person('bob', '{BOB}', status='INACTIVE')",
        f"eve = person('eve', '{EVE}', type='STANDARD')",
        "for one in (ada, bob, eve):",
        "    pulumi.log.warn('CONDUIT-REACTIVATE: x', one)",
        "    pulumi.log.warn('CON<{%reset%}>DUIT-ADOPT[left=INACTIVE]: is INACTIVE and stays so', one)",
    )

    assert {ADA: {2, 3}} == gained(report)
    assert (1, 1) == (counted(report, "deactivations"), counted(report, "promotions"))
    assert (0, 0) == (counted(report, "reactivations"), counted(report, "adoptions"))


def test_a_targeted_plan_reports_what_it_does(stack, bring_up, declare):
    """What `--target` leaves out is not reported, and is no reason to refuse."""
    bring_up(f"person('ada', '{ADA}')", f"person('bob', '{BOB}')")
    declare(f"person('ada', '{ADA}', type='STANDARD')", f"person('eve', '{EVE}')")

    ran = stack.preview("--json", "--show-sames", "--show-replacement-steps", "--target", "**::ada")

    plan, _ = json.JSONDecoder().raw_decode(ran.text[ran.text.index("{") :])
    report = read_report(json.dumps(plan))
    assert {ADA: [PersonChange.PROMOTED], BOB: []} == {one.email: list(one.effects) for one in report.people}


def test_a_rename_with_another_profile_of_one_tenant_changes_no_user(stack, bring_up, told_and_done):
    """One base URL and one address are one person, as they are to the provider."""
    stack.environ |= {f"{name}_B": stack.environ[name] for name in stack.environ if name.startswith("CONDUCTOR_")}
    bring_up(f"ada = person('ada', '{ADA}'); grant('a2', ada, 2)")

    report = told_and_done(f"ada = person('countess', '{ADA}', profile='b'); grant('two', ada, 2)")

    assert (0, 0, {}) == (counted(report, "deactivations"), counted(report, "adoptions"), gained(report))
    assert ("ACTIVE", [1, 2]) == tuple(stack.sandbox.conductor.user(ADA)[name] for name in ("status", "accounts"))
