"""A provider of another package, in the SDK's own server process, which installs the hooks of a server."""

import atexit
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from importlib import import_module
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
ENDED: list[int] = []


class Served(ResourceProvider):
    """Returns what it is given, and does what the property `do` says."""

    def configure(self, req):
        """Let it serve several calls at once, as ours does, and be faster."""
        atexit.register(ENDED.append, 1)
        time.sleep(float(os.environ["CONFIGURES_FOR_S"]))  # others may call meanwhile
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
        done = DO[props["do"]](props) if "do" in props else None
        return CreateResult("an-id", props if done is None else {**props, "busy": done})

    def read(self, id_, props):
        """Echo, as outputs and as inputs."""
        return ReadResult(id_, dict(props), dict(props))

    def update(self, _id, olds, news):
        """Return both."""
        return UpdateResult({**news, "olds": olds})


def _fail(props):
    raise ValueError(f"no {props['name']}")


def _work(_props):
    AT_WORK.append(1)
    busy = len(AT_WORK)
    time.sleep(0.2)
    busy = max(busy, len(AT_WORK))
    AT_WORK.pop()
    return busy


def _meet(props):
    TOGETHER.wait()
    return _work(props)


def _write(props):
    Path(props["begun"]).touch()
    time.sleep(1)
    Path(props["ended"]).write_text("after the end" if ENDED else "before the end", encoding="utf-8")


DO = {"fail": _fail, "exit": sys.exit, "meet": _meet, "work": _work, "write": _write}


class AlsoServed(Served):
    """Another provider of the same program."""


def provider_text(name):
    """Return a provider as a program pickles it: by the name of this module."""
    return serialize_provider(getattr(import_module("served_provider"), name)())


class Server:
    """The server, as the engine calls it."""

    def __init__(self, process, channel):
        """Speak with a process."""
        self.process, self.channel = process, channel
        self.stub = provider_pb2_grpc.ResourceProviderStub(channel)

    def create(self, provider="Served", **properties):
        """Return what becomes of an object, or fail as the server does."""
        request = provider_pb2.CreateRequest(properties=message(properties, provider))
        return self.stub.Create(request, timeout=TIMEOUT_S)

    def interrupt(self):
        """Send what Ctrl-C sends, and wait for the end."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(TIMEOUT_S)


def message(properties, provider="Served"):
    """Return properties of a resource of a provider."""
    struct = struct_pb2.Struct()
    struct.update({**properties, "__provider": provider_text(provider)})
    return struct


@contextmanager
def serving_process(mode, *, is_used=True):
    """Start the SDK's server as the engine does, with hooks or without, and use it once, which installs them."""
    places = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    own = {"CONDUIT_SDK_HOOKS": mode, "CONFIGURES_FOR_S": "0" if is_used else "0.3"}
    environ = {**os.environ, "PYTHONPATH": places, "PULUMI_PROJECT": "test", **own}
    command = [sys.executable, "-u", "-m", "pulumi.dynamic", "127.0.0.1:1"]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603 - a fixed command
        try:
            assert process.stdout
            with grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}") as channel:
                server = Server(process, channel)
                server.stub.Configure(provider_pb2.ConfigureRequest(args=struct_pb2.Struct()), timeout=TIMEOUT_S)
                if is_used:
                    server.create(name="first")
                yield server
        finally:
            with suppress(ProcessLookupError):
                process.kill()
