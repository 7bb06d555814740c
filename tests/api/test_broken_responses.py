"""A response that contradicts itself, breaks off or is no response: a read is sent again, a write is in doubt."""

import pytest

from pulumi_conduit.errors import NotFoundError, OutcomeUnknownError, UnexpectedResponseError

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


@pytest.mark.parametrize("status", [100, 102, 103, 199])
def test_an_interim_response_is_not_taken_for_the_one_that_follows(link, server, company, status):
    """Else all later responses of the connection would belong to other requests."""
    interim = f"HTTP/1.1 {status} Soon\r\nLink: </style.css>\r\n\r\n".encode()
    for company_id in ("ACME", "BETA"):
        server.will({**company, "id": company_id}, interim=interim * 2)

    assert ["ACME", "BETA"] == [link.get_company(company_id).id for company_id in ("ACME", "BETA")]
    assert 1 == len({seen.client for seen in server.seen})


def test_a_write_whose_response_switches_protocols_is_in_doubt(link, server, company):
    """It is no refusal, and what else comes over that connection is no HTTP."""
    server.will(status=101)
    server.will(company)

    with pytest.raises(OutcomeUnknownError, match="it switches to another protocol, although that was not asked for"):
        link.create_company("ACME", None, page_enabled=None)

    assert "ACME" == link.get_company("ACME").id
    assert 2 == len({seen.client for seen in server.seen})


def test_a_read_whose_response_switches_protocols_fails(link, server):
    """Another attempt would end alike."""
    server.will(status=101)

    with pytest.raises(UnexpectedResponseError, match="it switches to another protocol"):
        link.get_company("ACME")
