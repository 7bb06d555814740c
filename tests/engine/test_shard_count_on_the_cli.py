"""Changes of the split on the real CLI: one report for all stacks, previews that leave nothing, any count after any."""

import json
import os
import signal
import time

import pytest
from test_stacks_on_the_cli import PATIENCE_S, PEOPLE, Project, has_everybody


@pytest.fixture
def project(stack):
    """Give a project whose roster is split into two stacks."""
    made = Project(stack, {})
    code, _, said = made.run("up", "--shards", "2", "--yes")
    assert 0 == code, said
    made.sandbox.forget_requests()
    return made


def configs(project):
    """Return the config files of the stacks as they stand."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(project.folder.glob("Pulumi.*.yaml"))}


def report(project, *arguments):
    """Preview with a report, and return the exit code, the report and what was said beside it."""
    with project.start("preview", "--report", *arguments) as process:
        out, said = process.communicate(timeout=2 * PATIENCE_S)
    return process.returncode, json.loads(out) if out else None, said


def test_one_report_judges_all_stacks_and_who_only_moves_is_not_counted(project):
    """A leaver and a joiner besides a third stack: the limits hold over all of them, and nothing is left behind."""
    before = configs(project)
    project.roster([*PEOPLE[1:], "new@acme.example"])
    limits = ("--max-deactivations", "1", "--max-revocations", "0", "--max-reactivations", "0", "--max-adoptions", "0")

    code, told, said = report(project, "--shards", "3", "--reshard", *limits)
    over, _, why = report(project, "--shards", "3", "--reshard", "--max-deactivations", "0")

    assert 0 == code, said
    changed = {one["email"]: one["happens"] for one in told["people"] if one["is_changed"]}
    assert {PEOPLE[0]: ["deactivated"], "new@acme.example": ["created"]} == changed
    assert len(PEOPLE) + 1 == len(told["people"])
    assert (1, True) == (over, f"deactivates 1 person: {PEOPLE[0]}" in why)
    assert before == configs(project)
    assert [] == project.writes()


def test_a_preview_that_is_ended_leaves_no_consent(project):
    """By a kill that nobody can answer; the next plain run goes by the split that there was."""
    before = configs(project)
    process = project.start("preview", "--shards", "3", "--reshard")
    give_up = time.monotonic() + PATIENCE_S
    while "begins" not in (process.stderr.readline()) and time.monotonic() < give_up:
        pass
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=PATIENCE_S)
    time.sleep(8)  # its CLIs end by themselves
    code, summary, said = project.run("up", "--shards", "2", "--yes")

    assert before == {name: text for name, text in configs(project).items() if name in before}
    assert (0, {"done": 2}) == (code, summary["endings"]), said
    assert [] == project.writes()
    assert has_everybody(project)


def test_four_stacks_become_two_and_then_three(stack):
    """The left-over ones stay as they are, and nobody is touched; from a folder below the project."""
    project = Project(stack, {})
    below = project.folder / "below"
    below.mkdir()
    runs = [project.run("up", "--shards", "4", "--yes", "--cwd", str(below))]
    runs += [project.run("up", "--shards", str(count), "--reshard", "--yes", "--cwd", str(below)) for count in (2, 3)]
    written = project.writes()
    again, summary, said = project.run("up", "--yes", "--expect-no-changes", "--cwd", str(below))

    assert [0, 0, 0] == [code for code, *_ in runs], runs
    assert [] == written
    assert has_everybody(project)
    assert (0, {"done": 4}) == (again, summary["endings"]), said


def test_a_left_over_stack_whose_config_is_missing_is_emptied(project):
    """A new checkout may lack the file: without --reshard it is refused, with it no person stays in two stacks."""
    (project.folder / "Pulumi.s1.yaml").unlink()
    refused, _, why = project.run("up", "--shards", "1", "--yes")

    code, summary, said = project.run("up", "--shards", "1", "--reshard", "--yes")

    assert (2, True) == (refused, "stack s1: its roster is split into 2, and would be into 1" in why)
    assert 0 == code, said
    assert ["s0", "s1"] == [one["stack"] for one in summary["stacks"]]
    assert summary["moves"] == summary["stacks"][1]["changes"]["delete"] > 0
    assert [] == project.writes()
    assert has_everybody(project)
