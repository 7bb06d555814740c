"""The provider's server with its hooks does what it does without them, for a provider of any package."""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import grpc
import pytest
from fault_proxy import wait_until
from google.protobuf.struct_pb2 import Struct
from grpc import _server
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2
from served_provider import TIMEOUT_S, WORKERS, message, serving_process

from pulumi_conduit.sdk_hooks import call_serving, property_reading

UNKNOWN = rpc.UNKNOWN
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "value": "hunter2"}
OUTPUT = {SIGNATURE: "d0e6a833031e9bbcd3f4e8bde6ca49a4", "value": "a", "secret": True, "dependencies": ["urn"]}
ASSET = {SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "text": "a"}
MAPS = [
    {},
    {"text": "a", "empty": "", "number": 1.5, "whole": 2, "yes": True, "no": False, "none": None},
    {"texts": ["a", "b"], "empty": [], "mixed": ["a", 1, True], "lists": [["a"], []], "nones": [None, "a"]},
    {"map": {"a": {"b": ["c"]}}, "maps": [{"a": 1}], "empty": {}, "none": {"a": None}},
    {"unknown": UNKNOWN, "list": ["a", UNKNOWN], "map": {"a": UNKNOWN}},
    {"secret": SECRET, "list": [SECRET, "a"], "map": {"a": SECRET}},
    {"output": OUTPUT, "asset": ASSET},
    {"__internal": "a", "__defaults": [], "_one": 1},
    {"signature": SIGNATURE, "long": "a" * 100_000, "emoji": "\N{GRINNING FACE}", "large": 2.0**53, "tiny": -1e-300},
]


@pytest.fixture(scope="module")
def hooked():
    """Run one server with the hooks."""
    with serving_process("auto") as server:
        yield server


@pytest.fixture(scope="module")
def untouched():
    """Run one server on the SDK as it is."""
    with serving_process("off") as server:
        yield server


MODES = ["auto", pytest.param("off", marks=pytest.mark.slow)]  # the latter is the SDK alone


@pytest.fixture(params=MODES)
def server(request):
    """Run a server of one's own, in both modes."""
    with serving_process(request.param) as server:
        yield server


def answers(server, olds, news):
    """Return the answer to each kind of call, or the status that it ended with."""
    old, new = message(olds), message(news)
    calls = [
        (server.stub.Check, provider_pb2.CheckRequest(urn="urn", olds=old, news=new)),
        (server.stub.Diff, provider_pb2.DiffRequest(id="id", urn="urn", olds=old, news=new)),
        (server.stub.Create, provider_pb2.CreateRequest(urn="urn", properties=new)),
        (server.stub.Read, provider_pb2.ReadRequest(id="id", urn="urn", properties=old)),
        (server.stub.Update, provider_pb2.UpdateRequest(id="id", urn="urn", olds=old, news=new)),
        (server.stub.Delete, provider_pb2.DeleteRequest(id="id", urn="urn", properties=old)),
        (server.stub.Invoke, provider_pb2.InvokeRequest(tok="a:b:c")),
    ]
    return [outcome(call, request) for call, request in calls]


def outcome(call, request):
    """Return an answer, or its status and the last line of its message, without the name of a thread."""
    try:
        return call(request, timeout=TIMEOUT_S)
    except grpc.RpcError as error:
        return error.code(), re.sub(r" in thread '.*'", "", str(error.details()).rstrip().rpartition("\n")[2])


@pytest.mark.parametrize("olds", [MAPS[0], MAPS[2], MAPS[5]], ids=["none", "lists", "secrets"])
@pytest.mark.parametrize("news", MAPS, ids=lambda one: "-".join(one) or "none")
def test_every_call_has_the_same_answer(hooked, untouched, olds, news):
    """Whatever the properties hold."""
    assert answers(untouched, olds, news) == answers(hooked, olds, news)


SCALARS = (
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5) | st.sampled_from([UNKNOWN, SIGNATURE])
)
VALUES = st.recursive(
    SCALARS | st.just(SECRET),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(max_size=5), parts, max_size=3),
    max_leaves=6,
)
NAMES = st.text(max_size=5) | st.sampled_from(["__provider", "__internal", "__", "_a"])


@given(
    st.dictionaries(NAMES, VALUES, max_size=5), st.sampled_from([(), (True,), (False,), (None, True), (True, False)])
)
def test_properties_are_read_as_the_sdk_reads_them(properties, options):
    """With every set of its options."""
    struct = Struct()
    struct.update(properties)
    expected = rpc.deserialize_properties(struct, *options)

    found = property_reading._quick(rpc.deserialize_properties)(struct, *options)

    assert shown(expected) == shown(found)


