"""Every failure is one line of one kind, and shows nothing that it must not."""

import inspect
import socket
import ssl

import pytest
import requests
import urllib3

from pulumi_conduit import errors
from pulumi_conduit.api.http import classify_exception
from pulumi_conduit.api.records import UnreadableUser
from pulumi_conduit.api.request import Delivery, TransportFailure
from pulumi_conduit.api.retry import MOST_RETRIES
from pulumi_conduit.errors import (
    AccessDeniedError,
    AlreadyExistsError,
    ApiError,
    ConduitError,
    HTTPStatusError,
    NotFoundError,
    UnexpectedResponseError,
)

JSON = {"Content-Type": "application/json"}


def refused(link, server, **reply):
    """Return the error of a read that is answered so."""
    server.will(**reply)
    with pytest.raises(ApiError) as caught:
        link.get_company("ACME")
    return caught.value


@pytest.mark.parametrize(
    ("status", "kind", "advice"),
    [
        (400, HTTPStatusError, "correct what was sent"),
        (401, AccessDeniedError, "check CONDUIT_LINK_APP_TOKEN"),
        (403, AccessDeniedError, "check CONDUIT_LINK_APP_TOKEN"),
        (404, NotFoundError, "not found, or not visible to this identity"),
        (409, AlreadyExistsError, "it already exists"),
        (418, HTTPStatusError, "correct what was sent"),
        (501, HTTPStatusError, "run again later"),
    ],
)
def test_each_status_has_its_kind_and_advice(link, server, status, kind, advice):
    """What a caller can do decides the kind; what a user can do ends the line."""
    error = refused(link, server, body={"detail": "why"}, status=status)

    assert (type(error), error.status) == (kind, status)
    assert str(error) == f"Conduit Link refused GET /link/company/ACME/: {status} 'why'; {advice}"


@pytest.mark.parametrize(
    ("body", "headers", "said"),
    [
        (b"<html>", {"Content-Type": "text/html"}, ""),
        (b"<html>", JSON, ""),
        (b'{"message": "gone"}', {"Content-Type": "text/html"}, " 'gone'"),
        (b"[" * 100_000, JSON, ""),
        (None, JSON, ""),
    ],
)
def test_a_404_that_is_not_json_is_no_absence(link, server, body, headers, said):
    """A proxy or a wrong base URL answers 404, too: nothing may be forgotten for that."""
    error = refused(link, server, body=body, headers=headers, status=404)

    assert type(error) is HTTPStatusError
    assert str(error) == f"Conduit Link refused GET /link/company/ACME/: 404{said}; {server.check_link}"


@pytest.mark.parametrize("status", [405, 410])
def test_a_verb_or_path_that_is_not_there_is_a_matter_of_the_url(conductor, server, status):
    """Nothing that was sent can be corrected where the operation is somewhere else."""
    server.will({"message": "no"}, status=status)

    with pytest.raises(HTTPStatusError) as caught:
        conductor.list_users()

    assert str(caught.value) == f"Conductor refused GET /users: {status} 'no'; {server.check_conductor}"


@pytest.mark.parametrize("status", [400, 401, 403, 422])
@pytest.mark.parametrize("page", [{"body": b"<!doctype html>"}, {"headers": {"Content-Type": "text/html; charset=x"}}])
def test_a_refusal_by_a_web_page_is_a_matter_of_the_url(link, server, status, page):
    """A proxy's or another server's page says nothing about the token."""
    error = refused(link, server, status=status, **page)

    assert str(error) == (
        f"Conduit Link refused GET /link/company/ACME/: {status}; a web page, which is not from this API:"
        f" {server.check_link}, and the network"
    )


def test_a_forbidden_user_is_no_matter_of_the_password(conductor, server):
    """A 403 comes after a login that succeeded: the user may be an ADMIN by now."""
    server.will({"message": "no"}, status=403)

    with pytest.raises(AccessDeniedError) as caught:
        conductor.set_user_type("jane@x.example", "STANDARD")

    assert str(caught.value) == (
        "Conductor refused PUT /users/jane@x.example/type: 403 'no'; the login succeeded, but this identity lacks the"
        " permission: check in Conductor that the user is not an ADMIN, and that this identity owns the accounts"
    )


def test_a_forbidden_list_is_a_matter_of_the_identity(conductor, server):
    """Only an Admin may list."""
    server.will({"message": "no"}, status=403)

    with pytest.raises(
        AccessDeniedError, match=r"this identity lacks the permission: check in Conductor that it is an Admin$"
    ):
        conductor.list_accounts()


