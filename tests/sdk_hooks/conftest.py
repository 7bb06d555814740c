"""What the tests of the hooks share: the SDK is left as it was, and an engine listens."""

import pulumi
import pytest
from hooked_program import listening
from pulumi import _types
from pulumi.dynamic import dynamic
from pulumi.runtime import resource, rpc, stack

REPLACED = [
    (pulumi.log, "_log"),
    (stack, "asyncio"),
    (_types, "resource_types"),
    (rpc, "contains_unknowns"),
    (rpc, "deserialize_properties"),
    (rpc, "transfer_properties"),
    (resource, "asyncio"),
    (resource, "traceback"),
    (resource, "_get_source_position_for_frame"),
    (resource, "_get_stack_trace"),
    (resource, "create_urn"),
    (dynamic, "serialize_provider"),
]


@pytest.fixture(autouse=True)
def restored(monkeypatch):
    """Take the hooks out again after a test."""
    monkeypatch.delenv("CONDUIT_SDK_HOOKS", raising=False)
    for module, name in REPLACED:
        monkeypatch.setattr(module, name, getattr(module, name))


@pytest.fixture
def engine():
    """Give an engine that keeps the program's messages."""
    with listening() as engine:
        yield engine
