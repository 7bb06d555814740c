"""Debug messages on their way to the engine: all of them, in order, in few requests, and without a wait."""

import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import grpc
import pulumi
import pytest
from hooked_program import SEVERITIES, Engine, run
from pulumi.runtime.proto import engine_pb2

import pulumi_conduit as conduit
from pulumi_conduit.sdk_hooks import debug_log

URN = "urn:pulumi:dev::test::test:index:Team::team"


def declare_people():
    """Declare ten people."""
    for number in range(10):
        email = f"person{number}@acme.example"
        conduit.ConductorUser(email, email=email, first_name="Ada", last_name="Lovelace", initial_accounts=[1])


def test_every_message_of_the_sdk_arrives_in_few_requests(engine, monkeypatch):
    """Untouched, the SDK sends a request for each of its messages, and waits for it."""
    with monkeypatch.context() as switch:
        switch.setenv("CONDUIT_SDK_HOOKS", "off")
        run(engine.address, declare_people)
    expected, untouched = sorted(engine.messages), len(engine.requests)
    engine.requests.clear()

    run(engine.address, declare_people)

    assert expected == sorted(engine.messages)
    assert untouched > 4 * len(engine.requests)


def test_messages_of_all_severities_arrive_in_their_order(engine):
    """A warning is sent at once, after what was logged before it."""
    written = [(SEVERITIES[number % 4], f"message {number}\nof two lines") for number in range(60)]

    def log():
        for severity, message in written:
            {"debug": pulumi.log.debug, "info": pulumi.log.info, "warning": pulumi.log.warn}.get(
                severity, pulumi.log.error
            )(message)

    run(engine.address, log)

    assert written == [one for one in engine.messages if one[1].startswith("message")]


def test_a_program_does_not_wait_for_an_engine_that_is_slow(engine):
    """It goes on while the engine still has its first message."""
    logged = threading.Event()

    def log():
        engine.may_answer.clear()
        for number in range(100):
            pulumi.log.debug(f"message {number}")
        logged.set()
        engine.may_answer.set()

    run(engine.address, log)

    assert logged.is_set()
    assert [f"message {number}" for number in range(100)] == [
        message for _, message in engine.messages if message.startswith("message")
    ]


def test_a_program_that_fails_sends_what_it_has_logged(engine):
    """These messages are what one looks for then; the failure itself is as it was."""

    def fail():
        pulumi.log.debug("the last message")
        raise ValueError("no such row")

    with pytest.raises(ValueError, match=r"^no such row$"):
        run(engine.address, fail)

    assert ("debug", "the last message") in engine.messages


INTERRUPTED = """
import pulumi
import pulumi_conduit as conduit
from hooked_program import run

def program():
    conduit.ConductorUser.get("ada", "ada@acme.example")
    pulumi.log.debug("the last message")
    {end}

run({address!r}, program, with_hooks=False)
"""


@pytest.mark.parametrize("end", ["raise KeyboardInterrupt", "raise SystemExit(3)"], ids=["interrupt", "exit"])
def test_a_program_that_is_interrupted_sends_what_it_has_logged(engine, end):
    """The engine interrupts a program when something else has failed."""
    code = INTERRUPTED.format(address=engine.address, end=end)

    done = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parent, capture_output=True, check=False)  # noqa: S603 - our own interpreter

    assert 0 != done.returncode
    assert ("debug", "the last message") in engine.messages
    assert any(one.message.count("\n") for one in engine.requests)


def test_a_program_without_the_package_waits_as_before(engine):
    """A host of the Automation API may run one beside ours."""
    run(engine.address, declare_people)
    engine.requests.clear()

    def log():
        for number in range(5):
            pulumi.log.debug(f"message {number}")

    run(engine.address, log, with_hooks=False)

    assert 5 == sum(one.message.startswith("message") for one in engine.requests)
    assert {} == debug_log._LOGS


def request(message, severity=engine_pb2.DEBUG, **more):
    """Return a request as the SDK makes it."""
    return engine_pb2.LogRequest(severity=severity, message=message, **more)


class Gone(grpc.RpcError):
    """The engine cannot be reached."""


@pytest.fixture
def log(mocker):
    """Give a log whose thread never has a turn, so that the test decides when something is sent."""
    mocker.patch.object(debug_log.DebugLog, "_start_thread")
    engine = Engine()
    log = debug_log.DebugLog(SimpleNamespace(Log=lambda one: engine.Log(one, None), GetRootResource="another method"))
    log.engine = engine  # type: ignore[attr-defined] # for the tests to read
    yield log
    log.close()


def test_messages_of_another_resource_or_stream_get_a_request_of_their_own(log):
    """The CLI shows them with their resource."""
    for one in (
        request("a", urn=URN),
        request("b", urn=URN),
        request("c"),
        request("d", streamId=1),
        request("e", streamId=1),
    ):
        log.Log(one)
    log.close()

    assert [("a\ndebug: b", URN, 0), ("c", "", 0), ("d\ndebug: e", "", 1)] == [
        (one.message, one.urn, one.streamId) for one in log.engine.requests
    ]


def test_a_message_that_replaces_another_on_the_screen_is_sent_by_itself(log):
    """Joined, it would not replace the one before."""
    log.Log(request("a"))
    log.Log(request("b", ephemeral=True))

    assert ["a", "b"] == [one.message for one in log.engine.requests]


def test_what_waits_is_bounded(log, mocker):
    """A program that logs faster than the engine takes it waits for the engine, as it would have without the hook."""
    mocker.patch.object(debug_log, "_MOST_MESSAGES", 2)

    for number in range(5):
        log.Log(request(f"message {number}"))

    assert 2 >= len(log._waiting)
    assert [("debug", "message 0"), ("debug", "message 1"), ("debug", "message 2")] == log.engine.messages[:3]


