"""`pulumi-conduit stacks` on the real CLI: kill, resume, one stack more and one login, on files and on PostgreSQL."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time

import postgres
import pytest
from json_schemas import errors

PEOPLE = [f"user{number}@acme.example" for number in range(24)]
COMMAND = "from pulumi_conduit.cli import main; main()"
PATIENCE_S = 120


class Project:
    """A project whose roster is split, and the command as its user calls it."""

    def __init__(self, stack, backend):
        """Take the folder of an engine's stack, with another backend."""
        self.folder, self.sandbox, self._environ = stack.folder, stack.sandbox, {**stack.environ, **backend}
        stack.program('    conduit.Roster("team", "people.csv")\n')
        self.roster(PEOPLE)

    def roster(self, emails):
        """Write the file."""
        rows = ["email,first_name,last_name,accounts", *(f"{one},A,B,1|2" for one in emails)]
        (self.folder / "people.csv").write_text("\n".join(rows), encoding="utf-8")

    def start(self, *arguments, **environ):
        """Begin the command, in a process group of its own."""
        return subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-c", COMMAND, "stacks", *arguments, "--stack-prefix", "s", "--json"],
            cwd=self.folder,
            env={**os.environ, **self._environ, **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments, **environ):
        """Run the command, and return its exit code, its summary and what it said beside that."""
        self.sandbox.forget_requests()
        with self.start(*arguments, **environ) as process:
            out, said = process.communicate(timeout=2 * PATIENCE_S)
        summary = json.loads(out) if out else {}
        assert not summary or errors("stacks", summary) == []
        return process.returncode, summary, said

    def writes(self):
        """Return the calls of the last command that could have changed something."""
        return [one["route"] for one in self.sandbox.writes()]

    def people(self):
        """Return everybody at the customer who has access, with the accounts."""
        users = self.sandbox.conductor.users().values()
        return {one["email"]: one["accounts"] for one in users if "acme" in one["email"] and one["status"] == "ACTIVE"}


@pytest.fixture
def project(stack):
    """Give the project on a file backend."""
    return Project(stack, {})


@pytest.fixture
def project_in_postgres(stack):
    """Give the project on a PostgreSQL server of its own."""
    if postgres.binaries() is None:
        pytest.skip("needs a PostgreSQL server: `initdb` and `pg_ctl` on PATH or in /usr/lib/postgresql")
    with postgres.running() as url:
        yield Project(stack, {"PULUMI_BACKEND_URL": url})


def stop_in_the_middle(project, number, creates=3):
    """Begin an update, and send a signal to the command when some people are made; return what it printed."""
    project.sandbox.switches = dataclasses.replace(project.sandbox.switches, latency_s=0.3)
    process = project.start("up", "--shards", "2", "--yes")
    give_up = time.monotonic() + PATIENCE_S
    while project.sandbox.count("POST /users") < creates and process.poll() is None and time.monotonic() < give_up:
        time.sleep(0.02)
    for pid in (process.pid, *(children(process) if number == signal.SIGKILL else ())):
        os.kill(pid, number)
    out, _ = process.communicate(timeout=PATIENCE_S)
    project.sandbox.switches = dataclasses.replace(project.sandbox.switches, latency_s=0.0)
    return process.returncode, out


def children(process):
    """Return the CLIs that the command runs."""
    found = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=False)  # noqa: S603, S607 - our own children
    return map(int, found.stdout.split())


def has_everybody(project, people=PEOPLE):
    """Say whether the sandbox holds the roster, no more and no less."""
    return project.people() == {one: [1, 2] for one in people}


def test_a_run_that_was_killed_with_its_clis_is_resumed_and_no_user_is_lost_or_made_twice(project):
    """As when a machine loses its power; and what is done is not done again."""
    code, _ = stop_in_the_middle(project, signal.SIGKILL)
    time.sleep(4)  # the provider processes finish what they were asked for, and end
    made = project.sandbox.count("POST /users")

    resumed, summary, said = project.run("up", "--yes", "--resume", "--unlock")
    made += project.sandbox.count("POST /users")
    again, endings, _ = project.run("up", "--yes", "--resume")

    assert -signal.SIGKILL == code
    assert (0, {"done": 2}) == (resumed, summary["endings"]), said
    assert has_everybody(project)
    assert len(PEOPLE) == made
    assert (0, {"done before": 2}) == (again, endings["endings"])


def test_a_wrong_password_is_tried_once_and_an_interrupt_ends_in_order(project):
    """No stack starts with a password that is refused; running ones end as after one Ctrl-C, and save what they did."""
    refused, _, said = project.run("up", "--shards", "2", "--yes", CONDUCTOR_PASSWORD="wrong")
    tried = dict(project.sandbox.counts())
    code, out = stop_in_the_middle(project, signal.SIGINT)
    saved = sum(one["changes"].get("create", 0) for one in json.loads(out)["stacks"])

    assert 3 == refused
    assert "Error: Conductor refused POST /login: 401" in said
    assert {"POST /login": 1} == tried
    assert 3 == code
    assert {"interrupted": 2} == json.loads(out)["endings"]
    assert saved >= project.sandbox.count("POST /users") > 0


def test_on_postgresql_one_stack_more_is_refused_until_asked_for_and_costs_no_write(project_in_postgres):
    """Who only moves is not touched; who leaves the file is deactivated in the same run."""
    project = project_in_postgres
    first, _, said = project.run("up", "--shards", "1", "--yes")
    refused, _, why = project.run("up", "--shards", "2", "--yes")
    project.roster(PEOPLE[1:])
    code, summary, also = project.run("up", "--shards", "2", "--reshard", "--yes")

    assert 0 == first, said
    assert 2 == refused
    assert "stack s0: its roster is split into 1, and would be into 2; that moves people between stacks" in why
    assert (0, {"done": 2}) == (code, summary["endings"]), also
    assert summary["moves"] > 0
    assert ["PUT /users/{userEmail}/status"] == project.writes()
    assert has_everybody(project, PEOPLE[1:])


def test_what_was_only_asked_about_or_previewed_leaves_no_consent_in_the_config(project):
    """A part in the config of a stack that has everybody would let most of them go at the next plain `pulumi up`."""
    first, _, said = project.run("up", "--shards", "1", "--yes")
    config = project.folder / "Pulumi.s0.yaml"
    split = config.read_text(encoding="utf-8")
    unconfirmed, *_ = project.run("up", "--shards", "2", "--reshard")
    after_the_question = config.read_text(encoding="utf-8")
    whole = "".join(line for line in split.splitlines(keepends=True) if "conduit:shard" not in line)
    config.write_text(whole, encoding="utf-8")
    previewed, summary, also = project.run("preview", "--shards", "2")  # refused by the state, which has shard 0/1

    assert (0, 2) == (first, unconfirmed), said
    assert split == after_the_question
    assert (3, {"done": 1, "failed": 1}) == (previewed, summary["endings"]), also
    assert "conduit:shard" not in config.read_text(encoding="utf-8")
    assert [] == project.writes()
