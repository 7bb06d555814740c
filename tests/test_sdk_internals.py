"""Whether the SDK's server can serve more calls at once than it was made for, known without starting one."""

import threading
from concurrent.futures import ThreadPoolExecutor, wait

from pulumi_conduit import sdk_internals


def test_the_installed_sdk_can_be_widened():
    """Its pool is of the standard library, and is found from within."""
    assert sdk_internals.can_set_worker_threads()


def test_a_server_with_another_pool_cannot(mocker):
    """Where the SDK's source names no such pool, nothing is promised."""
    mocker.patch.object(sdk_internals, "find_spec", return_value=None)

    assert not sdk_internals.can_set_worker_threads()


def test_a_pool_that_cannot_be_found_from_within_cannot(mocker):
    """Where this Python hides the pool from its threads, nothing is promised either."""
    mocker.patch.object(sdk_internals, "set_worker_threads", return_value=None)

    assert not sdk_internals.can_set_worker_threads()


def test_a_pool_that_was_busy_already_serves_as_many_at_once_as_it_was_widened_to():
    """The engine has sent more than four calls before the first one is served, and sends one for each that ends."""
    meeting, may_begin = threading.Barrier(16, timeout=30), threading.Event()

    def first():
        may_begin.wait()
        return sdk_internals.set_worker_threads(16)

    with ThreadPoolExecutor(4) as pool:
        calls = [pool.submit(first), *(pool.submit(may_begin.wait) for _ in range(7))]
        may_begin.set()
        wait(calls)

        meetings = [pool.submit(meeting.wait) for _ in range(16)]

        assert 16 == calls[0].result()
        assert set(range(16)) == {one.result() for one in meetings}
