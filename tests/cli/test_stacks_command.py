"""`pulumi-conduit stacks`: what it prints and how it ends; the stacks themselves run in tests/engine."""

import json
import re
from collections import Counter
from types import SimpleNamespace

import pytest

from pulumi_conduit.cli import stacks as stacks_command
from pulumi_conduit.cli.stacks_progress import shown
from pulumi_conduit.errors import RefusedError
from pulumi_conduit.fleet import side_by_side
from pulumi_conduit.fleet.outcome import Ending, Outcome
from pulumi_conduit.fleet.parts import Part
from pulumi_conduit.roster import Shard

WARNINGS = ["CONDUIT-MOVED: user a@b.example: not touched", "CONDUIT-MOVED: user c@d.example: not touched", "other"]


def outcome(index=0, ending=Ending.DONE, shard=None, **more):
    """Return what came of a stack."""
    return Outcome(f"s{index}", shard or f"{index}/2", ending, 1.0, **more)


def lines(result):
    """Return what was printed, however long it took."""
    return re.sub(r"in \d+ s", "in 0 s", result.stdout).splitlines()


@pytest.fixture
def ended(mocker, call):
    """Give what runs an operation whose stacks end as told."""

    def run(operation, outcomes, *arguments):
        parts = [Part(one.stack, Shard(0, 2)) for one in outcomes]
        project = SimpleNamespace(prepare=mocker.Mock(), restore=mocker.Mock())
        command = SimpleNamespace(interrupt=None, go_on=lambda: None)
        fleet = stacks_command._Fleet(project, command, "2", [parts])
        mocker.patch.object(stacks_command, "_fleet", return_value=fleet)
        mocker.patch.object(stacks_command, "_log_in_once")
        mocker.patch.object(side_by_side, "run_all", return_value=outcomes)
        return call("stacks", operation, "--stack-prefix", "s", *arguments), project

    return run


def test_the_summary_says_what_came_of_each_and_of_all(ended):
    """What is said of everybody who moves is counted, and whatever else is said is shown."""
    two = [
        outcome(0, warnings=WARNINGS, changes=Counter(delete=2), deleted={"a"}),
        outcome(1, changes=Counter(create=1, same=4), created={"a"}),
    ]

    result, _ = ended("up", two, "--yes")

    assert [
        "s0: warning: other",
        "s0: warning: CONDUIT-MOVED: 2 of them",
        "up of 2 stacks in 0 s: 2 done",
        "resources: 1 create, 2 delete, 4 same; 1 of them only move between stacks",
    ] == lines(result)
    assert 0 == result.exit_code


def test_a_failure_says_why_and_what_to_do(ended):
    """A lock may be a killed run's."""
    locked = ["the stack is currently locked by 1 lock(s)"]

    result, _ = ended("up", [outcome(0, Ending.FAILED, errors=locked), outcome(1)], "--yes")

    assert 3 == result.exit_code
    assert [
        "s0: error: the stack is currently locked by 1 lock(s)",
        "up of 2 stacks in 0 s: 1 failed, 1 done",
        "resources: none",
        "run it again when that is mended; with --resume, what is done is not done again",
        "if nothing else is at work on the locked stacks, a killed run has left the locks: say --unlock",
    ] == lines(result)


def test_stacks_that_are_left_over_are_named(ended):
    """They are empty, and nobody needs them."""
    result, _ = ended("up", [outcome(0, shard="0/1"), outcome(1, shard="1/1")], "--yes")

    assert "empty now, and may be removed (`pulumi stack rm`): s1" == result.stdout.splitlines()[-1]


@pytest.mark.parametrize(("changes", "code"), [(Counter(update=1), 1), (Counter(same=1), 0)])
def test_unexpected_changes_are_told_by_the_exit_code(ended, changes, code):
    """For pipelines."""
    result, _ = ended("preview", [outcome(changes=changes)], "--expect-no-changes")

    assert code == result.exit_code


