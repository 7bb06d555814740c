"""The SDK's own provider server with our providers in it, driven over gRPC as the engine does; no CLI is needed."""

import os
import subprocess
import sys
import time
from concurrent import futures
from contextlib import contextmanager

import grpc
import pytest
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, provider_pb2_grpc
from sampling import sample

from pulumi_conduit import provider

URN = "urn:pulumi:dev::test::pulumi-python:dynamic/conduit:ConductorUser::ada"
ADA = {"email": "Ada@Example.com", "firstName": "Ada", "lastName": "Lovelace", "initialAccounts": [1.0]}
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_TIMEOUT_S = 30


class Engine(engine_pb2_grpc.EngineServicer):
    """Listens to the log as the engine would."""

    def __init__(self):
        """Start with an empty log."""
        self.heard = []
        self.port = 0

    def Log(self, request, context):  # noqa: N802 - the protocol's name
        """Remember a message."""
        self.heard.append((engine_pb2.LogSeverity.Name(request.severity), request.urn, request.message))
        return empty_pb2.Empty()

    def debug_lines(self, containing):
        """Return the debug lines once one contains a text: they come when they come."""
        give_up = time.monotonic() + _TIMEOUT_S
        while time.monotonic() < give_up:
            lines = [message for severity, _, message in list(self.heard) if severity == "DEBUG"]
            if any(containing in line for line in lines):
                return lines
            time.sleep(0.01)
        raise AssertionError(f"{containing} was not heard of")

    def warnings(self):
        """Return the warnings with their resource."""
        return [(urn, message) for severity, urn, message in self.heard if severity == "WARNING"]


class Provider:
    """One provider process."""

    def __init__(self, stub):
        """Talk to it through its stub."""
        self._stub = stub

    def check(self, old, new, urn=URN, kind=provider.ConductorUser):
        """Return inputs and reasons."""
        request = provider_pb2.CheckRequest(urn=urn, olds=_struct(old, kind), news=_struct(new, kind))
        answer = self._stub.Check(request, timeout=_TIMEOUT_S)
        return _plain(answer.inputs), [(failure.property, failure.reason) for failure in answer.failures]

    def diff(self, olds, news, kind=provider.ConductorUser):
        """Return the kind of answer and the names that replace."""
        request = provider_pb2.DiffRequest(id="x", urn=URN, olds=_struct(olds, kind), news=_struct(news, kind))
        answer = self._stub.Diff(request, timeout=_TIMEOUT_S)
        return provider_pb2.DiffResponse.DiffChanges.Name(answer.changes), list(answer.replaces)

    def create(self, props, kind=provider.ConductorUser):
        """Return id and outputs."""
        request = provider_pb2.CreateRequest(urn=URN, properties=_struct(props, kind))
        answer = self._stub.Create(request, timeout=_TIMEOUT_S)
        return answer.id, _plain(answer.properties)

    def read(self, resource_id, props, kind=provider.ConductorUser):
        """Return id, outputs and inputs."""
        request = provider_pb2.ReadRequest(id=resource_id, urn=URN, properties=_struct(props, kind))
        answer = self._stub.Read(request, timeout=_TIMEOUT_S)
        return answer.id, _plain(answer.properties), _plain(answer.inputs)

    def update(self, olds, news, kind=provider.ConductorUser):
        """Return outputs."""
        request = provider_pb2.UpdateRequest(id="x", urn=URN, olds=_struct(olds, kind), news=_struct(news, kind))
        return _plain(self._stub.Update(request, timeout=_TIMEOUT_S).properties)

    def delete(self, props, kind=provider.ConductorUser):
        """Delete."""
        request = provider_pb2.DeleteRequest(id="x", urn=URN, properties=_struct(props, kind))
        self._stub.Delete(request, timeout=_TIMEOUT_S)


def _struct(properties, kind):
    struct = struct_pb2.Struct()
    if properties is not None:
        struct.update({**properties, "__provider": serialize_provider(kind())})
    return struct


def _plain(struct):
    return {name: value for name, value in json_format.MessageToDict(struct).items() if name != "__provider"}


@pytest.fixture
def engine():
    """Listen for the provider's log."""
    listening = Engine()
    server = grpc.server(futures.ThreadPoolExecutor(2))
    engine_pb2_grpc.add_EngineServicer_to_server(listening, server)
    listening.port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield listening
    server.stop(0).wait()


