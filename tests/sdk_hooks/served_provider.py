"""A provider of another package, in the SDK's own server process, which installs the hooks of a server."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import grpc
from google.protobuf import struct_pb2
from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from pulumi_conduit.sdk_hooks import speed_up_server
from pulumi_conduit.sdk_internals import set_worker_threads

WORKERS = 6
TIMEOUT_S = 30
TOGETHER = threading.Barrier(WORKERS, timeout=TIMEOUT_S)
AT_WORK: list[int] = []


class Served(ResourceProvider):
    """Returns what it is given, and does what the property `do` says."""

    def configure(self, req):
        """Let it serve several calls at once, as ours does, and be faster."""
        set_worker_threads(WORKERS)
        speed_up_server()

    def check(self, _olds, news):
        """Echo, or name a failure."""
        return CheckResult(
            {**news, "olds": _olds}, [CheckFailure("name", "is bad")] if news.get("do") == "refuse" else []
        )

    def diff(self, _id, olds, news):
        """Compare."""
        return DiffResult(changes=olds != news, replaces=sorted(olds.keys() ^ news.keys()))

    def create(self, props):
        """Echo, after what is to be done."""
        {"fail": _fail, "exit": sys.exit, "meet": _meet, "write": _write}.get(props.get("do"), lambda *_: None)(props)
        return CreateResult("an-id", {**props, "busy": max(AT_WORK, default=0)} if "do" in props else props)

    def read(self, id_, props):
        """Echo, as outputs and as inputs."""
        return ReadResult(id_, dict(props), dict(props))

    def update(self, _id, olds, news):
        """Return both."""
        return UpdateResult({**news, "olds": olds})


def _fail(props):
    raise ValueError(f"no {props['name']}")


def _meet(_props):
    AT_WORK.append(len(AT_WORK) + 1)
    TOGETHER.wait()
    time.sleep(0.05)
    AT_WORK.pop()


def _write(props):
    Path(props["begun"]).touch()
    time.sleep(1)
    Path(props["ended"]).touch()


def provider_text():
    """Return the provider as a program pickles it: by the name of this module."""
    from served_provider import Served as Named  # noqa: PLC0415 - under the name that the server knows it by

    return serialize_provider(Named())


class Server:
    """The server, as the engine calls it."""

    def __init__(self, process, channel):
        """Speak with a process."""
        self.process, self.channel = process, channel
        self.stub = provider_pb2_grpc.ResourceProviderStub(channel)

    def create(self, **properties):
        """Return what becomes of an object, or fail as the server does."""
        return self.stub.Create(provider_pb2.CreateRequest(properties=message(properties)), timeout=TIMEOUT_S)

    def interrupt(self):
        """Send what Ctrl-C sends, and wait for the end."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(TIMEOUT_S)


def message(properties):
    """Return properties of a resource of this provider."""
    struct = struct_pb2.Struct()
    struct.update({**properties, "__provider": provider_text()})
    return struct


@contextmanager
def serving_process(mode):
    """Start the SDK's server as the engine does, with hooks or without."""
    places = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    environ = {**os.environ, "PYTHONPATH": places, "PULUMI_PROJECT": "test", "CONDUIT_SDK_HOOKS": mode}
    command = [sys.executable, "-u", "-m", "pulumi.dynamic", "127.0.0.1:1"]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603 - a fixed command
        try:
            assert process.stdout
            with grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}") as channel:
                server = Server(process, channel)
                server.stub.Configure(provider_pb2.ConfigureRequest(args=struct_pb2.Struct()), timeout=TIMEOUT_S)
                server.create(name="first")  # the hooks are installed by it, and serve the next
                yield server
        finally:
            with suppress(ProcessLookupError):
                process.kill()
