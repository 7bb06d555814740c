"""What is sent again, when, and what is never sent twice."""

import socket
import time
from email.utils import formatdate

import pytest

from pulumi_conduit.api.auth import Logins
from pulumi_conduit.api.deadline import Clock, operation, remaining_s
from pulumi_conduit.api.factory import ClientDependencies
from pulumi_conduit.api.http import Timeouts
from pulumi_conduit.api.request import ApiRequest, ApiResponse, Delivery, TransportFailure
from pulumi_conduit.api.retry import backoff_s, is_served, retry_after_s
from pulumi_conduit.api.routes import CONDUCTOR_ROUTES
from pulumi_conduit.errors import (
    DeadlineExceededError,
    HTTPStatusError,
    OutcomeUnknownError,
    UnexpectedResponseError,
    UnreachableError,
)

ACCOUNTS: dict[str, list[object]] = {"accounts": []}
NOW = 1_700_000_000.0


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
@pytest.mark.parametrize("verb", ["GET", "PUT", "DELETE"])
def test_transient_statuses_are_repeated_for_repeatable_verbs(conductor, server, status, verb):
    """A request that may be repeated outlives a passing trouble."""
    ask = {"GET": "get_user_accounts", "PUT": "add_user_accounts", "DELETE": "remove_user_account"}[verb]
    arguments = {"GET": (), "PUT": ([1],), "DELETE": (1,)}[verb]
    server.will(status=status)
    server.will(ACCOUNTS)

    assert getattr(conductor, ask)("a@b.c", *arguments) == frozenset()


@pytest.mark.parametrize("ending", ["hang up", "truncated", "unfinished"])
def test_broken_answers_are_repeated_for_reads(link, server, company, ending):
    """A read whose answer breaks off is asked again."""
    server.will(company, ending=ending)
    server.will(company)

    assert link.get_company("ACME").name == "Acme"


@pytest.mark.parametrize("ending", ["hang up", "truncated", "unfinished"])
def test_a_post_whose_answer_breaks_off_is_never_repeated(link, server, company, ending, fake_time):
    """The company may have been created: only a GET can show."""
    server.will(company, ending=ending)

    with pytest.raises(OutcomeUnknownError, match=r"no response from Conduit Link to POST .*; it may have taken eff"):
        link.create_company("ACME", None, page_enabled=None)

    assert (len(server.seen), fake_time.naps) == (1, [])


@pytest.mark.parametrize("status", [408, 500, 501, 503])
def test_a_post_answered_with_trouble_is_never_repeated(link, server, status):
    """A server that fails may have done it first."""
    server.will({"message": "oops"}, status=status)

    with pytest.raises(OutcomeUnknownError, match=f"{status} 'oops'; it may have taken effect"):
        link.edit_company("ACME", "Acme", page_enabled=True)

    assert len(server.seen) == 1


@pytest.mark.parametrize("body", [None, b"<html>", {"id": "ACME"}])
def test_a_post_whose_success_cannot_be_read_is_in_doubt(link, server, body):
    """It says done, but not what."""
    server.will(body)

    with pytest.raises(OutcomeUnknownError, match="it may have taken effect"):
        link.create_company("ACME", None, page_enabled=None)


def test_a_post_that_is_answered_429_is_repeated(link, server, company):
    """A 429 says that nothing was done."""
    server.will(status=429)
    server.will(company)

    assert link.create_company("ACME", None, page_enabled=None).id == "ACME"


def test_a_post_that_finds_no_server_is_repeated(connect_to_link, server, fake_time):
    """A refused connection has carried nothing."""
    server.close()

    with pytest.raises(
        UnreachableError, match="the connection timed out or was refused; check CONDUIT_LINK_URL and the netw"
    ):
        connect_to_link().create_company("ACME", None, page_enabled=None)

    assert len(fake_time.naps) == 5


def test_waits_double_from_a_fifth_of_a_second(link, server, fake_time):
    """Six tries at most, with waits that grow; here with the longest jitter."""
    server.will(status=500, times=6)

    with pytest.raises(HTTPStatusError, match="500; run again later"):
        link.get_company("ACME")

    assert fake_time.naps == [0.2, 0.4, 0.8, 1.6, 3.2]
    assert len(server.seen) == 6


@pytest.mark.parametrize(("tries", "share", "expected"), [(1, 0.0, 0.0), (3, 0.5, 0.4), (50, 1.0, 10.0)])
def test_jitter_is_full_and_capped(tries, share, expected):
    """Any wait from none to the cap may come."""
    assert backoff_s(tries, lambda: share) == expected


