"""A response that contradicts itself or breaks off is no response: a read is sent again, a write is in doubt."""

import pytest

from pulumi_conduit.errors import NotFoundError, OutcomeUnknownError

TWO_LENGTHS = {"headers": {"Content-Length": "7"}}


@pytest.mark.parametrize(
    "broken",
    [{"status": 404, "ending": "truncated"}, TWO_LENGTHS, {"ending": "truncated"}],
    ids=["404", "two lengths", "200"],
)
def test_a_read_is_sent_again_after_a_broken_response(link, server, company, broken):
    """The next one may be whole."""
    server.will({"error": "not found"}, **broken)
    server.will(company)

    assert "ACME" == link.get_company("ACME").id
    assert 2 == len(server.lines)


def test_a_404_that_is_whole_in_the_end_is_an_absence(link, server):
    """What was broken before says nothing about it."""
    server.will({"error": "not found"}, status=404, ending="truncated", times=2)
    server.will({"error": "not found"}, status=404)

    with pytest.raises(NotFoundError):
        link.get_company("ACME")


def test_a_write_with_two_lengths_in_its_response_is_in_doubt(link, server, company):
    """It may have had its effect."""
    server.will(company, **TWO_LENGTHS)

    with pytest.raises(OutcomeUnknownError, match="contradictory headers"):
        link.create_company("ACME", None, page_enabled=None)
