"""An answer that does not come is given up after the longest wait for bytes, long before the operation is over."""

import threading

import pytest

from pulumi_conduit.api.deadline import operation

LONG_S = 30


@pytest.mark.parametrize("lasts_s", [None, LONG_S * 4])
def test_a_silent_server_is_asked_again_while_it_is_still_silent(link, server, company, lasts_s):
    """The first answer comes only when the question has been asked a second time, so somebody must lose patience."""
    asked_again = threading.Event()
    server.will(company, before=lambda: asked_again.wait(LONG_S))
    server.will(company, before=asked_again.set, times=5)

    if lasts_s is None:
        link.get_company("ACME")
    else:
        with operation(lasts_s):
            link.get_company("ACME")

    assert asked_again.is_set()
    assert len(server.lines) >= 2