def shown(properties):
    """Return properties as text, in their order, without the addresses of unknown values."""
    return re.sub(" at 0x[0-9a-f]+", "", repr(properties))


def test_plain_properties_are_not_read_by_the_sdk(mocker):
    """It makes an object of each."""
    struct = Struct()
    struct.update({"text": "a", "number": 1, "list": ["a"]})
    read = mocker.Mock()

    assert {"text": "a", "number": 1, "list": ["a"]} == property_reading._quick(read)(struct)
    assert [] == read.mock_calls


def test_an_error_of_a_handler_is_the_status_of_its_call(server):
    """And its message, by which the engine reports it; the server goes on."""
    with pytest.raises(grpc.RpcError) as caught:
        server.create(do="fail", name="bread")

    assert grpc.StatusCode.UNKNOWN == caught.value.code()
    assert "no bread" in str(caught.value.details())
    assert "an-id" == server.create(name="next").id


def test_a_failed_check_names_its_property(server):
    """The answer holds both."""
    found = server.stub.Check(
        provider_pb2.CheckRequest(olds=Struct(), news=message({"do": "refuse"})), timeout=TIMEOUT_S
    )

    assert [("name", "is bad")] == [(one.property, one.reason) for one in found.failures]


def test_as_many_calls_are_served_at_once_as_the_pool_has_threads(server):
    """Each waits for all others; no more than that many are, however many come."""
    with ThreadPoolExecutor(2 * WORKERS) as callers:
        found = list(callers.map(lambda _: server.create(do="meet").properties["busy"], range(2 * WORKERS)))

    assert 2 * WORKERS == len(found)
    assert max(found) <= WORKERS


@pytest.mark.parametrize("mode", MODES)
def test_no_more_than_that_are_served_in_the_first_burst(mode):
    """A refresh begins with many calls, of which the first configures the server for all."""
    with serving_process(mode, is_used=False) as server, ThreadPoolExecutor(4 * WORKERS) as callers:
        found = list(callers.map(lambda late_s: busy(server, late_s), [0] * 2 * WORKERS + [0.7] * 2 * WORKERS))

    assert max(found) == WORKERS


def busy(server, late_s):
    """Return how many calls were being served at once during this one, which comes late."""
    time.sleep(late_s)
    return server.create(do="work").properties["busy"]


def test_a_second_provider_of_a_process_changes_nothing(server):
    """Each is configured, and the server is the same."""
    server.create("AlsoServed")
    with ThreadPoolExecutor(3 * WORKERS) as callers:
        found = list(callers.map(lambda _: busy(server, 0), range(3 * WORKERS)))

    assert max(found) == WORKERS


def begin_writes(server, folder, names):
    """Begin a call for each name, and return them; each leaves a file of its name when it is begun."""
    requests = [
        message({"do": "write", "begun": str(folder / name), "ended": str(folder / f"{name}.ended")}) for name in names
    ]
    return [server.stub.Create.future(provider_pb2.CreateRequest(properties=one)) for one in requests]


def test_a_call_that_is_cancelled_while_it_waits_is_never_begun(server, tmp_path):
    """A run that is interrupted writes no more."""
    first = begin_writes(server, tmp_path, map(str, range(WORKERS)))
    assert wait_until(lambda: WORKERS == len(list(tmp_path.iterdir())))
    late = begin_writes(server, tmp_path, (f"late{number}" for number in range(2 * WORKERS)))
    time.sleep(0.3)  # they have come

    for one in late:
        one.cancel()

    assert ["an-id"] * WORKERS == [one.result(TIMEOUT_S).id for one in first]
    assert "an-id" == server.create(name="next").id
    assert [] == list(tmp_path.glob("late*"))


def test_an_unknown_method_is_refused_while_all_are_busy(server, tmp_path):
    """One thread always receives."""
    busy_ones = begin_writes(server, tmp_path, map(str, range(WORKERS)))
    assert wait_until(lambda: WORKERS == len(list(tmp_path.iterdir())))

    with pytest.raises(grpc.RpcError) as caught:
        server.channel.unary_unary("/pulumirpc.ResourceProvider/Unknown")(b"", timeout=TIMEOUT_S)

    assert grpc.StatusCode.UNIMPLEMENTED == caught.value.code()
    assert [False] * WORKERS == [one.done() for one in busy_ones]


