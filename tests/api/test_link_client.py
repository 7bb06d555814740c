"""The Link client, over real HTTP."""

import pytest

from pulumi_conduit.api.records import CompanyRecord, LinkPage
from pulumi_conduit.errors import AccessDeniedError, NotFoundError, OutcomeUnknownError, UnexpectedResponseError
from pulumi_conduit.settings import Secret


def test_get_company_asks_as_documented_and_returns_the_record(link, server, company):
    """A company is asked for by its id, with the token as a bearer, and comes back typed."""
    server.will(company)

    record = link.get_company("ACME")

    assert record == CompanyRecord(
        id="ACME", name="Acme", created_at="2023-03-15T12:34:56Z", link_page=LinkPage(url=None, enabled=False)
    )
    assert server.lines == ["GET /link/company/ACME/"]
    assert server.seen[0].headers["authorization"] == "Bearer link-token"


def test_a_company_without_a_name_has_none(link, server, company):
    """The name is optional when a company is created, so a null and a missing one both read as None."""
    server.will({**company, "name": None})
    del company["name"]
    server.will(company)

    assert [link.get_company("acme").name, link.get_company("acme").name] == [None, None]


def test_create_company_leaves_out_what_is_not_declared(link, server, company):
    """What is None is left to the API's defaults."""
    server.will(company, status=201)

    link.create_company("ACME", None, page_enabled=None)

    assert (server.lines, server.seen[0].body) == (["POST /link/company/"], {"id": "ACME"})


def test_create_company_sends_what_is_declared(link, server, company):
    """A declared False is sent, for the API's default is true."""
    server.will(company)

    link.create_company("ACME", "Acme", page_enabled=False)

    assert server.seen[0].body == {"id": "ACME", "name": "Acme", "page_enabled": False}


def test_edit_company_always_sends_both_fields(link, server, company):
    """An edit without `page_enabled` would open the page."""
    server.will(company)

    link.edit_company("ACME", "Acme", page_enabled=False)

    assert server.lines == ["POST /link/company/ACME/"]
    assert server.seen[0].body == {"name": "Acme", "page_enabled": False}


def test_get_company_token_returns_a_secret(link, server, company):
    """The minted token is held so that it does not show."""
    server.will(company)

    token = link.get_company_token("ACME")

    assert (token.token, token.expires_at) == (Secret("company-token"), 1678898400)
    assert "company-token" not in repr(token)


def test_a_record_does_not_hold_the_token(link, server, company):
    """The token in every answer about a company goes nowhere unless it is asked for."""
    server.will(company)

    assert "company-token" not in repr(link.get_company("ACME").model_dump())


def test_an_answer_about_another_company_is_not_believed(link, server, company):
    """A read answered with another company is no basis for anything."""
    server.will({**company, "id": "OTHER"})

    with pytest.raises(
        UnexpectedResponseError, match=r"the response from Conduit Link to GET .*/ is about another object"
    ):
        link.get_company("ACME")


def test_a_create_answered_with_another_company_is_in_doubt(link, server, company):
    """The POST has happened, whatever its answer says."""
    server.will({**company, "id": "OTHER"})

    with pytest.raises(OutcomeUnknownError, match="is about another object; it may have taken effect"):
        link.create_company("ACME", "Acme", page_enabled=True)


def test_a_missing_company_is_not_found(link, server):
    """A 404 in JSON about a company says that it is not there."""
    server.will({"message": "no such company"}, status=404)

    with pytest.raises(NotFoundError) as caught:
        link.get_company("ACME")

    assert str(caught.value) == (
        "Conduit Link refused GET /link/company/ACME/: 404 'no such company';"
        " not found, or not visible to this identity"
    )


def test_a_refused_link_token_is_final(link, server):
    """Nothing renews the Link token, so one 401 is the end."""
    server.will({}, status=401)

    with pytest.raises(AccessDeniedError, match="401; check CONDUIT_LINK_APP_TOKEN"):
        link.get_company("ACME")

    assert len(server.seen) == 1
