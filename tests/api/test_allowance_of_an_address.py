"""Retries that one address has used up are missing there, and nowhere else."""

import pytest

from pulumi_conduit.errors import HTTPStatusError


@pytest.fixture(params=["link", "conductor"])
def ask(request, server, company, user, connect_to_link, connect_to_conductor):
    """Return a way to ask an address of either API for one object, which it has after one failure."""

    def ask_at(url):
        server.will(status=503)
        server.will(company if request.param == "link" else user)
        if request.param == "link":
            return connect_to_link(url=url).get_company("ACME")
        return connect_to_conductor(url=url).get_user("jane@x.example")

    return ask_at


@pytest.fixture
def spent(server, dependencies):
    """Return an address whose retries have been taken."""
    while dependencies.quotas.of(server.url).take():
        pass
    return server.url


def test_an_address_without_a_retry_left_fails_at_once(server, ask, spent):
    """One request is all that it gets."""
    with pytest.raises(HTTPStatusError, match="503"):
        ask(spent)

    assert 1 == len(server.lines)


def test_another_address_has_retries_of_its_own(server, ask, spent):
    """An outage there costs nothing here."""
    ask(spent.replace("127.0.0.1", "localhost"))

    assert 2 == len(server.lines)
