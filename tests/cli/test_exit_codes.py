"""Output that cannot be written ends every command with one line and exit code 3, never with 1: that means found."""

import codecs
import os
import subprocess
import sys
from itertools import product
from pathlib import Path

import click
import pytest
from sampling import sample

from pulumi_conduit.cli.group import commands
from pulumi_conduit.cli.stack_export import read_export_file
from pulumi_conduit.errors import InvalidInputError

COMMAND = str(Path(sys.executable).with_name("pulumi-conduit"))
NAMES = commands.list_commands(click.Context(commands))
PLAN = Path(__file__).parent / "report" / "previews" / "roster-edit.json"
FULL = "pulumi-conduit: the output cannot be written: "


def run(words, stdout, **environ):
    """Run a command with this standard output; return its exit code and what it wrote to standard error."""
    done = subprocess.run(  # noqa: S603 - our own
        [COMMAND, *words], env={**os.environ, **environ}, stdout=stdout, stderr=subprocess.PIPE, text=True, check=False
    )
    return done.returncode, done.stderr


@pytest.fixture
def full():
    """Give a disk that is full."""
    with Path("/dev/full").open("wb") as file:
        yield file


@pytest.fixture
def pipe():
    """Give a pipe that nobody reads."""
    read, write = os.pipe()
    os.close(read)
    yield write
    os.close(write)


@pytest.mark.parametrize(("name", "output"), sample([*product(NAMES, ["full", "pipe"])], 6))
def test_every_command_ends_alike_where_no_reader_takes_its_output(name, output, request):
    """A full disk is one line, a closed pipe none, and neither a traceback."""
    code, said = run([name, "--help"], request.getfixturevalue(output))

    assert (3, 1) == (code, said.count("\n")) if output == "full" else (141, "") == (code, said)
    assert output == "pipe" or "No space left on device" in said


@pytest.mark.parametrize("words", sample(["--help", "doctor --offline", f"report {PLAN}"], 3))
def test_head_is_no_failure(words, tmp_path):
    """The reader has what it wants: nothing is said, and the code is that of a Unix tool."""
    script = f"set -o pipefail; {COMMAND} {words} | (read -r line; exec <&-; sleep 0.5)"
    done = subprocess.run(  # noqa: S603 - our own
        ["/bin/bash", "-c", script], capture_output=True, text=True, check=False, cwd=tmp_path
    )

    assert "" == done.stderr
    assert done.returncode in (0, 1, 141)  # it may have written everything before


def test_a_report_that_cannot_be_written_is_not_one_that_found_something(full):
    """`report` ends with 1 where a limit is exceeded; here nobody has seen any report."""
    code, said = run(["report", str(PLAN), "--json"], full)

    assert (3, 1) == (code, said.count("\n"))


@pytest.mark.parametrize(
    "words", sample([["doctor", "--offline"], ["report", str(PLAN)]], 2), ids=lambda words: words[0]
)
def test_where_standard_output_is_closed_there_is_one_line(words, tmp_path):
    """As under `>&-`."""
    done = subprocess.run(  # noqa: S603 - our own
        ["/bin/sh", "-c", f'"$0" {" ".join(words)} >&-', COMMAND],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )

    assert (3, f"{FULL}standard output is closed\n") == (done.returncode, done.stderr)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["report"], "Error: the plan is empty"),
        (["verify", "--user", "ada@acme.example"], "without a terminal, pass --yes"),
    ],
    ids=["report", "verify"],
)
def test_where_standard_input_is_closed_it_is_empty(words, line, sandbox_of_accounts, tmp_path):
    """As under `<&-`, which some schedulers do: no traceback, and not the exit code of a finding."""
    done = subprocess.run(  # noqa: S603 - our own
        ["/bin/sh", "-c", f'"$0" {" ".join(words)} <&-', COMMAND],
        env={**os.environ, **sandbox_of_accounts},
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )

    assert (done.returncode in {2, 3}, "Traceback" in done.stderr) == (True, False), done.stderr
    assert line in done.stderr


def test_what_a_terminal_cannot_show_is_escaped(sandbox_of_accounts, tmp_path):
    """Latin-1 knows no Chinese; the rest of the line is as it should be."""
    with (tmp_path / "out").open("wb") as file:
        code, said = run(["accounts"], file, **sandbox_of_accounts, PYTHONIOENCODING="latin-1", PYTHONUTF8="0")

    assert (0, "") == (code, said)
    assert b"70\tCaf\xe9 \\u540d\\u524d\n" in (tmp_path / "out").read_bytes()


@pytest.fixture
def sandbox_of_accounts(conduit_sandbox):
    """Give the settings of a sandbox with an account whose name no Latin-1 terminal can show."""
    environ = conduit_sandbox.environ()
    conduit_sandbox.conductor.add_account(70, "Caf\u00e9 \u540d\u524d")
    conduit_sandbox.conductor.edit_identity(environ["CONDUCTOR_USERNAME"], accounts=[70])
    return environ


@pytest.mark.parametrize(
    ("words", "content"),
    [
        (["report", "{file}"], codecs.BOM_UTF16_LE + "{}".encode("utf-16-le")),
        (["report", str(PLAN), "--accounts", "{file}"], codecs.BOM_UTF16_BE + "[]".encode("utf-16-be")),
        (["audit", "{file}"], codecs.BOM_UTF16_LE + "{}".encode("utf-16-le")),
        (["adopt", "--companies", "{file}"], codecs.BOM_UTF16_LE + "ACME".encode("utf-16-le")),
    ],
    ids=["plan", "accounts", "export", "companies"],
)
def test_utf_16_is_named_as_such(words, content, call, tmp_path, conduit_sandbox, monkeypatch):
    """PowerShell's `>` writes it; the line says how to write UTF-8."""
    for name, value in conduit_sandbox.environ().items():
        monkeypatch.setenv(name, value)
    file = tmp_path / "file.txt"
    file.write_bytes(content)

    ran = call(*(word.format(file=file) for word in words))

    assert 3 == ran.exit_code, ran.output
    assert "is UTF-16, not UTF-8" in ran.stderr


def test_a_byte_order_mark_is_no_part_of_a_file(call, tmp_path):
    """In the accounts file as in plans, exports and lists of companies."""
    file = tmp_path / "accounts.json"
    file.write_bytes(codecs.BOM_UTF8 + b'[{"account_id": 1, "name": "Retail"}]')

    assert 0 == call("report", PLAN, "--accounts", file).exit_code
    with pytest.raises(InvalidInputError, match="is not an export of a stack"):
        read_export_file(file)


@pytest.mark.parametrize(("file", "reason"), [("missing", "No such file or directory"), (".", "Is a directory")])
@pytest.mark.parametrize(
    "words", [["report"], ["report", str(PLAN), "--accounts"], ["audit"], ["adopt", "--companies"]], ids=" ".join
)
def test_a_file_that_cannot_be_read_ends_every_command_with_3(words, file, reason, call, tmp_path, monkeypatch):
    """It is no wrong usage: a pipeline that expects 2 for that would look at its options."""
    monkeypatch.chdir(tmp_path)

    ran = call(*words, file)

    assert (3, f"Error: '{file}' cannot be read: {reason}\n") == (ran.exit_code, ran.output)
