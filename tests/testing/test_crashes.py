"""The engine is killed exactly inside of a call: nothing is lost, no child stays, and one more run mends everything."""

import shutil
from pathlib import Path

import pytest
from crash_stack import Site, disorder, known_keys
from sampling import sample

from pulumi_conduit.testing.engine import fork_launcher

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
    site = Site(tmp_path_factory.mktemp("first"), launcher)
    assert (0, "") == site.run("up", 1)
    second = Site(tmp_path_factory.mktemp("second"), launcher)
    assert (0, "") == second.run("up", 2)
    return site, second.world()


@pytest.fixture
def site(first_version, launcher, tmp_path):
    """Give a stack at the first version of the program."""
    shutil.copytree(first_version[0].folder, tmp_path / "site")
    return Site(tmp_path / "site", launcher)


def test_there_are_thirty_points_and_more():
    """The engine is killed inside of all kinds of calls, before and after their effect."""
    assert len(POINTS) >= 30


@pytest.mark.parametrize("point", sample(POINTS, 8))
def test_an_update_killed_inside_of_a_call_is_mended_by_the_next(site, first_version, point):
    """Every live object is in the state or pending, and one more update makes the world as declared."""
    site.kill_at(point, "up", 2)
    site.wait_for_children()

    _judge_wreck(site)
    assert (0, "") == site.run("up", 2)
    assert first_version[1] == site.world()
    _judge_mended(site, expected=set(first_version[1]))


@pytest.mark.parametrize("point", ["delete:before:kept", "delete:after:kept", "delete:after:follower"])
def test_a_destroy_killed_inside_of_a_call_is_mended_by_the_next(site, point):
    """One more destroy takes down what is left, and leaves nothing in the state."""
    site.kill_at(point, "destroy", 1)
    site.wait_for_children()

    _judge_wreck(site)
    assert (0, "") == site.run("destroy", 1)
    assert {} == site.world()
    _judge_mended(site, expected=set())


@pytest.mark.parametrize("operation", ["refresh", "destroy"])
def test_after_a_killed_first_create_everything_can_be_taken_down_or_looked_at(launcher, tmp_path, operation):
    """The first run of a stack may be killed, too: there is no state file yet, only the journal."""
    site = Site(tmp_path, launcher)
    site.kill_at("create:after:kept", "up", 1)
    site.wait_for_children()

    _judge_wreck(site)
    assert (0, "") == site.run(operation, 1)
    assert (0, "") == site.run("up", 1)
    assert "kept" in site.world()
    _judge_mended(site, expected=set(site.world()))


def test_a_killed_refresh_leaves_the_state_as_it_was(site):
    """A refresh records nothing before it has seen everything."""
    before = site.state.read_bytes()

    site.kill_at("read:before:kept", "refresh", 1)
    site.wait_for_children()

    assert before == site.state.read_bytes()
    assert (0, "") == site.run("refresh", 1)


@pytest.mark.parametrize("point", ["create:before:added", "create:after:added", "update:after:edited"])
def test_a_killed_provider_is_an_error_that_the_next_update_mends(site, first_version, point):
    """The engine says that the provider is gone, ends in order, and the next run takes over what was made."""
    code, said = site.kill_provider_at(point, "up", 2)

    assert 1 == code
    assert "error reading from server: EOF" in said
    site.wait_for_children()
    assert [] == list(disorder(site.load().resources()))
    assert (0, "") == site.run("up", 2)
    assert first_version[1] == site.world()
    _judge_mended(site, expected=set(first_version[1]))


def test_children_that_no_nursery_has_started_end_with_their_engine_too(site):
    """Where there is no warm start, the pipe to each child's standard input is all that ties it."""
    site.kill_at("update:before:edited", "up", 2, COLD="1")

    site.wait_for_children()

    _judge_wreck(site)


def _judge_wreck(site):
    snapshot = site.load()
    assert [] == list(disorder(snapshot.resources()))
    assert site.world().keys() <= known_keys(snapshot)


def _judge_mended(site, expected):
    resources = site.load().resources()
    assert [] == list(disorder(resources))
    assert sorted(expected) == sorted(state.id for state in resources if "key" in state.inputs)
    assert not [state.urn for state in resources if state.delete or state.pending_replacement]
