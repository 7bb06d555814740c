"""Commands as their users call them, in this process, with a `pulumi` of the test's making where one is wanted."""

import json
import os

import pytest
from click.testing import CliRunner

from pulumi_conduit.cli.group import commands
from pulumi_conduit.resources.tenant import link_tenant

_OTHERS = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "PULUMI_SKIP_CHECKPOINTS", "PULUMI_PYTHON_CMD")


@pytest.fixture(autouse=True)
def no_settings_of_the_shell(monkeypatch):
    """Hide the settings that a developer's shell may hold, and its proxies and certificates."""
    for name in list(os.environ):
        if name.startswith(("CONDUIT_", "CONDUCTOR_")) or name in _OTHERS or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def here(sandbox):
    """Return the tenant of the sandbox's users, as states record it."""
    return f"{sandbox.conductor_url}#admin@sandbox.example"


@pytest.fixture
def link_here(sandbox):
    """Return the tenant of the sandbox's companies."""
    return str(link_tenant(sandbox.link_url, sandbox.link.app_token()))


@pytest.fixture
def call():
    """Return a function that runs `pulumi-conduit` with arguments and returns click's result."""
    return lambda *arguments, **options: CliRunner().invoke(commands, [*map(str, arguments)], **options)


@pytest.fixture
def pulumi_says(tmp_path, monkeypatch):
    """Return a function that puts a `pulumi` on PATH which prints what it is given, and logs its arguments."""
    folder = tmp_path / "bin"
    folder.mkdir()

    def put(stdout="", stderr="", code=0):
        (folder / "stdout").write_text(stdout if isinstance(stdout, str) else json.dumps(stdout), encoding="utf-8")
        (folder / "stderr").write_text(stderr, encoding="utf-8")
        script = folder / "pulumi"
        script.write_text(
            f'#!/bin/sh\necho "$@" >> {folder}/arguments\ncat {folder}/stdout\ncat {folder}/stderr >&2\nexit {code}\n',
            encoding="utf-8",
        )
        script.chmod(0o700)
        monkeypatch.setenv("PATH", str(folder), prepend=":")
        return folder / "arguments"

    return put
