"""`pulumi-conduit audit` as cron and people call it: exports from files and stacks, forms, and exit codes."""

import functools
import json

import pytest
from exports import export, user

from pulumi_conduit.api import factory as connect_module
from pulumi_conduit.api.auth import Logins
from pulumi_conduit.api.factory import ClientDependencies, connect_conductor

EVE = "eve@acme.example"


@pytest.fixture
def sandbox(running_sandbox, monkeypatch):
    """Return a sandbox as it was at its start, to which the environment leads, and a login of its own."""
    running_sandbox.reset()
    for name, value in running_sandbox.environ().items():
        monkeypatch.setenv(name, value)
    connect = functools.partial(connect_conductor, dependencies=ClientDependencies(logins=Logins()))
    monkeypatch.setattr(connect_module, "connect_conductor", connect)
    return running_sandbox


@pytest.fixture
def dev(sandbox, tmp_path):
    """Return an export with Ann, who exists in the API."""
    sandbox.conductor.put_user("ann@acme.example")
    path = tmp_path / "dev.json"
    path.write_text(
        export(user("ann@acme.example", tenant=f"{sandbox.conductor_url}#admin@sandbox.example")), encoding="utf-8"
    )
    return path


def test_nothing_found_ends_with_0(call, dev):
    """ADMINs are shown and are for information."""
    result = call("audit", dev)

    assert (0, "") == (result.exit_code, result.stderr)
    assert result.output.endswith("(1): for information\n  - admin@sandbox.example\n\nNothing found.\n")


def test_something_found_ends_with_1(call, sandbox, dev):
    """With a line that says what."""
    sandbox.conductor.put_user(EVE)

    result = call("audit", dev)

    assert 1 == result.exit_code
    assert f"  - {EVE}; READ_ONLY; accounts Retail (1)\n" in result.output
    assert result.output.endswith("\n1 found.\n")


def test_what_is_accepted_is_shown_and_ends_with_0(call, sandbox, dev):
    """For a cron job that knows of it."""
    sandbox.conductor.put_user(EVE)

    result = call("audit", dev, "--accept", "undeclared-user")

    assert 0 == result.exit_code
    assert EVE in result.output
    assert result.output.endswith("\nNothing found, and 1 accepted.\n")


@pytest.mark.parametrize("form", [["--json"], ["--format", "json"]])
def test_json_is_json(call, dev, form):
    """Either way to ask for it."""
    result = call("audit", dev, *form)

    assert (0, 0) == (result.exit_code, json.loads(result.output)["found"])


def test_markdown_only_where_asked_and_colours_only_on_a_terminal(call, sandbox, dev):
    """A file gets plain text, a terminal a colour for what somebody has to do something about."""
    sandbox.conductor.put_user(EVE)

    assert "\x1b[33mACTIVE people in no stack" in call("audit", dev, color=True).output
    assert "\x1b" not in call("audit", dev).output
    assert call("audit", dev, "--format", "markdown").output.startswith("## Audit of `proj/dev`\n")


@pytest.mark.parametrize("content", ["", "{}", '{"version": 3, "deployment": {"resources": [{}]}}'])
def test_an_export_that_cannot_be_read_ends_with_3_and_sends_no_request(call, sandbox, dev, tmp_path, content):
    """It is never 'nothing found', however good the others are."""
    bad = tmp_path / "bad.json"
    bad.write_text(content, encoding="utf-8")

    result = call("audit", dev, bad)

    assert (3, {}) == (result.exit_code, sandbox.counts())
    assert result.output.startswith("Error: ")
    assert 1 == result.output.count("\n")


def test_an_api_that_fails_ends_with_3(call, sandbox, dev):
    """What could not be looked at was not found to be well."""
    sandbox.faults.add("GET /users", status=403, times=None)

    result = call("audit", dev)

    assert 3 == result.exit_code
    assert result.output.startswith("Error: Conductor refused GET /users: 403")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "name the exports of all your stacks, or the stacks with --stack and --with-stack"),
        (["x.json", "--no-users", "--no-companies"], "--no-companies and --no-users together leave nothing to compare"),
        (["x.json", "--accept", "admin"], "Invalid value for '--accept': 'admin' is not one of"),
    ],
)
def test_wrong_usage_ends_with_2(call, arguments, reason):
    """With what to do."""
    result = call("audit", *arguments)

    assert 2 == result.exit_code
    assert reason in result.output


def test_stacks_are_exported_by_the_cli(call, dev, pulumi_says):
    """One export for each name; none of them is asked for its config unless it was named by --stack."""
    arguments = pulumi_says(dev.read_text(encoding="utf-8"))

    result = call("audit", "--with-stack", "dev", "--with-stack", "prod")

    expected = ["stack export --stack=dev --non-interactive", "stack export --stack=prod --non-interactive"]
    assert expected == arguments.read_text(encoding="utf-8").splitlines()
    assert 0 == result.exit_code  # both are answered with one export
    assert "it counts once (1): for information\n  - proj/dev; stack dev, stack prod\n" in result.output


def test_a_stack_that_cannot_be_exported_ends_with_3(call, sandbox, pulumi_says):
    """With what the CLI said."""
    pulumi_says(stderr="error: no stack named 'dev' found\n", code=255)

    result = call("audit", "--with-stack", "dev")

    expected = "Error: stack dev: its export cannot be read: no stack named 'dev' found\n"
    assert (3, expected, {}) == (result.exit_code, result.output, sandbox.counts())
