"""What a plan does to people: the provider's rules, reported before it acts."""

import pytest
from plan_builder import step, urn, user

from pulumi_conduit.cli.report import text
from pulumi_conduit.cli.report.person import PersonChange
from pulumi_conduit.cli.report.report import LIMITS, read_report

ADA = "ada@acme.example"


def grant(account, email=ADA, **more):
    """Return the properties of a grant."""
    return {"user": email, "accountId": account, **more}


def accounts(*ids, email=ADA, **more):
    """Return the properties of an exclusive list."""
    return {"user": email, "accountIds": list(ids), **more}


def line(person):
    """Return a person on one line: what happens, what is gained, lost, revoked, kept without a grant, adopted."""
    parts = [("+", person.gained), ("-", person.lost), ("revoked", person.revoked), ("kept", person.kept)]
    listed = [f"{sign} {','.join(map(str, sorted(ids)))}" for sign, ids in parts if ids]
    taken = [f"adoptions {person.adoptions}"] if person.adoptions else []
    return "; ".join([" ".join(effect.name for effect in person.effects) or "-", *listed, *taken])


def lines(report):
    """Return everybody, by the part of the address that differs."""
    return {person.email.partition("@")[0]: line(person) for person in report.people}


RECORDED = {
    "onboarding": {"ada": "CREATED; + 1,2", "alan": "CREATED", "grace": "CREATED; + 1,3"},
    "roster edit": {
        "ada": "PROMOTED; + 5; - 2; revoked 2",
        "grace": "DEACTIVATED; - 1,2",
        "joan": "CREATED; + 1,4",
    },
    "whole plan": {
        "ada": "PROMOTED; + 5; - 2; revoked 2",
        "alan": "-",
        "grace": "DEACTIVATED; - 1,2",
        "joan": "CREATED; + 1,4",
    },
    "nothing": {},
    "taken over": {
        "ada": "ADOPTED; + 1,2; adoptions 2",
        "alan": "REACTIVATED; + 2,3; - 1; revoked 1",
        "edsger": "PROMOTED ADOPTED; + 1; adoptions 1",
        "joan": "ADOPTED; + 1,4; - 2,3; revoked 2,3; adoptions 2",
    },
    "renamed": {"ada": "RENAMED", "grace": "-"},
    "renamed by alias": {},
    "renamed and dropped": {"ada": "PROMOTED RENAMED; kept 3"},
    "brought back by a rename": {"ada": "REACTIVATED RENAMED; + 1,3; - 2; revoked 2"},
    "replaced": {
        "ada": "DEACTIVATED; - 1,2",
        "countess": "CREATED; + 1,2",
        "grace": "-; + 3; - 2; revoked 2",
    },
    "all steps of a replacement": {
        "ada": "DEACTIVATED; - 1,2",
        "countess": "CREATED; + 1,2",
        "grace": "-; + 3; - 2; revoked 2",
    },
    "left of a failed run": {"ada": "DEACTIVATED; - 1"},
    "leavers": {
        "ada": "DEACTIVATED; - 1,2,3",
        "alan": "UNMANAGED",
        "barbara": "-; - 2; revoked 2",
        "edsger": "DEACTIVATED; - 1,2",
        "grace": "UNMANAGED; - 2; revoked 2",
        "joan": "-; - 2; revoked 1,2",
        "kept": "UNMANAGED; - 2; revoked 2",
    },
    "switched": {
        "ada": "DEMOTED",
        "alan": "DEACTIVATED; - 1",
        "barbara": "REACTIVATED PROMOTED; + 1,2,3",
        "grace": "PROMOTED",
    },
    "lists": {
        "ada": "-; + 4; - 3; revoked 3",
        "alan": "-; - 1,3; revoked 1,3",
        "grace": "-; + 1; - 3; revoked 3",
    },
    "drift": {
        "ada": "DEMOTED",
        "barbara": "DEACTIVATED; - 1",
        "grace": "-; + 2",
        "joan": "-; + 2; - 3; revoked 3",
    },
    "imported": {"ada": "ADOPTED; adoptions 2"},
    "reads": {"grace": "CREATED; + 1"},
    "dropped reads": {},
    "others": {"ada": "CREATED; + 1"},
    "destroyed": {"ada": "DEACTIVATED; - 1,2", "grace": "DEACTIVATED; - 1,2"},
}


