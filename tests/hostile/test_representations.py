"""No object of the package shows a secret in its representation: test runners print those of arguments."""

import gc
import http.client
import os
import subprocess
import sys

import pytest
from canaries import LINK_TOKEN, PASSWORD, Canaries
from sampling import sample

import pulumi_conduit
from pulumi_conduit.cli.connection import StackConfig
from pulumi_conduit.cli.doctor.findings import Examined
from pulumi_conduit.errors import ConduitError
from pulumi_conduit.sandbox import Sandbox

IDENTITY = "admin@sandbox.example"
FAILURES = {
    "wrong password": {"route": "POST /login", "status": 401},
    "no JSON": {"route": "GET /accounts", "status": 200, "body": "<html>"},
    "server error": {"route": "GET /accounts", "status": 500, "times": None},
    "forbidden": {"route": "GET /accounts", "status": 403},
    "broken login": {"route": "POST /login", "status": 200, "body": {"accessToken": 1}},
}


@pytest.fixture
def secrets():
    """Give the canaries that are known from the start."""
    return Canaries(password=PASSWORD, link=LINK_TOKEN)


@pytest.fixture
def environ(secrets):
    """Give the settings of a sandbox whose credentials are canaries; what it hands out becomes one, too."""
    with Sandbox.start() as sandbox:
        sandbox.conductor.edit_identity(IDENTITY, password=PASSWORD)
        sandbox.link.add_app("canary", LINK_TOKEN)
        yield {**sandbox.environ(), "CONDUCTOR_PASSWORD": PASSWORD, "CONDUIT_LINK_APP_TOKEN": LINK_TOKEN}, sandbox


def ours():
    """Yield every object of the package that is alive, by its representation."""
    for one in gc.get_objects():
        if type(one).__module__.partition(".")[0] == pulumi_conduit.__name__:
            yield type(one).__qualname__, repr(one)


def test_no_living_object_shows_a_secret(environ, secrets, monkeypatch):
    """After logins, requests and responses of both APIs, in the provider's parts and in the sandbox's."""
    settings, _ = environ
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    held = [StackConfig({"conduit:conductorPassword": PASSWORD}), Examined(os.environ, {"a": LINK_TOKEN})]
    held.append(pulumi_conduit.get_accounts())
    with pytest.raises(ConduitError) as caught:
        pulumi_conduit.get_company("NONE")
    held.append(caught)

    seen = list(ours())

    assert [] == [name for name, text in seen if secrets.hits(text)]
    assert {"StackConfig", "Examined", "ConductorClient", "Login"} <= {name for name, _ in seen}


@pytest.mark.slow
@pytest.mark.parametrize("kind", sample([*FAILURES], 5))
def test_pytest_shows_no_secret_of_a_test_that_fails(environ, secrets, tmp_path, kind):
    """With its default options, which print the arguments of every function on the way."""
    settings, sandbox = environ
    fault = {"times": None, **FAILURES[kind]}
    sandbox.faults.add(fault.pop("route"), **fault)
    (tmp_path / "test_it.py").write_text(
        "import pulumi_conduit\n\ndef test_it():\n    assert not pulumi_conduit.get_accounts()\n", encoding="utf-8"
    )

    shown = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", tmp_path],
        env={**os.environ, **settings, "CONDUIT_DEADLINE_SECONDS": "1"},
        capture_output=True,
        check=False,
    )

    assert 1 == shown.returncode
    assert b"1 failed" in shown.stdout
    assert [] == secrets.hits(shown.stdout, shown.stderr)
    assert b"eyJ" not in shown.stdout  # how every token of the sandbox begins


def test_the_debug_level_of_http_client_prints_nothing(environ, secrets, monkeypatch, capsys):
    """It would print whole requests: the password, and every token."""
    settings, _ = environ
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)

    pulumi_conduit.get_accounts()

    printed = capsys.readouterr()
    assert "" == printed.out
    assert [] == secrets.hits(printed.err)
