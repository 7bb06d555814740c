"""A login that another thread makes is waited for, and shared whatever comes of it."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from pulumi_conduit.api.auth import Login
from pulumi_conduit.api.records import LoginResponse
from pulumi_conduit.errors import DeadlineExceededError, UnreachableError


def answer(text):
    """Return the answer to a login."""
    return LoginResponse(accessToken=text, expiresIn=1000)


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
