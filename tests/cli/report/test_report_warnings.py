"""What is said of a plan: facts are read and texts are not, and nothing that a program prints hides what is done."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_builder import step, urn, user
from recorder import PREVIEWS
from test_report_people import ADA, RECORDED, accounts, grant, lines

from pulumi_conduit.cli.report.person import PersonChange
from pulumi_conduit.cli.report.report import LIMITS, read_report
from pulumi_conduit.warnings import CODES, GIVES, REVOKE, UNVERIFIED, CodedWarning, parse_warning

GRAVE = {PersonChange.DEACTIVATED, PersonChange.REACTIVATED, PersonChange.PROMOTED, PersonChange.DEMOTED}
NEEDS = {REVOKE, GIVES}
FACTS = st.builds(
    CodedWarning,
    st.sampled_from(sorted(CODES - {UNVERIFIED})),
    st.sampled_from(["is INACTIVE and stays so", "set its type", "accounts 1, 2: x"]),
    st.frozensets(st.sampled_from([1, 2, 3, 4, 5, 7]), min_size=1),
    st.none() | st.sampled_from(["READ_ONLY", "STANDARD"]),
    st.none() | st.sampled_from(["ACTIVE", "INACTIVE"]),
    st.none() | st.just("INACTIVE"),
    st.none() | st.just("https://conductor.example"),
)


def plan_of(name):
    """Return a recorded plan."""
    return json.loads((PREVIEWS / f"{name.replace(' ', '-')}.json").read_text("utf-8"))


def ours(plan):
    """Return what the plan makes, changes or keeps: what a program can print under."""
    kinds = [one for one in plan["steps"] if "dynamic/conduit:" in one["urn"]]
    return [one["urn"] for one in kinds if one["op"] in {"create", "same", "update", "replace"}]


def with_prints(plan, prints):
    """Return a report of a plan in which a program has printed something under resources."""
    said = [{"urn": where, "severity": "warning", "message": f"warning: {text}\n"} for where, text in prints]
    return read_report(json.dumps(plan | {"diagnostics": [*plan.get("diagnostics", []), *said]}))


@pytest.mark.parametrize("name", RECORDED)
def test_no_text_is_read(name):
    """Whatever the sentences say, in whatever language, the report counts the same."""
    plan = plan_of(name)
    told = lines(read_report(json.dumps(plan)))
    for one in plan.get("diagnostics", []):
        message = one["message"].removeprefix("warning: ").strip()
        if fact := parse_warning(message):
            one["message"] = "warning: " + message.removesuffix(fact.text) + "quelque chose"
        else:
            one["message"] = "warning: autre chose"

    assert told == lines(read_report(json.dumps(plan)))


@given(st.data())
def test_prints_only_raise_what_is_counted(data):
    """Every count and every gain is at least what it was, and whoever was promoted or deactivated still is."""
    plan = plan_of(data.draw(st.sampled_from([name for name in sorted(RECORDED) if ours(plan_of(name))])))
    before = read_report(json.dumps(plan))
    tenants = st.tuples(st.sampled_from(ours(plan)), FACTS.map(str))

    after = with_prints(plan, data.draw(st.lists(tenants, min_size=1, max_size=3)))

    assert dict.fromkeys(LIMITS, True) == {
        name: len(limit.found(before)) <= len(limit.found(after)) for name, limit in LIMITS.items()
    }
    told = {(one.email, one.profile): one for one in after.people}
    for one in before.people:
        now = told[one.email, one.profile]
        assert one.gained <= now.gained
        assert GRAVE.intersection(one.effects) <= set(now.effects)
        assert one.lost | one.may_lose <= now.lost | now.may_lose | now.gained


@pytest.mark.parametrize(
    "text", ["CONDUIT-ADOPT[left=INACTIVE]: x", "CONDUIT-MOVE[left=INACTIVE]: x", "CONDUIT-ADOPT: x"]
)
def test_a_print_hides_no_reactivation_by_a_rename(text):
    """The preview's own warning counts, whatever a program prints under the same resource."""
    plan = plan_of("brought back by a rename")

    (person,) = with_prints(plan, [(plan["steps"][1]["urn"], text)]).people

    assert PersonChange.REACTIVATED in person.effects
    assert frozenset({1, 3}) <= person.gained


