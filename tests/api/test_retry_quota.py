"""Retries cannot make an outage worse: all operations of a process share one allowance for each API."""

import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest
from sampling import sample

from pulumi_conduit.api.retry import MOST_RETRIES, RetryQuota
from pulumi_conduit.errors import ApiError, HTTPStatusError, NotFoundError, OutcomeUnknownError

OPERATIONS = 1_000


def failures(ask, count=OPERATIONS, threads=1, kind=ApiError):
    """Return how many of so many operations failed, all with one kind of error."""

    def fails(_):
        try:
            ask()
        except kind:
            return True
        return False

    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(fails, range(count)))


@pytest.mark.parametrize(("status", "threads"), sample(itertools.product([500, 503], [1, 16]), 4))
def test_a_thousand_reads_of_a_dead_server_make_eleven_hundred_requests(connect_to_link, server, status, threads):
    """Every operation asks once, and all together they retry a hundred times, whatever the threads."""
    link = connect_to_link(workers=threads)
    server.will(status=status, times=10 * OPERATIONS)

    assert failures(lambda: link.get_company("ACME"), threads=threads) == OPERATIONS
    assert len(server.seen) == OPERATIONS + MOST_RETRIES == 1_100


def test_a_thousand_operations_without_a_login_make_eleven_hundred_requests(conductor, server):
    """A login that fails spends of the same allowance, and each operation tries it once."""
    server.will_log_in(status=503, times=10 * OPERATIONS)

    assert failures(lambda: conductor.get_user("a@b.c")) == OPERATIONS
    assert (server.logins, server.lines) == (1_100, [])


def test_an_operation_without_a_retry_left_fails_like_one_that_has_used_them(link, server, fake_time):
    """Nobody waits for an attempt that is not made, and the line says what was answered."""
    server.will(status=503, times=10 * OPERATIONS)
    failures(lambda: link.get_company("ACME"), count=MOST_RETRIES // 5)
    spent, naps = len(server.seen), len(fake_time.naps)

    with pytest.raises(HTTPStatusError, match=r"refused GET /link/company/ACME/: 503; run again later"):
        link.get_company("ACME")

    assert (len(server.seen) - spent, len(fake_time.naps) - naps) == (1, 0)


@pytest.mark.parametrize("operations", [1, 300])
def test_a_short_outage_is_survived_by_each_operation_however_many_follow(link, server, company, operations):
    """What an operation took comes back with the answer: three failures each exhaust nothing."""
    for _ in range(operations):
        server.will(status=503, times=3)
        server.will(company)

    assert failures(lambda: link.get_company("ACME"), count=operations) == 0
    assert len(server.seen) == 4 * operations


def test_a_refusal_is_a_sign_of_life(link, server, company):
    """A server that says 404 after an outage answers: the retries come back."""
    for _ in range(MOST_RETRIES):
        server.will(status=503, times=3)
        server.will({}, status=404)

    assert failures(lambda: link.get_company("ACME"), count=MOST_RETRIES, kind=NotFoundError) == MOST_RETRIES


def test_an_outage_that_ends_gives_retries_back_slowly(link, server, company):
    """Ten answers earn one retry, so that even a server that fails now and then is not flooded."""
    server.will(status=503, times=10 * OPERATIONS)
    failures(lambda: link.get_company("ACME"), count=MOST_RETRIES)
    server.forget()
    server.will(company, times=10)
    failures(lambda: link.get_company("ACME"), count=10)
    server.will(status=503, times=3)

    assert failures(lambda: link.get_company("ACME"), count=2) == 2
    assert len(server.seen) == 10 + 2 + 1


def test_a_post_in_doubt_gives_nothing_back(link, server):
    """A failure that is not retried is no sign of life either."""
    server.will(status=429, times=5 * MOST_RETRIES)
    failures(lambda: link.get_company("ACME"), count=MOST_RETRIES)
    server.forget()
    server.will(status=503, times=20)

    assert failures(lambda: link.edit_company("A", "A", page_enabled=True), count=10, kind=OutcomeUnknownError) == 10
    assert failures(lambda: link.get_company("ACME"), count=1) == 1
    assert len(server.seen) == 11


def test_each_api_has_a_quota_of_its_own(connect_to_link, link, server, company):
    """What one server fails at does not make another one's outage final; two clients of one share it."""
    server.will(status=503, times=10 * OPERATIONS)
    failures(lambda: link.get_company("ACME"), count=MOST_RETRIES)
    server.forget()
    server.will(status=503)
    server.will(company)
    same, other = connect_to_link(), connect_to_link(url=server.url.replace("127.0.0.1", "localhost"))

    assert failures(lambda: same.get_company("ACME"), count=1) == 1
    server.forget()
    server.will(status=503)
    server.will(company)
    assert failures(lambda: other.get_company("ACME"), count=1) == 0


def test_a_quota_never_holds_more_than_it_began_with():
    """A thousand good answers do not save up for a flood."""
    quota = RetryQuota()
    for _ in range(1_000):
        quota.give_back(5)

    assert sum(quota.take() for _ in range(2 * MOST_RETRIES)) == MOST_RETRIES


@pytest.fixture(params=["link", "conductor"])
def ask(request, server, company, user, connect_to_link, connect_to_conductor):
    """Return a way to ask an address of either API for one object, which it has after one failure."""

    def ask_at(url):
        server.will(status=503)
        server.will(company if request.param == "link" else user)
        if request.param == "link":
            return connect_to_link(url=url).get_company("ACME")
        return connect_to_conductor(url=url).get_user("jane@x.example")

    return ask_at


@pytest.fixture
def spent(server, dependencies):
    """Return an address whose retries have been taken."""
    while dependencies.quotas.of(server.url).take():
        pass
    return server.url


def test_an_address_without_a_retry_left_fails_at_once(server, ask, spent):
    """One request is all that it gets."""
    with pytest.raises(HTTPStatusError, match="503"):
        ask(spent)

    assert 1 == len(server.lines)


def test_another_address_has_retries_of_its_own(server, ask, spent):
    """An outage there costs nothing here."""
    ask(spent.replace("127.0.0.1", "localhost"))

    assert 2 == len(server.lines)
