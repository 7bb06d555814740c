"""A provider process whose engine is gone ends by itself, and not in the middle of a call."""

import os
import socket
import subprocess
import sys
import threading

import grpc
import pytest
from google.protobuf import struct_pb2
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from pulumi_conduit import provider
from pulumi_conduit.sandbox import Sandbox

_ENDS_WITHIN_S = 30
_LONGER_THAN_THE_WATCH_WAITS_S = 6
_COMPANY = {"companyId": "ACME", "name": "Acme"}


class Engine:
    """Something that listens where the engine would."""

    def __init__(self):
        """Listen on loopback."""
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"

    def die(self):
        """Stop listening, as a killed process does."""
        self._socket.close()


@pytest.fixture
def served(tmp_path):
    """Run a provider process that has been asked once; give its engine, its sandbox, and a way to begin a create."""
    engine = Engine()
    with Sandbox.start() as sandbox:
        command = [sys.executable, "-u", "-m", "pulumi.dynamic", engine.address]
        environ = {**os.environ, **sandbox.environ(), "PULUMI_PROJECT": "test"}
        with subprocess.Popen(command, cwd=tmp_path, env=environ, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
            with grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}") as channel:
                stub = provider_pb2_grpc.ResourceProviderStub(channel)
                stub.Configure(provider_pb2.ConfigureRequest(args=struct_pb2.Struct()), timeout=_ENDS_WITHIN_S)
                checked = stub.Check(provider_pb2.CheckRequest(news=company()), timeout=_ENDS_WITHIN_S)
                yield (
                    engine,
                    sandbox,
                    process,
                    lambda: stub.Create.future(
                        provider_pb2.CreateRequest(properties=checked.inputs), timeout=_ENDS_WITHIN_S
                    ),
                )
            process.kill()
    engine.die()


def company():
    """Return the properties of a company, as the engine sends them."""
    struct = struct_pb2.Struct()
    struct.update({**_COMPANY, "__provider": serialize_provider(provider.Company())})
    return struct


def test_a_provider_without_an_engine_ends(served):
    """An engine that is killed leaves no process behind."""
    engine, _, process, _ = served
    assert process.poll() is None

    engine.die()

    assert 0 == process.wait(_ENDS_WITHIN_S)


def test_a_call_on_its_way_comes_to_its_end_first(served):
    """A create that has begun when the engine dies is done before the process ends."""
    engine, sandbox, process, begin_create = served
    barrier, let_through = threading.Barrier(2), threading.Event()
    sandbox.faults.add("POST /link/company/", hook=lambda: (barrier.wait(), let_through.wait()))
    create = begin_create()
    barrier.wait(_ENDS_WITHIN_S)

    engine.die()
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(_LONGER_THAN_THE_WATCH_WAITS_S)
    let_through.set()

    assert "acme" == create.result().id
    assert 0 == process.wait(_ENDS_WITHIN_S)
    assert ["acme"] == list(sandbox.link.companies())
