"""Which SDK is touched, in which program, and what CONDUIT_SDK_HOOKS has to say about it."""

import asyncio
import traceback

import pulumi
import pytest
from hooked_program import run
from pulumi import _types
from pulumi.dynamic import dynamic
from pulumi.runtime import get_root_resource, resource, rpc, stack

import pulumi_conduit as conduit
from pulumi_conduit import sdk_hooks


def installed():
    """Return the hooks that the SDK has now."""
    found = {
        "debug_log": hasattr(pulumi.log._log, "_conduit_hook"),
        "output_wait": stack.asyncio is not asyncio,
        "property_outputs": hasattr(rpc.transfer_properties, "_conduit_hook"),
        "property_reading": hasattr(rpc.deserialize_properties, "_conduit_hook"),
        "registration": resource.asyncio is not asyncio,
        "type_cache": hasattr(_types.resource_types, "_conduit_hook"),
        "unknown_check": hasattr(rpc.contains_unknowns, "_conduit_hook"),
        "stack_trace": resource.traceback is not traceback,
        "mock_urn": hasattr(resource.create_urn, "_conduit_hook"),
        "provider_text": hasattr(dynamic.serialize_provider, "_conduit_hook"),
    }
    return {name for name, is_there in found.items() if is_there}


def fitting():
    """Return the hooks that the installed SDK is known for, by its version."""
    quick = {"type_cache", "unknown_check", "stack_trace", "mock_urn", "provider_text", "property_reading"}
    found = {"debug_log"} | quick
    newer = {"output_wait", "property_outputs", "registration"}
    return found | (newer if sdk_hooks._version() != (3, 216) else set())


def test_this_release_was_tried_with_the_installed_sdk(engine):
    """Each hook finds what it was written for; a new version of the SDK is tried before it is added."""
    run(engine.address, lambda: None)

    assert fitting() == installed()


@pytest.mark.parametrize(
    "use",
    [
        lambda: conduit.Company("acme", company_id="ACME", name="Acme", on_destroy="retain"),
        lambda: conduit.ConductorUser.get("ada", "ada@acme.example"),
    ],
    ids=["declared", "read"],
)
def test_the_first_resource_of_ours_installs_the_hooks(engine, use):
    """The program uses the package then."""
    run(engine.address, lambda: use() and None, with_hooks=False)

    assert fitting() == installed()


def test_a_roster_installs_the_hooks_before_its_own_component(engine, tmp_path):
    """It is the first resource of most programs."""
    file = tmp_path / "people.csv"
    file.write_text("email,first_name,last_name,accounts\nada@acme.example,Ada,Lovelace,1\n", encoding="utf-8")

    run(engine.address, lambda: conduit.Roster("team", file) and None, with_hooks=False)

    assert fitting() == installed()


def test_a_program_that_only_imports_the_package_leaves_the_sdk_alone(engine):
    """A library may import it for a program that does not use it."""
    run(engine.address, lambda: pulumi.ComponentResource("test:index:Team", "team") and None, with_hooks=False)

    assert set() == installed()


def test_they_can_be_switched_off(engine, monkeypatch):
    """To find out whether they are at fault."""
    monkeypatch.setenv("CONDUIT_SDK_HOOKS", "off")

    run(engine.address, lambda: None)

    assert set() == installed()


def test_they_can_be_switched_on_by_name(engine, monkeypatch):
    """It is the default."""
    monkeypatch.setenv("CONDUIT_SDK_HOOKS", "auto")

    run(engine.address, lambda: None)

    assert fitting() == installed()


def test_another_value_is_an_error_of_the_program(engine, monkeypatch):
    """A typo must not pass for a switch."""
    monkeypatch.setenv("CONDUIT_SDK_HOOKS", "on")

    with pytest.raises(conduit.SettingsError, match=r"^CONDUIT_SDK_HOOKS must be auto or off, not 'on'$"):
        run(engine.address, lambda: None)


def test_an_sdk_that_was_not_tried_is_left_alone(engine, mocker):
    """What fits by its form may still mean something else."""
    mocker.patch.object(sdk_hooks, "_version", return_value=(3, 999))

    run(engine.address, lambda: None)

    assert set() == installed()


def another_form_of(function):
    """Return what does the same and looks otherwise."""
    if asyncio.iscoroutinefunction(function):

        async def awaited(*given, **named):
            return await function(*given, **named)

        return awaited

    def another(*given, **named):
        return function(*given, **named)

    return another


@pytest.mark.parametrize(
    ("place", "name", "without"),
    [
        (pulumi.log, "_log", "debug_log"),
        (stack, "wait_for_rpcs", "output_wait"),
        (rpc, "transfer_properties", "property_outputs"),
        (resource, "register_resource", "registration mock_urn"),
        (resource, "read_resource", "registration mock_urn"),
        (rpc, "resolve_outputs", "type_cache"),
        (rpc, "contains_unknowns", "unknown_check"),
        (rpc, "deserialize_properties", "property_reading"),
        (rpc, "deserialize_property", "property_reading"),
        (resource, "_get_stack_trace", "stack_trace"),
        (resource, "create_urn", "mock_urn"),
        (dynamic, "serialize_provider", "provider_text"),
    ],
)
def test_an_sdk_of_another_form_is_left_alone(engine, monkeypatch, place, name, without):
    """Each hook looks at what it is about to replace; the others are installed."""
    monkeypatch.setattr(place, name, another_form_of(getattr(place, name)))

    run(engine.address, lambda: None)

    assert fitting() - {*without.split()} == installed()


def test_outside_a_program_nothing_is_done():
    """A process that imports the package may run none."""
    sdk_hooks.speed_up(get_root_resource())

    assert set() == installed()


def test_the_sdk_is_touched_once(engine):
    """A host of the Automation API runs one program after another."""
    run(engine.address, lambda: None)
    first = (pulumi.log._log, stack.asyncio, _types.resource_types)

    run(engine.address, lambda: None)

    assert first == (pulumi.log._log, stack.asyncio, _types.resource_types)
