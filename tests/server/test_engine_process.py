"""The options of the command line, by which the engine leaves out a part of a program, and the end of the engine."""

import ast
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import grpc
import pytest
from google.protobuf import struct_pb2
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from pulumi_conduit import provider
from pulumi_conduit.sandbox import Sandbox
from pulumi_conduit.server import engine_process
from pulumi_conduit.server.engine_process import Selection

ADA = "urn:pulumi:dev::test::pulumi-python:dynamic/conduit:ConductorUser::ada"
GRANT = "urn:pulumi:dev::test::pulumi-python:dynamic/conduit:UserAccountAccess::travel"
ASKED = f"""
import subprocess, sys
asked = "from pulumi_conduit.server import engine_process; print(tuple(engine_process.selection()))"
subprocess.run([{sys.executable!r}, "-c", asked], check=True)
"""


def asked(*words, name="pulumi"):
    """Return what a child of a command finds."""
    command = [name, "-c", ASKED, *words]
    done = subprocess.run(command, executable=sys.executable, capture_output=True, text=True, check=True)  # noqa: S603 - our own interpreter
    return Selection(*ast.literal_eval(done.stdout))


@pytest.mark.parametrize(
    ("words", "targets", "excludes", "has_dependents"),
    [
        (["up", "-yft", "**::ada"], ["**::ada"], [], False),
        (["up", "-yt**::ada", "-t=**::bob"], ["**::ada", "**::bob"], [], False),
        (["up", "-x", "**::ada", "-yx**::bob"], [], ["**::ada", "**::bob"], False),
        (["up", "-stest", "-mtext", "--tex"], [], [], False),
        (["up", "--yes"], [], [], False),
        (["up", "--target", "**::ada", "--yes"], ["**::ada"], [], False),
        (["up", "-t", "**::ada", "--target=**::bob"], ["**::ada", "**::bob"], [], False),
        (["up", "-t**::ada", "--target-dependents"], ["**::ada"], [], True),
        (["up", "--target-replace", "**::ada"], ["**::ada"], [], False),
        (["up", "--exclude", "**::ada", "--exclude=**::bob"], [], ["**::ada", "**::bob"], False),
        (["up", "--target"], [""], [], False),
    ],
)
def test_a_command_says_what_it_selects(words, targets, excludes, has_dependents):
    """However an option is written."""
    assert Selection(tuple(targets), tuple(excludes), has_dependents) == asked(*words)


@pytest.mark.parametrize("flag", ["--exclude-dependents", "--exclude-dependents=true"])
def test_a_command_may_exclude_dependents(flag):
    """Which they are the engine knows only."""
    assert asked("up", "-x", ADA, flag).excludes_dependents


def test_a_process_that_no_such_command_has_started_has_left_nothing_out():
    """A test kit, or an engine that cannot be looked at."""
    assert Selection() == asked("up", "--target", "**::ada", name="another")


@pytest.mark.parametrize("output", ["", "x", "7 pulumi up --target **::ada"])
def test_where_processes_are_no_files_the_system_is_asked(mocker, output):
    """On macOS a command says it, if it can."""
    mocker.patch.object(engine_process, "_GENERATIONS", 1)
    mocker.patch.object(Path, "read_text", side_effect=OSError)
    mocker.patch("subprocess.run", return_value=subprocess.CompletedProcess([], 0, stdout=output))

    assert (Selection(("**::ada",)) if "pulumi" in output else Selection()) == engine_process.selection()


@pytest.mark.parametrize(
    ("selection", "is_left_out"),
    [
        (Selection(), False),
        (Selection((), (ADA,), excludes_dependents=True), True),
        (Selection((), (), excludes_dependents=True), False),
        (Selection((ADA,)), True),
        (Selection((ADA,), (), True), False),  # noqa: FBT003 - a tuple's place
        (Selection((ADA, GRANT)), False),
        (Selection(("**::travel",)), False),
        (Selection(("urn:pulumi:dev::test::*::travel",)), True),
        (Selection(("**:UserAccountAccess::tr*l",)), False),
        (Selection((), (GRANT,)), True),
        (Selection((), (ADA,)), False),
        (Selection(("**",), ("**::travel",)), True),
    ],
)
def test_a_resource_is_left_out_as_the_engine_matches_it(selection, is_left_out):
    """Two stars stand for anything, one for a part of a name."""
    assert is_left_out is selection.leaves_out(GRANT)


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
            assert process.stdout
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


@pytest.mark.slow
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
