"""An id or an email is refused with one clear line, or asked for in exactly one request that names it exactly."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from corpus import steering
from handler_stack import Stack
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from identifiers import COMPANY_IDS, EMAILS, PIECES, TEXTS
from raw_server import RawServer, answered

from pulumi_conduit.errors import ConduitError, InvalidInputError, NotFoundError

MOST = hypothesis_settings().max_examples
_LOGIN = b'{"accessToken":"access","idToken":"id","refreshToken":"refresh","expiresIn":86400}'
_LISTS = ("POST /login", "GET /users", "GET /accounts")
_FIXED = {_LISTS[0]: answered(_LOGIN), _LISTS[1]: answered(b"[]"), _LISTS[2]: answered(b"[]")}
_NOBODY = answered(b'{"message":"nobody"}', 404)
ACCOUNT = 7
FIXED = (*PIECES, *(f"a{piece}b" for piece in PIECES), "A" * 1024, "A" * 1025)
FIXED_EMAILS = (*(f"a{piece}b@acme.example" for piece in PIECES), *(f"a@b{piece}c.example" for piece in PIECES))


def nobody_is_there(received):
    """Answer as APIs that know no user, no account and no company."""
    return _FIXED.get(received.line, _NOBODY)


@pytest.fixture(scope="module")
def listener():
    """Give the server that sees bytes."""
    listener = RawServer(nobody_is_there)
    yield listener
    listener.close()


@pytest.fixture
def clients(connect, listener):
    """Give both clients of the listener, logged in."""
    link, conductor = connect(listener.url)
    conductor.list_accounts()
    return link, conductor


@pytest.fixture
def stack(listener, monkeypatch):
    """Give a handler stack, whose checks reach no API."""
    environ = {
        "CONDUIT_LINK_URL": listener.url,
        "CONDUIT_LINK_APP_TOKEN": "link-token",
        "CONDUCTOR_URL": listener.url,
        "CONDUCTOR_USERNAME": "admin@x.example",
        "CONDUCTOR_PASSWORD": "password",
        "CONDUIT_PREVIEW": "offline",
    }
    return Stack(environ, monkeypatch, lambda _: None)


def asked(listener, ask):
    """Do something; return the requests about one object that it made, and the error that it ended in."""
    listener.received.clear()
    try:
        ask()
    except ConduitError as error:
        return _about_one(listener), error
    return _about_one(listener), None


def _about_one(listener):
    return [received for received in listener.received if received.line not in _LISTS]


def assert_one_clear_line(text, quoted=""):
    """Assert that a reason is one line that steers nothing, without the `quoted` value in it."""
    assert [] == steering(text)
    assert text.strip() == text != ""
    assert len(quoted) < len("secret") or quoted not in text


OPERATIONS: dict[str, tuple[int, str, int, Any]] = {
    "get_company": (0, "GET /link/company/", 2, lambda it, _, text: it.get_company(text)),
    "edit_company": (
        0,
        "POST /link/company/",
        2,
        lambda it, _, text: it.edit_company(text, "n", page_enabled=True),
    ),
    "get_user": (1, "GET /users/", 1, lambda _, it, text: it.get_user(text)),
    "get_user_accounts": (1, "GET /users/", 1, lambda _, it, text: it.get_user_accounts(text)),
    "replace_user_accounts": (1, "POST /users/", 1, lambda _, it, text: it.replace_user_accounts(text, [1])),
    "add_user_accounts": (1, "PUT /users/", 1, lambda _, it, text: it.add_user_accounts(text, [1])),
    "update_user_account": (1, "PUT /users/", 1, lambda _, it, text: it.update_user_account(text, 1, removal=True)),
    "add_user_account": (1, "POST /users/", 1, lambda _, it, text: it.add_user_account(text, 1)),
    "remove_user_account": (1, "DELETE /users/", 1, lambda _, it, text: it.remove_user_account(text, 1)),
    "set_user_status": (1, "PUT /users/", 1, lambda _, it, text: it.set_user_status(text, "INACTIVE")),
    "set_user_type": (1, "PUT /users/", 1, lambda _, it, text: it.set_user_type(text, "STANDARD")),
}
_REST = {
    "get_company": [""],
    "edit_company": [""],
    "get_user": [],
    "set_user_status": ["status"],
    "set_user_type": ["type"],
    "update_user_account": ["accounts", "1"],
    "add_user_account": ["accounts", "1"],
    "remove_user_account": ["accounts", "1"],
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_whatever_a_client_is_asked_for_it_asks_for_exactly_that(clients, listener, tried, name):
    """Programs call the functions without a check: one request whose segment decodes to the text, or a refusal."""
    _, begin, position, ask = OPERATIONS[name]
    count = [0]

    @hypothesis_settings(max_examples=max(1, MOST // len(OPERATIONS)))
    @given(TEXTS)
    def play(text):
        judge(text)

    def judge(text):
        count[0] += 1
        requests, error = asked(listener, lambda: ask(*clients, text))
        assert_one_clear_line(str(error))
        if isinstance(error, InvalidInputError):
            assert [] == requests
            return
        assert NotFoundError is type(error)
        assert [begin] == [received.line[: len(begin)] for received in requests]
        expected = [*begin.split("/")[1:-1], text, *_REST.get(name, ["accounts"])]
        assert expected == requests[0].segments
        assert text == requests[0].segments[position]

    for text in FIXED:
        judge(text)
    play()
    tried("ids of calls", count[0])


KINDS = {
    "user": (EMAILS, lambda text: {"email": text, "firstName": "F", "lastName": "L", "initialAccounts": [1]}, "email"),
    "grant": (EMAILS, lambda text: {"user": text, "accountId": 1}, "user"),
    "list": (EMAILS, lambda text: {"user": text, "accountIds": [1]}, "user"),
    "company": (COMPANY_IDS, lambda text: {"companyId": text}, "companyId"),
}


def _ascii_lower(text):
    return "".join(chr(ord(one) + 32) if "A" <= one <= "Z" else one for one in text)


@pytest.mark.parametrize("kind", KINDS)
def test_a_declared_id_is_refused_in_check_or_asked_for_in_its_normal_form(stack, clients, listener, tried, kind):
    """The normal form differs from the declared one in the case of ASCII letters at most, and is what is asked for."""
    texts, declare, name = KINDS[kind]
    link, conductor = clients
    ask = link.get_company if kind == "company" else conductor.get_user
    count = [0]

    @hypothesis_settings(max_examples=max(1, MOST // len(KINDS)))
    @given(texts)
    def play(text):
        judge(text)

    def judge(text):
        count[0] += 1
        stack.begin()
        requests, _ = asked(listener, lambda: None)
        checked = stack.handler(kind).check({}, declare(text))
        assert [] == _about_one(listener) == requests
        for reason in checked.reasons:
            assert_one_clear_line(reason, quoted="" if text.isascii() and "@" in text else text)
        if checked.reasons:
            return
        normal = checked.inputs[name]
        assert (text if kind == "company" else _ascii_lower(text)) == normal
        requests, error = asked(listener, lambda: ask(normal))
        assert NotFoundError is type(error)
        assert [normal] == [received.segments[2 if kind == "company" else 1] for received in requests]

    for text in FIXED if kind == "company" else FIXED_EMAILS:
        judge(text)
    play()
    tried("declared ids", count[0])


@pytest.mark.parametrize("kind", KINDS)
def test_an_id_that_is_only_read_names_one_object_or_none(stack, listener, tried, kind):
    """`X.get` takes any text: one that cannot be an id is refused unsent, any other is asked for by its normal form."""
    texts = KINDS[kind][0]
    count = [0]

    @hypothesis_settings(max_examples=max(1, MOST // len(KINDS)))
    @given(texts)
    def play(text):
        judge(text)

    def judge(text):
        count[0] += 1
        given_id = f"{text}:{ACCOUNT}" if kind == "grant" else text
        requests, error = asked(listener, lambda: stack.get(kind, given_id))
        assert_one_clear_line(str(error))
        if isinstance(error, InvalidInputError):
            assert [] == requests
            return
        named = {received.segments[2 if kind == "company" else 1] for received in requests}
        assert {text if kind == "company" else _ascii_lower(text)} == named

    for text in FIXED if kind == "company" else FIXED_EMAILS:
        judge(text)
    play()
    tried("ids of reads", count[0])


@pytest.mark.parametrize("account", ["\u0667", "\uff17", "²", "7_0", " 7", "+7", "-7", "", "9" * 5000, "7\n"])
def test_the_account_of_a_grant_id_is_written_in_plain_digits(stack, listener, account):
    """Digits of other scripts would name one account under many ids."""
    ask = functools.partial(stack.get, "grant", f"ann@acme.example:{account}")

    requests, error = asked(listener, ask)

    assert InvalidInputError is type(error)
    assert_one_clear_line(str(error))
    assert [] == requests