@pytest.mark.parametrize("name", RECORDED)
def test_real_plans_say_who_gains_and_who_loses_what(recorded, name):
    """Each plan of the real CLI is reported as the provider then does it; the engine's tests compare the two."""
    assert RECORDED[name] == lines(read_report(recorded(name)))


def test_a_linked_grant_goes_with_its_user(told):
    """The engine never asks for its delete, so that it is no revocation of its own."""
    gone = step("delete", "user", "ada", old=user(onDestroy="deactivate"))
    linked = step("delete", "grant", "ada-2", old=grant(2), deletedWith=urn("user", "ada"))

    assert {"ada": "DEACTIVATED; - 1,2"} == lines(told(gone, linked))


def test_a_grant_beside_its_user_is_a_revocation_of_its_own(told):
    """What is not linked is asked for, as `CONDUIT_MAX_REVOCATIONS` counts it."""
    gone = step("delete", "user", "ada", old=user(onDestroy="deactivate"))

    assert {"ada": "DEACTIVATED; - 1,2; revoked 2"} == lines(told(gone, step("delete", "grant", "g", old=grant(2))))


def test_a_grant_that_goes_with_another_resource_stays_within_reach(told):
    """A `deleted_with` of one's own means that nobody is asked to take the access away."""
    other = step("delete", "company", "acme", old={"companyId": "ACME", "pageEnabled": True, "onDestroy": "retain"})
    gone = step("delete", "grant", "g", old=grant(2), deletedWith=urn("company", "acme"))

    assert {"ada": "-; kept 2"} == lines(told(other, gone))


@pytest.mark.parametrize("how", [{"on_destroy": "retain"}, {"retain": True}])
def test_a_user_who_is_retained_is_not_deactivated(told, how):
    """Neither the policy nor the engine's own option sends anything."""
    old = user(onDestroy=how.get("on_destroy", "deactivate"))

    assert {"ada": "UNMANAGED"} == lines(told(step("delete", "user", "ada", old=old, retainOnDelete="retain" in how)))


def test_a_grant_that_is_retained_stays_within_reach(told):
    """`retain_on_delete` forgets a grant and takes nothing away."""
    gone = step("delete", "grant", "g", old=grant(2), retainOnDelete=True)

    assert {"ada": "-; kept 2"} == lines(told(gone))


def test_a_grant_that_moves_to_another_name_is_nothing(told):
    """A create and a delete of one key change nothing, and are no takeover."""
    said = [("warning", urn("grant", "new"), f"warning: CONDUIT-ADOPT: access of user {ADA} to account 2 exists")]
    steps = (step("create", "grant", "new", new=grant(2)), step("delete", "grant", "old", old=grant(2)))

    assert {"ada": "-"} == lines(told(*steps, said=said))


def test_a_list_that_goes_leaves_the_initial_accounts(told):
    """A user that stays keeps them rather than nothing, as the provider has it."""
    gone = step("delete", "list", "all", old=accounts(1, 2, 3, initialAccounts=[1]))

    assert {"ada": "-; - 2,3; revoked 1,2,3"} == lines(told(gone))
    assert frozenset({1}) == told(gone).people[0].may_lose


def test_what_others_gave_is_removed_by_a_changed_list_too(told):
    """The preview names what exists and no state holds; it counts once."""
    said = [("warning", urn("list", "all"), f"CONDUIT-REVOKE[accounts=3,7]: account list of user {ADA}: will be …")]
    changed = step("update", "list", "all", old=accounts(1, 2, 3), new=accounts(1, 2))

    assert {"ada": "-; - 3,7; revoked 3,7"} == lines(told(changed, said=said))


def test_what_a_list_revokes_is_lost_although_its_grant_is_left_out_of_the_run(told):
    """`--target` of a list keeps the grant that it replaces as it is in the state, and the list revokes its account."""
    same = [step("same", "user", "ada", old=user(), new=user()), step("same", "grant", "g", old=grant(5), new=grant(5))]
    said = [("warning", urn("list", "all"), f"CONDUIT-REVOKE[accounts=5]: account list of user {ADA}: will be …")]

    report = told(*same, step("create", "list", "all", new=accounts(1)), said=said)

    assert {"ada": "-; + 1; - 5; revoked 5"} == lines(report)
    assert frozenset() == report.people[0].may_lose


