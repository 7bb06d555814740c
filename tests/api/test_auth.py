"""One login per identity, shared by all threads, and never tried again once refused."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from pulumi_conduit.api.auth import Login, Logins
from pulumi_conduit.api.records import LoginResponse
from pulumi_conduit.errors import (
    AccessDeniedError,
    ApiError,
    DeadlineExceededError,
    HTTPStatusError,
    NotFoundError,
    UnexpectedResponseError,
    UnreachableError,
)
from pulumi_conduit.settings import ConductorSettings, Secret

ACCOUNTS: dict[str, list[object]] = {"accounts": []}


def answer(text="t", expires_in_s=1000):
    """Return the answer to a login."""
    return LoginResponse(accessToken=text, expiresIn=expires_in_s)


def test_a_login_sends_the_credentials_and_the_access_token_is_used(conductor, server):
    """The login carries user name and password; what follows carries the access token."""
    server.will(ACCOUNTS)

    conductor.get_user_accounts("a@b.c")

    login, request = server.seen
    assert (login.line, login.body) == ("POST /login", {"username": "admin@x.example", "password": "hunter2"})
    assert "authorization" not in login.headers
    assert request.headers["authorization"] == "Bearer access-1"


def test_two_clients_of_one_identity_share_a_login(connect_to_conductor, server):
    """A second client uses the first one's token."""
    server.will(ACCOUNTS, times=2)

    connect_to_conductor().get_user_accounts("a@b.c")
    connect_to_conductor().get_user_accounts("a@b.c")

    assert server.logins == 1


def test_another_password_begins_another_login(connect_to_conductor, server):
    """A corrected password must not meet the memory of the wrong one."""
    server.will_log_in({}, status=401)
    server.will(ACCOUNTS)

    with pytest.raises(AccessDeniedError):
        connect_to_conductor(password="wrong").get_user_accounts("a@b.c")

    assert connect_to_conductor(password="right").get_user_accounts("a@b.c") == frozenset()


def test_each_identity_has_a_login_of_its_own():
    """Nobody acts with the token of another, be the passwords equal or not."""
    logins = Logins()
    identities = [("https://a.example", "ann"), ("https://a.example", "bob"), ("https://b.example", "ann")]

    found = {logins.of(ConductorSettings(url, name, Secret("hunter2"), None)) for url, name in identities * 2}

    assert len(found) == 3


def test_many_threads_make_one_login(conductor, server):
    """Sixteen threads that all need a token wait for one login."""
    threads = 16
    together = threading.Barrier(threads)
    server.will(ACCOUNTS, times=threads)

    def ask(_):
        together.wait()
        return conductor.get_user_accounts("a@b.c")

    with ThreadPoolExecutor(threads) as pool:
        answers = list(pool.map(ask, range(threads)))

    assert (answers, server.logins) == ([frozenset()] * threads, 1)


CREDENTIALS = "check CONDUCTOR_USERNAME and CONDUCTOR_PASSWORD, and what that identity may do"


def fails_twice(conductor, server):
    """Ask twice for a user, and return the one error that both requests end in; nothing but logins is sent."""
    errors = []
    for _ in range(2):
        with pytest.raises(ApiError) as caught:
            conductor.get_user("a@b.c")
        errors.append(caught.value)
    assert server.lines == []
    first, second = errors
    assert (type(first), str(first)) == (type(second), str(second))
    return first


@pytest.mark.parametrize("status", [400, 401, 403])
def test_any_refusal_of_a_login_is_final(conductor, server, fake_time, status):
    """A refused login costs one request for the whole process."""
    server.will_log_in({"message": "no"}, status=status)

    error = fails_twice(conductor, server)

    assert (type(error), str(error)) == (
        AccessDeniedError,
        f"Conductor refused POST /login: {status} 'no'; {CREDENTIALS}",
    )
    assert (server.logins, fake_time.naps) == (1, [])


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ({"status": 404, "body": b"<html>", "headers": {"Content-Type": "text/html"}}, "404; {check}"),
        ({"status": 404}, "404; {check}"),
        ({"status": 404, "body": {"detail": "Not Found"}}, "404 'Not Found'; {check}, then the user name"),
        ({"status": 405, "body": {"detail": "no"}}, "405 'no'; {check}"),
        ({"status": 410}, "410; {check}"),
        ({"status": 409, "body": {}}, "409; {check}, then user name and password"),
        ({"status": 422, "body": {}}, "422; {check}, then user name and password"),
        (
            {"status": 403, "body": b"<html>"},
            "403; a web page, which is not from this API: {check}, and the network",
        ),
        (
            {"status": 400, "headers": {"Content-Type": "text/html"}},
            "400; a web page, which is not from this API: {check}, and the network",
        ),
        (
            {"status": 302, "headers": {"Location": "https://sso.example/"}},
            "302, a redirect to sso.example, which is not followed; {check}",
        ),
        (
            {"status": 308, "headers": {"Location": "/login/"}},
            "308, a redirect to another path, which is not followed; {check}",
        ),
    ],
)
def test_a_login_at_a_wrong_address_names_url_and_route_table(conductor, server, reply, said):
    """What is not there, or elsewhere, is no matter of the password, is tried once, and is no missing user."""
    server.will_log_in(**reply)

    error = fails_twice(conductor, server)

    assert str(error) == f"Conductor refused POST /login: {said.format(check=server.check_conductor)}"
    assert not isinstance(error, NotFoundError)
    assert server.logins == 1


