"""What a plan does not prove is not said to be held, and what is made is a gain; what is only read is not managed."""

from dataclasses import replace

import pytest
from plan_builder import KINDS, plan, step, urn, user
from test_report_people import ADA, accounts, grant, lines

from pulumi_conduit.cli import escaping
from pulumi_conduit.cli.report import markdown, text
from pulumi_conduit.cli.report.person import PersonChange
from pulumi_conduit.cli.report.report import LIMITS, evaluate_limits, read_report
from pulumi_conduit.errors import InvalidInputError

TAKEN = "CONDUIT-ADOPT: exists"
URL = "https://conductor.example"
SAME = step("same", "user", "ada", old=user(initialAccounts=[1, 7]), new=user(initialAccounts=[1, 7]))


def found(report, limit):
    """Return what counts against a limit."""
    return list(LIMITS[limit].found(report))


def managed_by(kind, old, new, *, was_read=False, is_read=False):
    """Return the step `replace` of what is read, or was, with its states as the CLI writes them."""
    made = step("replace", kind, "one", old=old, new=new, external=was_read)
    made["newState"]["external"] = is_read
    return made


# What is made.


@pytest.mark.parametrize("said", [(), (TAKEN,)], ids=["not there", "there"])
@pytest.mark.parametrize("account", [1, 7])
def test_first_accounts_prove_nothing(told, account, said):
    """A first account may have been taken away since; an account that is given back is a gain."""
    report = told(
        SAME,
        step("create", "grant", "g", new=grant(account)),
        said=[("warning", urn("grant", "g"), one) for one in said],
    )

    assert frozenset({account}) == report.people[0].gained


@pytest.mark.parametrize("is_seen", [True, False])
def test_a_rename_keeps_what_the_preview_has_seen_only(told, is_seen):
    """Somebody may have taken away by hand what an old state holds: then the rename gives it back."""
    moved = step("create", "grant", "new", new=grant(2)), step("delete", "grant", "old", old=grant(2))
    said = [("warning", urn("grant", "new"), TAKEN)] if is_seen else []

    assert {"ada": "-" if is_seen else "-; + 2"} == lines(told(*moved, said=said))


@pytest.mark.parametrize(("seen", "gained"), [("1,2,3", set()), ("1", {2, 3}), (None, {1, 2, 3})])
def test_a_renamed_list_keeps_what_the_preview_has_seen_only(told, seen, gained):
    """The preview names the accounts that the user has."""
    moved = step("create", "list", "new", new=accounts(1, 2, 3)), step("delete", "list", "old", old=accounts(1, 2, 3))
    facts = f"[accounts={seen}]" if seen else ""

    report = told(*moved, said=[("warning", urn("list", "new"), f"CONDUIT-ADOPT{facts}: exists")])

    assert gained == report.people[0].gained


def test_single_grants_that_become_a_list_are_kept_where_seen(told):
    """Either kind holds an account, and what nobody has seen comes."""
    gone = [step("delete", "grant", f"g{one}", old=grant(one)) for one in (1, 2)]
    said = [("warning", urn("list", "all"), "CONDUIT-ADOPT[accounts=1]: exists")]

    assert {"ada": "-; + 2"} == lines(told(*gone, step("create", "list", "all", new=accounts(1, 2)), said=said))


def test_a_renamed_person_whom_the_preview_has_not_seen_is_created(told):
    """Whoever is not there any more is made anew, with first accounts."""
    moved = step("create", "user", "new", new=user()), step("delete", "user", "old", old=user(onDestroy="deactivate"))

    assert {"ada": "CREATED; + 1"} == lines(told(*moved))


def test_an_import_gives_nothing(told):
    """It never writes, and fails where it is not there."""
    made = (
        step("create", "user", "ada", new=user(importId=ADA)),
        step("create", "grant", "g", new=grant(2, importId=f"{ADA}:2")),
    )

    assert {"ada": "ADOPTED; adoptions 2"} == lines(told(*made))


@pytest.mark.parametrize("old", [{"status": "INACTIVE"}, {"status": "INACTIVE", "lastApplied": {"status": "ACTIVE"}}])
def test_a_state_that_says_inactive_hides_no_gain(told, old):
    """Somebody may have set the person ACTIVE since it was written."""
    new = user(status="ACTIVE" if "lastApplied" in old else "INACTIVE")
    same = step("same", "user", "ada", old=user(**old), new=new)

    report = told(same, step("create", "grant", "g", new=grant(2)))

    assert {"ada": "-; + 2"} == lines(report)
    assert "is INACTIVE in the state, and gains access" in text.render(report, [])


