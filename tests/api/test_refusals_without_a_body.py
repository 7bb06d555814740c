"""Of a refusal the status is enough: whatever its body is, it is told as what it is, at once."""

import pytest

from pulumi_conduit.errors import ConduitError


@pytest.mark.parametrize("status", [300, 304, 400, 418])
def test_a_refusal_with_an_unreadable_body_is_told_by_its_status(link, server, fake_time, status):
    """A compressed body is not looked into, and does not turn a refusal into something to try again."""
    server.will({"message": "no"}, status=status, headers={"Content-Encoding": "gzip"}, times=1)

    with pytest.raises(ConduitError, match=rf"\b{status}\b"):
        link.get_company("ACME")
    assert ["GET /link/company/ACME/"] == server.lines
    assert [] == fake_time.naps


@pytest.mark.parametrize("status", [200, 201, 299])
def test_a_success_with_an_unreadable_body_is_none(link, server, status):
    """What cannot be read is not believed, however good its status."""
    server.will({"id": "ACME"}, status=status, headers={"Content-Encoding": "gzip"}, times=9)

    with pytest.raises(ConduitError, match="compressed"):
        link.get_company("ACME")