def test_an_interrupt_lets_a_call_finish(server, tmp_path):
    """A write of several requests must not end between two of them, nor after what the process does at its end."""
    (call,) = begin_writes(server, tmp_path, ["one"])
    assert wait_until((tmp_path / "one").exists)

    server.interrupt()

    assert "before the end" == (tmp_path / "one.ended").read_text(encoding="utf-8")
    assert call.exception(TIMEOUT_S)


def test_a_handler_that_exits_ends_no_thread(server):
    """Its own call is never answered, as with the SDK; all others are."""
    lost = [
        server.stub.Create.future(provider_pb2.CreateRequest(properties=message({"do": "exit"})))
        for _ in range(2 * WORKERS)
    ]

    assert ["an-id"] * WORKERS == [server.create(name="another").id for _ in range(WORKERS)]
    assert [] == [one for one in lost if one.done()]


def test_a_cancelled_call_disturbs_no_other(server, tmp_path):
    """The engine cancels when a run is cancelled."""
    for one in begin_writes(server, tmp_path, map(str, range(WORKERS))):
        one.cancel()

    assert "an-id" == server.create(name="next").id


def test_a_call_without_a_message_is_refused(hooked, untouched):
    """As gRPC refuses it."""
    statuses = []
    for server in (hooked, untouched):
        call = server.channel.stream_unary("/pulumirpc.ResourceProvider/Check")
        with pytest.raises(grpc.RpcError) as caught:
            call(iter([]), timeout=TIMEOUT_S)
        statuses.append((caught.value.code(), caught.value.details()))

    assert grpc.StatusCode.UNIMPLEMENTED == statuses[0][0]
    assert statuses[0] == statuses[1]


@pytest.fixture
def fitting(mocker):
    """Be in a thread of a server's pool."""
    return mocker.patch.object(call_serving, "worker_pool", return_value=ThreadPoolExecutor(1))


def test_grpc_is_of_the_known_form(fitting):
    """Else a new version of it has to be tried."""
    assert call_serving.fits()


@pytest.mark.parametrize("version", ["1.67.1", "1.86.0", "2.0.0"])
def test_a_grpc_that_was_not_tried_is_left_alone(fitting, monkeypatch, version):
    """What looks the same may do something else."""
    monkeypatch.setattr(grpc, "__version__", version)

    assert not call_serving.fits()


@pytest.mark.parametrize(
    "name", [*call_serving._FUNCTIONS, "_handle_with_method_handler", "_process_event_and_continue"]
)
def test_a_grpc_of_another_form_is_left_alone(fitting, monkeypatch, name):
    """Each function that takes part is looked at."""
    monkeypatch.setattr(_server, name, lambda *_: None)

    assert not call_serving.fits()


def test_a_process_that_is_no_server_is_left_alone():
    """Nothing of it is in a pool."""
    assert not call_serving.fits()


def _serve(state, handle, *call):
    """Receive a call as gRPC's own thread does, which is known by this name."""
    return handle(*call)


@pytest.mark.parametrize("state", [{"active_rpc_count": 1}, {"maximum_concurrent_rpcs": 9}], ids=["busy", "limited"])
def test_a_call_goes_to_the_pool_as_long_as_it_must(mocker, state):
    """Where calls are in it, or gRPC counts those that are."""
    own, pool = mocker.Mock(), ThreadPoolExecutor(1)
    handle = call_serving._at_once(own, pool)
    running = SimpleNamespace(**{"active_rpc_count": 0, "maximum_concurrent_rpcs": None, **state})

    assert own.return_value is _serve(running, handle, "event", "state", "handler", pool)
    assert [mocker.call("event", "state", "handler", pool)] == own.mock_calls


@pytest.mark.parametrize(("can_start", "most"), [(0, None), (1, None), (3, 2), (99, 4)])
def test_as_many_threads_serve_as_can_be_started(mocker, can_start, most):
    """One of them waits for the end; without any other, all calls go to the pool."""
    mocker.patch.object(threading.Thread, "start", side_effect=[None] * can_start + [RuntimeError] * 9)
    running = SimpleNamespace(active_rpc_count=0, maximum_concurrent_rpcs=None)

    calls = _serve(running, call_serving._started, ThreadPoolExecutor(4))

    assert most == (calls and calls.most)


def test_another_server_of_the_process_is_served_as_before(mocker):
    """Of gRPC, by a provider that has one."""
    own = mocker.Mock()
    handle = call_serving._at_once(own, ThreadPoolExecutor(1))
    call = ("event", "state", "handler", ThreadPoolExecutor(1))

    assert own.return_value is _serve(SimpleNamespace(active_rpc_count=0, maximum_concurrent_rpcs=None), handle, *call)
    assert [mocker.call(*call)] == own.mock_calls
