"""`python -m pulumi_conduit.testing`: what it prints, and how it exits."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pulumi_conduit.sandbox import Sandbox
from pulumi_conduit.testing.engine import Diagnostic, EngineError, Result, Secret, Step
from pulumi_conduit.testing.engine.files import importable
from pulumi_conduit.testing.report import as_text

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "testing"


@pytest.fixture(scope="module")
def command(tmp_path_factory):
    """Run the command on the example, against one sandbox, with one state."""
    state = tmp_path_factory.mktemp("command") / "state.json"
    with Sandbox.start() as sandbox:

        def run(operation, *arguments):
            command = [sys.executable, "-m", "pulumi_conduit.testing", operation, "--state", str(state), *arguments]
            environ = {**os.environ, **sandbox.environ()}
            done = subprocess.run(  # noqa: S603 - ours
                command, cwd=EXAMPLE, env=environ, capture_output=True, text=True, check=False
            )
            return done.returncode, done.stdout, done.stderr

        yield run


def test_a_missing_extra_is_one_line_that_says_what_to_install():
    """On the base install the command fails with 3, and no traceback: 1 would mean changes."""
    run = "runpy.run_module('pulumi_conduit.testing', run_name='__main__')"
    code = f"import runpy, sys; sys.modules['click'] = None; {run}"
    failed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603 - ours

    text = "python -m pulumi_conduit.testing needs an extra: pip install 'pulumi-conduit[sandbox]'\n"
    assert (3, "", text) == (failed.returncode, failed.stdout, failed.stderr)


@pytest.mark.slow
def test_an_operation_on_the_command_line_can_be_confined(command):
    """The options are called as Pulumi's are."""
    code, printed, _ = command("preview", "--json", "--target", "ada", "--target-dependents")

    assert (0, {"create"}) == (code, set(json.loads(printed)["summary"]) - {"same"})
    assert 1 == sum(step["urn"].endswith("::ada") and step["op"] == "create" for step in json.loads(printed)["steps"])
    assert 3 == command("preview", "--target", "ada", "--exclude", "ada")[0]
    assert 2 == command("refresh", "--replace", "ada")[0]


@pytest.mark.slow
def test_a_life_on_the_command_line(command):
    """From exit codes and counts a script knows what happened; a repeated up changes nothing."""
    assert (1, "") == (command("preview", "--expect-no-changes")[0], command("preview")[2])
    code, printed, _ = command("up", "--json")
    assert (0, {"company": "acme"}, {"create": 4}) == (
        code,
        json.loads(printed)["outputs"],
        json.loads(printed)["summary"],
    )
    assert (0, "up succeeded: 4 same") == (command("up", "--expect-no-changes")[0], command("up")[1].splitlines()[-1])
    assert "refresh succeeded: 4 same" == command("refresh")[1].splitlines()[-1]
    assert 0 == json.loads(command("export")[1])["deployment"]["resources"][0]["custom"]
    assert "destroy succeeded: 4 delete" == command("destroy")[1].splitlines()[-1]


@pytest.mark.slow
def test_a_failure_exits_with_three(command):
    """What the provider refuses is one line under its resource, and the exit code says failed."""
    code, printed, _ = command("preview", "--config", "accounts=[4711]")

    # Whichever of the two is looked at first ends the run.
    errors = [line for line in printed.splitlines() if re.search(r"\((ada|alan)\): error: ", line)]
    assert (3, True, True) == (code, bool(errors), all("4711" in line for line in errors)), printed


@pytest.mark.parametrize(
    ("arguments", "code", "expected"),
    [
        (("up", "--config", "oops"), 2, "'oops' is not KEY=VALUE"),
        (("up", "--cwd", ".."), 3, "holds no Pulumi.yaml"),
        (("destroy", "--stack"), 2, "requires an argument"),
    ],
)
def test_wrong_usage_is_said_in_one_line(command, arguments, code, expected):
    """Wrong usage exits with 2, what cannot begin with 3, and no traceback is shown."""
    ended, _, printed = command(*arguments)

    assert (code, True, False) == (ended, expected in printed, "Traceback" in printed)


def test_a_report_steers_no_terminal_and_shows_no_secret():
    """Control characters are shown as escapes, and secrets as such, wherever they come from."""
    urn = "urn:pulumi:dev::x::t:t:T::a\x1b[2J"
    diagnostics = [Diagnostic("error", urn, "first\x1b]0;x\x07\nsecond\u202e"), Diagnostic("info", "", "")]
    result = Result(
        "up",
        succeeded=False,
        steps=[Step("create", urn, ("a\x9b",))],
        diagnostics=diagnostics,
        outputs={"k\x1b": [Secret("canary")]},
    )

    text = as_text(result)

    assert [] == [sign for sign in text if not sign.isprintable() and sign != "\n"]
    assert "canary" not in text
    assert "output k\\x1b: ['[secret]']" in text
    assert "up FAILED: 1 create" == text.splitlines()[-1]


def deployment(tmp_path, name, **content):
    """Write a deployment."""
    path = tmp_path / name
    path.write_text(json.dumps({"version": 3, "deployment": {"manifest": {}, **content}}))
    return path


SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "plaintext": '"x"'}


def test_a_state_with_secrets_needs_the_targets_provider(tmp_path):
    """Without it the CLI would panic; with it the deployment names the provider that encrypts."""
    state = deployment(tmp_path, "state.json", resources=[{"inputs": {"a": SECRET}}])
    target = deployment(tmp_path, "target.json", secrets_providers={"type": "passphrase"})
    bare = deployment(tmp_path, "bare.json")

    with pytest.raises(EngineError, match="holds secrets; name the target stack's export with --like"):
        importable(state, None)
    with pytest.raises(EngineError, match="names no secrets provider"):
        importable(state, bare)
    assert {"type": "passphrase"} == json.loads(importable(state, target))["deployment"]["secrets_providers"]


def test_a_state_with_pending_operations_is_not_handed_over(tmp_path):
    """An import would forget them, and with them perhaps an existing object."""
    state = deployment(tmp_path, "state.json", pending_operations=[{"type": "creating"}])

    with pytest.raises(EngineError, match="pending operations, which an import would forget"):
        importable(state, None)


def test_what_is_no_deployment_is_not_handed_over(tmp_path):
    """A file of another kind is refused in one line."""
    (tmp_path / "state.json").write_text("[]")

    with pytest.raises(EngineError, match="is not a Pulumi deployment"):
        importable(tmp_path / "state.json", None)


@pytest.mark.slow
def test_a_secret_without_a_value_comes_from_the_environment(command, monkeypatch):
    """Every user of the machine can read command lines."""
    monkeypatch.setenv("WORD", "hush")

    given = command("preview", "--secret", "example:WORD")
    lacking = command("preview", "--secret", "example:MISSING")

    assert (0, "") == (given[0], given[2])
    assert 2 == lacking[0]
    assert "'example:MISSING' has no value, and the environment has no MISSING" in lacking[2]
