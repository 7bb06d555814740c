"""Answers are believed only in their documented form."""

import json

import pytest
from pydantic import ValidationError

from pulumi_conduit.api.records import AccountRecord, AccountsResponse, CompanyRecord, LoginResponse, UserRecord


def is_accepted(record, content):
    """Return whether the content, as JSON, makes a record."""
    try:
        record.model_validate_json(json.dumps(content))
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    ("account_id", "expected"),
    [
        (0, True),
        (2**53 - 1, True),
        (2**53, False),
        (-1, False),
        (1.0, False),
        ("1", False),
        (True, False),
        (None, False),
    ],
)
def test_account_ids_are_whole_numbers_that_a_double_can_hold(account_id, expected):
    """Nothing is turned into a number that is none, for state keeps numbers as doubles."""
    account = {"account_id": account_id, "name": "Retail", "creation_date": "2019"}

    assert is_accepted(AccountRecord, account) is expected
    assert is_accepted(AccountsResponse, {"accounts": [account_id]}) is expected


@pytest.mark.parametrize(
    "field", ["email", "firstname", "lastname", "sso_access", "type", "view", "accounts"], ids=lambda field: field
)
def test_a_user_lacking_a_field_is_refused(user, field):
    """A missing field is never given a default."""
    del user[field]

    assert not is_accepted(UserRecord, user)


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("status", "INACTIVE", True),
        ("status", "inactive", False),
        ("status", "GONE", False),
        ("sso_access", "true", False),
        ("sso_access", 1, False),
        ("accounts", "123", False),
        ("accounts", None, False),
        ("email", "", False),
        ("firstname", "", True),
        ("extra", {"a": 1}, True),
    ],
)
def test_a_user_is_taken_strictly(user, field, value, expected):
    """No type is turned into another, and only undocumented fields are ignored."""
    assert is_accepted(UserRecord, {**user, field: value}) is expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, True),
        ({"link_page": {"url": "https://x", "enabled": True}}, True),
        ({"link_page": {"enabled": True}}, False),
        ({"link_page": None}, False),
        ({"created_at": None}, False),
        ({"created_at": 1678898400}, False),
        ({"id": 1}, False),
        ({"name": 5}, False),
    ],
)
def test_a_company_is_taken_strictly(company, change, expected):
    """The page and the time of creation are required; only the URL may be null."""
    assert is_accepted(CompanyRecord, {**company, **change}) is expected


@pytest.mark.parametrize("expires_in", [0, -1, "86400", None])
def test_a_login_that_is_over_at_once_is_refused(expires_in):
    """A token without a life would mean one login per request."""
    assert not is_accepted(LoginResponse, {"accessToken": "a", "expiresIn": expires_in})


def test_records_cannot_be_changed(user):
    """What was answered stays what was answered."""
    record = UserRecord.model_validate_json(json.dumps(user))

    with pytest.raises(ValidationError, match="frozen"):
        record.type = "STANDARD"