def test_a_token_that_is_refused_after_a_login_is_no_matter_of_the_password(conductor, server):
    """The login took the password; what refuses its token may be another API, or another login voids it."""
    server.will({"message": "no"}, status=401, times=2)

    with pytest.raises(AccessDeniedError) as caught:
        conductor.list_users()

    assert str(caught.value) == (
        f"Conductor refused GET /users: 401 'no'; the login succeeded, but its token is refused:"
        f" {server.check_conductor}, and that no other process logs in as this identity meanwhile"
    )


def test_a_404_cut_short_is_no_absence(link, server):
    """Half an answer proves nothing."""
    error = refused(link, server, body={}, status=404, ending="truncated")

    assert type(error) is HTTPStatusError


def test_a_404_in_a_dialect_of_json_is_an_absence(link, server):
    """`application/problem+json` is JSON."""
    error = refused(link, server, body={}, status=404, headers={"Content-Type": "Application/Problem+JSON; charset=x"})

    assert type(error) is NotFoundError


def test_a_404_to_a_write_names_the_route_table(conductor, server):
    """The verbs and paths of Conductor's writes are inferred, so the user may well exist."""
    server.will({}, status=404)

    with pytest.raises(NotFoundError) as caught:
        conductor.set_user_status("jane@x.example", "INACTIVE")

    assert str(caught.value).endswith(
        f": 404; not found, or not visible to this identity; if it exists, {server.check_conductor},"
        " which `pulumi-conduit verify` finds"
    )


def test_a_404_to_a_read_of_a_user_blames_no_route(conductor, server):
    """A user that is missing is the everyday case of a read: what a provider reads is judged by the list, too."""
    server.will({}, status=404)

    with pytest.raises(NotFoundError, match=r"not visible to this identity$"):
        conductor.get_user("jane@x.example")


def test_a_404_for_a_list_is_no_absence(conductor, server):
    """A list that is not there is a wrong URL, not an absence of anything."""
    server.will({}, status=404)

    with pytest.raises(HTTPStatusError) as caught:
        conductor.list_users()

    assert type(caught.value) is HTTPStatusError


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ({"Location": "https://evil.example/x?token=1"}, ", a redirect to evil.example, which is not followed"),
        ({"Location": "/login"}, ", a redirect to another path, which is not followed"),
        ({"Location": "https://[::1"}, ", a redirect to another path, which is not followed"),
        ({}, ""),
    ],
)
def test_redirects_are_named_and_not_followed(link, server, location, shown):
    """A token must not follow a redirect; the error names the host that it leads to."""
    error = refused(link, server, status=307, headers=location)

    assert str(error) == (f"Conduit Link refused GET /link/company/ACME/: 307{shown}; {server.check_link}")
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ({"message": "m", "error": "e"}, " 'm'"),
        ({"error": "e"}, " 'e'"),
        ({"message": {"text": "m"}, "detail": "d"}, " 'd'"),
        ({"message": "a\r\nb\u202ec"}, " 'a\\r\\nb\\u202ec'"),
        ({"message": "x" * 300}, f" '{'x' * 200}…'"),
        ({"message": "token link-token is bad"}, " 'token *** is bad'"),
        ({"other": "o"}, ""),
        (["m"], ""),
        (b"plain", ""),
    ],
)
def test_the_apis_own_words_are_redacted_escaped_and_cut(link, server, body, shown):
    """They are data, and may quote the token back."""
    error = refused(link, server, body=body, status=400)

    assert str(error) == f"Conduit Link refused GET /link/company/ACME/: 400{shown}; correct what was sent"


def test_password_and_access_token_are_redacted(conductor, server):
    """Conductor's words may quote either."""
    server.will({"message": "hunter2 access-1"}, status=400)

    with pytest.raises(HTTPStatusError, match=r"400 '\*\*\* \*\*\*'"):
        conductor.get_user("a@b.c")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (None, "is empty"),
        (b" \n", "is empty"),
        (b"<html>secret", "is not JSON"),
        ({"secret": "x"}, "has content in an undocumented form: list_type"),
    ],
)
def test_an_unusable_answer_is_described_and_never_shown(conductor, server, body, reason):
    """The fields that are wrong stand in the line; values never do."""
    server.will(body)

    with pytest.raises(UnexpectedResponseError) as caught:
        conductor.list_users()

    assert str(caught.value) == (
        f"the response from Conductor to GET /users {reason};"
        f" {server.check_conductor}, and that the API is the documented version"
    )
    assert caught.value.__context__ is None