def test_an_account_that_exists_is_named_beside_a_recorded_one(told):
    """A list that takes the place of a grant is no adoption, but what it finds besides is named."""
    moved = [step("delete", "grant", "g", old=grant(5)), step("create", "list", "all", new=accounts(1, 5))]
    said = [("warning", urn("list", "all"), f"CONDUIT-ADOPT[accounts=1,5]: account list of user {ADA}: …")]

    report = told(step("same", "user", "ada", old=user(), new=user()), *moved, said=said)

    assert 0 == report.people[0].adoptions
    assert "access adopted: account 1 already exists" in text.render(report, [])


def test_names_in_a_warning_add_no_account(told):
    """What others called their accounts stands behind the ids, and cannot be taken for one."""
    named = f"CONDUIT-REVOKE[accounts=3]: account list of user {ADA}: will be removed: 'x' (4), 'accounts 5: y' (3)"
    made = step("create", "list", "all", new=accounts(1))

    assert {"ada": "-; + 1; - 3; revoked 3"} == lines(told(made, said=[("warning", urn("list", "all"), named)]))


def test_a_deactivation_made_outside_that_stands_is_not_reported(told):
    """The person is declared ACTIVE, is INACTIVE and stays so: an update of something else brings nobody back."""
    old = {**user(status="INACTIVE"), "lastApplied": {"status": "ACTIVE"}}
    changed = step("update", "user", "ada", old=old, new=user(onConflict="adopt"))

    report = told(changed, step("create", "grant", "g", new=grant(2)))

    assert {"ada": "-; + 2"} == lines(report)  # the state may be old: a grant that is made counts, whatever it says
    assert not report.people[0].is_active


def test_a_takeover_may_deactivate(told):
    """Who is found ACTIVE and declared INACTIVE counts as deactivated."""
    said = [
        (
            "warning",
            urn("user", "ada"),
            f"CONDUIT-ADOPT[status=INACTIVE]: user {ADA} exists as declared but ACTIVE, and is set INACTIVE",
        )
    ]
    made = step("create", "user", "ada", new=user(status="INACTIVE"))

    assert {"ada": "DEACTIVATED ADOPTED; adoptions 1"} == lines(told(made, said=said))


def test_a_type_that_a_takeover_sets_is_a_promotion_or_a_demotion(told):
    """What is declared is what the person is set to."""
    made = {kind: step("create", "user", "ada", new=user(type=kind)) for kind in ("STANDARD", "READ_ONLY")}
    said = {kind: [("warning", urn("user", "ada"), f"CONDUIT-ADOPT[type={kind}]: user {ADA}")] for kind in made}
    effects = [told(made[kind], said=said[kind]).people[0].effects for kind in made]

    assert [(PersonChange.PROMOTED, PersonChange.ADOPTED), (PersonChange.DEMOTED, PersonChange.ADOPTED)] == effects


def test_one_address_in_two_profiles_is_two_people(told):
    """Another profile may lead to another system."""
    report = told(
        step("create", "user", "a", new=user()),
        step("delete", "user", "b", old=user(profile="b", onDestroy="deactivate")),
    )

    assert [("", (PersonChange.CREATED,)), ("b", (PersonChange.DEACTIVATED,))] == [
        (one.profile, one.effects) for one in report.people
    ]


def test_offline_a_new_list_revokes_what_the_state_knows(told):
    """An offline preview cannot see the actual state, so what the state holds counts."""
    said = [("warning", urn("list", "all"), "CONDUIT-UNVERIFIED: new resources were not compared")]
    same = step("same", "user", "ada", old=user(initialAccounts=[1, 7]), new=user(initialAccounts=[1, 7]))

    assert {"ada": "-; + 1; - 7; revoked 7"} == lines(
        told(same, step("create", "list", "all", new=accounts(1)), said=said)
    )