@pytest.mark.parametrize("body", [b"<html>", b"", {}, {"accessToken": "a"}, [], b"x" * 2**21])
def test_a_login_answered_with_something_else_names_url_and_route_table(conductor, server, body):
    """A success that is no login's is one shared failure, too."""
    server.will_log_in(body)

    error = fails_twice(conductor, server)

    assert type(error) is UnexpectedResponseError
    assert f"; {server.check_conductor}, and that the API is the documented version" in str(error)
    assert server.logins == 1


def test_a_login_that_is_not_implemented_is_shared(conductor, server):
    """A 501 will be a 501 again: a thousand resources must not send the password a thousand times."""
    server.will_log_in(status=501)

    assert str(fails_twice(conductor, server)) == "Conductor refused POST /login: 501; run again later"
    assert server.logins == 1


def test_a_wrong_path_of_the_base_url_is_named_as_it_is(connect_to_conductor, server):
    """The line shows the URL that was tried, with its path."""
    server.will({"detail": "Not Found"}, status=404)

    with pytest.raises(HTTPStatusError, match=rf"check CONDUCTOR_URL \({server.url}/v9\) and the route table"):
        connect_to_conductor(url=f"{server.url}/v9").get_user("a@b.c")


@pytest.mark.parametrize("status", [408, 429])
def test_a_busy_login_waits_and_is_repeated(conductor, server, fake_time, status):
    """An API that is busy has not judged the password."""
    server.will_log_in(status=status, headers={"Retry-After": "7"})
    server.will(ACCOUNTS)

    assert conductor.get_user_accounts("a@b.c") == frozenset()
    assert server.logins == 2
    assert fake_time.naps[0] == 7


@pytest.mark.parametrize("status", [408, 429])
def test_a_login_that_stays_busy_is_a_shared_failure(conductor, server, status):
    """Six tries are enough for all resources of a stack, and the password is not blamed."""
    server.will_log_in(status=status, times=12)

    error = fails_twice(conductor, server)

    assert (type(error), str(error)) == (HTTPStatusError, f"Conductor refused POST /login: {status}; run again later")
    assert server.logins == 6


def test_trouble_at_the_login_is_repeated_and_not_remembered(conductor, server):
    """A server error at the login says nothing about the credentials."""
    server.will_log_in(status=503, times=6)
    server.will(ACCOUNTS)

    with pytest.raises(HTTPStatusError, match="503; run again later") as caught:
        conductor.get_user_accounts("a@b.c")

    assert (type(caught.value), server.logins) == (HTTPStatusError, 6)
    assert conductor.get_user_accounts("a@b.c") == frozenset()


def test_a_login_answered_with_a_page_is_a_bad_answer(conductor, server):
    """A captive portal's page is no token, and shows neither itself nor the password."""
    server.will_log_in(b"<html>hunter2</html>")

    with pytest.raises(UnexpectedResponseError, match="POST /login is not JSON") as caught:
        conductor.get_user("a@b.c")

    assert "hunter2" not in str(caught.value)


def test_a_token_that_a_header_cannot_carry_is_a_bad_answer(conductor, server):
    """A token with a line end in it would be two headers."""
    server.will_log_in({"accessToken": "a\r\nX: y", "expiresIn": 5})

    with pytest.raises(
        UnexpectedResponseError, match="has `accessToken` in an undocumented form: string_pattern_mismatch"
    ):
        conductor.get_user("a@b.c")


def test_a_refused_token_is_renewed_once_even_for_a_post(conductor, server):
    """A 401 is said before anything is done, so that a POST follows with a new token."""
    server.will({}, status=401)
    server.will(ACCOUNTS)

    conductor.add_user_account("a@b.c", 1)

    tokens = [seen.headers["authorization"] for seen in server.seen if seen.path != "/login"]
    assert (tokens, server.logins) == (["Bearer access-1", "Bearer access-2"], 2)


def test_a_refused_second_token_is_final(conductor, server):
    """One renewal per request, then it is the identity that is refused."""
    server.will({}, status=401, times=2)

    with pytest.raises(AccessDeniedError, match="401"):
        conductor.get_user("a@b.c")

    assert server.logins == 2


