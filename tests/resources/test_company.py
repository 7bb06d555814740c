"""The life of a company, from the first `up` to the end."""

import pytest
from declarations import company, lines

from pulumi_conduit.errors import OutcomeUnknownError, RefusedError


def test_a_company_is_created_kept_read_and_retained(sandbox, stack):
    """A company goes through create, no change, refresh and retain with one write in all."""
    program = {"acme": company(name="Acme", onDestroy="retain")}

    stack.up(program)
    assert stack.outputs("acme")["linkPageUrl"] == sandbox.link.company("ACME")["page_url"]
    stack.refresh()
    stack.up(program)
    assert stack.operations == [("same", "acme")]
    stack.destroy()

    assert stack.held == {}
    assert lines(sandbox) == ["POST /link/company/"]
    assert stack.warnings == ["company 'ACME': removed from state only (on_destroy='retain'), with its page as it is"]
    assert sandbox.link.company("acme")["page_enabled"] is True


def test_no_secret_reaches_the_state(sandbox, stack):
    """State holds what was declared and the actual values, and neither the company's token nor the Link APP's."""
    stack.up({"acme": company(name="Acme")})

    assert stack.outputs("acme").keys() == {
        *("companyId", "name", "pageEnabled", "linkPageUrl", "createdAt", "onConflict", "onDestroy", "tenant"),
        "undeclared",
    }
    assert stack.environ["CONDUIT_LINK_APP_TOKEN"] not in str(stack.outputs("acme"))


def test_an_unchanged_company_sends_no_request(sandbox, stack):
    """A second `up` of the same program sends no request at all."""
    stack.up({"acme": company(name="Acme")})
    sandbox.forget_requests()

    stack.up({"acme": company(name="Acme")})

    assert sandbox.counts() == {}


def test_a_refresh_without_drift_leaves_the_inputs_that_check_made(stack):
    """What `read` returns as inputs is what `check` returned, so that a refresh shows no drift."""
    stack.up({"acme": company(name="Acme"), "bare": company("BARE")})
    inputs = {name: held.inputs for name, held in stack.held.items()}

    stack.refresh()

    assert {name: held.inputs for name, held in stack.held.items()} == inputs


@pytest.mark.parametrize(
    ("edit", "found"),
    [({"name": "New"}, ("New", True)), ({"pageEnabled": False}, ("Acme", False))],
)
def test_an_edit_keeps_what_it_does_not_name(sandbox, stack, edit, found):
    """An edit of name or page is one request, and leaves the other field as declared."""
    stack.up({"acme": company(name="Acme", pageEnabled=True)})

    stack.up({"acme": company(**{"name": "Acme", "pageEnabled": True, **edit})})

    live = sandbox.link.company("ACME")
    assert (live["name"], live["page_enabled"]) == found
    assert lines(sandbox) == ["POST /link/company/", "POST /link/company/ACME/"]


def test_an_edit_of_the_name_does_not_open_an_undeclared_page(sandbox, stack):
    """A page that nobody declared stays closed when the name is edited, although an edit without it would open it."""
    sandbox.link.put_company("ACME", name="Acme", page_enabled=False)
    stack.up({"acme": company(name="Acme")})

    stack.up({"acme": company(name="New")})

    assert sandbox.link.company("ACME")["page_enabled"] is False


@pytest.mark.parametrize("edit", [{"onConflict": "adopt"}, {"onDestroy": "retain"}])
def test_policies_are_stored_without_a_request(sandbox, stack, edit):
    """A changed policy is an update that calls nobody."""
    stack.up({"acme": company(name="Acme")})
    sandbox.forget_requests()

    stack.up({"acme": company(name="Acme", **edit)})

    assert stack.operations == [("update", "acme")]
    assert sandbox.counts() == {}
    assert stack.outputs("acme").items() >= edit.items()


def test_a_change_of_case_alone_is_no_change(sandbox, stack):
    """Company ids know no case, so spelling one otherwise does nothing."""
    stack.up({"acme": company("ACME")})

    assert stack.preview({"acme": company("Acme")}) == [("same", "acme")]


def test_another_company_id_is_refused_while_the_state_says_error(stack):
    """A replacement would leave a company behind, so it is refused in preview, also in the edit that allows it."""
    stack.up({"acme": company("ACME")})

    with pytest.raises(RefusedError, match=r"^company 'ACME': a change of company_id would replace it, and its state"):
        stack.preview({"acme": company("OTHER", onDestroy="retain")})


def test_another_company_id_replaces_once_the_state_allows_it(sandbox, stack):
    """With on_destroy='disable_page' in state, the new company is made first, then the old one's page is closed."""
    stack.up({"acme": company("ACME", onDestroy="disable_page")})

    stack.up({"acme": company("OTHER", onDestroy="disable_page")})

    assert stack.operations == [("replace", "acme"), ("delete", "acme")]
    assert lines(sandbox)[1:] == ["POST /link/company/", "POST /link/company/ACME/"]
    assert sandbox.link.company("ACME")["page_enabled"] is False