def test_addresses_are_one_whatever_their_case(told):
    """A grant may spell its user otherwise."""
    assert {"ada": "CREATED; + 1,2"} == lines(
        told(step("create", "user", "ada", new=user()), step("create", "grant", "g", new=grant(2, "Ada@Acme.example")))
    )


def test_what_a_rename_finds_otherwise_than_recorded_counts(told):
    """The state says STANDARD, the API has READ_ONLY: to set the type is a promotion all the same."""
    said = [("warning", urn("user", "new"), f"CONDUIT-ADOPT[type=STANDARD]: user {ADA} exists and is adopted")]
    gone = step("delete", "user", "old", old=user(type="STANDARD", onDestroy="deactivate"))

    report = told(step("create", "user", "new", new=user(type="STANDARD")), gone, said=said)

    assert {"ada": "PROMOTED RENAMED"} == lines(report)


def test_who_is_found_inactive_and_stays_so_loses_nothing(told):
    """Access that nobody had is not reported as lost."""
    said = [
        ("warning", urn("user", "ada"), f"CONDUIT-ADOPT: user {ADA} exists and is adopted without a write"),
        ("warning", urn("grant", "g"), f"CONDUIT-ADOPT: access of user {ADA} to account 2 exists"),
    ]
    made = step("create", "user", "ada", new=user(status="INACTIVE"))

    report = told(made, step("create", "grant", "g", new=grant(2)), said=said)

    assert {"ada": "ADOPTED; adoptions 2"} == lines(report)


def test_what_an_earlier_run_left_is_reported_beside_a_new_replacement(told):
    """Two addresses were given up under one name, one of them in a run that failed: both people are deactivated."""
    left = step("delete-replaced", "user", "ada", old=user("first@acme.example", onDestroy="deactivate"), id="first")
    old = user("second@acme.example", onDestroy="deactivate")
    steps = [
        left,
        step("create-replacement", "user", "ada", old=old, new=user("third@acme.example"), id="second"),
        step("replace", "user", "ada", old=old, new=user("third@acme.example"), id="second"),
        step("delete-replaced", "user", "ada", old=old, id="second"),
    ]

    assert {"first": "DEACTIVATED; - 1", "second": "DEACTIVATED; - 1", "third": "CREATED; + 1"} == lines(told(*steps))


def test_who_is_replaced_while_a_grant_is_excluded_is_only_no_longer_managed(told):
    """`--exclude` of a grant keeps its user's delete out of the run, so that the person keeps all access."""
    old = user(onDestroy="deactivate")
    new = old | {"email": "grace@acme.example"}
    excluded = step("same", "grant", "g", old=grant(2), new=grant(2))
    created = step("create-replacement", "user", "ada", old=old, new=new, id=ADA)

    report = told(excluded, created, step("replace", "user", "ada", old=old, new=new, id=ADA))

    assert {"ada": "UNMANAGED", "grace": "CREATED; + 1"} == lines(report)
    assert [] == list(LIMITS["deactivations"].found(report))
    assert "no longer managed, and keeps its access as it is: account 1, account 2" in text.render(report, [])


def test_a_grant_goes_by_itself_while_the_delete_of_its_user_is_left_for_later(told):
    """A grant that is deleted with its user is revoked one by one if the user is not deleted in this run."""
    old = user(onDestroy="deactivate")
    new = old | {"email": "grace@acme.example"}
    users = [step(op, "user", "ada", old=old, new=new, id=ADA) for op in ("create-replacement", "replace")]

    removed = step("delete", "grant", "g", old=grant(2), deletedWith=urn("user", "ada"))

    assert "UNMANAGED; - 2; revoked 2" == lines(told(*users, removed))["ada"]


@pytest.mark.parametrize("status", ["ACTIVE", "INACTIVE"])
def test_who_is_inactive_already_is_not_deactivated_by_a_removal(told, status):
    """Whoever has no access loses none; a linked grant of such a user is nothing, either."""
    old = user(status=status, onDestroy="deactivate")
    linked = step("delete", "grant", "g", old=grant(2), deletedWith=urn("user", "ada"))

    report = told(step("delete", "user", "ada", old=old), linked)

    assert {"ada": "DEACTIVATED; - 1,2" if status == "ACTIVE" else "UNMANAGED"} == lines(report)