@pytest.mark.parametrize("op", ["create", "update"])
def test_who_the_plan_itself_sets_inactive_gains_nothing(told, op):
    """That is proven: a create and a change of status end INACTIVE."""
    old = user() if op == "update" else None
    steps = step(op, "user", "ada", old=old, new=user(status="INACTIVE")), step("create", "grant", "g", new=grant(2))

    assert frozenset() == told(*steps).people[0].gained


# What goes with a list.


@pytest.mark.parametrize("comes", [[3], [3, 4], []])
def test_a_list_that_goes_while_grants_come_takes_all_of_it(told, comes):
    """First accounts stay only for who would hold nothing else, as in the update; the limit counts the worst."""
    gone = step("delete", "list", "all", old=accounts(1, 2, initialAccounts=[1]))
    made = [step("create", "grant", f"g{one}", new=grant(one)) for one in comes]

    report = told(gone, *made)

    assert [f"{ADA}:1", f"{ADA}:2"] == found(report, "revocations")
    assert frozenset({1, 2} if comes else {2}) == report.people[0].lost
    assert (set() if comes else {1}) == report.people[0].may_lose


def test_a_list_that_goes_leaves_what_a_grant_holds(told):
    """What is declared by then is no loss, and counts as held."""
    gone = step("delete", "list", "all", old=accounts(1, 2, initialAccounts=[1]))
    said = [("warning", urn("grant", "g"), TAKEN)]

    report = told(gone, step("create", "grant", "g", new=grant(2)), said=said)

    assert {"ada": "-; - 1; revoked 1"} == lines(report)


# What is read.


@pytest.mark.parametrize(
    ("kind", "old", "told_as"),
    [
        ("user", user(), ("people", [PersonChange.UNMANAGED], 0)),
        ("grant", grant(2), ("people", [], 0)),
        ("list", accounts(1, 2), ("people", [], 0)),
    ],
)
def test_what_is_only_read_from_now_on_is_no_longer_managed(told, kind, old, told_as):
    """A `get` in the place of a managed resource: nothing is sent, and nobody answers for it any more."""
    read = step("read", kind, "one", old=old, new={})

    (person,) = told(read).people

    assert (told_as[1], told_as[2], True) == (list(person.effects), len(person.lost), person.is_changed)
    assert person.kept == (frozenset() if kind == "user" else person.before)


def test_a_company_that_is_only_read_from_now_on_is_no_longer_managed(told):
    """Its page stays as it is."""
    old = {"companyId": "ACME", "pageEnabled": True, "onDestroy": "disable_page"}

    (company,) = told(step("read", "company", "acme", old=old, new={})).companies

    assert ["UNMANAGED"] == [one.name for one in company.effects]


@pytest.mark.parametrize(
    ("kind", "new"),
    [
        ("user", user()),
        ("grant", grant(2)),
        ("list", accounts(1, 2)),
        ("company", {"companyId": "ACME", "pageEnabled": True, "onDestroy": "retain"}),
    ],
)
def test_what_was_only_read_is_adopted(told, kind, new):
    """A managed resource in the place of a `get`: it exists, and is managed from now on."""
    report = told(managed_by(kind, new, new, was_read=True))

    assert 1 == len(found(report, "adoptions"))


def test_a_read_that_is_read_again_is_nothing(told):
    """What was never managed cannot leave the program."""
    assert () == told(step("read", "user", "one", old=user(), new={}, external=True)).people


def test_a_get_of_another_id_ends_what_was_managed(told):
    """The old object is deleted: its person is deactivated; the other one is only read."""
    steps = managed_by("user", user(onDestroy="deactivate"), {}, is_read=True)

    assert {"ada": "DEACTIVATED; - 1"} == lines(told(steps))


# What a resource is called, and of what type it is.


@pytest.mark.parametrize("name", ["hr::team", ":x", "x:", "::", "a$b", "x::pulumi:pulumi:Stack::y", "$"])
@pytest.mark.parametrize("has_types", [True, False])
def test_a_resource_of_any_name_is_reported(told, name, has_types):
    """The type is read from the state, and else from the URN as Pulumi reads it."""
    steps = [
        step("delete", "user", name, old=user(onDestroy="deactivate")),
        step("create", "grant", name, new=grant(2, "bob@b.example")),
    ]
    for one, kind in zip(steps, ("user", "grant"), strict=True):
        for state in ("oldState", "newState"):
            if has_types and state in one:
                one[state]["type"] = f"pulumi-python:dynamic/conduit:{KINDS[kind]}"

    assert {"ada": "DEACTIVATED; - 1", "bob": "-; + 2"} == lines(told(*steps))