def test_by_default_a_delete_fails_and_names_the_ways_out(stack):
    """A company whose delete comes all the same stays in state."""
    stack.up({"acme": company()})

    with pytest.raises(RefusedError, match=r"^company 'ACME': a company cannot be deleted; keep it in the program, or"):
        stack.destroy()

    assert list(stack.held) == ["acme"]


def test_closing_the_page_twice_writes_once(sandbox, stack):
    """A delete that is repeated finds the page closed and writes nothing."""
    stack.up({"acme": company(onDestroy="disable_page")})
    held = dict(stack.held)
    stack.destroy()
    stack.held = held
    sandbox.forget_requests()

    stack.destroy()

    assert lines(sandbox) == []


@pytest.mark.parametrize("remove", [lambda stack: stack.destroy(), lambda stack: stack.up({})])
def test_closing_the_page_of_a_company_that_is_not_found_points_to_a_refresh(sandbox, stack, remove):
    """Nothing is taken as done that was not, and the way out works: after a refresh the same run succeeds."""
    stack.up({"acme": company(onDestroy="disable_page")})
    sandbox.link.remove_company("ACME")

    with pytest.raises(RefusedError) as caught:
        remove(stack)

    assert str(caught.value) == (
        "company 'ACME': not deleted: it is not found (404), so its page cannot be closed; run `pulumi refresh`, which"
        " removes from the state what is not found, then run this again"
    )
    assert list(stack.held) == ["acme"]
    stack.refresh()
    remove(stack)
    assert stack.held == {}


def test_a_company_that_a_replacement_cannot_close_points_to_a_refresh(sandbox, stack):
    """The new company is there by then, and the old one stays in the state until a refresh."""
    stack.up({"acme": company("ACME", onDestroy="disable_page")})
    sandbox.link.remove_company("ACME")

    with pytest.raises(
        RefusedError, match=r"^company 'ACME': not deleted: it is not found \(404\), .* `pulumi refresh`"
    ):
        stack.up({"acme": company("OTHER", onDestroy="disable_page")})


@pytest.mark.parametrize("policy", ["retain", "disable_page"])
def test_a_rename_to_a_token_that_does_not_find_the_company_keeps_it(sandbox, stack, policy):
    """Another Link APP's 404 is no reason to refresh: its own token is missing."""
    stack.up({"acme": company(onDestroy=policy)})
    stack.environ["CONDUIT_LINK_APP_TOKEN"] = sandbox.link.app_token("b")
    sandbox.faults.add("GET /link/company/{id}/", status=404, body={}, after=1, times=None)

    with pytest.raises(RefusedError, match=r"not deleted: not found \(404\) with this token, but another"):
        stack.up({"other": company(onDestroy=policy)})

    assert set(stack.held) == {"acme", "other"}


def test_a_company_removed_outside_reads_as_missing(sandbox, stack):
    """A company whose own GET is 404 leaves the state."""
    stack.up({"acme": company()})
    sandbox.link.remove_company("ACME")

    assert stack.refresh().held == {}


def test_a_company_removed_outside_is_not_edited_into_being(sandbox, stack):
    """Without a refresh an update of a company that is gone is an error, not a create."""
    stack.up({"acme": company(name="Acme")})
    sandbox.link.remove_company("ACME")

    with pytest.raises(RefusedError, match=r"^company 'ACME': it is not found any more; run `pulumi refresh`"):
        stack.up({"acme": company(name="New")})


def test_drift_of_name_and_page_is_repaired(sandbox, stack):
    """What was declared and changed outside is put back."""
    program = {"acme": company(name="Acme", pageEnabled=True)}
    stack.up(program)
    sandbox.link.edit_company("ACME", name="Drifted", page_enabled=False)

    stack.refresh()
    assert stack.held["acme"].inputs.items() >= {"name": "Drifted", "pageEnabled": False}.items()
    stack.up(program)

    live = sandbox.link.company("ACME")
    assert (live["name"], live["page_enabled"]) == ("Acme", True)


def test_drift_of_an_undeclared_property_is_no_drift(sandbox, stack):
    """An undeclared name and page stay as somebody else sets them."""
    stack.up({"acme": company()})
    sandbox.link.edit_company("ACME", name="Theirs", page_enabled=False)

    stack.refresh()

    assert stack.preview({"acme": company()}) == [("same", "acme")]
    assert stack.outputs("acme")["name"] == "Theirs"


def test_an_equal_company_is_adopted_with_a_warning_and_without_a_write(sandbox, stack):
    """A company that is as declared is adopted under either policy."""
    sandbox.link.put_company("ACME", name="Acme")

    stack.up({"acme": company(name="Acme")})

    assert lines(sandbox) == []
    assert stack.warnings == ["CONDUIT-ADOPT: company 'ACME' exists and is adopted without a write"]


