"""Plans that random histories, or people, have found to do more than their report said: each is told whole now.

Those that `tests/reports` holds a plan made by hand to as well are left to `make test-all`.
"""

import pytest
from plan_stage import PlanStage
from planned_declarations import PlannedCompany, PlannedPerson
from random_declarations import Declaration
from sampling import sample

EMAIL = "person-0@acme.example"
ODD_NAMES = ["hr::{}", "{}::x", "a::b\n'{}'::", 'the "{}"']


@pytest.fixture
def stage(running_sandbox, conduit_launcher, tmp_path):
    """Return a stage with an empty stack."""
    return PlanStage(running_sandbox, conduit_launcher, None, tmp_path)


def declare(*companies, **person):
    """Return a program with one person, and companies."""
    return Declaration({0: PlannedPerson(0, **person)}, dict(enumerate(companies)))


def grants(*accounts):
    """Return the accounts of single grants."""
    return frozenset(accounts)


def carry_out(stage, *programs):
    """Plan, report and update to each program in turn, and return what became of the last; nothing may go unsaid."""
    for program in programs:
        planned = stage.plan(program)
        assert ("done", ()) == (planned.end, planned.faults), planned.errors
    return planned


def happens(planned):
    """Return what the report says of the person."""
    return next(one["happens"] for one in planned.report["people"] if one["email"] == EMAIL)


@pytest.mark.parametrize("style", sample(ODD_NAMES, 4))
def test_a_name_with_colons_hides_nobody(stage, style):
    """A person whose resource has any name that Pulumi takes is told as created, promoted and deactivated."""
    assert ["created"] == happens(carry_out(stage, declare(style=style)))
    assert ["promoted"] == happens(carry_out(stage, declare(style=style, type="STANDARD")))
    assert ["deactivated"] == happens(carry_out(stage, declare(style=style, type="STANDARD", status="INACTIVE")))


@pytest.mark.slow
def test_a_name_with_colons_hides_no_company(stage):
    """A company whose resource has such a name is told as created, and its page as closed."""
    company = PlannedCompany(0, style="hr::{}")

    carry_out(stage, declare(company), declare(PlannedCompany(0, style="hr::{}", page_enabled=False)))


@pytest.mark.slow
def test_an_initial_account_that_was_taken_away_and_is_granted_is_a_gain(stage):
    """Recorded initial accounts do not prove that the person has them: another grant may have gone with them."""
    carry_out(stage, declare(initial=(2,)))
    stage.sandbox.conductor.edit_user(EMAIL, accounts=[3])

    carry_out(stage, declare(initial=(2,), accounts=grants(2, 3, 4)))


@pytest.mark.slow
def test_a_list_that_gives_way_to_a_grant_is_counted_whole(stage):
    """The limit that the report sets is the one that the update needs, when a list goes and a single grant comes."""
    carry_out(stage, declare(is_exclusive=True, accounts=grants(2, 3)), declare(accounts=grants(3)))


@pytest.mark.slow
def test_who_was_only_read_is_taken_over_when_managed(stage):
    """A `get` that becomes a resource of its own counts as taken over, and as no longer managed on the way back."""
    stage.sandbox.conductor.put_user(EMAIL, first_name="Pat", last_name="0")

    assert "adopted" in happens(carry_out(stage, declare(form="read"), declare()))
    assert "unmanaged" in happens(carry_out(stage, declare(form="read")))


@pytest.mark.slow
def test_a_reactivation_that_repairs_a_type_is_a_promotion(stage):
    """Somebody who is brought back with another type than the API has is promoted, whatever the state says."""
    carry_out(stage, declare(type="STANDARD"), declare(type="STANDARD", status="INACTIVE"))
    stage.sandbox.conductor.edit_user(EMAIL, type="READ_ONLY")

    assert {"reactivated", "promoted"} <= set(happens(carry_out(stage, declare(type="STANDARD"))))


@pytest.mark.slow
def test_what_a_failed_run_has_not_given_is_given_by_the_next(stage):
    """A grant that failed is a gain in the next plan again."""
    carry_out(stage, declare())
    fault = {"route": "PUT /users/{userEmail}/accounts", "status": 400}
    failed = stage.plan(declare(accounts=grants(2, 3)), fault)

    planned = carry_out(stage, declare(accounts=grants(2, 3)))

    assert ("failed", ()) == (failed.end, failed.faults)
    assert planned.happened
