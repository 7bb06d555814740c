"""Threads in a time of their own: one runs at a time, and time passes only when all of them sleep.

So whatever threads do to each other through clocks comes out the same every time, and an hour takes a moment.
"""

from __future__ import annotations

import heapq
import itertools
import random
import threading
from collections import deque

from pulumi_conduit.api.deadline import Clock
from pulumi_conduit.api.executor import RequestExecutor, RetryPolicy
from pulumi_conduit.api.request import ApiRequest, ApiResponse
from pulumi_conduit.api.retry import RateLimiter, RetryQuota
from pulumi_conduit.api.routes import LINK_ROUTES
from pulumi_conduit.errors import ApiError

LATENCY_S = 0.05


class SimulatedTime:
    """A clock for threads that take turns; who becomes ready first goes first, and ties are in order of arrival."""

    def __init__(self):
        """Begin at zero, without a thread."""
        self.now = 0.0
        self._sleepers = []
        self._order = itertools.count()
        self._mine = threading.local()
        self._back = threading.Event()
        self._random = random.Random(1)  # noqa: S311 -- chance that comes out the same every time

    @property
    def clock(self):
        """The clock as an exchange takes it."""
        return Clock(lambda: self.now, lambda: self.now, self.sleep, self._random.random)

    def sleep(self, seconds):
        """Let others go on until so much time has passed."""
        self._enqueue(self._mine.event, self.now + seconds)
        self._back.set()
        self._mine.event.wait()
        self._mine.event.clear()

    def run(self, work, threads):
        """Let so many threads do the work, and return when all have ended."""
        running = [threading.Thread(target=self._do, args=(work, event)) for event in self._events(threads)]
        for thread in running:
            thread.start()
        while self._sleepers:
            self.now, _, event = heapq.heappop(self._sleepers)
            self._back.clear()
            event.set()
            self._back.wait()
        for thread in running:
            thread.join()

    def _events(self, count):
        for _ in range(count):
            event = threading.Event()
            self._enqueue(event, self.now)
            yield event

    def _enqueue(self, event, at):
        heapq.heappush(self._sleepers, (at, next(self._order), event))

    def _do(self, work, event):
        self._mine.event = event
        event.wait()
        event.clear()
        try:
            work()
        finally:
            self._back.set()


class TokenBucket:
    """Admits a rate, and a burst of what was saved up."""

    def __init__(self, rate, burst):
        """Begin full."""
        self.rate, self._burst, self._tokens, self._at = rate, burst, burst, 0.0

    def admits(self, now):
        """Take a token, if there is one."""
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self.rate)
        self._at = now
        self._tokens -= (admitted := self._tokens >= 1)
        return admitted


class FixedWindow:
    """Admits so many requests in each second of the clock."""

    def __init__(self, rate):
        """Begin in no window."""
        self.rate, self._window, self._count = rate, None, 0

    def admits(self, now):
        """Count one more in this second, if that is not too many."""
        if int(now) != self._window:
            self._window, self._count = int(now), 0
        self._count += (admitted := self._count < self.rate)
        return admitted


class SlidingWindow:
    """Admits so many requests in any second."""

    def __init__(self, rate):
        """Begin with an empty second."""
        self.rate = rate
        self._admitted: deque[float] = deque()

    def admits(self, now):
        """Count one more in the second that ends now, if that is not too many."""
        while self._admitted and self._admitted[0] <= now - 1:
            self._admitted.popleft()
        is_admitted = len(self._admitted) < self.rate
        if is_admitted:
            self._admitted.append(now)
        return is_admitted


class Server:
    """Answers after a while, 429 where its limit does not admit; stands in for the wire."""

    def __init__(self, time, limit, retry_after=None):
        """Begin without a request."""
        self._time, self._limit = time, limit
        self._refusal = ApiResponse(429, {} if retry_after is None else {"retry-after": retry_after}, b"")
        self.log = []
        """When each request came, and whether it was admitted."""

    def attempt(self, _call, _token, _left_s):
        """Judge a request when it arrives; its answer takes as long."""
        self._time.sleep(LATENCY_S / 2)
        admitted = self._limit.admits(self._time.now)
        self.log.append((self._time.now, admitted))
        self._time.sleep(LATENCY_S / 2)
        return ApiResponse(200, {}, b"") if admitted else self._refusal

    def count(self, *, admitted, since=0.0):
        """Return how many requests were admitted, or were not."""
        return sum(was == admitted and at >= since for at, was in self.log)


class Process:
    """What the exchanges of one process share, towards one simulated server."""

    def __init__(self, time, server, deadline_s=120.0):
        """Begin with a full quota and no limit."""
        self.limiter = RateLimiter()
        self.errors = []
        patience = RetryPolicy(time.clock, RetryQuota(), self.limiter, deadline_s)
        self._exchange = RequestExecutor(server, patience, secrets=(), on_request=None)

    def ask(self):
        """Ask once, and keep the error."""
        try:
            self._exchange.perform(ApiRequest(LINK_ROUTES["get_company"], {"id": "ACME"}), None)
        except ApiError as error:
            self.errors.append(error)

    def share_of(self, calls):
        """Return the work of one of several threads that make so many calls together."""
        left = iter(range(calls))

        def work():
            for _ in left:
                self.ask()

        return work