@contextmanager
def started(sandbox, engine, folder):
    """Start the SDK's server as the engine does."""
    command = [sys.executable, "-u", "-m", "pulumi.dynamic", f"127.0.0.1:{engine.port}"]
    environ = {**os.environ, **sandbox.environ(), "PULUMI_PROJECT": "test"}
    with subprocess.Popen(command, cwd=folder, env=environ, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            stub.Configure(provider_pb2.ConfigureRequest(args=struct_pb2.Struct()), timeout=_TIMEOUT_S)
            yield Provider(stub)
        process.terminate()


@pytest.fixture
def provider_process(sandbox, engine, tmp_path):
    """Run one provider process."""
    with started(sandbox, engine, tmp_path) as running:
        yield running


def test_a_user_goes_through_its_whole_lifecycle_in_the_server(provider_process, sandbox, engine, tmp_path):
    """Check, create, no-op diff, read, update and delete speak the engine's protocol."""
    inputs, reasons = provider_process.check(None, ADA)
    resource_id, outputs = provider_process.create(inputs)
    unchanged = provider_process.diff(outputs, inputs)
    read_id, read_outputs, read_inputs = provider_process.read(resource_id, outputs)
    changed = {**inputs, "type": "STANDARD"}
    updated = provider_process.update(outputs, changed)
    after = provider_process.diff(updated, changed)
    provider_process.delete(updated)  # this process has heard that the program declares the user
    kept = sandbox.conductor.user("ada@example.com")["status"]
    with started(sandbox, engine, tmp_path) as destroying:
        destroying.delete(updated)

    assert [] == reasons
    assert "ada@example.com" == resource_id == read_id
    assert ("DIFF_NONE", []) == unchanged == after
    assert (outputs, inputs) == (read_outputs, read_inputs)
    assert "STANDARD" == updated["type"]
    assert "ACTIVE" == kept
    assert "INACTIVE" == sandbox.conductor.user("ada@example.com")["status"]


def test_changed_inputs_are_left_for_the_engine_to_name(provider_process):
    """An open answer lets the engine show which properties change; a new address replaces."""
    inputs, _ = provider_process.check(None, ADA)
    _, outputs = provider_process.create(inputs)

    assert ("DIFF_UNKNOWN", []) == provider_process.diff(outputs, {**inputs, "type": "STANDARD"})
    assert ("DIFF_UNKNOWN", ["email"]) == provider_process.diff(outputs, {**inputs, "email": "eve@example.com"})


def test_an_unknown_value_comes_back_untouched(provider_process):
    """A preview's unknown is never compared, formatted or sent."""
    inputs, reasons = provider_process.check(None, {**ADA, "firstName": UNKNOWN, "initialAccounts": [1.0, UNKNOWN]})

    assert [] == reasons
    assert UNKNOWN == inputs["firstName"]
    assert [1.0, UNKNOWN] == inputs["initialAccounts"]


def test_no_failure_names_a_property(provider_process):
    """The engine prints the value of a property that a failure names, and it may be a secret."""
    _, reasons = provider_process.check(None, {**ADA, "email": "hunter2", "type": "ADMIN"})

    assert ["", ""] == [name for name, _ in reasons]
    assert not [text for _, text in reasons if "hunter2" in text]


def test_a_malformed_profile_is_one_reason_beside_all_others(provider_process):
    """Who mends a declaration sees at once all that is wrong with it."""
    _, reasons = provider_process.check(None, {**ADA, "type": "ADMIN", "profile": "No Profile"})

    assert ["profile", "type"] == sorted(text.split()[0].rstrip(":") for _, text in reasons)


@pytest.mark.parametrize(
    "added",
    sample([{}, {"type": "STANDARD"}, {"onDestroy": "retain", "status": "INACTIVE"}, {"email": "eve@example.com"}], 2),
)
def test_a_get_reads_whatever_a_transformation_has_added(provider_process, sandbox, added):
    """A stack's transformation changes the properties of a get, too, which says nothing about what is there."""
    sandbox.conductor.put_user("ada@example.com", first_name="Ada", last_name="Lovelace", accounts=[1])

    read_id, outputs, _ = provider_process.read("ada@example.com", added)

    assert ("ada@example.com", "READ_ONLY", "ACTIVE") == (read_id, outputs["type"], outputs["status"])
    assert "ada@example.com" == outputs["email"]


@pytest.mark.parametrize("lost", sample(["tenant", "firstName"], 2))
def test_a_damaged_state_is_no_get(provider_process, lost):
    """What was recorded once and lacks something is refused, never read as something new."""
    inputs, _ = provider_process.check(None, ADA)
    resource_id, outputs = provider_process.create(inputs)
    del outputs[lost]

    with pytest.raises(grpc.RpcError):
        provider_process.read(resource_id, outputs)


def test_an_error_is_its_own_line_and_nothing_else(provider_process):
    """No traceback and no class name reaches the engine."""
    with pytest.raises(grpc.RpcError) as raised:
        provider_process.read("nobody", {}, provider.Company)

    line = (raised.value.details() or "").removeprefix("Exception calling application: ")  # of SDKs before 3.260
    assert line.startswith("Conduit Link refused GET /link/company/nobody/: 404")
    assert 1 == len(line.splitlines())


def test_a_warning_stands_under_its_resource(provider_process, engine, sandbox):
    """A takeover is said through the engine's log with the URN of the resource it is about."""
    sandbox.conductor.put_user("ada@example.com", first_name="Ada", last_name="Lovelace", accounts=[1])

    provider_process.check(None, ADA)

    taken = "CONDUIT-ADOPT: user ada@example.com exists and is adopted without a write"
    assert [(URN, taken)] == engine.warnings()


def test_requests_reach_the_debug_log_without_bodies(provider_process, engine):
    """Method, path, status and milliseconds; never what was sent or answered."""
    provider_process.create(provider_process.check(None, ADA)[0])

    lines = engine.debug_lines("POST /users?send_email=false 201 ")
    assert not [line for line in lines if "Lovelace" in line or "password" in line.lower()]


def test_two_resources_of_one_key_are_refused_but_a_replacement_is_not(provider_process):
    """The engine checks a replaced resource twice; only another resource with the same key is a second declaration."""
    first = provider_process.check(None, ADA)
    again = provider_process.check(None, ADA)
    second = provider_process.check(None, ADA, urn=URN + "-again")

    assert [] == first[1] == again[1]
    names = "'ada' and 'ada-again'"
    expected = f"user ada@example.com is declared by two resources of this program, {names}; keep one of them"
    assert [("", expected)] == second[1]
