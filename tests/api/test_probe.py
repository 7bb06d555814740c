"""What a diagnosis sends: each request once, no second login, and a look without a credential."""

import pytest

from pulumi_conduit.api.connections import TlsSettings
from pulumi_conduit.api.factory import connect_conductor, connect_link, without_retries
from pulumi_conduit.api.http import probe
from pulumi_conduit.api.request import ApiResponse, TransportFailure
from pulumi_conduit.errors import AccessDeniedError, HTTPStatusError
from pulumi_conduit.settings import ConductorSettings, LinkSettings, Secret


@pytest.fixture
def conductor(server):
    """Return a client that tries once."""
    settings = ConductorSettings(server.url, "admin@x.example", Secret("hunter2"), None)
    client = connect_conductor(settings, deadline_s=30, workers=1, dependencies=without_retries())
    yield client
    client.close()


def test_a_login_that_fails_is_not_tried_again(conductor, server):
    """A server in trouble is asked once, where a run would ask again."""
    server.will_log_in({}, status=503, times=5)

    with pytest.raises(HTTPStatusError, match="503"):
        conductor.log_in()

    assert 1 == server.logins


def test_to_log_in_asks_for_nothing_else(conductor, server):
    """The token is held for what comes next."""
    conductor.log_in()
    assert ["POST /login"] == [seen.line for seen in server.seen]
    server.will([])

    assert [] == conductor.list_accounts()
    assert 1 == server.logins


def test_a_refused_token_leads_to_no_second_login(conductor, server):
    """A 401 to what follows is an error at once."""
    server.will({}, status=401, times=5)

    with pytest.raises(AccessDeniedError, match="401"):
        conductor.list_accounts()

    assert (1, ["GET /accounts"]) == (server.logins, server.lines)


def test_a_company_is_looked_up_once(server):
    """No retry here either."""
    client = connect_link(
        LinkSettings(server.url, Secret("token")), deadline_s=30, workers=1, dependencies=without_retries()
    )
    server.will({}, status=503, times=5)

    with pytest.raises(HTTPStatusError, match="503"):
        client.get_company("ACME")

    client.close()
    assert 1 == len(server.seen)


def test_a_process_has_logins_and_retries_as_ever(connect_to_conductor, server):
    """What a diagnosis may not is allowed to everybody else."""
    server.will({}, status=401)
    server.will({}, status=503)
    server.will([])

    assert [] == connect_to_conductor().list_accounts()
    assert 2 == server.logins


def test_a_look_shows_no_credential_and_takes_any_answer(server):
    """The base URL itself is asked for, by nobody in particular."""
    server.will({}, status=403, headers={"Date": "Thu, 01 Jan 2026 00:00:00 GMT"})

    outcome = probe("Conductor", f"{server.url}/api", 5)

    assert isinstance(outcome, ApiResponse)
    assert (403, "GET /api/") == (outcome.status, server.seen[0].line)
    assert "authorization" not in server.seen[0].headers


def test_a_look_at_nothing_is_lost(server):
    """Where nobody answers, the reason is reported and nothing is raised."""
    server.will(ending="hang up", times=5)

    outcome = probe("Conduit Link", server.url, 5)

    assert isinstance(outcome, TransportFailure)
    assert 1 == len(server.seen)


def test_the_bundle_is_the_one_that_is_verified_by(tmp_path):
    """The file that was named, or the one that comes with the library."""
    named = tmp_path / "own.pem"
    named.touch()

    assert str(named) == TlsSettings.towards("http://127.0.0.1", {"REQUESTS_CA_BUNDLE": str(named)}).bundle
    assert TlsSettings.towards("http://127.0.0.1", {}).bundle.endswith("cacert.pem")