def test_retry_after_is_obeyed(link, server, company, fake_time):
    """The API's own wait goes before ours."""
    server.will(status=429, headers={"Retry-After": "7"})
    server.will(company)

    link.get_company("ACME")

    assert fake_time.naps == [7.0]


def test_a_retry_after_beyond_the_deadline_is_refused_at_once(link, server, fake_time):
    """Nobody waits for what cannot come in time; the error says how long the API asked for."""
    server.will(status=503, headers={"Retry-After": "3600"})

    with pytest.raises(HTTPStatusError) as caught:
        link.get_company("ACME")

    assert (caught.value.status, fake_time.naps) == (503, [])
    assert str(caught.value) == (
        "Conduit Link responded 503 to GET /link/company/ACME/ and asks to wait 3600 s, longer than the 120 s left;"
        " run again later, or raise CONDUIT_DEADLINE_SECONDS"
    )


def test_a_retry_after_of_any_length_is_too_long_a_wait(link, server, fake_time):
    """It is no reason to ask again soon."""
    server.will(status=503, headers={"Retry-After": "9" * 400})

    with pytest.raises(HTTPStatusError, match=r"asks to wait 1000000000000000000 s, longer than the 120 s left; run"):
        link.get_company("ACME")

    assert [] == fake_time.naps


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0.0),
        (" 12 ", 12.0),
        (formatdate(NOW + 30, usegmt=True), 30.0),
        (formatdate(NOW - 30, usegmt=True), None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("0" * 30 + "5", 5.0),
        ("9" * 19, 1e18),
        ("9" * 400, 1e18),
        ("\u0663", None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_to_come(text, expected):
    """Everything else is ignored, as if nothing had been said."""
    assert retry_after_s(ApiResponse(429, {"retry-after": text}, b""), NOW) == expected


def test_no_wait_goes_beyond_the_deadline(connect_to_link, server, fake_time):
    """A wait that would end too late is not begun."""
    server.will(status=500, times=6)

    with pytest.raises(DeadlineExceededError) as caught:
        connect_to_link(deadline_s=0.5).get_company("ACME")

    assert fake_time.naps == [0.2]
    assert str(caught.value) == (
        "deadline exceeded for GET /link/company/ACME/ of Conduit Link: the last response was 500;"
        " run again, or raise CONDUIT_DEADLINE_SECONDS"
    )


def test_a_write_that_ran_out_of_time_may_have_had_its_effect(connect_to_conductor, server):
    """A PUT answered 503 until the time was over says so."""
    server.will(status=503, times=6)

    with pytest.raises(DeadlineExceededError, match="the last response was 503; it may have taken effect"):
        connect_to_conductor(deadline_s=0.1).add_user_accounts("a@b.c", [1])


def test_a_put_without_any_answer_is_in_doubt(conductor, server):
    """After six lost answers nobody knows what the PUT did."""
    server.will(ending="hang up", times=6)

    with pytest.raises(
        OutcomeUnknownError, match="the connection closed before the response was complete; it may have taken effect"
    ):
        conductor.add_user_accounts("a@b.c", [1])

    assert len(server.lines) == 6


def test_a_read_without_any_answer_is_unreachable(link, server):
    """A read has no effect that could be in doubt."""
    server.will(ending="hang up", times=6)

    with pytest.raises(UnreachableError, match="the connection closed before the response was complete"):
        link.get_company("ACME")


def test_nothing_is_sent_after_the_deadline(link, server, fake_time):
    """An operation that has used up its time asks for nothing more."""
    with operation(5, monotonic=fake_time.clock.monotonic):
        fake_time.now += 5
        with pytest.raises(DeadlineExceededError, match="Link: it was not sent"):
            link.get_company("ACME")

    assert server.seen == []


def test_one_deadline_covers_every_request_of_an_operation(link, server, company, fake_time):
    """The second request has what the first one left."""
    server.will(company)
    server.will(status=429, headers={"Retry-After": "30"})

    with operation(60, monotonic=fake_time.clock.monotonic):
        link.get_company("ACME")
        fake_time.now += 40
        with pytest.raises(HTTPStatusError, match="asks to wait 30 s, longer than the 20 s left"):
            link.get_company("ACME")


def test_nested_operations_keep_the_outer_deadline(fake_time):
    """An inner operation gets no time of its own, and outside there is none."""
    monotonic = fake_time.clock.monotonic
    with operation(10, monotonic=monotonic):
        with operation(1000, monotonic=monotonic):
            inner = remaining_s()
        outer = remaining_s()

    assert (inner, outer, remaining_s()) == (10.0, 10.0, None)


def test_a_post_whose_answer_does_not_come_in_time_is_in_doubt(link, server, company, fake_time):
    """Time that runs out while the answer is read leaves the write in doubt; the rest of it is not waited for."""
    server.will(company, ending="truncated", before=lambda: setattr(fake_time, "now", fake_time.now + 1000))

    with pytest.raises(OutcomeUnknownError, match="the response did not arrive in time; it may have taken effect"):
        link.edit_company("ACME", None, page_enabled=True)


def test_a_read_whose_answer_does_not_come_in_time_says_so(link, server, company, fake_time):
    """The same for a read is a deadline, not a doubt."""
    server.will(company, ending="truncated", before=lambda: setattr(fake_time, "now", fake_time.now + 1000))

    with pytest.raises(DeadlineExceededError, match="the response did not arrive in time; run again, or raise"):
        link.get_company("ACME")


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ({"status": 400}, HTTPStatusError),
        ({"status": 403}, HTTPStatusError),
        ({"status": 404}, HTTPStatusError),
        ({"status": 409}, HTTPStatusError),
        ({"status": 302, "headers": {"Location": "https://elsewhere.example/"}}, HTTPStatusError),
        ({"body": b"<html></html>"}, UnexpectedResponseError),
        ({"body": b"{}", "headers": {"Content-Encoding": "gzip"}}, UnexpectedResponseError),
    ],
)
def test_lasting_failures_cost_one_request(link, server, fake_time, reply, kind):
    """What will not change by itself is neither asked again nor waited for."""
    server.will(**reply)

    with pytest.raises(kind):
        link.get_company("ACME")

    assert (len(server.seen), fake_time.naps) == (1, [])


