"""`pulumi-conduit sandbox` as a process: what it prints, and how it ends."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import stat
import subprocess
import sys

import pytest
import requests
from sampling import sample

COMMAND = [sys.executable, "-c", "from pulumi_conduit.cli import main; main()", "sandbox"]
# The extra is made to be missing, as it is where only the base was installed.
WITHOUT = "import sys; sys.modules[{name!r}] = None; from pulumi_conduit.cli import main; main()"


@contextlib.contextmanager
def _running(*arguments):
    command = [*COMMAND, "--port", "0", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: S603 - our own command
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _end(process, number):
    process.send_signal(number)
    return process.wait(30)


@pytest.mark.parametrize("number", sample([signal.SIGINT, signal.SIGTERM], 2))
def test_it_prints_exports_and_ends_on_a_signal_with_0(number):
    """The lines lead to a sandbox that answers, and beside them is its console; Ctrl-C and SIGTERM end it with 0."""
    with _running() as process:
        lines = [process.stdout.readline() for _ in range(5)]
        settings = dict(line.removeprefix("export ").rstrip().split("=", 1) for line in lines)

        assert all(line.startswith("export ") for line in lines)
        answer = requests.get(f"{settings['CONDUIT_LINK_URL']}/_sandbox/", timeout=30)
        assert answer.json()["sandbox"] == "pulumi-conduit"
        assert f"console: {settings['CONDUIT_LINK_URL']}/\n" == process.stderr.readline()
        assert _end(process, number) == 0


def test_it_prints_json_and_takes_switches():
    """With --json the settings are one object; switches are in force."""
    with _running("--json", "--switch", "read_lag=2", "--switch", "unshared_user=visible") as process:
        settings = json.loads(process.stdout.readline())

        switches = requests.get(f"{settings['CONDUIT_LINK_URL']}/_sandbox/switches", timeout=30).json()
        assert (switches["read_lag"], switches["unshared_user"]) == (2, "visible")
        assert settings.keys() == {
            "CONDUIT_LINK_URL",
            "CONDUIT_LINK_APP_TOKEN",
            "CONDUCTOR_URL",
            "CONDUCTOR_USERNAME",
            "CONDUCTOR_PASSWORD",
        }


def test_the_ready_file_is_for_its_owner_only(tmp_path):
    """The file has the same settings, and nobody else may read them."""
    ready = tmp_path / "ready.json"
    with _running("--json", "--ready-file", str(ready)) as process:
        settings = json.loads(process.stdout.readline())
        while not ready.exists():
            assert process.poll() is None

        assert json.loads(ready.read_text()) == settings
        assert stat.S_IMODE(ready.stat().st_mode) == 0o600
        assert list(tmp_path.iterdir()) == [ready]


@pytest.mark.slow
def test_a_file_outlives_the_process(tmp_path):
    """The same credentials come back, even after a kill."""
    file = str(tmp_path / "state.sqlite")
    passwords = []
    for number in (signal.SIGKILL, signal.SIGTERM):
        with _running("--json", "--file", file) as process:
            passwords.append(json.loads(process.stdout.readline())["CONDUCTOR_PASSWORD"])
            _end(process, number)

    assert passwords[0] == passwords[1]


def test_a_wrong_switch_is_wrong_usage(call):
    """A typo ends with 2, and names the switch."""
    failed = call("sandbox", "--switch", "raed_lag=1")

    assert failed.exit_code == 2
    assert re.search("there is no switch 'raed_lag'; there are .*company_create_existing, .*read_lag, ", failed.stderr)


def test_a_taken_port_fails_in_one_line(conduit_sandbox, call):
    """What cannot start ends with 3 and says why."""
    port = conduit_sandbox.link_url.rpartition(":")[2]

    failed = call("sandbox", "--port", port)

    assert (failed.exit_code, failed.stdout) == (3, "")
    assert failed.stderr.startswith(f"Error: the sandbox cannot listen on 127.0.0.1:{port}: ")
    assert failed.stderr.endswith("; --port 0 takes one that is free\n")
    assert failed.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("missing", "text"),
    [
        ("fastapi", "Error: the sandbox needs its extra: pip install 'pulumi-conduit[sandbox]'\n"),
        ("uvicorn", "Error: the sandbox needs its extra: pip install 'pulumi-conduit[sandbox]'\n"),
        ("click", "pulumi-conduit: the command line needs its extra: pip install 'pulumi-conduit[sandbox]'\n"),
    ],
)
def test_a_missing_extra_is_one_line_that_says_what_to_install(missing, text):
    """Without the extra the command fails with 3, and no traceback."""
    command = [sys.executable, "-c", WITHOUT.format(name=missing), "sandbox"]
    failed = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - our own command

    assert (failed.returncode, failed.stdout, failed.stderr) == (3, "", text)


def test_the_group_lists_its_commands_without_loading_the_sandbox():
    """Help needs no web framework."""
    code = "import sys; from pulumi_conduit.cli import main\ntry: main()\nfinally: print('fastapi' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code, "--version"], capture_output=True, text=True, check=True)  # noqa: S603 - our own command

    assert shown.stdout.splitlines()[-1] == "False"