def test_children_of_a_component_of_any_name_are_reported(told):
    """Types of parents stand before the resource's own."""
    made = step("create", "user", "x", new=user())
    before, _, after = urn("user", "hr::a$b").partition("pulumi-python:")
    made["urn"] = f"{before}conduit:index:Roster$pulumi-python:{after}"

    assert {"ada": "CREATED; + 1"} == lines(told(made))


@pytest.mark.parametrize("where", ["urn", "state"])
@pytest.mark.parametrize("kind", ["ConductorTeam", "UserAccountAccess:x"])
def test_a_type_of_ours_that_is_not_read_is_refused(where, kind):
    """Neither a URN nor a state may hide one."""
    ours = f"pulumi-python:dynamic/conduit:{kind}"
    made = step("create", "user", "ada", new=user())
    if where == "urn":
        made["urn"] = f"urn:pulumi:dev::onboarding::{ours}::ada"
        made["newState"]["type"] = "other:index:Thing"
    else:
        made["urn"] = "urn:pulumi:dev::onboarding::other:index:Thing::ada"
        made["newState"]["type"] = ours

    with pytest.raises(InvalidInputError, match=f"^{ours} is not known"):
        read_report(escaping.json_text(plan(made)))


@pytest.mark.parametrize("given", [{"urn": "ada"}, {"newState": {"type": 7}}])
def test_a_step_without_a_readable_type_is_refused(given):
    """What it is about is never a guess."""
    made = {**step("create", "user", "ada", new=user()), **given}

    with pytest.raises(InvalidInputError, match="the plan has a step of a form that is not known"):
        read_report(escaping.json_text(plan(made)))


def test_what_target_leaves_out_is_nothing(told):
    """The CLI shows a new resource that it leaves out as one without values that stays the same."""
    left_out = {**step("same", "user", "new"), "oldState": {"custom": True}, "newState": {"custom": True}}

    assert () == told(left_out).people


# Who is one person.


def renamed_to(profile, *, url=URL, others=()):
    """Return a rename together with another profile."""
    old = user(onDestroy="deactivate", tenant=f"{URL}#acme")
    said = [("warning", urn("user", "new"), f"CONDUIT-ADOPT[url={url}]: exists" if url else TAKEN)]
    return (step("create", "user", "new", new=user(profile=profile)), step("delete", "user", "old", old=old)), said


def test_a_rename_with_another_profile_of_the_tenant_is_one_person(told):
    """The preview says where a profile leads that no state has."""
    steps, said = renamed_to("b")

    report = told(*steps, said=said)

    assert {"ada": "RENAMED"} == lines(report)
    assert "b" == report.people[0].profile


@pytest.mark.parametrize("url", ["https://other.example", None])
def test_a_rename_with_a_profile_of_another_tenant_is_a_loss(told, url):
    """There the person is another one, and so it is where nobody knows where the profile leads."""
    steps, said = renamed_to("b", url=url)

    assert [("b", PersonChange.ADOPTED), ("", PersonChange.DEACTIVATED)] == [
        (one.profile, one.effects[0]) for one in sorted(told(*steps, said=said).people, key=lambda one: not one.profile)
    ]


def test_states_say_where_a_profile_leads_and_prints_do_not(told):
    """A print cannot hide a deactivation where a state knows better."""
    steps, said = renamed_to("b")
    other = user("bob@b.example", profile="b", tenant="https://other.example#x")

    report = told(*steps, step("same", "user", "bob", old=other, new=other), said=said)

    assert [ADA] == found(report, "deactivations")


def test_an_update_says_that_two_profiles_lead_to_one_tenant(told):
    """The engine would replace a resource whose profile leads elsewhere."""
    steps, _ = renamed_to("b")
    bob = user("bob@b.example", tenant=f"{URL}#acme")
    changed = step("update", "user", "bob", old=bob, new=user("bob@b.example", profile="b"))

    report = told(*steps, changed, said=[("warning", urn("user", "new"), TAKEN)])

    assert [] == found(report, "deactivations")


def test_companies_of_one_link_app_are_one_whatever_the_profile(told):
    """A rename with another profile of the same token closes nothing."""
    old = {"companyId": "ACME", "pageEnabled": True, "onDestroy": "disable_page", "tenant": "https://link.example#a"}
    kept = {**old, "companyId": "OTHER", "profile": "b"}
    new = {"companyId": "ACME", "pageEnabled": True, "onDestroy": "disable_page", "profile": "b"}

    report = told(
        step("create", "company", "new", new=new),
        step("delete", "company", "old", old=old),
        step("same", "company", "kept", old=kept, new=kept),
    )

    assert [[], ["RENAMED"]] == sorted([one.name for one in company.effects] for company in report.companies)


