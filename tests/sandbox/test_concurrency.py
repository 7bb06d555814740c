"""Many requests at once: all in flight together, and each change one step."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

MANY = 200
LATENCY_S = 1234.5


def test_two_hundred_requests_are_in_flight_at_once(sandbox, conductor, connect):
    """A barrier for 200 opens only if 200 requests are held at the same time."""
    barrier = threading.Barrier(MANY, timeout=60)
    sandbox.faults.add("GET /users", hook=barrier.wait, times=MANY)
    token = conductor.session.headers["Authorization"].removeprefix("Bearer ")
    clients = [connect(sandbox.conductor_url, token) for _ in range(MANY)]

    with ThreadPoolExecutor(MANY) as threads:
        statuses = list(threads.map(lambda client: client("GET", "/users").status_code, clients))

    assert statuses == [200] * MANY
    assert sandbox.peak_in_flight == MANY


def test_latency_holds_two_hundred_requests_together(sandbox, conductor, connect, switch, mocker):
    """Latency makes requests wait side by side: here it ends for all when the last of 200 has begun it."""
    sleep, begun, all_begun = asyncio.sleep, [], asyncio.Event()

    async def until_all_have_begun(delay_s):
        if delay_s != LATENCY_S:
            await sleep(delay_s)
            return
        begun.append(delay_s)
        if len(begun) == MANY:
            all_begun.set()
        await asyncio.wait_for(all_begun.wait(), 60)

    switch(latency_s=LATENCY_S)
    mocker.patch("asyncio.sleep", until_all_have_begun)
    token = conductor.session.headers["Authorization"].removeprefix("Bearer ")
    clients = [connect(sandbox.conductor_url, token) for _ in range(MANY)]

    with ThreadPoolExecutor(MANY) as threads:
        statuses = list(threads.map(lambda client: client("GET", "/users").status_code, clients))

    assert statuses == [200] * MANY
    assert sandbox.peak_in_flight == MANY


def test_of_many_creates_at_once_one_wins(sandbox, conductor, connect, new_user):
    """The same user created by many is created once; the others meet a conflict."""
    token = conductor.session.headers["Authorization"].removeprefix("Bearer ")
    clients = [connect(sandbox.conductor_url, token) for _ in range(20)]

    with ThreadPoolExecutor(20) as threads:
        statuses = list(threads.map(lambda client: client("POST", "/users", new_user()).status_code, clients))

    assert sorted(statuses) == [201, *[409] * 19]


def test_grants_added_at_once_are_all_kept(sandbox, conductor, connect, ann):
    """No addition overwrites another, wherever it comes from."""
    token = conductor.session.headers["Authorization"].removeprefix("Bearer ")
    clients = {account: connect(sandbox.conductor_url, token) for account in range(3, 11)}

    with ThreadPoolExecutor(len(clients)) as threads:
        list(threads.map(lambda account: clients[account]("POST", f"/users/{ann}/accounts/{account}"), clients))

    assert sandbox.conductor.user(ann)["accounts"] == list(range(1, 11))
