"""An answer that is not in the documented form is an error in one line: never a traceback, an absence or a success."""

from __future__ import annotations

import json
import random

import documented_responses
import pytest
from corpus import steering
from mutations import Mutated, mutated_response
from operations import OPERATIONS, Kind
from raw_server import RawServer, answered
from sampling import amount, seeds

from pulumi_conduit.api.records import UnreadableUser
from pulumi_conduit.errors import ConduitError, NotFoundError

RUNS = amount(80, 1000, "SOAK_RUNS")
_LOGIN = {"accessToken": "access", "idToken": "id", "refreshToken": "refresh", "expiresIn": 86400}
_COMPANY = {
    "id": "ACME",
    "name": "Acme",
    "created_at": "2023-03-15T12:34:56Z",
    "link_page": {"url": None, "enabled": False},
    "api_token": {"token": "company-token", "expires_at": 1678898400},
}
_USER = {
    "accounts": [1, 2],
    "email": "ann@acme.example",
    "firstname": "Ann",
    "lastname": "Lee",
    "sso_access": False,
    "type": "STANDARD",
    "view": "COMPLETE",
    "status": "ACTIVE",
}
_ACCOUNT = {"account_id": 1, "name": "Retail", "creation_date": "2020-01-01"}
_HELD = (documented_responses.held, {"accounts": [1, 2]})
ANSWERS = {
    "create_company": (documented_responses.company, {**_COMPANY, "id": "NEW"}),
    "get_company": (documented_responses.company, _COMPANY),
    "edit_company": (documented_responses.company, _COMPANY),
    "log_in": (None, _LOGIN),
    "list_accounts": (documented_responses.accounts, [_ACCOUNT, {**_ACCOUNT, "account_id": 2}]),
    "list_users": (documented_responses.users, [_USER, {**_USER, "email": "bob@acme.example"}]),
    "create_user": (documented_responses.user, {**_USER, "email": "bob@acme.example"}),
    "get_user": (documented_responses.user, _USER),
    "get_user_accounts": _HELD,
    "replace_user_accounts": _HELD,
    "change_user_accounts": _HELD,
    "update_user_account": _HELD,
    "add_user_account": _HELD,
    "remove_user_account": _HELD,
    "set_user_status": (documented_responses.status, {"status": "INACTIVE"}),
    "set_user_type": (documented_responses.type_, {"type": "STANDARD"}),
}
_LOGIN_LINE = "POST /login"


class MutatingServer:
    """A server that mutates the answers to one operation, and clients that ask for it."""

    def __init__(self, connect):
        """Listen."""
        self._connect = connect
        self.listener = RawServer(self._answer)
        self._clients = connect(self.listener.url)

    def ask(self, operation, mutated):
        """Return what the client makes of a mutated answer: a result and an error."""
        self._line, self._spoilt = operation.line, mutated
        clients = self._connect(self.listener.url) if operation.kind is Kind.LOGIN else self._clients
        try:
            return operation.ask(clients[operation.api == "Conductor"]), None
        except ConduitError as error:
            return None, error

    def _answer(self, received):
        if received.line == _LOGIN_LINE and self._line != _LOGIN_LINE:
            return answered(json.dumps(_LOGIN).encode())
        if received.line == "GET /accounts" and self._line == _LOGIN_LINE:
            return answered(b"[]")
        one = self._spoilt
        return answered(one.content, one.status, one.content_type, **dict(one.headers))


@pytest.fixture
def mutating_server(connect):
    """Give a mutating server for one test."""
    mutating_server = MutatingServer(connect)
    yield mutating_server
    mutating_server.listener.close()


def believed(result):
    """Return what the client believes, in the words of the judge."""
    if isinstance(result, list):
        return [believed(one) for one in result]
    if isinstance(result, UnreadableUser):
        return None
    if not hasattr(result, "model_dump"):
        return result
    fields = result.model_dump(mode="python")
    page = fields.pop("link_page", None)
    if "status" in fields and fields["status"] is not None:
        fields["status"] = fields["status"].value
    return fields if page is None else {**fields, **page}


def may_say_absent(operation, mutated):
    """Say whether the answer is an honest absence: a 404, in JSON, to a request that names an object."""
    is_json = mutated.content_type in ("application/json", "application/problem+json")
    names_one = operation.line.count("/") > 1 and operation.name != "create_company"
    encoding = dict(mutated.headers).get("Content-Encoding", "identity").lower()
    return mutated.status == 404 and is_json and names_one and encoding == "identity" and _is_json(mutated.content)


def _is_json(content):
    try:
        documented_responses.parsed(content)
    except documented_responses.UndocumentedError:
        return False
    return True


@pytest.mark.parametrize("name", ANSWERS)
def test_a_spoilt_answer_is_one_clear_error_or_exactly_what_it_says(mutating_server, tried, name):
    """What is not as documented is never believed; what is left standing is believed as it stands, or refused."""
    operation, (form, document) = OPERATIONS[name], ANSWERS[name]
    for seed in seeds(RUNS // len(ANSWERS) + 1):
        mutated = mutated_response(random.Random(f"{name} {seed}"), document)  # noqa: S311 -- chance, not secrecy
        result, error = mutating_server.ask(operation, mutated)
        try:
            assert_clear_or_believed(operation, form, mutated, result, error)
        except AssertionError as failure:
            raise AssertionError(f"seed {seed}: {str(mutated)[:500]}") from failure
    tried("mutated answers to the clients", RUNS // len(ANSWERS) + 1)


def assert_clear_or_believed(operation, form, mutated, result, error):
    """Assert that an outcome is a clear error, or that it says what the judge reads in the answer."""
    if error is None:
        assert 200 <= mutated.status < 300
        assert form is None or documented_responses.says(form, mutated.content) == believed(result)
        return
    assert [] == steering(str(error))
    assert "Traceback" not in str(error)
    assert not isinstance(error, NotFoundError) or may_say_absent(operation, mutated)


def test_every_operation_is_mutated():
    """The table has all 16, and what is unspoilt is a success."""
    assert OPERATIONS.keys() == ANSWERS.keys()


@pytest.mark.parametrize("name", ANSWERS)
def test_an_unspoilt_answer_is_believed(mutating_server, name):
    """Else the test above would prove nothing."""
    form, document = ANSWERS[name]
    result, error = mutating_server.ask(OPERATIONS[name], Mutated(json.dumps(document).encode()))

    assert error is None
    assert form is None or form(document) == believed(result)
