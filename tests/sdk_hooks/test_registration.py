"""Registrations with an engine that listens: from the event loop, with the SDK's own outcome."""

import asyncio
import inspect
import sys
import threading
from concurrent import futures
from contextlib import contextmanager, suppress

import grpc
import pulumi
import pytest
from google.protobuf import empty_pb2
from hooked_program import ON_AND_OFF, Thing, run, serving
from pulumi.runtime import resource
from pulumi.runtime.proto import resource_pb2, resource_pb2_grpc

from pulumi_conduit.sdk_hooks import registration

pytestmark = pytest.mark.skipif(not registration.fits(), reason="this SDK does not register so")

WAIT_S = 10


class Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    """The part of an engine that takes registrations."""

    def __init__(self):
        """Answer at once."""
        self.address = ""
        self.names = []
        self.answered = []
        self.most_in_flight = self.in_flight = 0
        self.errors = {}
        self.lock = threading.Lock()
        self.may_answer = threading.Event()
        self.may_answer.set()

    def SupportsFeature(self, request, context):  # noqa: N802 - the protocol's name
        """Support everything."""
        return resource_pb2.SupportsFeatureResponse(hasSupport=True)

    def RegisterResource(self, request, context):  # noqa: N802
        """Answer with the inputs."""
        with self.lock:
            self.names.append(request.name)
            self.in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            if request.name.startswith("thing"):
                self.may_answer.wait(WAIT_S)
                if context.is_active():
                    self.answered.append(request.name)
            if error := self.errors.get(request.name):
                context.abort(*error)
        finally:
            with self.lock:
                self.in_flight -= 1
        urn = f"urn:pulumi:dev::test::{request.type}::{request.name}"
        return resource_pb2.RegisterResourceResponse(urn=urn, id=f"{request.name}-id", object=request.object)

    def ReadResource(self, request, context):  # noqa: N802
        """Answer with the inputs."""
        self.names.append(request.name)
        urn = f"urn:pulumi:dev::test::{request.type}::{request.name}"
        return resource_pb2.ReadResourceResponse(urn=urn, properties=request.properties)

    def RegisterResourceOutputs(self, request, context):  # noqa: N802
        """Take the outputs of the stack."""
        return empty_pb2.Empty()

    def SignalAndWaitForShutdown(self, request, context):  # noqa: N802
        """Let the program end."""
        return empty_pb2.Empty()


@pytest.fixture
def monitor():
    """Give a monitor that listens."""
    with serving(Monitor(), resource_pb2_grpc.add_ResourceMonitorServicer_to_server) as monitor:
        yield monitor


@pytest.fixture
def threads(mocker):
    """Count what is given to an executor."""
    return mocker.spy(asyncio.BaseEventLoop, "run_in_executor")


@ON_AND_OFF
def test_resources_are_registered_in_order_with_their_outputs(engine, monitor, with_hooks):
    """What one resource returns is an input of the next."""
    found = []

    async def program():
        first = Thing("thing-1", value="x")
        second = Thing("thing-2", value=first.id)
        found.extend([await second.id.future(), await second.value.future()])

    run(engine.address, program, with_hooks=with_hooks, monitor=monitor.address)

    assert ["thing-2-id", "thing-1-id"] == found
    assert ["thing-1", "thing-2"] == [name for name in monitor.names if name.startswith("thing")]


@ON_AND_OFF
def test_a_read_is_not_overtaken_by_registrations(engine, with_hooks):
    """The check of a user waits for grants, whose user may be one that is read."""

    def program():
        Thing("read", pulumi.ResourceOptions(id="one"))
        for number in range(5):
            Thing(f"thing-{number}")

    # One thread, so that the requests are handled in the order in which they come.
    with serving(Monitor(), resource_pb2_grpc.add_ResourceMonitorServicer_to_server, threads=1) as monitor:
        run(engine.address, program, with_hooks=with_hooks, monitor=monitor.address, parallel=1)

    names = [name for name in monitor.names if name.startswith(("read", "thing"))]
    assert {"read", *(f"thing-{number}" for number in range(5))} == {*names}
    if with_hooks:  # the SDK's threads mostly keep the order
        assert "read" == names[0]


def test_no_registration_is_given_to_a_thread(engine, monitor, threads):
    """Each hand-over costs the program more than the request."""
    counts = {}
    for with_hooks in (True, False):
        threads.reset_mock()
        run(
            engine.address,
            lambda: [Thing(f"thing-{number}") for number in range(20)] and None,
            with_hooks=with_hooks,
            monitor=monitor.address,
        )
        counts[with_hooks] = threads.call_count

    assert 15 < counts[False] - counts[True]  # one function waits for all that are in flight


@ON_AND_OFF
@pytest.mark.parametrize(
    ("code", "message"),
    [(grpc.StatusCode.UNKNOWN, "no such region"), (grpc.StatusCode.INVALID_ARGUMENT, "no such property")],
)
def test_an_error_of_the_engine_is_the_same_exception(engine, monitor, with_hooks, code, message):
    """The SDK makes of it what the user reads."""
    monitor.errors["thing"] = (code, message)

    with pytest.raises(Exception, match=message) as raised:
        run(engine.address, lambda: Thing("thing") and None, with_hooks=with_hooks, monitor=monitor.address)

    assert type(raised.value) is not grpc.RpcError
    assert "InactiveRpcError" not in type(raised.value).__name__