def test_a_reactivation_beside_a_list_comes_with_the_list(told):
    """Initial accounts that the list lacks are not given."""
    back = step("update", "user", "ada", old=user(status="INACTIVE"), new=user())
    listed = step("same", "list", "all", old=accounts(2), new=accounts(2))

    assert {"ada": "REACTIVATED; + 2"} == lines(told(back, listed))


STAYS = f"CONDUIT-ADOPT[left=INACTIVE]: user {ADA} exists, is INACTIVE and stays so"
BACK = f"CONDUIT-REACTIVATE: user {ADA} exists, is INACTIVE and is reactivated: set it ACTIVE"


@pytest.mark.parametrize("applied", [{}, {"lastApplied": {"status": "ACTIVE"}, "status": "INACTIVE"}])
def test_a_deactivation_made_outside_stands_through_a_rename(told, applied):
    """The new resource adopts the person INACTIVE."""
    gone = step("delete", "user", "old", old={**user(onDestroy="deactivate"), **applied})
    made = step("create", "user", "new", new=user())

    report = told(made, gone, said=[("warning", urn("user", "new"), STAYS)])

    assert {"ada": "RENAMED"} == lines(report)
    assert not report.people[0].is_active


@pytest.mark.parametrize(
    ("old", "about"),
    [
        ({"status": "INACTIVE"}, {}),
        ({"status": "ACTIVE"}, {"retainOnDelete": True}),
        ({"status": "ACTIVE"}, {}),
        ({"status": "INACTIVE", "lastApplied": {"status": "ACTIVE"}}, {}),
    ],
    ids=["declared", "retained", "deactivated outside", "and refreshed"],
)
def test_a_rename_that_reactivates_is_reported(told, old, about):
    """Also where the delete of the old resource sets the user INACTIVE again: the run may fail before it."""
    gone = step("delete", "user", "old", old={**user(onDestroy="deactivate"), **old}, **about)
    made = step("create", "user", "new", new=user())

    report = told(made, gone, said=[("warning", urn("user", "new"), BACK)])

    assert PersonChange.REACTIVATED in report.people[0].effects
    assert report.people[0].is_active


@pytest.mark.parametrize(
    ("removed", "count"),
    [
        ([user(adopted=True)], "1 person was"),
        ([user(adopted=True), user("alan@acme.example", adopted=True), user("joan@acme.example")], "2 people were"),
        ([user()], None),
        ([user(adopted=True, onDestroy="retain")], None),
        ([user(adopted=True, status="INACTIVE")], None),
    ],
)
def test_the_report_says_who_was_only_adopted_and_is_deactivated(told, removed, count):
    """A destroy takes people who were there before the stack; who stays, or is INACTIVE already, is not counted."""
    report = told(*[step("delete", "user", f"person-{n}", one) for n, one in enumerate(removed)])

    found = [note for note in text.render(report, []).splitlines() if "found by this stack" in note]

    ways = "on_destroy='retain' on users and retain_on_delete on grants keep them."
    how = "not created (adopted, renamed without an alias, or replaced), and will be deactivated"
    wanted = f"{count} found by this stack, {how}: {ways}"
    assert ([f"note: {wanted}"] if count else []) == found


def test_an_adopted_person_who_is_declared_inactive_is_no_such_removal(told):
    """The declaration asks for it."""
    report = told(step("update", "user", "ada", user(adopted=True), user(status="INACTIVE")))

    assert "DEACTIVATED" in lines(report)["ada"]
    assert not [note for note in text.render(report, []).splitlines() if "adopted" in note]


def test_who_is_only_removed_from_state_keeps_the_accounts_by_name(told):
    """A reviewer reads what stays."""
    report = told(step("delete", "user", "ann", old=user(onDestroy="retain")))

    assert "no longer managed, and keeps its access as it is: account 1\n" in text.render(report, [])


def test_who_is_removed_is_deactivated_and_not_deleted(told):
    """Pulumi prints `delete`."""
    report = told(step("delete", "user", "ann", old=user()))

    assert "    deactivated (the API deletes nobody)\n" in text.render(report, [])
