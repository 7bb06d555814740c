"""A state of the embedded engine goes over to the real one, and back."""

import json
import subprocess
import sys

import pytest

from pulumi_conduit.testing.engine import Secret, run

PROGRAM = """
    class Group(pulumi.ComponentResource):
        def __init__(self, name):
            super().__init__("test:index:Group", name)

    ada = conduit.ConductorUser(
        "ada", email="ada@acme.example", first_name="Ada", last_name="Lovelace", initial_accounts=[1],
        opts=pulumi.ResourceOptions(parent=Group("people"), protect=True),
    )
    conduit.UserAccountAccess("ada-travel", user=ada, account_id=2)
    conduit.Company("acme", company_id="ACME", name=pulumi.Output.secret("Acme"), on_destroy="retain")
    pulumi.export("word", pulumi.Config().require_secret("word"))
"""


@pytest.fixture
def takeover(stack):
    """Return the stack with a program that has a component, a protected resource, and secrets of every kind."""
    assert stack.run("config", "set", "--secret", "word", "canary").code == 0
    stack.program(PROGRAM)
    return stack


def handed_over(stack, state, folder):
    """Return a file for `pulumi stack import`."""
    target, handed = folder / "target.json", folder / "import.json"
    assert stack.run("stack", "export", "--file", str(target)).code == 0
    command = [sys.executable, "-m", "pulumi_conduit.testing", "export", "--state", str(state), "--like", str(target)]
    handed.write_text(subprocess.run(command, check=True, capture_output=True, text=True).stdout)  # noqa: S603 - ours
    return handed


def embedded(stack, operation, state):
    """Run an operation on the embedded engine."""
    (stack.folder / "Pulumi.dev.yaml").rename(stack.folder / "hidden")  # it holds an encrypted value
    try:
        return run(
            operation,
            program=stack.folder,
            state=state,
            config={"word": Secret("canary")},
            environ=stack.sandbox.environ(),
        )
    finally:
        (stack.folder / "hidden").rename(stack.folder / "Pulumi.dev.yaml")


def test_the_cli_takes_a_state_over(takeover, tmp_path):
    """After `export --like` and `pulumi stack import` the CLI finds nothing to do, and encrypts the secrets."""
    state = tmp_path / "state.json"
    assert embedded(takeover, "up", state).succeeded

    imported = takeover.run("stack", "import", "--file", str(handed_over(takeover, state, tmp_path)))

    assert (0, True) == (imported.code, "canary" not in json.dumps(takeover.state()))
    assert takeover.preview("--expect-no-changes").code == 0
    assert takeover.refresh("--expect-no-changes").code == 0


def test_a_state_of_the_cli_goes_on_here(takeover, tmp_path):
    """An export with shown secrets is a state that the embedded engine finds nothing to do for, and hands back."""
    state = tmp_path / "state.json"
    assert takeover.up().code == 0
    assert takeover.run("stack", "export", "--show-secrets", "--file", str(state)).code == 0

    assert embedded(takeover, "preview", state).is_unchanged
    assert embedded(takeover, "up", state).is_unchanged
    assert embedded(takeover, "refresh", state).is_unchanged

    handed = handed_over(takeover, state, tmp_path)
    assert takeover.run("stack", "import", "--file", str(handed)).code == 0
    assert takeover.preview("--expect-no-changes").code == 0
