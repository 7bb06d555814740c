"""What a plan does to companies."""

import pytest
from plan_builder import step

from pulumi_conduit.cli.report import text
from pulumi_conduit.cli.report.report import read_report


def lines(report):
    """Return what happens to each company, and its page after it."""
    pages = {True: "open", False: "closed", None: "unknown"}
    return {
        one.company_id: f"{' '.join(fate.name for fate in one.effects) or '-'}; {pages[one.is_open]}"
        for one in report.companies
    }


RECORDED = {
    "onboarding": {"ACME": "CREATED; closed", "OPEN": "CREATED; open"},
    "companies": {"A": "NAMED; open", "B": "PAGE_OPENS; open", "C": "PAGE_CLOSES; closed", "D": "-; open"},
    "leavers": {"LEFT": "UNMANAGED; open", "SHUT": "PAGE_CLOSES UNMANAGED; closed"},
    "renamed": {"ACME": "RENAMED; open"},
    "replaced": {"ACME": "UNMANAGED; open", "ACMETWO": "CREATED; open"},
    "drift": {"ACME": "PAGE_CLOSES; closed"},
    "imported": {"OLD": "ADOPTED; unknown"},
}


@pytest.mark.parametrize("name", RECORDED)
def test_real_plans_say_what_becomes_of_companies(recorded, name):
    """Who opens or closes a page, is created, adopted, renamed or removed from state is reported."""
    assert RECORDED[name] == lines(read_report(recorded(name)))


def test_a_page_that_is_closed_already_does_not_close(told):
    """Letting a company go under `disable_page` sends nothing then."""
    old = {"companyId": "ACME", "pageEnabled": False, "onDestroy": "disable_page"}

    assert {"ACME": "UNMANAGED; closed"} == lines(told(step("delete", "company", "acme", old=old)))


def test_a_company_renamed_and_edited_is_reported_as_both(told):
    """A create and a delete of one id, with another name and page, is an edit."""
    old = {"companyId": "ACME", "pageEnabled": False, "onDestroy": "retain", "name": "Old"}
    new = {"companyId": "acme", "pageEnabled": True, "onConflict": "adopt", "name": "New"}

    report = told(step("create", "company", "new", new=new), step("delete", "company", "old", old=old))

    assert {"acme": "PAGE_OPENS NAMED RENAMED; open"} == lines(report)
    assert ("Old", "New") == (report.companies[0].old_name, report.companies[0].new_name)


def test_a_renamed_company_comes_with_the_note_that_no_request_read_it(recorded):
    """A plan cannot know that somebody has removed or changed the company: then more happens than a rename."""
    note = "one that is renamed is set to the declared values"

    assert note in text.render(read_report(recorded("renamed")), [])
    assert note not in text.render(read_report(recorded("companies")), [])


def test_a_secret_name_is_told_as_secret(told):
    """It decides nothing; the company's other changes are reported."""
    old = {"companyId": "ACME", "name": "[secret]", "pageEnabled": True, "onDestroy": "retain"}
    report = told(step("update", "company", "acme", old=old, new={**old, "pageEnabled": False}))

    assert "company ACME (secret)\n    page closes\n" in text.render(report, [])


def test_a_name_that_is_no_secret_any_more_is_told_once(told):
    """The plan that makes it plain says so; a later one has it plain on both sides."""
    plain = {"companyId": "ACME", "name": "Acme", "pageEnabled": True, "onDestroy": "retain"}
    cured = told(step("update", "company", "acme", old={**plain, "name": "[secret]"}, new=plain))
    later = told(step("same", "company", "acme", old=plain, new=plain))

    assert "gets another name, before (secret)" in text.render(cured, [])
    assert "Access plan: no access changes" in text.render(later, [])


def test_a_company_that_is_only_removed_from_state_says_how_its_page_stays(told):
    """Nothing is sent for it."""
    old = {"companyId": "ACME", "pageEnabled": True, "onDestroy": "retain"}

    assert "no longer managed, its page stays open\n" in text.render(told(step("delete", "company", "a", old=old)), [])
