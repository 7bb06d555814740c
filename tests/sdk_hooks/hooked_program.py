"""A program on the SDK as it is, with Pulumi's mocks for resources, and an engine that keeps its messages."""

import asyncio
import contextvars
import threading
from concurrent import futures
from contextlib import contextmanager
from typing import Any

import grpc
import pulumi
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime import Settings, configure, get_root_resource, mocks, run_in_stack
from pulumi.runtime.proto import engine_pb2_grpc

from pulumi_conduit import sdk_hooks

ON_AND_OFF = pytest.mark.parametrize("with_hooks", [True, False], ids=["hooks", "untouched"])
SEVERITIES = ("debug", "info", "warning", "error")


class Echo(mocks.Mocks):
    """Answers every registration with its inputs."""

    def new_resource(self, args):
        """Echo."""
        return f"{args.name}-id", args.inputs

    def call(self, args):
        """No function of the engine is used."""
        raise AssertionError(args.token)


class Engine(engine_pb2_grpc.EngineServicer):
    """Keeps the requests of its log."""

    def __init__(self):
        """Begin without any."""
        self.requests = []
        self.root = ""
        self.address = ""
        self.may_answer = threading.Event()
        self.may_answer.set()

    def Log(self, request, context):  # noqa: N802 - the protocol's name
        """Take a message."""
        self.may_answer.wait(timeout=30)
        self.requests.append(request)
        return empty_pb2.Empty()

    @property
    def messages(self):
        """Each message with its severity, as the CLI would show it."""
        return [
            (SEVERITIES[one.severity], message) for one in self.requests for message in one.message.split("\ndebug: ")
        ]


@contextmanager
def serving(servicer, add_to_server, threads=32):
    """Give a servicer that listens at its `address`."""
    with futures.ThreadPoolExecutor(threads) as pool:
        server = grpc.server(pool)
        add_to_server(servicer, server)
        servicer.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
        server.start()
        try:
            yield servicer
        finally:
            servicer.may_answer.set()
            server.stop(None).wait()


def listening():
    """Give an engine that listens."""
    return serving(Engine(), engine_pb2_grpc.add_EngineServicer_to_server)


class Thing(pulumi.CustomResource):
    """A resource of another package."""

    value: pulumi.Output[Any]
    late: pulumi.Output[Any]

    def __init__(self, name, opts=None, **properties):
        """Register it."""
        super().__init__("test:index:Thing", name, properties, opts)


def run(address, program, *, with_hooks=True, dry_run=False, monitor=None, parallel=None):
    """Run a program as the SDK does, with the hooks or without; in a context of its own, as inline programs are."""

    def declare():
        if with_hooks:
            sdk_hooks.speed_up(get_root_resource())
        return program()

    def begin():
        connection = monitor or mocks.MockMonitor(Echo())
        settings = {"monitor": connection, "engine": address, "dry_run": dry_run, "parallel": parallel}
        configure(Settings(project="test", stack="dev", **settings))
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            return loop.run_until_complete(run_in_stack(declare))
        finally:
            loop.run_until_complete(_cancel_what_is_left())
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()
            asyncio.set_event_loop(None)

    return contextvars.Context().run(begin)


async def _cancel_what_is_left():
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
