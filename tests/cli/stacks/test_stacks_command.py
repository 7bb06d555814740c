"""`pulumi-conduit stacks`: what it prints and how it ends; the stacks themselves run in tests/engine."""

import json
import re
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from json_schemas import errors
from pulumi.automation import CommandError, CommandResult

from pulumi_conduit.cli.report.command import command as report_command
from pulumi_conduit.cli.stacks import command as stacks_command
from pulumi_conduit.cli.stacks import runner
from pulumi_conduit.cli.stacks.parts import Split, StackPart
from pulumi_conduit.cli.stacks.progress import watch_progress
from pulumi_conduit.cli.stacks.runner import Ending, Outcome
from pulumi_conduit.errors import RefusedError
from pulumi_conduit.roster import Shard

WARNINGS = ["CONDUIT-MOVE: user a@b.example: not touched", "CONDUIT-MOVE: user c@d.example: not touched", "other"]


def outcome(index=0, ending=Ending.DONE, shard=None, **more):
    """Return what came of a stack."""
    return Outcome(f"s{index}", shard or f"{index}/2", ending, 1.0, **more)


def lines(result):
    """Return what was printed, however long it took."""
    return re.sub(r"in \d+ s", "in 0 s", result.stdout).splitlines()


@pytest.fixture
def ended(mocker, call):
    """Give what runs an operation whose stacks end as given."""

    def run(operation, outcomes, *arguments):
        parts = [StackPart(one.stack, Shard(0, 2)) for one in outcomes]
        project: Any = SimpleNamespace(
            prepare=mocker.Mock(), configure_preview=mocker.Mock(), remove_created=mocker.Mock()
        )
        mocker.patch.object(stacks_command, "_project_folder", side_effect=lambda folder: folder)
        command: Any = SimpleNamespace(interrupt=None, resume=lambda: None)
        stack_set = stacks_command._StackSet(project, command, "2", [parts])
        mocker.patch.object(stacks_command, "_find_stacks", return_value=stack_set)
        mocker.patch.object(stacks_command, "_log_in_once")
        mocker.patch.object(runner, "run_all", return_value=outcomes)
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
        "s0: warning: CONDUIT-MOVE: 2 of them",
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
        "fix the errors and run it again; --resume skips the stacks that are done",
        "if no other run uses the locked stacks, a killed run left the locks: pass --unlock",
    ] == lines(result)


def test_stacks_that_are_left_over_are_named(ended):
    """They are empty, and nobody needs them."""
    result, _ = ended("up", [outcome(0, shard="0/1"), outcome(1, shard="1/1")], "--yes")

    assert "empty now, and may be removed (`pulumi stack rm`): s1" == result.stdout.splitlines()[-1]


@pytest.mark.parametrize(("changes", "code"), [(Counter(update=1), 1), (Counter(same=1), 0)])
def test_unexpected_changes_set_the_exit_code(ended, changes, code):
    """For pipelines."""
    result, _ = ended("preview", [outcome(changes=changes)], "--expect-no-changes")

    assert code == result.exit_code


def test_a_machine_gets_json_and_nothing_else(ended):
    """Progress goes to stderr."""
    result, _ = ended("up", [outcome()], "--yes", "--json")

    assert {"s0": "done"} == {one["stack"]: one["ending"] for one in json.loads(result.stdout)["stacks"]}


def test_the_json_is_as_documented(ended):
    """However the stacks end."""
    every = [outcome(n, one, warnings=["w"], errors=["e"], changes=Counter(create=1)) for n, one in enumerate(Ending)]

    result, _ = ended("up", every, "--yes", "--json")

    assert (3, []) == (result.exit_code, errors("stacks", json.loads(result.stdout)))


def test_quiet_leaves_out_hints_and_progress(ended):
    """Errors, warnings and the summary are printed."""
    locked = ["the stack is currently locked by 1 lock(s)"]

    result, _ = ended("up", [outcome(0, Ending.FAILED, errors=locked), outcome(1, shard="1/1")], "--yes", "--quiet")

    assert (3, "") == (result.exit_code, result.stderr)
    assert [
        "s0: error: the stack is currently locked by 1 lock(s)",
        "up of 2 stacks in 0 s: 1 failed, 1 done",
        "resources: none",
    ] == lines(result)


def test_quiet_shows_no_stack_that_begins_or_ends(capsys):
    """Neither as a line nor as a bar."""
    with watch_progress("up", ["s0"], is_quiet=True) as watcher:
        watcher.begun("s0")
        watcher.step("s0")
        watcher.ended(outcome())

    assert ("", "") == capsys.readouterr()