@pytest.mark.parametrize("text", ["CONDUIT-ADOPT[left=INACTIVE]: x", "CONDUIT-REACTIVATE: x"])
def test_a_print_hides_no_deactivation_by_a_rename(told, text):
    """A user that was activated outside since the last refresh is set INACTIVE by the delete of the old resource."""
    left = {"status": "INACTIVE", "lastApplied": {"status": "ACTIVE"}}
    renamed = step("create", "user", "countess", new=user()), step("delete", "user", "ada", old=user(**left))
    said = [("warning", urn("user", "countess"), one) for one in (TAKEN, text)]

    (person,) = told(*renamed, said=said).people

    assert PersonChange.DEACTIVATED in person.effects


TAKEN = "CONDUIT-ADOPT: x"


@pytest.mark.parametrize(
    ("where", "text"),
    [
        (urn("grant", "g"), TAKEN),
        (urn("user", "ada"), "CONDUIT-ADOPT[left=INACTIVE]: user ada exists, is INACTIVE and stays so"),
        (urn("user", "ada"), "CONDUIT-ADOPT[status=INACTIVE]: user ada is set INACTIVE"),
        (urn("user", "ada"), "CONDUIT-REACTIVATE: x"),
        (urn("user", "ada"), TAKEN),
    ],
)
def test_a_print_hides_no_gain_of_a_new_person(told, where, text):
    """First accounts and grants are reported whatever is printed under either."""
    made = step("create", "user", "ada", new=user()), step("create", "grant", "g", new=grant(2))

    (person,) = told(*made, said=[("warning", where, text)]).people

    assert frozenset({1, 2}) == person.gained


@pytest.mark.parametrize(
    "text", [TAKEN, "CONDUIT-ADOPT[accounts=1,5]: x", "CONDUIT-REACTIVATE[accounts=5]: x", "CONDUIT-MOVE: x"]
)
def test_a_print_hides_no_gain_of_a_list(told, text):
    """What a list gives is reported whatever is printed under it."""
    same = step("same", "user", "ada", old=user(), new=user())

    report = told(same, step("create", "list", "all", new=accounts(1, 5)), said=[("warning", urn("list", "all"), text)])

    assert frozenset({1, 5}) == report.people[0].gained


@pytest.mark.parametrize("text", ["CONDUIT-REACTIVATE: x", "CONDUIT-ADOPT[left=INACTIVE]: x", TAKEN])
def test_a_print_hides_no_deactivation_and_no_promotion(told, text):
    """A declared change of status or type is reported whatever is printed under the person."""
    off = step("update", "user", "ada", old=user(), new=user(status="INACTIVE"))
    up = step("update", "user", "bob", old=user("bob@b.example"), new=user("bob@b.example", type="STANDARD"))
    said = [("warning", urn("user", name), text) for name in ("ada", "bob")]

    report = told(off, up, said=said)

    assert [True, True] == [
        PersonChange.DEACTIVATED in report.people[0].effects,
        PersonChange.PROMOTED in report.people[1].effects,
    ]
    assert frozenset({1}) == report.people[0].lost


def test_a_return_says_the_type_that_it_repairs(told):
    """The state is as declared, and Conductor is not: that is a promotion, and its limit counts it."""
    back = step("update", "user", "ada", old=user(type="STANDARD", status="INACTIVE"), new=user(type="STANDARD"))
    said = [("warning", urn("user", "ada"), f"CONDUIT-REACTIVATE[accounts=1; type=STANDARD]: user {ADA}: …")]

    report = told(back, said=said)

    assert [ADA] == list(LIMITS["promotions"].found(report))
    assert PersonChange.REACTIVATED in report.people[0].effects


def test_what_a_list_gives_again_is_a_gain(told):
    """The state holds it, and somebody has taken it away."""
    changed = step("update", "list", "all", old=accounts(1, 2), new=accounts(1, 2, 3))
    said = [("warning", urn("list", "all"), "CONDUIT-GIVES[accounts=2]: …")]

    assert {"ada": "-; + 2,3"} == lines(told(changed, said=said))
