"""All stacks together: who begins when, what an interrupt and a failure stop, and what is left out."""

import json
import threading
from collections import Counter

import pytest
from pulumi.automation import CommandError, CommandResult

from pulumi_conduit.cli.stacks import runner
from pulumi_conduit.cli.stacks.parts import StackPart
from pulumi_conduit.cli.stacks.pulumi_cli import InterruptedRunError
from pulumi_conduit.cli.stacks.runner import Ending, Job, Outcome, moves, run_all, summary
from pulumi_conduit.roster import Shard

PARTS = [StackPart(f"s{one}", Shard(one, 4)) for one in range(4)]


class Cli:
    """A CLI that can be interrupted, and a project whose stacks are their names."""

    def __init__(self):
        """Run on."""
        self.stopped = threading.Event()

    def is_interrupted(self):
        """Say whether nothing more is to begin."""
        return self.stopped.is_set()

    def stack(self, name):
        """Return a stack."""
        return name


class Watcher:
    """Records everything."""

    def __init__(self):
        """Record nothing yet."""
        self.heard = []

    def begun(self, stack):
        """Record a start."""
        self.heard.append(("begun", stack))

    def step(self, stack):
        """Record a resource."""
        self.heard.append(("step", stack))

    def ended(self, outcome):
        """Record an end."""
        self.heard.append((outcome.ending.value, outcome.stack))


@pytest.fixture
def cli():
    """Give a CLI."""
    return Cli()


@pytest.fixture
def play(mocker, cli):
    """Give what runs phases with operations that end as given, and returns the endings by stack."""
    watcher = Watcher()

    def run(phases, endings=None, *, at_once=1, done=(), locked=(), **options):
        def one(stack, _operation, outcome, _tag, on_step):
            on_step()
            ending = (endings or {}).get(stack, Ending.DONE)
            if ending is Ending.INTERRUPTED:
                cli.stopped.set()
                ending = Ending.FAILED
            outcome.ending = ending

        def unlocked(stack, outcome):
            if stack in locked:
                outcome.ending, outcome.errors = Ending.FAILED, ["cannot be unlocked"]

        mocker.patch.object(runner, "run", one)
        mocker.patch.object(runner, "was_done", lambda stack, *_: stack in done)
        mocker.patch.object(runner, "unlock", unlocked)
        found = run_all(cli, cli, phases, Job("up", "tag", at_once, **options), watcher)
        return {outcome.stack: outcome.ending.value for outcome in found}

    run.watcher = watcher  # type: ignore[attr-defined] # for the tests to read
    return run


def test_every_stack_is_run_and_reported(play):
    """It begins, goes on and ends."""
    assert {"s0": "done", "s1": "done"} == play([PARTS[:2]])
    assert [(what, stack) for stack in ("s0", "s1") for what in ("begun", "step", "done")] == play.watcher.heard


def test_a_failure_stops_no_stack_of_its_phase_and_every_later_phase(play):
    """No user is removed from a stack before another stack has it."""
    found = play([PARTS[:2], PARTS[2:]], {"s0": Ending.FAILED})

    assert {"s0": "failed", "s1": "done", "s2": "not started", "s3": "not started"} == found


def test_an_interrupt_begins_nothing_more(play):
    """What failed then was interrupted."""
    found = play([PARTS[:3], PARTS[3:]], {"s1": Ending.INTERRUPTED})

    assert {"s0": "done", "s1": "interrupted", "s2": "not started", "s3": "not started"} == found


@pytest.mark.parametrize(
    ("printed", "errors"), [("", []), ("error: the update was canceled", ["the update was canceled"])]
)
def test_a_stack_that_is_interrupted_while_it_starts_has_no_error(cli, mocker, printed, errors):
    """Its CLI ends without a word; what one says is shown."""

    def stop(*_):
        cli.stopped.set()
        raise CommandError(CommandResult(stdout="", stderr=printed, code=255))

    mocker.patch.object(runner, "_operate", side_effect=stop)

    (outcome,) = run_all(cli, cli, [PARTS[:1]], Job("up", "tag", 1), Watcher())

    assert (Ending.INTERRUPTED, errors) == (outcome.ending, outcome.errors)