@pytest.mark.parametrize(("operation", "written"), [("preview", 0), ("up", 1), ("refresh", 1)])
def test_a_preview_writes_no_config(ended, operation, written):
    """It is not the consent to anything, and a kill could not take it back."""
    _, project = ended(operation, [outcome()], *(["--yes"] if operation != "preview" else []))

    assert (written, 1 - written, 1 - written) == (
        project.prepare.call_count,
        project.configure_preview.call_count,
        project.remove_created.call_count,
    )


@pytest.mark.parametrize(
    ("operation", "warning"), [("up", ""), ("refresh", ""), ("destroy", " All people in them are deactivated.")]
)
def test_without_a_terminal_a_change_must_be_confirmed_beforehand(ended, operation, warning):
    """Twenty stacks are many people."""
    result, _ = ended(operation, [outcome(0), outcome(1)])

    assert 2 == result.exit_code
    assert f"Error: {operation} of 2 stacks: without a terminal, pass --yes.{warning}\n" in result.stderr


@pytest.mark.parametrize("operation", ["up", "refresh", "destroy"])
def test_nothing_is_written_before_the_user_says_yes(ended, operation):
    """A part that is written is the consent to another split: the next plain `pulumi up` would go by it."""
    _, project = ended(operation, [outcome(0), outcome(1)])
    assert 0 == project.prepare.call_count

    _, project = ended(operation, [outcome(0), outcome(1)], "--yes")
    assert 2 == project.prepare.call_count


def test_a_preview_whose_login_is_refused_makes_nothing(ended, mocker):
    """There would be nobody to take it away."""
    refusal = mocker.patch.object(stacks_command, "_confirm", side_effect=RefusedError("401: no"))

    _, project = ended("preview", [outcome()])

    assert (1, 0, 0) == (refusal.call_count, project.prepare.call_count, project.configure_preview.call_count)


def test_a_preview_that_cannot_make_a_stack_takes_away_what_it_made(ended, mocker):
    """An empty stack without a part would declare everybody, if somebody ran it by hand."""
    outcomes = [outcome(0), outcome(1)]
    at_once = mocker.patch.object(runner, "at_once", side_effect=[OSError("disk full"), None])

    result, _ = ended("preview", outcomes)

    assert 2 == at_once.call_count
    assert (3, "Error: disk full\n") == (result.exit_code, result.stderr)


def test_without_the_cli_it_says_what_is_missing(call, monkeypatch, tmp_path):
    """And does nothing."""
    monkeypatch.setenv("PATH", str(tmp_path))

    result = call("stacks", "preview", "--stack-prefix", "s", "--shards", "2")

    assert (3, "Error: there is no `pulumi` on PATH; install the Pulumi CLI\n") == (result.exit_code, result.stderr)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Give the folder of a project, and be in it."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: p\nruntime: python\n", encoding="utf-8")
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("printed", "named"),
    [("v3.0.0", "3.0.0"), ("v3.215.9", "3.215.9"), ("what?", "of no known version"), ("", "of no known version")],
)
def test_an_old_cli_is_refused_by_its_version(call, pulumi_says, printed, named):
    """What the Automation API could still drive is older than what this package needs."""
    pulumi_says(stdout=printed)

    result = call("stacks", "preview", "--stack-prefix", "s", "--shards", "2")

    expected = (
        f"Error: the Pulumi CLI is {named}, not 3.216 or later; update it: https://www.pulumi.com/docs/install/\n"
    )
    assert (3, expected) == (result.exit_code, result.stderr)


