"""What an `up` would refuse, its preview refuses; and what it would not, passes."""

import pytest
from declarations import ANN, PreviewFailedError, account_list, company, grant, lines, user

from pulumi_conduit.errors import InvalidInputError, RefusedError
from pulumi_conduit.resources.fields import UNKNOWN

FOREIGN = rf"^user {ANN}: not reactivated, because it still holds accounts 99, which this identity does not own"


@pytest.mark.parametrize("declared", [grant(2), grant(1), account_list(1, 2)])
def test_access_of_an_admin_is_refused_in_preview(sandbox, stack, declared):
    """The API lists ADMINs and manages none."""
    sandbox.conductor.put_user(ANN, type="ADMIN", accounts=[1])

    with pytest.raises(PreviewFailedError, match=rf"^user: {ANN} is an ADMIN, whose access this API cannot manage;"):
        stack.preview({"it": declared})


@pytest.mark.parametrize("edit", [{}, {"status": "INACTIVE"}])
def test_a_user_that_was_made_an_admin_is_shown_by_a_refresh_and_refused_in_preview(sandbox, stack, edit):
    """The refresh succeeds; the plan that would write does not."""
    stack.up({"ann": user()})
    sandbox.conductor.edit_user(ANN, type="ADMIN")
    stack.refresh()

    with pytest.raises(InvalidInputError, match=rf"^user {ANN}: it is an ADMIN now, which this API cannot manage;"):
        stack.preview({"ann": user(**edit)})

    assert stack.outputs("ann")["type"] == "ADMIN"


def test_a_foreign_leftover_fails_the_plan_of_a_return(sandbox, stack):
    """An update from INACTIVE to ACTIVE looks before it promises."""
    stack.up({"ann": user(status="INACTIVE")})
    sandbox.conductor.edit_user(ANN, accounts=[1, 99])
    sandbox.forget_requests()

    with pytest.raises(RefusedError, match=FOREIGN):
        stack.preview({"ann": user()})
    assert stack.preview({"ann": user(onConflict="adopt")}) == [("update", "ann")]

    assert lines(sandbox) == []
    assert f"user {ANN}: is reactivated with accounts 99, which this identity does not own" in stack.warnings


def test_a_foreign_leftover_does_not_matter_for_a_user_who_is_active_again(sandbox, stack):
    """Whom somebody else has reactivated keeps its grants."""
    stack.up({"ann": user(status="INACTIVE")})
    sandbox.conductor.edit_user(ANN, status="ACTIVE", accounts=[1, 99])

    assert stack.preview({"ann": user()}) == [("update", "ann")]


def test_without_credentials_the_plan_of_a_return_passes(stack):
    """A plan that cannot look says so once."""
    stack.up({"ann": user(status="INACTIVE")})
    del stack.environ["CONDUCTOR_PASSWORD"], stack.environ["CONDUCTOR_USERNAME"], stack.environ["CONDUCTOR_URL"]

    assert stack.preview({"ann": user()}) == [("update", "ann")]
    assert stack.warnings[-1].startswith("CONDUIT-UNVERIFIED")


def test_an_unknown_company_id_is_not_refused_before_it_is_known(stack):
    """It may turn out to be the same; another one is refused by the update."""
    stack.up({"acme": company()})

    assert stack.preview({"acme": company(UNKNOWN)}) == [("update", "acme")]
    assert stack.preview({"acme": company(profile=UNKNOWN)}) == [("update", "acme")]
    with pytest.raises(RefusedError, match=r"^company 'ACME': a change of company_id would replace it"):
        stack.up({"acme": company("OTHER")})


def test_an_unknown_company_id_replaces_where_that_is_allowed(stack):
    """The cautious reading is shown, as for every other property that replaces."""
    stack.up({"acme": company(onDestroy="retain")})

    assert stack.preview({"acme": company(UNKNOWN, onDestroy="retain")}) == [("replace", "acme")]