# Who is INACTIVE.


@pytest.mark.parametrize("how", ["grant", "list"])
def test_who_is_inactive_before_and_after_loses_nothing(told, how):
    """What is taken away is reported, and is no loss; the limit counts it, as the update does."""
    off = user(status="INACTIVE")
    same = step("same", "user", "ada", old=off, new=off)
    gone = step("delete", "grant", "g", old=grant(2))
    smaller = step("update", "list", "all", old=accounts(1, 2), new=accounts(1))

    report = told(same, gone if how == "grant" else smaller)

    assert (frozenset(), True) == (report.people[0].lost, report.people[0].is_changed)
    assert [f"{ADA}:2"] == found(report, "revocations")
    for rendered in (text.render(report, []), markdown.render(report, [])):
        assert "account 2 is revoked while INACTIVE" in rendered


def test_who_lifted_a_deactivation_is_overruled_by_a_rename(told):
    """The old state has the person switched off outside, and its delete sets INACTIVE again: a deactivation."""
    old = {**user(onDestroy="deactivate", status="INACTIVE"), "lastApplied": {"status": "ACTIVE"}}
    moved = step("create", "user", "new", new=user()), step("delete", "user", "old", old=old)

    report = told(*moved, said=[("warning", urn("user", "new"), TAKEN)])

    assert [ADA] == found(report, "deactivations")


def test_limits_are_exceeded_by_what_may_go(told):
    """A limit that cannot be counted exactly is counted at its worst."""
    gone = step("delete", "list", "all", old=accounts(1, 2, initialAccounts=[1]))

    judgements = evaluate_limits(told(gone), {"revocations": 1})

    assert [True] == [one.is_exceeded for one in judgements]


@pytest.mark.parametrize(
    ("kind", "old", "headline"),
    [
        ("user", user(), "1 no longer managed"),
        ("grant", grant(2), "1 with access that no grant declares any more"),
        ("list", accounts(1, 2), "1 with access that no grant declares any more"),
    ],
)
def test_what_is_only_read_from_now_on_stands_in_the_first_line(told, kind, old, headline):
    """Nobody reads "no access changes" over somebody whom no stack has any more."""
    report = told(step("read", kind, "one", old=old, new={}))

    assert f"Access plan: {headline}" == text.render(report, []).split("\n")[0]


def test_a_plan_of_no_known_stack_and_time_has_no_line_for_them(told):
    """The headline is followed by the alarms, or by an empty line."""
    report = replace(told(step("create", "user", "ada", new=user())), stacks=(), reported_at="")

    assert "" == text.render(report, []).split("\n")[1]


def replacement(kind, name, old, new, *, is_deleted_first, **about_old):
    """Return the steps of a replacement, and the delete that the engine leaves to the end, where it does."""
    delete = step("delete-replaced", kind, name, old=old, **about_old)
    create = step("create-replacement", kind, name, new=new)
    replace = step("replace", kind, name, old=old, new=new, **about_old)
    return ([delete, replace, create], []) if is_deleted_first else ([create, replace], [delete])


@pytest.mark.parametrize(
    ("is_user_first", "is_grant_first", "revoked"),
    [(False, True, "; revoked 2"), (False, False, ""), (True, True, "")],
)
def test_a_linked_grant_that_goes_before_its_user_is_a_revocation(told, is_user_first, is_grant_first, revoked):
    """The engine leaves its delete out only if the user's own is due by then."""
    old = {"onDestroy": "deactivate"}
    moved = {"email": "grace@acme.example"}
    linked = {"deletedWith": urn("user", "ada")}
    users, late_users = replacement("user", "ada", user(**old), user(**old, **moved), is_deleted_first=is_user_first)
    grants, late_grants = replacement(
        "grant", "g", grant(2), grant(2) | {"user": moved["email"]}, is_deleted_first=is_grant_first, **linked
    )

    report = told(*users, *grants, *late_grants, *late_users)

    assert f"DEACTIVATED; - 1,2{revoked}" == lines(report)["ada"]


@pytest.mark.parametrize("kind", ["grant", "list"])
def test_who_is_created_gains_what_a_state_records(told, kind):
    """The person is not found, so that nothing of what an earlier run gave is held."""
    recorded = grant(1) if kind == "grant" else accounts(1)
    renamed = [step("create", "user", "ada-2", new=user()), step("delete", "user", "ada", old=user())]

    assert {"ada": "CREATED; + 1"} == lines(told(*renamed, step("same", kind, "g", old=recorded, new=recorded)))
