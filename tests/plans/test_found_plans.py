"""Plans that random histories, or people, have found to do more than their report said: each is reported whole now.

Those that `tests/cli/report` holds a plan made by hand to as well are left to `make test-all`.
"""

import pytest
from plan_fixture import PlanFixture
from planned_declarations import PlannedCompany, PlannedPerson
from random_declarations import Declaration
from sampling import sample

EMAIL = "person-0@acme.example"
ODD_NAMES = ["hr::{}", "{}::x", "a::b\n'{}'::", 'the "{}"']


@pytest.fixture
def plan_fixture(running_sandbox, conduit_launcher, tmp_path):
    """Return a plan_fixture with an empty stack."""
    return PlanFixture(running_sandbox, conduit_launcher, None, tmp_path)


def declare(*companies, **person):
    """Return a program with one person, and companies."""
    return Declaration({0: PlannedPerson(0, **person)}, dict(enumerate(companies)))


def grants(*accounts):
    """Return the accounts of single grants."""
    return frozenset(accounts)


def carry_out(plan_fixture, *programs):
    """Plan, report and update to each program in turn, and return what became of the last; nothing may go unsaid."""
    for program in programs:
        planned = plan_fixture.plan(program)
        assert ("done", ()) == (planned.end, planned.faults), planned.errors
    return planned


def happens(planned):
    """Return what the report says of the person."""
    return next(one["happens"] for one in planned.report["people"] if one["email"] == EMAIL)


@pytest.mark.parametrize("style", sample(ODD_NAMES, 4))
def test_a_name_with_colons_hides_no_user(plan_fixture, style):
    """A person whose resource has any name that Pulumi takes is reported as created, promoted and deactivated."""
    assert ["created"] == happens(carry_out(plan_fixture, declare(style=style)))
    assert ["promoted"] == happens(carry_out(plan_fixture, declare(style=style, type="STANDARD")))
    assert ["deactivated"] == happens(carry_out(plan_fixture, declare(style=style, type="STANDARD", status="INACTIVE")))


@pytest.mark.slow
def test_a_name_with_colons_hides_no_company(plan_fixture):
    """A company whose resource has such a name is reported as created, and its page as closed."""
    company = PlannedCompany(0, style="hr::{}")

    carry_out(plan_fixture, declare(company), declare(PlannedCompany(0, style="hr::{}", page_enabled=False)))


@pytest.mark.slow
def test_an_initial_account_that_was_taken_away_and_is_granted_is_a_gain(plan_fixture):
    """Recorded initial accounts do not prove that the person has them: another grant may have gone with them."""
    carry_out(plan_fixture, declare(initial=(2,)))
    plan_fixture.sandbox.conductor.edit_user(EMAIL, accounts=[3])

    carry_out(plan_fixture, declare(initial=(2,), accounts=grants(2, 3, 4)))


@pytest.mark.slow
def test_a_list_that_gives_way_to_a_grant_is_counted_whole(plan_fixture):
    """The limit that the report sets is the one that the update needs, when a list goes and a single grant comes."""
    carry_out(plan_fixture, declare(is_exclusive=True, accounts=grants(2, 3)), declare(accounts=grants(3)))


@pytest.mark.slow
def test_who_was_only_read_is_adopted_when_managed(plan_fixture):
    """A `get` that becomes a resource of its own counts as adopted, and as no longer managed on the way back."""
    plan_fixture.sandbox.conductor.put_user(EMAIL, first_name="Pat", last_name="0")

    assert "adopted" in happens(carry_out(plan_fixture, declare(form="read"), declare()))
    assert "unmanaged" in happens(carry_out(plan_fixture, declare(form="read")))


@pytest.mark.slow
def test_a_reactivation_that_repairs_a_type_is_a_promotion(plan_fixture):
    """Somebody who is reactivated with another type than the API has is promoted, whatever the state says."""
    carry_out(plan_fixture, declare(type="STANDARD"), declare(type="STANDARD", status="INACTIVE"))
    plan_fixture.sandbox.conductor.edit_user(EMAIL, type="READ_ONLY")

    assert {"reactivated", "promoted"} <= set(happens(carry_out(plan_fixture, declare(type="STANDARD"))))