def test_a_machine_gets_json_and_nothing_else(ended):
    """Progress goes to stderr."""
    result, _ = ended("up", [outcome()], "--yes", "--json")

    assert {"s0": "done"} == {one["stack"]: one["ending"] for one in json.loads(result.stdout)["stacks"]}


@pytest.mark.parametrize(("operation", "restored"), [("preview", 1), ("refresh", 0)])
def test_a_preview_leaves_the_config_as_it_was(ended, operation, restored):
    """It is not the consent to anything."""
    _, project = ended(operation, [outcome()], *(["--yes"] if operation != "preview" else []))

    assert restored == project.restore.call_count


@pytest.mark.parametrize(
    ("operation", "warning"), [("up", ""), ("refresh", ""), ("destroy", " Everybody in them is deactivated.")]
)
def test_without_a_terminal_a_change_must_be_confirmed_beforehand(ended, operation, warning):
    """Twenty stacks are many people."""
    result, _ = ended(operation, [outcome(0), outcome(1)])

    assert 2 == result.exit_code
    assert f"Error: {operation} of 2 stacks: without a terminal, say --yes.{warning}\n" in result.stderr


@pytest.mark.parametrize("operation", ["up", "refresh", "destroy"])
def test_nothing_is_written_before_somebody_says_yes(ended, operation):
    """A part that is written is the consent to another split: the next plain `pulumi up` would go by it."""
    _, project = ended(operation, [outcome(0), outcome(1)])
    assert 0 == project.prepare.call_count

    _, project = ended(operation, [outcome(0), outcome(1)], "--yes")
    assert 2 == project.prepare.call_count


def test_a_preview_whose_login_is_refused_writes_nothing(ended, mocker):
    """There would be nobody to put it back."""
    refusal = mocker.patch.object(stacks_command, "_confirm", side_effect=RefusedError("401: no"))

    _, project = ended("preview", [outcome()])

    assert (1, 0) == (refusal.call_count, project.prepare.call_count)


def test_a_preview_that_cannot_prepare_a_stack_puts_back_what_it_wrote(ended, mocker):
    """Half of a change of the split is the worst of all."""
    mocker.patch.object(stacks_command, "_failing_as_commands_do", side_effect=OSError("disk full"))

    _, project = ended("preview", [outcome()])

    assert 1 == project.restore.call_count


def test_without_the_cli_it_says_what_is_missing(call, monkeypatch, tmp_path):
    """And does nothing."""
    monkeypatch.setenv("PATH", str(tmp_path))

    result = call("stacks", "preview", "--stack-prefix", "s", "--shards", "2")

    assert (3, "Error: there is no `pulumi` on PATH; install the Pulumi CLI\n") == (result.exit_code, result.stderr)


def test_an_old_cli_is_refused_in_one_line(call, pulumi_says):
    """The Automation API knows which it can drive."""
    pulumi_says(stdout="v3.0.0")

    result = call("stacks", "preview", "--stack-prefix", "s", "--shards", "2")

    assert 3 == result.exit_code
    assert result.stderr.startswith("Error: Minimum version requirement failed.")


def test_what_the_cli_refuses_ends_the_command(call, pulumi_says):
    """A backend that nobody is logged in to, a folder without a project."""
    pulumi_says(stdout="v3.260.0")

    result = call("stacks", "preview", "--stack-prefix", "s", "--shards", "2")

    assert 3 == result.exit_code
    assert 1 == len(result.stderr.splitlines())


def test_the_progress_is_lines_in_a_log_and_bars_on_a_terminal(mocker, capsys):
    """Both are told the same."""
    for is_terminal in (False, True):
        mocker.patch("sys.stderr.isatty", return_value=is_terminal)
        with shown("up", ["s0"]) as watcher:
            watcher.begun("s0")
            watcher.step("s0")
            watcher.ended(outcome(0, Ending.FAILED))

    lines, _, bars = capsys.readouterr().err.partition("(1 of 1)\n")
    assert ["s0: up begins", "s0: failed in 1 s "] == [line.partition(" ")[2] for line in lines.splitlines()]
    assert "s0: failed" in bars
