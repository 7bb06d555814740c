"""A user's accounts in Conductor as its page describes them."""

from __future__ import annotations

import pytest


def test_the_accounts_of_a_user_are_its_grants(conductor, ann):
    """The accounts endpoint shows what the user holds."""
    assert conductor("GET", f"/users/{ann}/accounts").json() == {"accounts": [1, 2]}


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("POST", "", {"accounts": [3, 2]}, [2, 3]),
        ("PUT", "", {"accounts": [2, 3]}, [1, 2, 3]),
        ("PUT", "?removal=false", {"accounts": [3]}, [1, 2, 3]),
        ("PUT", "?removal=true", {"accounts": [2, 3]}, [1]),
        ("PUT", "/3", {}, [1, 2, 3]),
        ("PUT", "/2?removal=true", {}, [1]),
        ("PUT", "/3?removal=true", {}, [1, 2]),
        ("POST", "/3", None, [1, 2, 3]),
        ("POST", "/2", None, [1, 2]),
        ("DELETE", "/2", None, [1]),
        ("DELETE", "/3", None, [1, 2]),
    ],
)
def test_a_change_of_grants_answers_the_whole_list(conductor, ann, method, path, body, expected):
    """Adding what is there and removing what is not have no effect; each call answers all grants."""
    answer = conductor(method, f"/users/{ann}/accounts{path}", body)

    assert (answer.status_code, answer.json()) == (200, {"accounts": expected})
    assert conductor("GET", f"/users/{ann}").json()["accounts"] == expected


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "", {"accounts": [1, 99]}),
        ("PUT", "", {"accounts": [99]}),
        ("PUT", "/99", {}),
        ("POST", "/99", None),
        ("POST", "/12345", None),
    ],
)
def test_accounts_that_the_identity_does_not_own_cannot_be_assigned(sandbox, conductor, ann, method, path, body):
    """Assigning a foreign or unknown account is a 403 and changes nothing."""
    assert conductor(method, f"/users/{ann}/accounts{path}", body).status_code == 403
    assert sandbox.conductor.user(ann)["accounts"] == [1, 2]


def test_a_foreign_account_cannot_be_removed(sandbox, conductor):
    """An identity does not take away what it does not own."""
    sandbox.conductor.put_user("both@acme.example", accounts=[1, 99])

    assert conductor("DELETE", "/users/both@acme.example/accounts/99").status_code == 403
    assert sandbox.conductor.user("both@acme.example")["accounts"] == [1, 99]


def test_a_user_without_any_account_is_not_visible(conductor, ann):
    """Removing the last account works, and then the user is missing and unmanageable."""
    assert conductor("PUT", f"/users/{ann}/accounts?removal=true", {"accounts": [1, 2]}).json() == {"accounts": []}

    assert conductor("GET", f"/users/{ann}").status_code == 404
    assert conductor("POST", f"/users/{ann}/accounts/1").status_code == 404


@pytest.mark.parametrize("account", ["-1", "one", "1.5"])
def test_an_account_id_is_a_whole_number(conductor, ann, account):
    """Anything else in its place is a 400."""
    assert conductor("POST", f"/users/{ann}/accounts/{account}").status_code == 400


@pytest.mark.parametrize("body", [{}, {"accounts": ["1"]}, {"accounts": [True]}, {"accounts": [1.5]}, [1]])
def test_a_malformed_list_is_a_400(sandbox, conductor, ann, body):
    """The list is whole numbers under its name, and nothing is changed otherwise."""
    assert conductor("POST", f"/users/{ann}/accounts", body).status_code == 400
    assert sandbox.conductor.user(ann)["accounts"] == [1, 2]
