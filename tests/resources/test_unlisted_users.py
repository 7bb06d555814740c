"""A new user whom the list of users leaves out: the preview asks for it once, and reports what the update will do."""

import pytest
from declarations import ANN, BOB, PreviewFailedError, account_list, lines, user

from pulumi_conduit.warnings import REACTIVATE, REVOKE, parse_warning

GET = "GET /users/{userEmail}"


@pytest.fixture
def short_list(sandbox):
    """Let the list of users show nobody; each user's own GET is whole."""
    sandbox.faults.add("GET /users", status=200, body=[], times=None)


@pytest.mark.usefixtures("short_list")
def test_a_preview_reports_that_an_unlisted_user_will_be_reactivated(sandbox, stack):
    """It was reported as created, and the update then set it ACTIVE and promoted it."""
    sandbox.conductor.put_user(ANN, status="INACTIVE", accounts=[1])

    stack.preview({"ann": user(type="STANDARD")})

    assert 1 == sandbox.count(GET)
    told = [fact for fact in map(parse_warning, stack.warnings) if fact and fact.code == REACTIVATE]
    assert {"STANDARD"} == {fact.type for fact in told}
    assert [] == lines(sandbox)


@pytest.mark.usefixtures("short_list")
def test_a_preview_reports_that_an_unlisted_user_is_adopted(sandbox, stack):
    """As declared, it is adopted without a write."""
    sandbox.conductor.put_user(ANN, accounts=[1])

    stack.preview({"ann": user()})

    assert [f"CONDUIT-ADOPT: user {ANN} exists and is adopted without a write"] == stack.warnings


@pytest.mark.usefixtures("short_list")
@pytest.mark.parametrize(
    ("remote", "reason"),
    [
        ({"type": "ADMIN"}, "it exists as an ADMIN"),
        ({"type": "STANDARD"}, "type is 'STANDARD' in Conductor but 'READ_ONLY' in the program"),
        ({"last_name": "Other"}, "last_name is 'Other' in Conductor"),
    ],
)
def test_a_conflict_with_a_user_whom_the_list_lacks_fails_the_preview(sandbox, stack, remote, reason):
    """A conflict to come is known before anything is written."""
    sandbox.conductor.put_user(ANN, accounts=[1], **remote)

    with pytest.raises(PreviewFailedError, match=reason):
        stack.preview({"ann": user(), "bob": user(BOB)})


@pytest.mark.usefixtures("short_list")
def test_an_exclusive_list_beside_a_user_whom_the_list_lacks_names_what_it_takes_away(sandbox, stack):
    """The one GET serves the list of accounts, too."""
    sandbox.conductor.put_user(ANN, accounts=[1, 2])

    stack.preview({"ann": user(), "all": account_list(1)})

    assert 1 == sandbox.count(GET)
    assert frozenset({2}) in [
        fact.accounts for fact in map(parse_warning, stack.warnings) if fact and fact.code == REVOKE
    ]


def test_a_user_who_is_nowhere_is_asked_for_once_and_created(sandbox, stack):
    """However often it is checked, as in a replacement."""
    stack.begin()
    for _ in range(2):
        assert () == tuple(stack.handler(*("user", "ann")).check({}, user()[1]).reasons)

    assert 1 == sandbox.count(GET)


@pytest.mark.parametrize(("name", "value"), [("importId", ANN), ("firstName", "")])
def test_what_needs_a_user_to_exist_is_refused_with_one_get(sandbox, stack, name, value):
    """An import, and a name that no user can be created with."""
    with pytest.raises(PreviewFailedError, match=r"sees no such user|not found, and cannot be created"):
        stack.preview({"ann": user(onConflict="adopt", **{name: value})})

    assert 1 == sandbox.count(GET)


def test_a_404_that_is_not_in_json_leaves_the_preview_unverified(stack, switch):
    """It proves no absence, so the plan says so, and passes; the create then looks anew."""
    switch(error_shape="text")

    assert [("create", "ann")] == stack.preview({"ann": user()})

    (warning,) = stack.warnings
    assert warning.startswith("CONDUIT-UNVERIFIED: new resources were not compared with the remote state: ")
    assert "404" in warning


def test_another_refusal_of_the_one_get_fails_the_preview(sandbox, stack):
    """A 403 is no absence, and the create would meet it, too."""
    sandbox.faults.add(GET, status=403, times=None)

    with pytest.raises(PreviewFailedError, match=r"GET /users/ann@acme\.example: 403"):
        stack.preview({"ann": user()})
