"""What a report says of a plan, and what the real CLI then does; and whether recordings are still what it prints."""

import json

import pytest
from plan_cases import PLAN_CASES
from recorder import file_of, played, previewed

from pulumi_conduit.cli.report.person import PersonChange
from pulumi_conduit.cli.report.report import read_report


def misses(told, live):
    """Return the accounts that were reported otherwise than they are; of an INACTIVE person none is within reach."""
    reach = {email: set(one["accounts"]) if one["status"] == "ACTIVE" else set() for email, one in live.items()}
    return {
        one.email: (sorted(one.after), sorted(one.lost), sorted(reach[one.email]))
        for one in told.people
        if not one.after <= reach[one.email] or one.lost & reach[one.email]
    }


@pytest.mark.parametrize("name", ["taken over", "leavers"])
def test_the_update_does_what_was_reported_and_counts_the_same(tmp_path, name):
    """With the reported numbers as the provider's own limits an update passes, and access is as reported."""
    with played(PLAN_CASES[name], tmp_path) as stack:
        told = read_report(json.dumps(previewed(PLAN_CASES[name], stack)))
        deactivated, revoked = (
            len(told.people_with(PersonChange.DEACTIVATED)),
            sum(len(one.revoked) for one in told.people),
        )
        limits = {"CONDUIT_MAX_DEACTIVATIONS": str(deactivated), "CONDUIT_MAX_REVOCATIONS": str(revoked)}

        done = stack.pulumi("up", "--yes", "--skip-preview", **limits)

        assert 0 == done.returncode, done.stdout
        assert {} == misses(told, stack.sandbox.conductor.users())
    assert read_report(file_of(name).read_text(encoding="utf-8")) == told


def test_one_less_than_was_reported_stops_the_update(tmp_path):
    """The report counts no more than the provider does, either, but for what it says may be lost."""
    case = PLAN_CASES["leavers"]
    with played(case, tmp_path) as stack:
        told = read_report(json.dumps(previewed(case, stack)))
        revoked = sum(len(one.revoked - one.may_lose) for one in told.people)

        done = stack.pulumi("up", "--yes", "--skip-preview", CONDUIT_MAX_REVOCATIONS=str(revoked - 1))

    assert 1 == done.returncode
    assert f"CONDUIT_MAX_REVOCATIONS allows {revoked - 1} in one run" in done.stdout


def test_a_recording_has_the_form_that_the_cli_prints(tmp_path):
    """Every key of every step, and every diagnostic, is as recorded; `tests/cli/report/recorder.py` records anew."""
    case = PLAN_CASES["whole plan"]
    with played(case, tmp_path) as stack:
        fresh = previewed(case, stack)

    assert _form(json.loads(file_of("whole plan").read_text(encoding="utf-8"))) == _form(fresh)


def _form(plan):
    steps = {
        (one["op"], one["urn"]): {side: sorted(one.get(side) or ()) for side in ("oldState", "newState")}
        | {"keys": sorted(one)}
        for one in plan["steps"]
    }
    return sorted(plan), steps, sorted(map(str, plan.get("diagnostics", [])))