def test_an_unusable_item_of_a_list_is_described_and_never_shown(conductor, server, user):
    """One odd user is reported by its place in the list, and the others stay usable."""
    server.will([user, {**user, "view": None}, {"secret": "x"}, "secret"])

    first, *odd = conductor.list_users()

    form = "in an undocumented form"
    says, end = (
        "the response from Conductor to GET /users",
        f"; {server.check_conductor}, and that the API is the documented version",
    )
    assert first.email == "jane@x.example"
    assert odd == [
        UnreadableUser("jane@x.example", f"{says} has `view` {form} (item 2): string_type{end}"),
        UnreadableUser(
            "",
            f"{says} lacks `email` (item 3), lacks `firstname` (item 3), lacks `lastname` (item 3), and 4 more{end}",
        ),
        UnreadableUser("", f"{says} has content {form} (item 4): model_type{end}"),
    ]


@pytest.mark.parametrize("oddity", [{"view": None}, {"status": "SLEEPING"}, {"accounts": None}, {"accounts": [1.0]}])
def test_an_unreadable_user_spoils_no_other_user(conductor, server, user, oddity):
    """Whatever is odd about one user, the list gives the next one."""
    server.will([{**user, **oddity, "email": "odd@x.example"}, user])

    odd, jane = conductor.list_users()

    assert isinstance(odd, UnreadableUser)
    assert (odd.email, jane.email) == ("odd@x.example", "jane@x.example")


def _kinds(module):
    return [
        kind
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, Exception) and not issubclass(kind, Warning) and kind.__module__ == module.__name__
    ]


@pytest.mark.parametrize(
    "kind",
    _kinds(requests.exceptions) + _kinds(urllib3.exceptions),
    ids=lambda kind: f"{kind.__module__}.{kind.__name__}",
)
def test_every_low_level_error_is_mapped(connect_to_link, mocker, kind):
    """Whatever the HTTP libraries raise reaches the caller as one of ours, without their text."""
    error = kind.__new__(kind)
    error.args = ("secret",)
    client = connect_to_link()
    mocker.patch("requests.Session.send", side_effect=error)

    with pytest.raises(ApiError) as caught:
        client.get_company("ACME")

    assert "secret" not in str(caught.value)
    assert type(caught.value).__name__ in errors.__all__


def pool_error(reason):
    """Wrap a reason as the connection pool does."""
    return urllib3.exceptions.MaxRetryError(None, "/", reason)  # type: ignore[arg-type] # no pool is needed


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (
            requests.exceptions.SSLError(
                pool_error(urllib3.exceptions.SSLError(ssl.SSLCertVerificationError("self-signed")))
            ),
            TransportFailure(Delivery.UNSENDABLE, "its certificate cannot be verified"),
        ),
        (
            requests.exceptions.SSLError(pool_error(urllib3.exceptions.SSLError(ssl.SSLEOFError()))),
            TransportFailure(Delivery.UNANSWERED, "the connection closed before the response was complete"),
        ),
        (
            requests.ConnectionError(
                pool_error(urllib3.exceptions.NameResolutionError("h", None, socket.gaierror()))  # type: ignore[arg-type]
            ),
            TransportFailure(Delivery.UNSENT, "its host name cannot be resolved"),
        ),
        (
            requests.exceptions.ProxyError(pool_error(urllib3.exceptions.ProxyError("no", OSError()))),
            TransportFailure(Delivery.UNSENT, "the proxy cannot be reached or refuses to connect"),
        ),
        (
            requests.ConnectTimeout(pool_error(urllib3.exceptions.ConnectTimeoutError())),
            TransportFailure(Delivery.UNSENT, "the connection timed out or was refused"),
        ),
        (requests.ReadTimeout(), TransportFailure(Delivery.UNANSWERED, "the response did not arrive in time")),
        (
            requests.exceptions.InvalidSchema("Missing dependencies for SOCKS support."),
            TransportFailure(
                Delivery.UNSENDABLE, "the request cannot be sent there, or not through the configured proxy"
            ),
        ),
    ],
)
def test_a_loss_says_whether_the_api_can_have_seen_the_request(error, expected):
    """Only what has certainly not been sent counts as unsent."""
    assert classify_exception(error) == expected