def test_three_renewals_are_the_most(conductor, server):
    """An API that refuses every token must not be logged in to without end."""
    server.will({}, status=401, times=20)

    for _ in range(6):
        with pytest.raises(AccessDeniedError):
            conductor.get_user("a@b.c")

    assert server.logins == 4
    # Twice while a token is renewed, and once when none is any more.
    assert len(server.lines) == 3 * 2 + 3


def test_a_forbidden_request_renews_nothing(conductor, server):
    """A 403 is not about the token."""
    server.will({}, status=403)

    with pytest.raises(AccessDeniedError, match="403"):
        conductor.get_user("a@b.c")

    assert server.logins == 1


def test_threads_refused_with_one_token_renew_it_once():
    """Whoever comes second finds the token replaced already."""
    login = Login()
    first = login.token(lambda: answer("first"))
    assert login.renew(first)
    second = login.token(lambda: answer("second"))

    assert login.renew(first)
    assert login.token(lambda: answer("third")) == second


@pytest.mark.parametrize(("lifetime_s", "last_good_s", "over_s"), [(86400, 86339, 86340), (10, 8.9, 9)])
def test_a_token_is_renewed_shortly_before_it_ends(lifetime_s, last_good_s, over_s):
    """A minute before the end, or a tenth of a short life, the next login is due."""
    now = [0.0]
    login = Login(lambda: now[0])
    names = iter(["one", "two"])

    def token():
        return login.token(lambda: answer(next(names), lifetime_s)).reveal()

    seen = [token()]
    for now[0] in (last_good_s, over_s):
        seen.append(token())

    assert seen == ["one", "one", "two"]


def logins_within_a_minute(refused_at):
    """Ask for a token, valid for a second, once a second for a minute; return how many logins that took."""
    now, logins = [0], []
    login = Login(lambda: now[0])

    def log_in():
        logins.append(now[0])
        return answer(f"t{len(logins)}", 1)

    for now[0] in range(60):
        token = login.token(log_in)
        if now[0] in refused_at:
            login.renew(token)
    return len(logins), token.reveal()


@pytest.mark.parametrize("refused_at", [(), (5,), (0, 10, 20), tuple(range(60))])
def test_three_logins_after_the_first_are_the_most_whatever_they_are_for(refused_at):
    """A token that ends and one that is refused count alike; the last one is used on, for the API has the last word."""
    assert logins_within_a_minute(refused_at) == (4, "t4")


@pytest.fixture
def wait_for_another(mocker):
    """Let another thread's login fail once this one waits for it, and return how this one fares."""

    def wait(error, *, seconds=60, then=None, left_s=None):
        login, under_way, may_fail = Login(), threading.Event(), threading.Event()
        left = itertools.chain([seconds], itertools.repeat(seconds if left_s is None else left_s))

        def asked_for():
            # By who is about to wait: the moment at which the other thread may go on, unless it shall hang.
            if seconds > 1:
                may_fail.set()
            return next(left)

        mocker.patch("pulumi_conduit.api.auth.remaining_s", side_effect=asked_for)

        def failing():
            under_way.set()
            may_fail.wait()
            raise error

        with ThreadPoolExecutor(1) as pool:
            other = pool.submit(login.token, failing)
            under_way.wait()
            try:
                return login.token(then)
            finally:
                may_fail.set()
                assert other.exception() is error

    return wait


def test_who_waits_for_a_login_shares_its_failure(wait_for_another):
    """When the login of another thread finds nobody, the waiting threads do not try one after the other."""
    error = UnreachableError("nobody there")

    with pytest.raises(UnreachableError, match="nobody there") as caught:
        wait_for_another(error)

    assert caught.value is not error


def test_who_waits_for_a_login_that_ran_out_of_time_logs_in(wait_for_another):
    """The other thread's deadline is not this one's."""
    assert wait_for_another(DeadlineExceededError("late"), then=lambda: answer("mine")).reveal() == "mine"


def test_who_waits_for_an_interrupted_login_is_not_left_waiting(wait_for_another):
    """Ctrl-C in one thread ends the wait of the others."""
    with pytest.raises(UnreachableError, match="the login was interrupted"):
        wait_for_another(KeyboardInterrupt())


def test_waiting_for_a_login_ends_with_the_deadline(wait_for_another):
    """A login that hangs in another thread takes no more than this thread's own time."""
    with pytest.raises(DeadlineExceededError) as caught:
        wait_for_another(UnreachableError("late"), seconds=0.01)

    assert str(caught.value) == (
        "deadline exceeded while another thread was logging in to Conductor;"
        " run again, or raise CONDUIT_DEADLINE_SECONDS"
    )


def test_who_has_no_time_left_either_does_not_log_in(wait_for_another):
    """When both times end together, a login more would be sent for nothing."""
    with pytest.raises(DeadlineExceededError, match="late"):
        wait_for_another(DeadlineExceededError("late"), then=lambda: answer("mine"), left_s=0)
