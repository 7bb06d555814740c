"""The way to the real services, tried on a sandbox that plays them: what is ours is touched, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from contract_services import Namespace, OutsideError, Service

from pulumi_conduit.sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[2]
FILES = ("tests/contract/test_documented_facts.py", "tests/contract/test_sequences.py")
OURS = Namespace("Fence", "fence.example")


@pytest.fixture
def far():
    """Start the sandbox that plays the real services, with a company and a person of somebody else."""
    with Sandbox.start() as running:
        running.link.put_company("SOMEBODY")
        running.conductor.put_user("somebody@else.example", accounts=[1])
        yield running


def run(sandbox, **variables):
    """Run the contract tests against what the variables name, and return what they print."""
    environ = {
        **os.environ,
        "CONTRACT_LINK_URL": sandbox.link_url,
        "CONTRACT_LINK_APP_TOKEN": sandbox.link.app_token(),
        "CONTRACT_CONDUCTOR_URL": sandbox.conductor_url,
        "CONTRACT_CONDUCTOR_USERNAME": "admin@sandbox.example",
        "CONTRACT_CONDUCTOR_PASSWORD": sandbox.conductor.password("admin@sandbox.example"),
        "CONTRACT_NAMESPACE": "Fence",
        "CONTRACT_EMAIL_DOMAIN": "fence.example",
        **variables,
    }
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "[real", *FILES]
    # The command is this file's own.
    return subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)  # noqa: S603


@pytest.mark.slow
def test_without_leave_nothing_is_written(far):
    """The variables alone lead to reads and one login; what would write is skipped, by name."""
    pytest.importorskip("schemathesis", reason="schemathesis needs Python 3.11")
    ran = run(far)

    assert 0 == ran.returncode, ran.stdout
    assert "only with CONTRACT_WRITES=1" in ran.stdout
    assert [] == far.writes()
    assert 1 == far.count("POST /login")


@pytest.mark.slow
def test_with_leave_only_the_namespace_is_written(far):
    """With the further variable three companies and three people appear at most, and others stay as they were."""
    pytest.importorskip("schemathesis", reason="schemathesis needs Python 3.11")
    before = (far.link.company("SOMEBODY"), far.conductor.user("somebody@else.example"))

    ran = run(far, CONTRACT_WRITES="1")

    assert 0 == ran.returncode, ran.stdout
    assert before == (far.link.company("SOMEBODY"), far.conductor.user("somebody@else.example"))
    assert {each.lower() for each in far.link.companies()} <= {"somebody", *map(str.lower, OURS.company_ids)}
    ours = [user for email, user in far.conductor.users().items() if email in OURS.emails]
    assert {"INACTIVE"} == {user["status"] for user in ours if user["accounts"]}
    assert 1 == far.count("POST /login")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/users/somebody@else.example", None),
        ("PUT", "/users/somebody%40else.example/status", {"status": "INACTIVE"}),
        ("POST", "/users", {"email": "somebody@else.example"}),
        ("POST", "/link/company/", {"id": "SOMEBODY"}),
        ("POST", "/link/company/", {}),
        ("POST", "/login", {"username": "a", "password": "b"}),
        ("DELETE", "/users/fence.ada@fence.example%2F../accounts/1", None),
    ],
)
def test_the_fence_lets_nothing_out_that_is_not_ours(method, path, body):
    """A stranger in the path or in the body, or nobody named at all, is refused before anything is sent."""
    with (
        Service("http://127.0.0.1:9/base", "token", OURS, may_write=True, is_real=True) as service,
        pytest.raises(OutsideError, match="outside the namespace"),
    ):
        service(method, path, body)


def test_a_prefix_must_be_part_of_a_company_id():
    """A namespace that no company id can begin with is refused."""
    with pytest.raises(ValueError, match="is not 3 to 40 of A-Z, a-z, 0-9"):
        Namespace("a-b", "x.example")
