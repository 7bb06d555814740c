"""How often Python looks for garbage: seldom while a program of ours runs, and as before ever after."""

import gc
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hooked_program import ON_AND_OFF, run

from pulumi_conduit import sdk_hooks

RAISED = (50_000, 10, 10)

pytestmark = pytest.mark.skipif(sys.version_info >= (3, 14), reason="Python 3.14 collects in another way")


@pytest.fixture(autouse=True)
def _as_by_default():
    found = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*found)
    gc.enable()


def threshold_in(address, **how):
    """Return the threshold that a program sees after its first resource."""
    found = []
    run(address, lambda: found.append(gc.get_threshold()), **how)
    return found[0]


@ON_AND_OFF
def test_it_is_raised_while_a_program_runs(engine, with_hooks):
    """Most of what it makes stays, and would be looked through a hundred times."""
    before = gc.get_threshold()

    assert threshold_in(engine.address, with_hooks=with_hooks) == (RAISED if with_hooks else before)
    assert before == gc.get_threshold()


@pytest.mark.parametrize("default", [(700, 10, 10), (2000, 10, 10)])
def test_the_threshold_of_each_python_comes_back(engine, default):
    """A host of the Automation API goes on with what it had."""
    gc.set_threshold(*default)

    assert RAISED == threshold_in(engine.address)
    assert default == gc.get_threshold()


def test_it_comes_back_after_a_program_that_fails(engine):
    """Also then."""
    before = gc.get_threshold()

    with pytest.raises(ZeroDivisionError):
        run(engine.address, lambda: 1 / 0)

    assert before == gc.get_threshold()


@pytest.mark.parametrize("own", [(0, 10, 10), (500, 10, 10), (700, 5, 5), (100_000, 20, 20)])
def test_a_threshold_of_the_user_s_stays(engine, own):
    """Who sets one has a reason."""
    gc.set_threshold(*own)

    assert own == threshold_in(engine.address) == gc.get_threshold()


def test_a_threshold_that_a_program_sets_stays(engine):
    """It is the last word."""
    run(engine.address, lambda: gc.set_threshold(900, 10, 10))

    assert (900, 10, 10) == gc.get_threshold()


def test_where_nothing_is_collected_nothing_is_set(engine):
    """The program may enable it later, and then finds its own threshold."""
    before = gc.get_threshold()
    gc.disable()

    assert before == threshold_in(engine.address)
    assert not gc.isenabled()


def test_one_program_within_another_gives_back_the_first_threshold(engine):
    """Two at a time in one host: the inner one finds it set, and leaves it."""
    before = gc.get_threshold()
    with ThreadPoolExecutor(1) as threads:
        run(engine.address, lambda: threads.submit(threshold_in, engine.address).result() and None)

    assert before == gc.get_threshold()


def test_it_can_be_switched_off(engine, monkeypatch):
    """With all other hooks."""
    monkeypatch.setenv("CONDUIT_SDK_HOOKS", "off")

    assert threshold_in(engine.address) == gc.get_threshold()


def test_an_sdk_that_was_not_tried_is_left_alone(engine, mocker):
    """As by all other hooks."""
    mocker.patch.object(sdk_hooks, "_version", return_value=(3, 999))

    assert threshold_in(engine.address) == gc.get_threshold()