@pytest.mark.slow
def test_what_a_failed_run_has_not_given_is_given_by_the_next(plan_fixture):
    """A grant that failed is a gain in the next plan again."""
    carry_out(plan_fixture, declare())
    # Every time: grants that share a request are sent one by one where that is refused.
    fault = {"route": "PUT /users/{userEmail}/accounts", "times": None, "status": 400}
    failed = plan_fixture.plan(declare(accounts=grants(2, 3)), fault)

    planned = carry_out(plan_fixture, declare(accounts=grants(2, 3)))

    assert ("failed", ()) == (failed.end, failed.faults)
    assert planned.happened


@pytest.mark.slow
def test_a_company_that_is_there_already_is_reported_as_created(plan_fixture):
    """What `docs/report.md` says that it cannot know: a plan asks for no company, so an edit is unseen."""
    plan_fixture.sandbox.link.put_company("ACME0", name="Before")

    planned = carry_out(plan_fixture, declare(PlannedCompany(0, name="Acme")))

    assert [["created"]] == [one["happens"] for one in planned.report["companies"]]
    assert "Acme" == plan_fixture.sandbox.link.company("ACME0")["name"]


@pytest.mark.slow
def test_the_removal_of_a_user_activated_outside_is_stopped_by_the_limit_of_the_run(plan_fixture):
    """The state calls the person INACTIVE, so the report counts none; the provider looks, and refuses."""
    carry_out(plan_fixture, declare(status="INACTIVE"))
    plan_fixture.sandbox.conductor.edit_user(EMAIL, status="ACTIVE")

    planned = plan_fixture.plan(Declaration())

    assert (0, "failed", ()) == (planned.report["counts"]["deactivations"], planned.end, planned.faults)
    assert "CONDUIT_MAX_DEACTIVATIONS allows 0" in planned.errors[0]
    assert "ACTIVE" == plan_fixture.sandbox.conductor.user(EMAIL)["status"]


@pytest.mark.slow
def test_accounts_that_a_reactivation_accepts_are_reported_as_gained(plan_fixture):
    """They are not the identity's own, so that it cannot remove them; the person reaches them again all the same."""
    carry_out(plan_fixture, declare(), Declaration())
    plan_fixture.sandbox.conductor.edit_user(EMAIL, accounts=[1, 4])

    planned = carry_out(plan_fixture, declare(profile="c", on_conflict="adopt"))

    (person,) = [one for one in planned.report["people"] if one["email"] == EMAIL]
    assert [1, 4] == [one["account_id"] for one in person["gains"]]
    assert [1, 4] == plan_fixture.sandbox.conductor.user(EMAIL)["accounts"]


@pytest.mark.slow
def test_a_removed_person_who_is_inactive_and_not_found_counts_as_no_deactivation(plan_fixture):
    """Report and provider count by one rule, so that a limit of the report's count lets the update pass."""
    carry_out(plan_fixture, declare(status="INACTIVE"))
    plan_fixture.sandbox.conductor.remove_user(EMAIL)

    planned = plan_fixture.plan(Declaration())

    assert (0, ()) == (planned.report["counts"]["deactivations"], planned.faults)
    assert "not deactivated, because this identity does not see it (404)" in planned.errors[0]


@pytest.mark.slow
def test_grants_that_are_deleted_before_their_user_count_as_revoked(plan_fixture):
    """With `delete_before_replace` a grant goes while its user is still ACTIVE, so that the provider counts it."""
    options = {"delete_before_replace": True}
    person = {"accounts": grants(2, 3), "access_options": options}

    planned = carry_out(plan_fixture, declare(**person), declare(**person, address="-b"))

    assert (1, 2) == (planned.report["counts"]["deactivations"], planned.report["counts"]["revocations"])