def declare(count, threads):
    """Declare things in a program whose executor has this many threads, as the SDK makes it."""
    asyncio.get_running_loop().set_default_executor(futures.ThreadPoolExecutor(threads))
    for number in range(count):
        Thing(f"thing-{number}")


@pytest.mark.parametrize(("parallel", "most"), [(1, 4), (2, 8)])
@ON_AND_OFF
def test_as_many_are_in_flight_as_the_sdk_has_threads_for(engine, monitor, with_hooks, parallel, most):
    """`--parallel` limits a program, too."""
    monitor.may_answer.clear()
    enough = threading.Timer(0.5, monitor.may_answer.set)

    def program():
        declare(20, threads=4 * parallel)
        enough.start()

    run(engine.address, program, with_hooks=with_hooks, monitor=monitor.address, parallel=parallel)

    assert most == monitor.most_in_flight
    assert 20 == sum(name.startswith("thing") for name in monitor.names)


@ON_AND_OFF
def test_a_program_that_fails_makes_the_registrations_that_it_has_begun(engine, monitor, with_hooks):
    """The engine takes them, also those that were waiting for others."""
    monitor.may_answer.clear()

    async def program():
        declare(8, threads=4)
        await asyncio.sleep(0.2)
        threading.Timer(0.5, monitor.may_answer.set).start()
        task = asyncio.current_task()
        assert task
        asyncio.get_running_loop().call_soon(task.cancel)
        await asyncio.sleep(WAIT_S)

    with pytest.raises(asyncio.CancelledError):
        run(engine.address, program, with_hooks=with_hooks, monitor=monitor.address, parallel=1)

    assert [f"thing-{number}" for number in range(8)] == sorted(monitor.answered)


@ON_AND_OFF
def test_a_registration_whose_task_was_cancelled_is_not_made_any_more(engine, monitor, with_hooks):
    """The Automation API cancels the tasks of an inline program that has failed."""
    monitor.may_answer.clear()

    async def program():
        declare(8, threads=4)
        await asyncio.sleep(0.5)
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0.1)
        monitor.may_answer.set()
        await asyncio.sleep(0.5)

    with suppress(asyncio.CancelledError):
        run(engine.address, program, with_hooks=with_hooks, monitor=monitor.address, parallel=1)

    assert [f"thing-{number}" for number in range(4)] == sorted(monitor.answered)


@pytest.mark.parametrize("line", ["send, ended =", "response = ", "response.add", "taken.clear"])
@pytest.mark.parametrize("is_running", [True, False])
def test_an_interrupt_while_requests_are_sent_does_not_hold_up_the_exit(mocker, line, is_running):
    """No response can come to a request that was taken and not sent; those that wait after it are sent."""
    loop = mocker.Mock()
    loop.create_future.side_effect = lambda: mocker.Mock(**{"cancelled.return_value": False})
    loop.call_soon_threadsafe.side_effect = lambda function, *arguments: function(*arguments)
    loop.is_running.return_value = is_running
    requests, sent = registration._Requests(loop, 1), []

    with interrupted(registration._Requests._send_waiting, line), pytest.raises(KeyboardInterrupt):
        requests.add(futures.Future)
    requests._waiting.append((lambda: sent.append("next") or answered(), loop.create_future()))
    waiting = threading.Thread(target=requests._wait, daemon=True)
    waiting.start()
    waiting.join(WAIT_S)

    assert (False, ["next"]) == (waiting.is_alive(), sent)


def answered():
    """Return a response that has come."""
    response: futures.Future[None] = futures.Future()
    response.set_result(None)
    return response


@contextmanager
def interrupted(function, beginning):
    """Interrupt a function before a line."""
    lines, first = inspect.getsourcelines(function)
    number = first + next(at for at, line in enumerate(lines) if line.strip().startswith(beginning))

    def trace(frame, event, arg):
        return trace_lines if frame.f_code is function.__code__ else None

    def trace_lines(frame, event, arg):
        if event == "line" and frame.f_lineno == number:
            raise KeyboardInterrupt
        return trace_lines

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)


@ON_AND_OFF
def test_a_request_that_cannot_be_sent_fails_the_program(engine, monitor, mocker, with_hooks):
    """And nothing waits for its response."""
    mocker.patch.object(resource_pb2.RegisterResourceRequest, "SerializeToString", side_effect=ValueError("too large"))

    with pytest.raises(Exception, match="Exception serializing request"):
        run(engine.address, lambda: Thing("thing") and None, with_hooks=with_hooks, monitor=monitor.address)


def test_the_loop_is_free_while_the_engine_is_at_work(engine, monitor):
    """Other resources of the program go on."""
    monitor.may_answer.clear()

    async def program():
        Thing("thing")
        await asyncio.sleep(0.05)
        monitor.may_answer.set()

    run(engine.address, program, monitor=monitor.address)

    assert "thing" in monitor.names


def test_other_programs_of_the_process_use_threads(engine, monitor, threads):
    """A host of the Automation API may run one beside ours."""
    run(engine.address, lambda: None, monitor=monitor.address)
    threads.reset_mock()
    run(engine.address, lambda: Thing("thing") and None, with_hooks=False, monitor=monitor.address)

    assert vars(resource)["asyncio"] is not asyncio
    assert 1 <= threads.call_count


def test_mocks_are_asked_in_a_thread(engine, threads):
    """They are no connection: a mock may take its time."""
    run(engine.address, lambda: Thing("thing") and None)

    assert 1 <= threads.call_count