def test_a_waiting_post_out_of_time_is_no_doubt(connect_to_link, server):
    """A POST that was only ever answered 429 has had no effect."""
    server.will(status=429)

    with pytest.raises(DeadlineExceededError, match="the last response was 429; run again"):
        connect_to_link(deadline_s=0.1).create_company("ACME", None, page_enabled=None)


def test_a_call_shows_itself_escaped():
    """An id from outside cannot break the one line of an error."""
    call = ApiRequest(CONDUCTOR_ROUTES["get_user"], {"userEmail": "a\n@b.c"})

    assert call.description == "GET /users/a\\n@b.c"


@pytest.mark.parametrize("status", [200, 201, 300, 400, 401, 404, 407, 409, 428, 430, 499])
def test_a_success_and_a_refusal_show_life(status):
    """Whoever refuses has looked at the request."""
    assert is_served(ApiResponse(status, {}, b""))


@pytest.mark.parametrize("status", [408, 429, 500, 501, 503, 504, 599])
def test_trouble_and_being_busy_show_none(status):
    """A server in trouble, or one that has no time, gives nothing back; its trouble begins at 500 itself."""
    assert not is_served(ApiResponse(status, {}, b""))


@pytest.mark.parametrize("fate", list(Delivery))
def test_an_answer_that_was_lost_shows_none(fate):
    """Nothing is concluded from what did not come."""
    assert not is_served(TransportFailure(fate, "it was lost"))


MORE_THAN_ANY_BUFFER = 32_000_000


def test_a_wait_that_ends_with_the_time_is_not_begun(link, server, fake_time):
    """Nothing could be asked after it."""
    server.will(status=503, headers={"Retry-After": "120"}, times=9)

    with pytest.raises(
        DeadlineExceededError, match="the last response was 503; run again, or raise CONDUIT_DEADLINE_SECONDS"
    ):
        link.get_company("ACME")

    assert (len(server.seen), fake_time.naps) == (1, [])


def test_a_wait_that_leaves_a_second_is_worth_it(link, server, company, fake_time):
    """What comes in time is taken, however late."""
    server.will(status=503, headers={"Retry-After": "119"})
    server.will(company)

    assert link.get_company("ACME").id == "ACME"
    assert fake_time.naps == [119]


def test_a_server_that_takes_no_bytes_is_given_up_long_before_the_operation_is(connect_to_link):
    """To send has a longest wait of its own; whether the write had an effect is not known then."""
    dependencies = ClientDependencies(clock=Clock(), timeouts=Timeouts(0.2, 0.2), logins=Logins())
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        client = connect_to_link(url=url, deadline_s=20, dependencies=dependencies)
        began = time.monotonic()

        with operation(20), pytest.raises(OutcomeUnknownError, match="the response did not arrive in time"):
            client.create_company("ACME", "x" * MORE_THAN_ANY_BUFFER, page_enabled=None)

    assert time.monotonic() - began < 10
