"""Which outcomes say that the API is at work: they give back the retries that a request has cost."""

import pytest

from pulumi_conduit.api.request import ApiResponse, Delivery, TransportFailure
from pulumi_conduit.api.retry import is_served


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
