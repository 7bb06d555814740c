"""The Conductor client, over real HTTP."""

from typing import Any

import pytest

from pulumi_conduit.api.conductor_client import NewUser
from pulumi_conduit.api.records import AccountRecord
from pulumi_conduit.enums import UserStatus
from pulumi_conduit.errors import AlreadyExistsError, OutcomeUnknownError, UnexpectedResponseError

JANE = NewUser("jane@x.example", "Jane", "Doe", sso_access=True, type="READ_ONLY", view="COMPLETE", accounts=[2, 1])


def test_list_accounts_returns_records(conductor, server):
    """The accounts come back typed."""
    account: dict[str, Any] = {"name": "Retail", "account_id": 1, "creation_date": "2019-08-24T14:15:22Z"}
    server.will([account])

    assert conductor.list_accounts() == [AccountRecord(**account)]
    assert server.lines == ["GET /accounts"]


def test_list_users_returns_records(conductor, server, user):
    """The users come back typed, with the wire's names translated."""
    server.will([user])

    (record,) = conductor.list_users()

    assert (record.email, record.first_name, record.last_name) == ("jane@x.example", "Jane", "Doe")
    assert (record.status, record.accounts) == (UserStatus.ACTIVE, frozenset({1, 2, 3}))


def test_a_list_may_be_longer_than_one_object(conductor, server, user):
    """Two megabytes of users are a list, not an attack."""
    server.will([{**user, "ignored": "x" * 2**21}])

    assert len(conductor.list_users()) == 1


def test_get_user_keeps_a_missing_status_missing(conductor, server, user):
    """Whether a GET always says the status is not documented, so none is made up."""
    del user["status"]
    server.will(user)

    assert conductor.get_user("jane@x.example").status is None


def test_get_user_keeps_words_that_it_does_not_know(conductor, server, user):
    """A new view of the product must not break every read."""
    server.will({**user, "view": "MARS", "type": "ROBOT"})

    record = conductor.get_user("jane@x.example")

    assert (record.view, record.type) == ("MARS", "ROBOT")


def test_get_user_compares_emails_without_case(conductor, server, user):
    """An actual spelling that differs in case is the same person."""
    server.will({**user, "email": "Jane@X.example"})

    assert conductor.get_user("jane@x.example").email == "Jane@X.example"


def test_an_answer_about_another_user_is_not_believed(conductor, server, user):
    """A read answered with another user is no basis for anything."""
    server.will({**user, "email": "john@x.example"})

    with pytest.raises(UnexpectedResponseError, match="is about another object"):
        conductor.get_user("jane@x.example")


def test_create_user_sends_the_documented_body(conductor, server, user):
    """`status` is left out unless it is declared, and `send_email` is always said."""
    server.will(user, status=201)

    conductor.create_user(JANE, send_email=False)

    assert server.lines == ["POST /users?send_email=false"]
    assert server.seen[-1].body == {
        "email": "jane@x.example",
        "firstname": "Jane",
        "lastname": "Doe",
        "sso_access": True,
        "type": "READ_ONLY",
        "view": "COMPLETE",
        "accounts": [2, 1],
    }


def test_create_user_sends_a_declared_status(conductor, server, user):
    """An INACTIVE user is created INACTIVE."""
    server.will(user, status=201)
    new = NewUser("jane@x.example", "J", "D", True, "STANDARD", "COMPLETE", [1], "INACTIVE")  # noqa: FBT003 -- in order

    conductor.create_user(new, send_email=True)

    assert server.lines == ["POST /users?send_email=true"]
    assert server.seen[-1].body["status"] == "INACTIVE"


def test_create_user_says_that_the_user_exists(conductor, server):
    """A 409 is a kind of its own, for what follows depends on it."""
    server.will({"error": "exists"}, status=409)

    with pytest.raises(AlreadyExistsError, match="409 'exists'; it already exists"):
        conductor.create_user(JANE, send_email=False)


def test_create_user_does_not_believe_another_user(conductor, server, user):
    """The POST has happened, whoever its answer is about."""
    server.will({**user, "email": "john@x.example"}, status=201)

    with pytest.raises(OutcomeUnknownError, match="is about another object"):
        conductor.create_user(JANE, send_email=False)


@pytest.mark.parametrize(
    ("ask", "line", "body"),
    [
        (lambda api: api.get_user_accounts("a@b.c"), "GET /users/a%40b.c/accounts", None),
        (lambda api: api.replace_user_accounts("a@b.c", [2, 1]), "POST /users/a%40b.c/accounts", {"accounts": [1, 2]}),
        (
            lambda api: api.add_user_accounts("a@b.c", {2}),
            "PUT /users/a%40b.c/accounts?removal=false",
            {"accounts": [2]},
        ),
        (
            lambda api: api.remove_user_accounts("a@b.c", {2}),
            "PUT /users/a%40b.c/accounts?removal=true",
            {"accounts": [2]},
        ),
        (
            lambda api: api.update_user_account("a@b.c", 7, removal=True),
            "PUT /users/a%40b.c/accounts/7?removal=true",
            {},
        ),
        (lambda api: api.add_user_account("a@b.c", 7), "POST /users/a%40b.c/accounts/7", None),
        (lambda api: api.remove_user_account("a@b.c", 7), "DELETE /users/a%40b.c/accounts/7", None),
    ],
)
def test_grants_are_asked_for_as_documented(conductor, server, ask, line, body):
    """Each of the seven operations on grants has its verb, path, query and body, and answers the accounts."""
    server.will({"accounts": [2, 1, 2]})

    assert ask(conductor) == frozenset({1, 2})
    assert (server.lines, server.seen[-1].body) == ([line], body)


def test_set_user_status_returns_what_the_api_says(conductor, server):
    """The status in the answer counts, not the one that was sent."""
    server.will({"status": "INACTIVE"})

    assert conductor.set_user_status("a@b.c", "ACTIVE") == "INACTIVE"
    assert (server.lines, server.seen[-1].body) == (["PUT /users/a%40b.c/status"], {"status": "ACTIVE"})


def test_set_user_type_returns_what_the_api_says(conductor, server):
    """The type in the answer counts, not the one that was sent."""
    server.will({"type": "STANDARD"})

    assert conductor.set_user_type("a@b.c", "STANDARD") == "STANDARD"
    assert (server.lines, server.seen[-1].body) == (["PUT /users/a%40b.c/type"], {"type": "STANDARD"})


def test_a_write_answered_without_content_is_not_taken_as_done(conductor, server):
    """A 204 does not say which accounts the user has now."""
    server.will(status=204)

    with pytest.raises(
        UnexpectedResponseError, match=r"the response from Conductor to DELETE /users/a@b.c/accounts/7 is empty; check"
    ):
        conductor.remove_user_account("a@b.c", 7)
