"""Waits that would end just when the time is over, and waits that nothing but a timeout ends."""

import socket
import time

import pytest

from pulumi_conduit.api.auth import Logins
from pulumi_conduit.api.deadline import Clock, operation
from pulumi_conduit.api.factory import ClientDependencies
from pulumi_conduit.api.http import Timeouts
from pulumi_conduit.errors import DeadlineExceededError, OutcomeUnknownError

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