def test_a_different_company_is_an_error_that_lists_what_differs(sandbox, stack):
    """By default no existing object is overwritten, and every difference is named."""
    sandbox.link.put_company("ACME", name="Theirs", page_enabled=False)

    with pytest.raises(RefusedError) as caught:
        stack.up({"acme": company(name="Acme", pageEnabled=True)})

    assert str(caught.value) == (
        "company 'ACME': exists, and name is 'Theirs' in Conduit Link but 'Acme' in the program; page_enabled is false"
        " in Conduit Link but true in the program: set each to the value in Conduit Link, or set on_conflict='adopt'"
    )
    assert lines(sandbox) == []


def test_a_different_company_is_adopted_with_a_warning(sandbox, stack):
    """With on_conflict='adopt' a company is edited into what is declared."""
    sandbox.link.put_company("ACME", name="Theirs")

    stack.up({"acme": company(name="Acme", onConflict="adopt")})

    assert sandbox.link.company("ACME")["name"] == "Acme"
    assert stack.warnings == [
        (
            "CONDUIT-ADOPT: company 'ACME' exists and is adopted and edited: name is 'Theirs' in Conduit Link but"
            " 'Acme' in the program"
        )
    ]


def test_a_create_whose_answer_is_lost_finds_its_company(sandbox, stack):
    """A lost answer is followed by a look, not by a second POST."""
    fault = sandbox.faults.add("POST /link/company/", drop="after")

    stack.up({"acme": company(name="Acme")})

    assert fault.struck == 1
    assert lines(sandbox) == ["POST /link/company/"]


def test_a_create_whose_answer_is_lost_and_who_is_not_found_is_an_error(sandbox, stack):
    """A lost answer followed by a 404 is an error, and the POST is not sent again."""
    fault = sandbox.faults.add("POST /link/company/", drop="before")

    with pytest.raises(OutcomeUnknownError, match=r"; a GET finds no company 'ACME' yet: run again$"):
        stack.up({"acme": company()})

    assert (fault.struck, len(lines(sandbox))) == (1, 1)


@pytest.mark.parametrize("drop", ["before", "after"])
def test_an_edit_whose_response_is_lost_is_settled_by_the_actual_state(sandbox, stack, drop):
    """A lost edit is looked at, and sent again only if it is still wanted."""
    stack.up({"acme": company(name="Acme")})
    fault = sandbox.faults.add("POST /link/company/{id}/", drop=drop)

    stack.up({"acme": company(name="New")})

    assert fault.struck == 1
    assert stack.outputs("acme")["name"] == sandbox.link.company("ACME")["name"] == "New"
    assert len(lines(sandbox)) == {"before": 3, "after": 2}[drop]


@pytest.mark.parametrize("lag", [1, 2, 3])
def test_an_edit_whose_answer_is_lost_is_not_sent_again_because_reads_are_late(sandbox, stack, switch, lag):
    """A look that shows the old name proves nothing yet: the edit had its effect and is POSTed once."""
    stack.up({"acme": company(name="Acme")})
    switch(read_lag=lag)
    fault = sandbox.faults.add("POST /link/company/{id}/", drop="after")

    stack.up({"acme": company(name="New")})

    assert (fault.struck, stack.outputs("acme")["name"]) == (1, "New")
    assert lines(sandbox) == ["POST /link/company/", "POST /link/company/ACME/"]


def test_an_edit_is_sent_three_times_at_most(sandbox, stack):
    """The third one may still succeed."""
    stack.up({"acme": company(name="Acme")})
    fault = sandbox.faults.add("POST /link/company/{id}/", drop="before", times=2)

    stack.up({"acme": company(name="New")})

    assert fault.struck == 2
    assert sandbox.link.company("ACME")["name"] == "New"


def test_an_edit_that_never_shows_is_an_error(sandbox, stack):
    """An edit that the API answers with the old values is tried a few times, then reported."""
    stack.up({"acme": company(name="Acme")})
    old = {"id": "ACME", "name": "Acme", "created_at": "2024", "link_page": {"url": None, "enabled": True}}
    sandbox.faults.add("POST /link/company/{id}/", status=200, body=old, times=None)

    with pytest.raises(
        RefusedError, match=r"^company 'ACME': edited, yet name is 'Acme' in Conduit Link but 'New' in the program;"
    ):
        stack.up({"acme": company(name="New")})


@pytest.mark.parametrize("status", [500, 503])
def test_an_edit_survives_trouble_three_times_in_a_row(sandbox, stack, status):
    """It sends the whole content, so that it may be sent again once a GET shows that it is still wanted."""
    stack.up({"acme": company(name="Acme")})
    sandbox.faults.add("POST /link/company/{id}/", status=status, times=3)

    stack.up({"acme": company(name="Acme Inc")})

    assert "Acme Inc" == sandbox.link.company("ACME")["name"]
