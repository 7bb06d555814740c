"""What a terminal, a pipe and a file get: progress, `--quiet` and `NO_COLOR`, in a process of its own."""

import json
import os
import pty
import re
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import click
import pytest
from exports import company, export, user
from sampling import sample

from pulumi_conduit.cli import terminal
from pulumi_conduit.cli.terminal import SILENT, ProgressDisplay

RUN = "from pulumi_conduit.cli import main; main()"
EVERY_LINE = f"from pulumi_conduit.cli import terminal; terminal._EVERY_S = 0; {RUN}"
COMMANDS = {
    "adopt": (["adopt", "--companies", "ids.txt", "--json"], ["people", "companies"]),
    "audit": (["audit", "dev.json", "--json"], ["people", "companies"]),
}
COLOUR = "\x1b[3"


@pytest.fixture
def tenant(sandbox, here, link_here, tmp_path):
    """Give the environment of a sandbox with a person and a company, which an export and a file of ids name, too."""
    sandbox.conductor.put_user("ada@acme.example", first_name="Ada", last_name="Lovelace", accounts=[1])
    sandbox.link.put_company("ACME", name="Acme")
    text = export(user("ada@acme.example", tenant=here), company("ACME", link_here))
    (tmp_path / "dev.json").write_text(text, encoding="utf-8")
    (tmp_path / "ids.txt").write_text("ACME\n", encoding="utf-8")
    return {**os.environ, **sandbox.environ()}


def read(terminal):
    """Return what was written to a terminal whose other end is closed."""
    parts: list[bytes] = []
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # so Linux reports the end
            part = b""
        if not part:
            return b"".join(parts).decode()
        parts.append(part)


def on_terminal(words, folder, environ, stream):
    """Run a command with one output on a terminal; return its code, what the terminal got, and the other output."""
    terminal, end = pty.openpty()
    outputs: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, stream: end}
    with subprocess.Popen([sys.executable, "-c", RUN, *words], cwd=folder, env=environ, **outputs) as process:  # noqa: S603 - ours
        os.close(end)
        shown = read(terminal)
        out, said = process.communicate()
    os.close(terminal)
    return process.returncode, shown, out or said or b""


@pytest.mark.parametrize("name", sample(COMMANDS, 2))
def test_a_terminal_gets_bars_on_standard_error_only(name, tenant, tmp_path):
    """The JSON of standard output stays whole."""
    words, labels = COMMANDS[name]

    code, shown, out = on_terminal(words, tmp_path, tenant, "stderr")

    assert 0 == code, shown
    assert labels == [label for label in labels if re.search(rf"{label}  \[#+\]  (\d+)/\1", shown)], shown
    assert json.loads(out)


@pytest.mark.parametrize("name", sample(COMMANDS, 2))
def test_quiet_shows_a_terminal_no_progress(name, tenant, tmp_path):
    """And prints the same JSON."""
    words, _ = COMMANDS[name]

    code, shown, out = on_terminal([*words, "--quiet"], tmp_path, tenant, "stderr")

    assert (0, "") == (code, shown)
    assert json.loads(out)


@pytest.mark.parametrize("name", sample(COMMANDS, 2))
def test_a_pipe_gets_lines(name, tenant, tmp_path):
    """Plain ones, with the time; here without the ten seconds between two of them."""
    words, _ = COMMANDS[name]
    command = [sys.executable, "-c", EVERY_LINE, *words]

    done = subprocess.run(command, cwd=tmp_path, env=tenant, capture_output=True, text=True, check=True)  # noqa: S603 - ours

    lines = [re.sub(r"^\d\d:\d\d:\d\d ", "", line) for line in done.stderr.splitlines()]
    assert ["people: 1 of 2", "people: 2 of 2", "companies: 1 of 1"] == lines
    assert json.loads(done.stdout)


@pytest.mark.parametrize(("no_color", "has_colour"), [("1", False), ("", True)])
def test_no_color_is_heeded_on_a_terminal(no_color, has_colour, tmp_path):
    """Whatever its value, unless it is empty, as https://no-color.org says."""
    environ = {**os.environ, "NO_COLOR": no_color}

    _, shown, _ = on_terminal(["doctor", "--offline"], tmp_path, environ, "stdout")

    assert (has_colour, True) == (COLOUR in shown, "Settings" in shown)


def test_short_work_prints_no_line_and_long_work_one_every_ten_seconds(mocker, capsys):
    """A log is not filled by a thousand companies."""
    times = iter([0, 4, 9, 10, 10, 19, 20, 20])
    mocker.patch.object(terminal, "time", SimpleNamespace(monotonic=times.__next__, strftime=lambda _: "12:00:00"))

    assert list("abcde") == ProgressDisplay().run("companies", iter("abcde"), 5)

    assert ("", "12:00:00 companies: 3 of 5\n12:00:00 companies: 5 of 5\n") == capsys.readouterr()


@pytest.mark.parametrize(("display", "work"), [(SILENT, "ab"), (ProgressDisplay(), "")], ids=["quiet", "no work"])
def test_nothing_is_shown_of_quiet_or_no_work(display, work, mocker, capsys):
    """Not even on a terminal."""
    mocker.patch.object(terminal, "is_terminal", return_value=True)

    assert list(work) == display.run("companies", iter(work), len(work))

    assert ("", "") == capsys.readouterr()


def test_a_bar_ends_where_the_work_fails(mocker):
    """Before the error is printed: the cursor is shown again, on a line of its own."""
    mocker.patch.object(terminal, "is_terminal", return_value=True)
    bar = mocker.patch.object(click, "progressbar")
    bar.return_value.__enter__.return_value.__iter__.side_effect = ValueError("planted")

    with pytest.raises(ValueError, match="planted"):
        ProgressDisplay().run("companies", iter("ab"), 2)

    assert 1 == bar.return_value.__exit__.call_count


def test_a_closed_standard_error_is_no_terminal(monkeypatch):
    """As under `2>&-`."""
    monkeypatch.setattr(sys, "stderr", None)

    assert not terminal.is_terminal()
