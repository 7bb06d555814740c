"""examples/automation, as a service would run it: twice, with the real CLI and a sandbox."""

from pathlib import Path

import pytest

SERVICE = Path(__file__).resolve().parents[2] / "examples" / "automation" / "service.py"


@pytest.mark.engine
def test_the_service_onboards_a_customer_once(shell, conduit_sandbox):
    """The second call finds that nothing has changed."""
    call = f"python {SERVICE} ACME ada@acme.example Ada Lovelace"

    ran = shell.run([(1, call), (2, call)])

    assert 0 == ran.code, ran.text
    assert "{'changes': {'create': 3}, 'page': 'http" in ran.printed[1]
    assert "{'changes': {'same': 3}, 'page': 'http" in ran.printed[2]
    assert "ACTIVE" == conduit_sandbox.conductor.user("ada@acme.example")["status"]