def test_only_so_many_run_at_a_time(mocker, cli):
    """Each has a CLI, a program and a provider of its own."""
    running: Counter[str] = Counter()
    most, lock = [0], threading.Lock()
    gate = threading.Barrier(2)

    def one(_stack, _operation, outcome, _tag, _on_step):
        with lock:
            running["now"] += 1
            most[0] = max(most[0], running["now"])
        gate.wait(timeout=10)
        with lock:
            running["now"] -= 1
        outcome.ending = Ending.DONE

    mocker.patch.object(runner, "run", one)
    runner.run_all(cli, cli, [PARTS], Job("up", "tag", 2), Watcher())

    assert [2] == most


def test_what_is_done_is_left_out_only_when_asked_for(play):
    """And counts as fine for the next phase."""
    done = {"s0": "done before", "s1": "done before", "s2": "done"}

    assert done == play([PARTS[:2], PARTS[2:3]], done=("s0", "s1"), resume=True)
    assert {"s0": "done"} == play([PARTS[:1]], done=("s0",))


def test_a_stack_that_cannot_be_unlocked_is_not_run(play):
    """Somebody may be at work on it."""
    assert {"s0": "failed", "s1": "done"} == play([PARTS[:2]], locked=("s0",), unlock=True)
    assert ("step", "s0") not in play.watcher.heard


def test_what_goes_here_and_comes_there_only_moves():
    """As a preview sees it, too."""
    here = Outcome("s0", "0/2", Ending.DONE, 1.0, Counter(delete=2, same=1), deleted={"a", "b"})
    there = Outcome("s1", "1/2", Ending.DONE, 1.0, Counter(create=1), created={"a"})

    assert {"a"} == moves([here, there])
    found = summary("preview", "2", [here, there], 2.04)
    assert (1, {"create": 1, "delete": 2, "same": 1}, {"done": 2}, 2.0) == (
        found["moves"],
        found["changes"],
        found["endings"],
        found["seconds"],
    )
    assert [True, False] == [one.has_changes for one in (here, Outcome("s2", "", changes=Counter(same=3, update=0)))]


def _no_json():
    return json.JSONDecodeError("Expecting value", "Logging in...\n", 0)


@pytest.mark.parametrize(
    ("error", "ending", "errors"),
    [
        (CommandError(CommandResult("", "error: backend is gone\n", 255)), "failed", ["backend is gone"]),
        (
            _no_json(),
            "failed",
            ["the Pulumi CLI was asked for JSON and printed: Logging in...; is `pulumi` on PATH the Pulumi CLI?"],
        ),
        (RuntimeError("summary event never found"), "failed", ["summary event never found"]),
        (InterruptedRunError(), "not started", []),
    ],
)
@pytest.mark.parametrize("where", ["was_done", "unlock", "run"])
def test_whatever_the_cli_does_ends_its_own_stack_only(mocker, cli, play, where, error, ending, errors):
    """In one line for each reason, and never as a traceback."""
    play([PARTS[:1]])  # patches all three
    mocker.patch.object(runner, where, side_effect=lambda stack, *_: _raise(error) if stack == "s0" else False)
    watcher = Watcher()

    found = run_all(cli, cli, [PARTS[:2]], Job("up", "tag", 1, resume=True, unlock=True), watcher)

    assert (ending, errors) == (found[0].ending.value, found[0].errors)
    assert [stack for what, stack in watcher.heard if what == "begun"] == ["s0", "s1"]


def _raise(error):
    raise error


def test_a_preview_without_a_summary_is_a_failure(mocker):
    """As when the CLI ends without a word."""
    stack = mocker.Mock()
    stack.preview.side_effect = RuntimeError("summary event never found")
    outcome = Outcome("s0", "0/1")

    runner.run(stack, "preview", outcome, "tag", lambda: None)

    assert (Ending.FAILED, ["summary event never found"]) == (outcome.ending, outcome.errors)