def test_an_untrusted_certificate_costs_one_attempt(connect_to_link, mocker, fake_time):
    """It will not become trusted by asking again, and a POST has certainly not been seen."""
    client = connect_to_link()
    reason = urllib3.exceptions.SSLError(ssl.SSLCertVerificationError("self-signed"))
    send = mocker.patch("requests.Session.send", side_effect=requests.exceptions.SSLError(pool_error(reason)))

    with pytest.raises(errors.UnreachableError, match="its certificate cannot be verified; check CONDUIT_LINK_URL"):
        client.create_company("ACME", None, page_enabled=None)

    assert (send.call_count, fake_time.naps) == (1, [])


ELSEWHERE = {"Location": "https://evil.example/"}
REDIRECT = ", a redirect to evil.example, which is not followed"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (300, f"{REDIRECT}; {{check}}"),
        (399, f"{REDIRECT}; {{check}}"),
        (400, "; correct what was sent"),
        (499, "; correct what was sent"),
        (500, "; run again later"),
    ],
)
def test_where_an_answer_points_counts_for_redirects_only(link, server, status, said):
    """A refusal may carry a location as well, and is no redirect for that."""
    server.will(status=status, headers=ELSEWHERE, times=9)

    with pytest.raises(HTTPStatusError) as caught:
        link.get_company("ACME")

    assert (
        str(caught.value)
        == f"Conduit Link refused GET /link/company/ACME/: {status}{said.format(check=server.check_link)}"
    )


@pytest.mark.parametrize("status", [408, 429])
def test_who_was_always_too_busy_is_asked_later(link, server, status):
    """Nothing is wrong with what was sent, so the message does not ask to correct it."""
    server.will(status=status, times=9)

    with pytest.raises(HTTPStatusError) as caught:
        link.get_company("ACME")

    assert str(caught.value) == f"Conduit Link refused GET /link/company/ACME/: {status}; run again later"


def test_secrets_are_redacted_when_no_retry_is_left(conductor, server):
    """An outage may quote password and token as well as any other refusal."""
    server.will({"message": "hunter2 access-1"}, status=503, times=10 * MOST_RETRIES)

    said = set()
    for _ in range(MOST_RETRIES // 5 + 1):
        with pytest.raises(ApiError) as caught:
            conductor.get_user("jane@x.example")
        said.add(str(caught.value))

    assert len(server.lines) == MOST_RETRIES // 5 * 6 + 1  # the last one had no retry left
    assert said == {"Conductor refused GET /users/jane@x.example: 503 '*** ***'; run again later"}


@pytest.mark.parametrize(
    ("lacking", "said"),
    [
        (["email"], "lacks `email`"),
        (["email", "type", "view"], "lacks `email`, lacks `type`, lacks `view`"),
        (["email", "type", "view", "accounts"], "lacks `email`, lacks `type`, lacks `view`, and 1 more"),
    ],
)
def test_three_reasons_are_shown_and_the_others_counted(conductor, server, user, lacking, said):
    """An answer that has nothing right still makes one short line."""
    server.will({name: value for name, value in user.items() if name not in lacking})

    with pytest.raises(UnexpectedResponseError) as caught:
        conductor.get_user("jane@x.example")

    assert str(caught.value) == (
        f"the response from Conductor to GET /users/jane@x.example {said};"
        f" {server.check_conductor}, and that the API is the documented version"
    )


def test_a_field_is_named_with_all_that_it_lies_in(link, server, company):
    """Two objects may have fields of one name."""
    server.will({**company, "link_page": {"url": None}})

    with pytest.raises(UnexpectedResponseError, match=r"ACME/ lacks `link_page\.enabled`;"):
        link.get_company("ACME")


@pytest.mark.parametrize("status", [300, 304, 400, 418])
def test_a_refusal_with_an_unreadable_body_is_reported_by_its_status(link, server, fake_time, status):
    """A compressed body is not looked into, and does not turn a refusal into something to try again."""
    server.will({"message": "no"}, status=status, headers={"Content-Encoding": "gzip"}, times=1)

    with pytest.raises(ConduitError, match=rf"\b{status}\b"):
        link.get_company("ACME")
    assert ["GET /link/company/ACME/"] == server.lines
    assert [] == fake_time.naps


@pytest.mark.parametrize("status", [200, 201, 299])
def test_a_success_with_an_unreadable_body_is_none(link, server, status):
    """What cannot be read is not believed, however good its status."""
    server.will({"id": "ACME"}, status=status, headers={"Content-Encoding": "gzip"}, times=9)

    with pytest.raises(ConduitError, match="compressed"):
        link.get_company("ACME")