@pytest.mark.usefixtures("project")
def test_a_cli_that_does_not_run_is_reported(call, pulumi_says):
    """Somebody else's `pulumi`, or one that is broken."""
    pulumi_says(code=7)

    result = call("stacks", "preview", "--stack-prefix", "s", "--shards", "2")

    assert 3 == result.exit_code
    assert result.stderr.startswith("Error: `pulumi version` fails: ")


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("printed", ["v3.260.0", '{"version": "v3.260.0"}', '["prod-0"]', "null"])
def test_a_cli_that_prints_no_list_of_stacks_is_reported_with_what_it_prints(call, mocker, pulumi_says, printed):
    """No JSON, or JSON of another form."""
    pulumi_says(stdout="v3.260.0")
    mocker.patch("pulumi_conduit.cli.stacks.project._Workspace.list_stacks_json", return_value=printed)

    result = call("stacks", "preview", "--stack-prefix", "s", "--shards", "2")

    why = "is `pulumi` on PATH the Pulumi CLI?"
    expected = f"Error: `pulumi stack ls --json` printed no list of stacks, but: {printed}; {why}\n"
    assert (3, expected) == (result.exit_code, result.stderr)


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("said", "lines"),
    [
        (
            "error: no credentials\nerror: PULUMI_ACCESS_TOKEN must be set",
            ["no credentials", "PULUMI_ACCESS_TOKEN must be set"],
        ),
        ("warning: old\nerror: failed to load checkpoint", ["failed to load checkpoint"]),
        ("panic: runtime error\ngoroutine 1", ["panic: runtime error", "goroutine 1"]),
        ("", ["no output"]),
    ],
)
def test_what_the_cli_complains_of_is_one_line_for_each_reason(call, mocker, pulumi_says, said, lines):
    """Without the wrapping of the Automation API, and without a line end in letters."""
    pulumi_says(stdout="v3.260.0")
    failure = CommandError(CommandResult(stdout="", stderr=said, code=255))
    mocker.patch("pulumi_conduit.cli.stacks.project._Workspace.list_stacks_json", side_effect=failure)

    result = call("stacks", "preview", "--stack-prefix", "s", "--shards", "2")

    assert (3, "Error: " + "\n".join(lines) + "\n") == (result.exit_code, result.stderr)


def test_without_a_project_it_says_where_it_looked(call, pulumi_says, tmp_path):
    """And asks nothing."""
    arguments = pulumi_says(stdout="v3.260.0")

    result = call("stacks", "preview", "--stack-prefix", "s", "--cwd", tmp_path)

    expected = f"Error: there is no Pulumi.yaml in {tmp_path} or above; name its folder with --cwd\n"
    assert (3, expected, False) == (result.exit_code, result.stderr, arguments.exists())


@pytest.mark.parametrize(
    ("operation", "reshard", "asked"),
    [
        ("up", False, ["s2"]),
        ("preview", False, ["s2"]),
        ("up", True, ["s0", "s1", "s2"]),
        ("refresh", False, []),
        ("destroy", False, []),
    ],
)
def test_the_state_of_a_stack_that_would_be_forgotten_is_read(operation, reshard, asked):
    """Its config file is missing and its number too large: without its state it would hold people unseen."""
    chosen = stacks_command.Chosen("s", 2, None, 1, Path(), None, None, reshard=reshard)
    configured = {"s0": Shard(0, 2)}

    assert asked == stacks_command._to_ask(operation, chosen, Split(2), ["s0", "s1", "s2"], configured)


@pytest.mark.parametrize("place", ["src", "src/deep", "."])
def test_a_folder_below_the_project_is_the_project(project, place):
    """The config of the stacks lies beside Pulumi.yaml; the second run must find what the first one wrote."""
    below = project / place
    below.mkdir(parents=True, exist_ok=True)

    assert project == stacks_command._project_folder(below)


def test_a_limit_without_a_report_is_refused(call):
    """Nobody would look at it."""
    result = call("stacks", "preview", "--stack-prefix", "s", "--max-deactivations", "1", "--forbid-promotions")

    assert 2 == result.exit_code
    assert "--max-deactivations, --forbid-promotions: for a report only; add --report" in result.stderr


def test_the_report_of_all_has_the_options_of_the_report_of_one():
    """With the same names and the same help."""
    (preview,) = [one for name, one in stacks_command.command.commands.items() if name == "preview"]
    ours = {one.name: one for one in preview.params}

    own = {"plan", "as_json", "profile", "stack", "folder"}
    missing = [one.name for one in report_command.params if ours.get(one.name) is not one and one.name not in own]
    assert [] == missing


def test_the_progress_is_lines_in_a_log_and_bars_on_a_terminal(mocker, capsys):
    """Both are reported the same."""
    for is_terminal in (False, True):
        mocker.patch("sys.stderr.isatty", return_value=is_terminal)
        with watch_progress("up", ["s0"], is_quiet=False) as watcher:
            watcher.begun("s0")
            watcher.step("s0")
            watcher.ended(outcome(0, Ending.FAILED))

    lines, _, bars = capsys.readouterr().err.partition("(1 of 1)\n")
    assert ["s0: up begins", "s0: failed in 1 s "] == [line.partition(" ")[2] for line in lines.splitlines()]
    assert "s0: failed" in bars
