"""A server that says "slow down" is asked nearly as much as it allows, and hardly more; the time here is simulated."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sampling import sample
from simulated_time import LATENCY_S, FixedWindow, Process, Server, SimulatedTime, SlidingWindow, TokenBucket

from pulumi_conduit.api.retry import RateLimiter
from pulumi_conduit.errors import DeadlineExceededError, HTTPStatusError

CALLS = 1_000
THREADS = 16
FEW = 5  # no single request may meet so many that it gives up
RATE = 20
LEARNT_S = 5
OUT_OF_TIME = "deadline exceeded for GET /link/company/ACME/ of Conduit Link: the last response was 429"
LIMITS = {
    "token bucket": lambda: TokenBucket(RATE, burst=RATE),
    "token bucket with a short burst": lambda: TokenBucket(RATE, burst=RATE / 4),
    "token bucket with a long burst": lambda: TokenBucket(RATE, burst=5 * RATE),
    "fixed window": lambda: FixedWindow(RATE),
    "sliding window": lambda: SlidingWindow(RATE),
}


class Never:
    """Admits nothing."""

    rate = 0

    def admits(self, _now):
        """Refuse."""
        return False


class Always:
    """Admits all but so many requests at the beginning."""

    rate = None

    def __init__(self, refusals=0):
        """Begin with refusals."""
        self._refusals = refusals

    def admits(self, _now):
        """Admit what comes after the refusals."""
        self._refusals -= 1
        return self._refusals < 0


def wait_s(limiter, now):
    """Return how long a request of now has to wait, which takes a place in the queue."""
    return limiter.wait_s(limiter.take_ticket(now, 60.0), now)


def played(limit, *, calls=CALLS, threads=THREADS, processes=1, retry_after=None, deadline_s=120.0):
    """Return a server that so many calls were made to, and the errors that came of it."""
    time = SimulatedTime()
    server = Server(time, limit, retry_after)
    all_processes = [Process(time, server, deadline_s) for _ in range(processes)]
    works = [process.share_of(calls // processes) for process in all_processes]
    number = iter(range(threads * processes))

    def work():
        works[next(number) % processes]()

    time.run(work, threads * processes)
    return server, [error for process in all_processes for error in process.errors]


@pytest.mark.parametrize("retry_after", [None, "1"])
@pytest.mark.parametrize("limit", sample(LIMITS, 2))
def test_a_storm_uses_the_allowed_rate_and_fails_nothing(limit, retry_after):
    """Of 20 requests a second at least 18 are used, at most 5 % refused once the rate is learnt; all succeed."""
    server, errors = played(LIMITS[limit](), retry_after=retry_after)
    ended = server.log[-1][0]
    refused, admitted = (server.count(admitted=was, since=LEARNT_S) for was in (False, True))

    assert errors == []
    assert server.count(admitted=True) == CALLS
    assert CALLS / (ended * RATE) >= 0.9
    assert refused / (refused + admitted) <= 0.05


def test_a_server_that_forgives_nothing_is_kept_to_more_carefully():
    """Where no two requests may be closer than a twentieth of a second, four fifths of the rate are used."""
    server, errors = played(TokenBucket(RATE, burst=1))
    refused, admitted = (server.count(admitted=was, since=LEARNT_S) for was in (False, True))

    assert errors == []
    assert CALLS / (server.log[-1][0] * RATE) >= 0.8
    assert refused / (refused + admitted) <= 0.05


@pytest.mark.parametrize("rate", [2, 5, 100])
def test_other_rates_are_found_as_well(rate):
    """Nothing is made for 20 a second: nine tenths of what is allowed are used, and nobody runs out of tries."""
    calls = 60 * rate
    server, errors = played(FixedWindow(rate), calls=calls)

    assert errors == []
    assert calls / (server.log[-1][0] * rate) >= 0.9


def test_processes_that_know_nothing_of_each_other_share_a_rate():
    """Four stacks side by side each find what the others leave."""
    server, errors = played(FixedWindow(RATE), processes=4)

    assert errors == []
    assert CALLS / (server.log[-1][0] * RATE) >= 0.9


def test_without_a_429_no_request_waits():
    """Sixteen threads are as fast as their server: the limiter costs no time at all."""
    server, errors = played(Always())

    assert errors == []
    assert server.log[-1][0] == pytest.approx((CALLS // THREADS + 1) * LATENCY_S - LATENCY_S / 2)


def test_one_429_is_recovered_from():
    """After half a minute of answers a single refusal has left no trace."""
    time = SimulatedTime()
    server = Server(time, Always(refusals=1))
    process = Process(time, server)
    time.run(process.share_of(10 * CALLS), THREADS)
    limiter, now = process.limiter, time.now

    assert process.errors == []
    assert [wait_s(limiter, now) for _ in range(100)] == [0.0] * 100


def test_after_a_long_silence_the_rate_is_still_limited():
    """The rate grows with answers, not with the time that passes while everybody waits as asked."""
    limiter = RateLimiter()
    for beat in range(20):
        limiter.record_success((beat + 1) / 20)
    limiter.record_refusal(1.0, sent_at=0.95)
    waits = [wait_s(limiter, 600.0) for _ in range(3)]

    assert waits == pytest.approx([0, 1 / 17, 2 / 17])


def test_who_gives_up_takes_no_place_in_the_queue():
    """A place that nobody comes for would keep everybody waiting who comes later."""
    limiter = RateLimiter()
    for beat in range(20):
        limiter.record_success((beat + 1) / 20)
    limiter.record_refusal(1.0, sent_at=0.95)
    taken = [limiter.take_ticket(1.0, 0.5) for _ in range(1000)]

    # At 17 a second, half a second has room for nine.
    assert [*range(9), *[None] * 991] == taken
    assert wait_s(limiter, 1.0) == pytest.approx(9 / 17)


def test_refusals_of_what_was_on_its_way_cut_the_rate_once():
    """Sixteen threads that are refused together are one sign, not sixteen."""
    limiter = RateLimiter()
    for beat in range(20):
        limiter.record_success((beat + 1) / 20)
    for _ in range(THREADS):
        limiter.record_refusal(1.0, sent_at=0.97)
    limiter.take_ticket(1.0, 60.0)

    assert wait_s(limiter, 1.0) == pytest.approx(1 / 17)


def test_where_nothing_is_known_the_rate_falls_step_by_step():
    """The first refusals of a server that never served begin at ten a second, and end at one a second."""
    limiter = RateLimiter()
    gaps = []
    for minute in range(60, 60 * 40, 60):
        limiter.record_refusal(minute, sent_at=minute - 1)
        first, second = wait_s(limiter, minute), wait_s(limiter, minute)
        gaps.append(second - first)

    assert gaps[:3] == pytest.approx([1 / 8.5, 1 / (8.5 * 0.85), 1 / (8.5 * 0.85**2)])
    assert gaps == sorted(gaps)
    assert gaps[-1] == pytest.approx(1)


@pytest.mark.parametrize("threads", [1, THREADS])
def test_a_server_that_always_says_429_is_asked_eleven_hundred_times_at_most(threads):
    """The retries of a thousand operations stay within their quota, and every one ends in one clear error."""
    server, errors = played(Never(), threads=threads)

    assert CALLS <= len(server.log) <= CALLS + 100
    assert len(errors) == CALLS
    assert {(type(error), str(error).partition(";")[0]) for error in errors} <= {
        (HTTPStatusError, "Conduit Link refused GET /link/company/ACME/: 429"),
        (DeadlineExceededError, OUT_OF_TIME),
    }


def test_a_place_that_comes_too_late_is_not_waited_for():
    """Whoever has less time than the queue is long fails at once, and in one line."""
    server, errors = played(Never(), calls=THREADS, deadline_s=1.0)

    assert {type(error) for error in errors} == {DeadlineExceededError}
    assert {str(error) for error in errors} == {f"{OUT_OF_TIME}; run again, or raise CONDUIT_DEADLINE_SECONDS"}
    assert server.log[-1][0] < 1.0 + LATENCY_S


def test_two_clients_of_one_url_share_the_pace(connect_to_link, link, server, company, fake_time):
    """What one of them was answered counts for the other, and for no other URL."""
    server.will(status=429)
    server.will(company, times=3)
    link.get_company("ACME")
    spent = len(fake_time.naps)
    connect_to_link().get_company("ACME")
    paced = len(fake_time.naps) - spent
    connect_to_link(url=server.url.replace("127.0.0.1", "localhost")).get_company("ACME")

    assert (spent, paced) == (1, 1)
    assert len(fake_time.naps) == 2


def test_two_apis_of_one_server_share_the_pace(connect_to_link, link, server, company, fake_time):
    """A gateway counts all that it lets through: what one API was refused, the other waits for, too."""
    server.will(status=429)
    server.will(company, times=2)
    link.get_company("ACME")
    spent = len(fake_time.naps)
    connect_to_link(url=f"{server.url}/another/api").get_company("ACME")

    assert (spent, len(fake_time.naps) - spent) == (1, 1)


def test_a_login_waits_its_turn_and_is_repeated(connect_to_conductor, link, server, company, fake_time):
    """A login after somebody else's 429 is late, not lost; one that is itself answered 429 is repeated."""
    server.will(status=429)
    server.will(company)
    link.get_company("ACME")
    server.will([], times=2)
    connect_to_conductor().list_accounts()
    server.will_log_in(status=429)

    assert connect_to_conductor(password="another").list_accounts() == []
    assert server.logins == 3
    assert len(fake_time.naps) >= 3


def test_a_post_that_is_paced_is_sent_once(link, server, company):
    """A 429 says that nothing was done, so the POST follows; then it is not sent again."""
    server.will(status=429)
    server.will(company)
    server.will(company)
    link.create_company("ACME", None, page_enabled=None)
    link.create_company("ACME", None, page_enabled=None)

    assert server.lines == ["POST /link/company/"] * 3


def test_threads_on_real_connections_keep_to_the_pace_and_to_their_connections(connect_to_link, server, company):
    """Over loopback, too, nothing fails, nobody is asked twice, and there are no more connections than threads."""
    calls = 320
    server.will(company, times=40)
    server.will(status=429, times=FEW)
    server.will(company, times=calls)
    link = connect_to_link(workers=THREADS)

    with ThreadPoolExecutor(THREADS) as pool:
        names = list(pool.map(lambda _: link.get_company("ACME").name, range(calls)))

    assert names == ["Acme"] * calls
    assert len(server.seen) == calls + FEW
    assert len({seen.client for seen in server.seen}) <= THREADS