def test_a_long_message_does_not_wait(log):
    """So that the size of what waits is bounded, too; what was logged before it is sent before it."""
    log.Log(request("a"))
    log.Log(request("b" * (1 << 16)))

    assert ["a", "b" * (1 << 16)] == [one.message for one in log.engine.requests]


def test_a_message_out_of_a_finalizer_is_sent_after_those_that_are_being_sent(log):
    """It may come in the middle of a request, in the same thread; no message is lost, sent twice or overtaken by it."""
    finalizers = [lambda: (log.Log(request("c", engine_pb2.INFO)), log.Log(request("d")))]
    send = log._engine.Log

    def interrupted(one):
        for finalize in [finalizers.pop()] if finalizers else []:
            finalize()
        send(one)

    log._engine.Log = interrupted
    log.Log(request("a"))
    log.Log(request("b"))
    log.Log(request("e", engine_pb2.INFO))

    assert ["a\ndebug: b", "c", "d", "e"] == [one.message for one in log.engine.requests]


@pytest.mark.parametrize("severity", [engine_pb2.DEBUG, engine_pb2.INFO])
def test_a_message_out_of_a_finalizer_is_sent_after_the_end_of_the_program(log, severity):
    """No later request takes it along then."""
    finalizers = [lambda: log.Log(request("b", severity))]
    send = log._engine.Log

    def interrupted(one):
        send(one)
        for finalize in [finalizers.pop()] if finalizers else []:
            finalize()

    log._engine.Log = interrupted
    log.close()
    log.Log(request("a", engine_pb2.INFO))

    assert ["a", "b"] == [one.message for one in log.engine.requests]


def test_a_signal_handler_may_log_while_a_message_is_let_wait():
    """It runs in the middle of that, and the thread must be able to go on sending meanwhile."""
    has_begun, may_answer, sent = threading.Event(), threading.Event(), []

    def send(one):
        has_begun.set()
        may_answer.wait(10)
        sent.append(one.message)

    log = debug_log.DebugLog(SimpleNamespace(Log=send))
    log._start_thread = lambda: None  # type: ignore[method-assign]
    log.Log(request("a"))
    threading.Thread(target=log._try_to_send, daemon=True).start()
    assert has_begun.wait(10)

    def handle():
        may_answer.set()
        log.Log(request("c", engine_pb2.INFO))

    log._start_thread = handle  # type: ignore[method-assign]
    program = threading.Thread(target=log.Log, args=[request("b")], daemon=True)
    program.start()
    program.join(10)

    assert (False, ["a", "b", "c"]) == (program.is_alive(), sent)


def test_a_message_that_is_let_wait_while_the_log_closes_is_sent(log, mocker):
    """Another thread may be in the middle of logging then."""
    mocker.patch.object(log, "_start_thread", side_effect=log.close)

    log.Log(request("a"))
    mocker.stopall()

    assert ["a"] == [one.message for one in log.engine.requests]


class Examined:
    """A request that counts how often it is examined."""

    severity, ephemeral, streamId, message = engine_pb2.DEBUG, False, 0, "x"  # noqa: N815 - the protocol's name
    times = 0

    def __init__(self, urn):
        """Take the resource."""
        self._urn = urn

    @property
    def urn(self):
        """The resource."""
        Examined.times += 1
        return self._urn


def test_messages_of_alternating_resources_are_examined_a_few_times_each(log, mocker):
    """However many wait."""
    mocker.patch.object(debug_log, "_joined", side_effect=lambda requests: requests[0])
    mocker.patch.object(Examined, "times", 0)

    for number in range(200):
        log.Log(Examined(f"urn-{number % 2}"))
    log.close()

    assert 200 == len(log.engine.requests)
    assert 5 * 200 > Examined.times


def test_what_the_engine_did_not_take_is_sent_again_and_the_program_learns_of_it(log, mocker):
    """Untouched, the SDK raises gRPC's error where a message is logged."""
    mocker.patch.object(log._engine, "Log", side_effect=Gone)
    log.Log(request("a"))

    with pytest.raises(Gone):
        log.Log(request("b", engine_pb2.INFO))

    mocker.stopall()
    log.Log(request("c", engine_pb2.INFO))
    assert ["a", "c"] == [one.message for one in log.engine.requests]


def test_a_failure_of_the_thread_is_raised_by_the_next_debug_message(log, mocker):
    """It must not go unseen until somebody warns of something; when the engine is back, all is as before."""
    mocker.patch.object(log._engine, "Log", side_effect=Gone)
    log.Log(request("a"))
    log._try_to_send()

    with pytest.raises(Gone):
        log.Log(request("b"))

    mocker.stopall()
    log.Log(request("c"))
    log.Log(request("d"))
    assert ["a", "c"] == [one.message for one in log.engine.requests]


def test_an_engine_that_is_gone_at_the_end_is_no_failure_of_its_own(log, mocker):
    """Why it is gone is the CLI's to say."""
    mocker.patch.object(log._engine, "Log", side_effect=Gone)
    log.Log(request("a"))

    log.close()


def test_a_message_after_the_end_is_sent_at_once(log):
    """The language host logs why a program has failed when the program is over."""
    log.close()
    log.Log(request("a"))

    assert ["a"] == [one.message for one in log.engine.requests]


def test_all_else_is_the_engine_s(log):
    """Only its log is replaced."""
    assert "another method" == log.GetRootResource
