"""The outputs of a resource's properties: what the SDK knows of each, with one future instead of four."""

import asyncio
import gc
from typing import Any

import pulumi
import pytest
from hooked_program import ON_AND_OFF, Thing, run
from pulumi.runtime import rpc
from pulumi.runtime.settings import SETTINGS

from pulumi_conduit.sdk_hooks import property_outputs

pytestmark = pytest.mark.skipif(not property_outputs.fits(), reason="an output of this SDK has more than one future")


@pytest.fixture(autouse=True)
def collected():
    """Let the SDK's futures that were never retrieved be logged within their own test."""
    yield
    gc.collect()


async def facts_of(output):
    """Return what is known of an output."""
    names = [one._name for one in await output.resources()]
    return await output.future(), await output.is_known(), await output.is_secret(), sorted(names)


@ON_AND_OFF
@pytest.mark.parametrize("value", ["text", 7, None, ["a", "b"], {"a": {"b": 1}}])
def test_an_output_has_its_value_and_its_resource(engine, with_hooks, value):
    """As an input of another resource it makes that one depend on this one."""
    found = []

    async def program():
        thing = Thing("thing", value=value, other="x")
        found.append(await facts_of(thing.value))

    run(engine.address, program, with_hooks=with_hooks)

    assert [(value, True, False, ["thing"])] == found


@ON_AND_OFF
def test_a_secret_stays_one(engine, with_hooks):
    """Whoever exports it must see it masked."""
    found = []

    async def program():
        found.append(await facts_of(Thing("thing", value=pulumi.Output.secret("s")).value))

    run(engine.address, program, with_hooks=with_hooks)

    assert [("s", True, True, ["thing"])] == found


@ON_AND_OFF
def test_what_a_preview_cannot_know_is_unknown(engine, with_hooks, mocker):
    """An `apply` is not called then."""
    mocker.patch("hooked_program.Echo.new_resource", return_value=("id", {}))
    found = []
    called: list[Any] = []

    async def program():
        thing = Thing("thing", value="x")
        thing.value.apply(called.append)
        found.append(await facts_of(thing.value))

    run(engine.address, program, with_hooks=with_hooks, dry_run=True)

    assert [(None, False, False, ["thing"])] == found
    assert [] == called


@ON_AND_OFF
def test_an_output_of_a_resource_that_fails_fails_the_program(engine, with_hooks, mocker, caplog):
    """With the error of the registration, once."""
    mocker.patch("hooked_program.Echo.new_resource", side_effect=ValueError("no such region"))

    with pytest.raises(ValueError, match="no such region"):
        run(engine.address, lambda: Thing("thing", value="x", other="y") and None, with_hooks=with_hooks)

    gc.collect()
    if with_hooks:  # the SDK itself logs two futures of each output
        assert [] == [one.message for one in caplog.records if "never retrieved" in one.message]


def fail_output(*, is_recovered, seen):
    """Declare a resource, and let an output of it fail that the program recovers, or does not use."""
    thing = Thing("thing", value="x")
    resolvers = rpc.transfer_properties(thing, {"late": None}, custom=True)
    if is_recovered:
        thing.late.recover(str).apply(seen.append)
    resolvers["late"](None, False, False, None, ValueError("no such region"))  # noqa: FBT003 - as the SDK calls it


@pytest.mark.skipif(not hasattr(pulumi.Output, "_untrack"), reason="this SDK fails the program all the same")
@ON_AND_OFF
def test_a_failed_output_that_the_program_recovers_is_no_failure(engine, with_hooks):
    """The SDK leaves it to the last output of the chain."""
    seen: list[str] = []

    run(engine.address, lambda: fail_output(is_recovered=True, seen=seen), with_hooks=with_hooks)

    assert ["no such region"] == seen


@ON_AND_OFF
def test_a_failed_output_that_is_not_used_fails_the_program(engine, with_hooks):
    """What was declared with it is not as the program thinks."""
    with pytest.raises(ValueError, match=r"^no such region$"):
        run(engine.address, lambda: fail_output(is_recovered=False, seen=[]), with_hooks=with_hooks)


@ON_AND_OFF
def test_the_sdk_waits_for_no_output_that_is_known(engine, with_hooks):
    """It keeps those that are not, or that have failed."""
    left: list[Any] = []

    async def program():
        thing = Thing("thing", value="x")
        await thing.value.future()
        await thing.urn.future()
        await asyncio.sleep(0.01)
        left.extend(one for one in SETTINGS.outputs if one in (thing.value._data, thing.urn._data))

    run(engine.address, program, with_hooks=with_hooks)

    assert [] == left


def test_a_program_without_the_package_has_the_outputs_of_the_sdk(engine):
    """A host of the Automation API may run one beside ours."""
    kinds = []

    def program():
        thing = Thing("thing", value="x")
        kinds.append(isinstance(thing.value._data, asyncio.Task))

    run(engine.address, program)
    run(engine.address, program, with_hooks=False)

    assert [False, True] == kinds


def test_the_urn_and_the_id_are_not_made_here(engine):
    """The SDK makes them elsewhere, of a property of that name, too."""
    found = []

    async def program():
        thing = Thing("thing", id="other", urn="another")
        found.append(await thing.id.future())

    run(engine.address, program)

    assert ["thing-id"] == found
