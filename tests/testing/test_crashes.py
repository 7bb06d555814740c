"""The engine is killed exactly inside of a call: nothing is lost, no child stays, and one more run mends everything."""

import shutil
from pathlib import Path

import pytest
from crash_stack import CrashStack, disorder, known_keys
from sampling import sample

from pulumi_conduit.testing.engine import fork_launcher

pytestmark = pytest.mark.kill

_HERE = Path(__file__).parent

UPDATES = ("edited", "edited-inside")
CREATES = ("added", "added-later")
CREATES_OF_REPLACEMENTS = ("moved-2", "beside-2", "rebuilt", "follower", "relocated-2")
DELETES = ("removed", "removed-first")
DELETES_OF_REPLACEMENTS = ("moved-1", "beside-1", "rebuilt", "follower", "relocated-1")

POINTS = [
    *(f"update:{when}:{key}" for key in UPDATES for when in ("before", "after")),
    *(f"create:{when}:{key}" for key in (*CREATES, *CREATES_OF_REPLACEMENTS) for when in ("before", "after")),
    *(f"delete:{when}:{key}" for key in (*DELETES, *DELETES_OF_REPLACEMENTS) for when in ("before", "after")),
]


@pytest.fixture(scope="module")
def launcher():
    """Start engines as forks of a process that has one loaded, where that is safe."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(_HERE))
        launcher = fork_launcher("preloaded_engine")
        yield launcher
    launcher.close()


@pytest.fixture(scope="module")
def first_version(launcher, tmp_path_factory):
    """Bring up the first version of the program once; return it with the world of the second."""
    crash_stack = CrashStack(tmp_path_factory.mktemp("first"), launcher)
    assert (0, "") == crash_stack.run("up", 1)
    second = CrashStack(tmp_path_factory.mktemp("second"), launcher)
    assert (0, "") == second.run("up", 2)
    return crash_stack, second.world()


@pytest.fixture
def crash_stack(first_version, launcher, tmp_path):
    """Give a stack at the first version of the program."""
    shutil.copytree(first_version[0].folder, tmp_path / "crash_stack")
    return CrashStack(tmp_path / "crash_stack", launcher)


def test_there_are_thirty_points_and_more():
    """The engine is killed inside of all kinds of calls, before and after their effect."""
    assert len(POINTS) >= 30


@pytest.mark.parametrize("point", sample(POINTS, 11))
def test_an_update_killed_inside_of_a_call_is_mended_by_the_next(crash_stack, first_version, point):
    """Every existing object is in the state or pending, and one more update makes the world as declared."""
    crash_stack.kill_at(point, "up", 2)
    crash_stack.wait_for_children()

    _judge_wreck(crash_stack)
    assert (0, "") == crash_stack.run("up", 2)
    assert first_version[1] == crash_stack.world()
    _judge_mended(crash_stack, expected=set(first_version[1]))


@pytest.mark.parametrize("point", ["delete:before:kept", "delete:after:kept", "delete:after:follower"])
def test_a_destroy_killed_inside_of_a_call_is_mended_by_the_next(crash_stack, point):
    """One more destroy takes down what is left, and leaves nothing in the state."""
    crash_stack.kill_at(point, "destroy", 1)
    crash_stack.wait_for_children()

    _judge_wreck(crash_stack)
    assert (0, "") == crash_stack.run("destroy", 1)
    assert {} == crash_stack.world()
    _judge_mended(crash_stack, expected=set())


@pytest.mark.parametrize("operation", sample(["refresh", "destroy"], 2))
def test_after_a_killed_first_create_everything_can_be_taken_down_or_looked_at(launcher, tmp_path, operation):
    """The first run of a stack may be killed, too: there is no state file yet, only the journal."""
    crash_stack = CrashStack(tmp_path, launcher)
    crash_stack.kill_at("create:after:kept", "up", 1)
    crash_stack.wait_for_children()

    _judge_wreck(crash_stack)
    assert (0, "") == crash_stack.run(operation, 1)
    assert (0, "") == crash_stack.run("up", 1)
    assert "kept" in crash_stack.world()
    _judge_mended(crash_stack, expected=set(crash_stack.world()))


def test_a_killed_refresh_leaves_the_state_as_it_was(crash_stack):
    """A refresh records nothing before it has seen everything."""
    before = crash_stack.state.read_bytes()

    crash_stack.kill_at("read:before:kept", "refresh", 1)
    crash_stack.wait_for_children()

    assert before == crash_stack.state.read_bytes()
    assert (0, "") == crash_stack.run("refresh", 1)


@pytest.mark.parametrize("point", sample(["create:before:added", "create:after:added", "update:after:edited"], 3))
def test_a_killed_provider_is_an_error_that_the_next_update_mends(crash_stack, first_version, point):
    """The engine says that the provider is gone, ends in order, and the next run adopts what was made."""
    code, said = crash_stack.kill_provider_at(point, "up", 2)

    assert 1 == code
    assert "error reading from server: EOF" in said
    crash_stack.wait_for_children()
    assert [] == list(disorder(crash_stack.load().resources()))
    assert (0, "") == crash_stack.run("up", 2)
    assert first_version[1] == crash_stack.world()
    _judge_mended(crash_stack, expected=set(first_version[1]))


@pytest.mark.slow
def test_children_that_no_nursery_has_started_end_with_their_engine_too(crash_stack):
    """Where there is no warm start, the pipe to each child's standard input is all that ties it."""
    crash_stack.kill_at("update:before:edited", "up", 2, COLD="1")

    crash_stack.wait_for_children()

    _judge_wreck(crash_stack)


def _judge_wreck(crash_stack):
    snapshot = crash_stack.load()
    assert [] == list(disorder(snapshot.resources()))
    assert crash_stack.world().keys() <= known_keys(snapshot)


def _judge_mended(crash_stack, expected):
    resources = crash_stack.load().resources()
    assert [] == list(disorder(resources))
    assert sorted(expected) == sorted(state.id for state in resources if "key" in state.inputs)
    assert not [state.urn for state in resources if state.delete or state.pending_replacement]
