"""What an error says where one kind of answer ends and the next begins."""

import pytest

from pulumi_conduit.api.rate_limit import MOST_RETRIES
from pulumi_conduit.errors import ApiError, HTTPStatusError, UnexpectedResponseError

ELSEWHERE = {"Location": "https://evil.example/"}
REDIRECT = ", a redirect to evil.example, which is not followed"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (300, f"{REDIRECT}; {{check}}"),
        (399, f"{REDIRECT}; {{check}}"),
        (400, "; correct what was sent"),
        (499, "; correct what was sent"),
        (500, "; run again later"),
    ],
)
def test_where_an_answer_points_counts_for_redirects_only(link, server, status, said):
    """A refusal may carry a location as well, and is no redirect for that."""
    server.will(status=status, headers=ELSEWHERE, times=9)

    with pytest.raises(HTTPStatusError) as caught:
        link.get_company("ACME")

    assert (
        str(caught.value)
        == f"Conduit Link refused GET /link/company/ACME/: {status}{said.format(check=server.check_link)}"
    )


@pytest.mark.parametrize("status", [408, 429])
def test_who_was_always_too_busy_is_asked_later(link, server, status):
    """Nothing is wrong with what was sent, so nobody is told to correct it."""
    server.will(status=status, times=9)

    with pytest.raises(HTTPStatusError) as caught:
        link.get_company("ACME")

    assert str(caught.value) == f"Conduit Link refused GET /link/company/ACME/: {status}; run again later"


def test_secrets_are_redacted_when_no_retry_is_left(conductor, server):
    """An outage may quote password and token as well as any other refusal."""
    server.will({"message": "hunter2 access-1"}, status=503, times=10 * MOST_RETRIES)

    said = set()
    for _ in range(MOST_RETRIES // 5 + 1):
        with pytest.raises(ApiError) as caught:
            conductor.get_user("jane@x.example")
        said.add(str(caught.value))

    assert len(server.lines) == MOST_RETRIES // 5 * 6 + 1  # the last one had no retry left
    assert said == {"Conductor refused GET /users/jane@x.example: 503 '*** ***'; run again later"}


@pytest.mark.parametrize(
    ("lacking", "said"),
    [
        (["email"], "lacks `email`"),
        (["email", "type", "view"], "lacks `email`, lacks `type`, lacks `view`"),
        (["email", "type", "view", "accounts"], "lacks `email`, lacks `type`, lacks `view`, and 1 more"),
    ],
)
def test_three_reasons_are_told_and_the_others_counted(conductor, server, user, lacking, said):
    """An answer that has nothing right still makes one short line."""
    server.will({name: value for name, value in user.items() if name not in lacking})

    with pytest.raises(UnexpectedResponseError) as caught:
        conductor.get_user("jane@x.example")

    assert str(caught.value) == (
        f"the response from Conductor to GET /users/jane@x.example {said};"
        f" {server.check_conductor}, and that the API is the documented version"
    )


def test_a_field_is_named_with_all_that_it_lies_in(link, server, company):
    """Two objects may have fields of one name."""
    server.will({**company, "link_page": {"url": None}})

    with pytest.raises(UnexpectedResponseError, match=r"ACME/ lacks `link_page\.enabled`;"):
        link.get_company("ACME")
