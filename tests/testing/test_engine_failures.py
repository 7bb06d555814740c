"""What must not hang, lose or betray anything: broken programs, broken providers, broken disks."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pulumi_conduit.testing.engine import EngineError, Secret, run
from pulumi_conduit.testing.engine.processes import Child
from pulumi_conduit.testing.engine.registrations import Executor

TOY = """
import os
import time
from pathlib import Path

import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider


class Provider(ResourceProvider):
    def create(self, props):
        {create}
        return CreateResult("id", {{**props{more}}})


class Toy(Resource):
    def __init__(self, name):
        super().__init__(Provider(), name, {{}})


Toy("toy")
"""


def toy(create="pass", more=""):
    """Return a program with one resource of a provider that does this in create."""
    return TOY.format(create=create, more=more)


def test_a_provider_that_returns_an_asset_is_an_error(runner):
    """What the engine cannot record ends the run with a line, and stays pending: the object may be there."""
    runner.program(toy(more=', "file": pulumi.StringAsset("x")'))

    result = runner("up")

    pending = json.loads(runner.state.read_text())["deployment"]["pending_operations"]
    assert (False, ["creating"]) == (result.succeeded, [one["type"] for one in pending])
    assert ["assets and archives are not supported by the embedded engine; use the Pulumi CLI"] == result.errors


def test_a_failure_of_the_engine_itself_ends_the_run(runner, monkeypatch):
    """A program never waits for an answer that cannot come."""
    runner.program(toy())

    async def broken(self, step):
        raise OSError(f"no space left for {step.op}")

    monkeypatch.setattr(Executor, "_carry_out", broken)

    assert ["OSError: no space left for create"] == runner("preview").errors


def test_a_program_that_meets_the_end_of_a_failed_operation_adds_no_error(runner, monkeypatch):
    """The cause is reported alone, even where the program comes to log that its registration got no response."""
    runner.program(toy("raise Exception('refused')"))
    end = Child.end

    async def end_later(self):
        await asyncio.sleep(0.5)
        await end(self)

    monkeypatch.setattr(Child, "end", end_later)

    (error,) = runner("up").errors
    last = error.splitlines()[-1]
    assert last in ("Exception: refused", "Exception calling application: refused")  # the latter before SDK 3.260


@pytest.mark.parametrize("create", ["print('x' * 5_000_000)", "os.write(2, b'y' * 5_000_000)"])
def test_a_flood_without_a_line_end_is_read_to_its_end(runner, create):
    """However long a line is, the pipe is emptied."""
    runner.program(toy(create))

    result = runner("up")

    heard = sum(len(one.message) for one in result.diagnostics if set(one.message) <= {"x", "y"})
    assert (True, 5_000_000) == (result.succeeded, heard)


@pytest.mark.slow
def test_a_process_that_the_program_leaves_behind_does_not_hold_it_up(runner):
    """Output that stays open is listened to for a moment only."""
    runner.program("import subprocess\nsubprocess.Popen(['sleep', '60'])\n")
    began = time.monotonic()

    assert runner("preview").succeeded
    assert time.monotonic() - began < 30


@pytest.mark.slow
def test_what_a_program_starts_ends_with_it(runner, tmp_path):
    """A process that outlives its program could reach anything, unseen."""
    started = tmp_path / "started"
    runner.program(
        "import subprocess\nfrom pathlib import Path\n"
        f"Path({str(started)!r}).write_text(str(subprocess.Popen(['sleep', '60']).pid))\n"
    )

    assert runner("preview").succeeded

    pid = int(started.read_text(encoding="utf-8"))
    for _ in range(100):  # init takes a moment to bury it
        if is_dead(pid):
            break
        time.sleep(0.05)
    assert is_dead(pid)


def is_dead(pid):
    """Say whether a process is there no more, or waits to be buried."""
    try:
        return "State:\tZ" in Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except FileNotFoundError:
        return True


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "grpc_proxy", "http_proxy"])
def test_a_proxy_is_on_no_way_of_the_engine(runner, monkeypatch, name):
    """Neither its own gRPC goes through one, nor does a child see it: one on loopback leads anywhere."""
    monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    runner.program(toy("pass") + f"\nimport os\npulumi.log.info('proxy: ' + os.environ.get({name!r}, 'none'))\n")

    result = runner("up")

    assert (True, []) == (result.succeeded, result.errors)
    assert "proxy: none" in [one.message for one in result.diagnostics]


def test_a_secret_of_the_configuration_is_not_shown(runner):
    """Whatever a program prints, logs or raises."""
    runner.program(
        """
        import pulumi

        word = pulumi.Config().require("word")
        print(word)
        pulumi.log.warn(word)
        raise ValueError(word)
        """
    )

    result = runner("preview", config={"word": Secret("hunter2")})

    assert "hunter2" not in repr(result)
    assert ["[secret]", "[secret]"] == [one.message for one in result.diagnostics[:2]]


def test_a_value_that_is_given_stands_for_an_encrypted_one(runner):
    """The stack's file need not be readable where the test says what it would say."""
    (runner.folder / "Pulumi.dev.yaml").write_text("config:\n  testing:word:\n    secure: xyz\n", encoding="utf-8")
    runner.program("import pulumi\npulumi.export('word', pulumi.Config().require('word'))\n")

    with pytest.raises(EngineError, match=r"testing:word is encrypted, .* give it by --secret or config="):
        runner("preview")
    assert {"word": "plain"} == runner("preview", config={"word": "plain"}).outputs


def test_a_program_that_is_written_anew_within_a_second_is_run_anew(runner, monkeypatch):
    """The cache of compiled modules goes by seconds and sizes, and a test is faster than that."""
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    seen = []
    for number in range(5):
        runner.program(f"import pulumi\npulumi.export('number', {number})\n")
        os.utime(runner.folder / "__main__.py", (1, 1))
        seen.append(runner("preview").outputs["number"])

    assert [0, 1, 2, 3, 4] == seen


def test_a_running_event_loop_fails_with_what_to_do(runner):
    """An async test gets one line, not a coroutine that nobody awaits."""

    async def ours():
        with pytest.raises(EngineError, match=r"asyncio\.to_thread"):
            runner("preview")
        return await asyncio.to_thread(runner, "preview")

    assert asyncio.run(ours()).succeeded


def test_a_state_that_cannot_be_kept_is_an_error_in_one_line(runner, tmp_path):
    """A disk that says no is no crash."""
    (tmp_path / "file").touch()

    with pytest.raises(EngineError, match="the state cannot be read or kept"):
        run("preview", program=runner.folder, state=tmp_path / "file" / "state.json", launcher=runner.launcher)


@pytest.mark.slow
def test_a_ctrl_c_leaves_the_intent_on_record(runner):
    """A terminal interrupts the whole group; the provider must not die first, or an object would be lost from state."""
    runner.program(toy("Path('made').touch(); time.sleep(60)"))
    command = [sys.executable, "-m", "pulumi_conduit.testing", "up", "--state", str(runner.state)]
    with subprocess.Popen(  # noqa: S603 - ours
        command,
        cwd=runner.folder,
        start_new_session=True,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - a job in the background ignores it
    ) as process:
        while not (runner.folder / "made").exists():
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)
        assert process.stderr
        said = process.stderr.read().decode()

    runner.program("")
    after = runner("refresh")
    pending = json.loads(runner.state.read_text())["deployment"]["pending_operations"]
    assert (3, "error: interrupted; what was on its way is kept as pending\n") == (process.returncode, said)
    assert (True, ["creating"]) == (after.succeeded, [one["type"] for one in pending])
