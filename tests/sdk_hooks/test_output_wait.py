"""The wait for the outputs of a program: one for all of them, and with the SDK's own outcome."""

import asyncio

import pulumi
import pytest
from hooked_program import ON_AND_OFF, run
from pulumi.runtime import stack

from pulumi_conduit.sdk_hooks import output_wait

pytestmark = pytest.mark.skipif(not output_wait.fits(), reason="this SDK does not wait for the first of its outputs")


async def after(turns, value):
    """Return a value, or raise it, after so many turns of the loop."""
    for _ in range(turns):
        await asyncio.sleep(0)
    if isinstance(value, BaseException):
        raise value
    return value


def later(turns, value=None):
    """Return an output that is ready, or fails, after so many turns of the loop."""
    return pulumi.Output.from_input(after(turns, value))


@pytest.fixture
def waits(mocker):
    """Count the waits of the SDK."""
    return mocker.spy(asyncio, "wait")


def test_a_program_waits_once_for_all_its_outputs(engine, waits):
    """Untouched, the SDK waits again when one of them is ready."""
    found = {}
    for with_hooks in (True, False):
        waits.reset_mock()
        run(engine.address, lambda: [later(turns) for turns in range(100)] and None, with_hooks=with_hooks)
        found[with_hooks] = waits.call_count

    assert 0 == found[True]
    assert 50 < found[False]


@ON_AND_OFF
def test_a_failed_output_fails_the_program_at_once(engine, with_hooks):
    """Others may be waiting for something that takes an hour."""

    def program():
        pulumi.Output.from_input(asyncio.get_event_loop().create_future())  # is never ready
        later(1)
        later(5, ValueError("no such account"))

    with pytest.raises(ValueError, match=r"^no such account$"):
        run(engine.address, program, with_hooks=with_hooks)


@ON_AND_OFF
def test_an_output_that_is_made_meanwhile_is_waited_for(engine, with_hooks):
    """What is done with a value may be another output."""
    ready: list[int] = []

    def program():
        later(5, 1).apply(lambda _: (later(9, 2).apply(ready.append), 3)[1]).apply(ready.append)

    run(engine.address, program, with_hooks=with_hooks)

    assert [2, 3] == sorted(ready)


@ON_AND_OFF
def test_an_output_that_is_made_meanwhile_and_fails_fails_the_program(engine, with_hooks):
    """Also when others that were there before are not ready."""

    def program():
        pulumi.Output.from_input(asyncio.get_event_loop().create_future())
        later(5, 1).apply(lambda _: (later(5, ValueError("made late")), 3)[1])
        later(20)

    with pytest.raises(ValueError, match=r"^made late$"):
        run(engine.address, program, with_hooks=with_hooks)


@ON_AND_OFF
def test_a_cancelled_output_ends_the_program(engine, with_hooks):
    """As the SDK has it."""

    def program():
        cancelled = later(1000)
        later(5).apply(lambda _: cancelled._data.cancel())
        pulumi.Output.from_input(asyncio.get_event_loop().create_future())

    with pytest.raises(asyncio.CancelledError):
        run(engine.address, program, with_hooks=with_hooks)


def test_a_program_without_the_package_waits_as_before(engine, waits):
    """A host of the Automation API may run one beside ours."""
    run(engine.address, lambda: None)

    run(engine.address, lambda: [later(turns) for turns in range(10)] and None, with_hooks=False)

    assert 5 < waits.call_count
    assert stack.asyncio is not asyncio


def test_another_wait_is_as_it_was(engine, waits):
    """The module that the SDK sees has all of asyncio."""
    ended: list[object] = []

    def program():
        async def wait():
            ended.extend(await stack.asyncio.wait([asyncio.ensure_future(after(3, 1))], timeout=30))

        return wait()

    run(engine.address, program)

    done, pending = ended
    assert ([1], set()) == ([one.result() for one in done], pending)
    assert 1 == waits.call_count
