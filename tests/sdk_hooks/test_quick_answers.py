"""What the SDK asks for each resource: unknown values, traces, URNs, providers as text; the answers are the SDK's."""

import linecache
import re
import traceback
from typing import Any

import pulumi
import pytest
from hooked_program import ON_AND_OFF, Thing, run
from pulumi.dynamic import ResourceProvider, dynamic
from pulumi.output import UNKNOWN, Unknown
from pulumi.runtime import resource, rpc
from pulumi.runtime.settings import SETTINGS

from pulumi_conduit import provider, sdk_hooks
from pulumi_conduit.sdk_hooks import provider_text, stack_trace, unknown_check


class Text(str):
    """A text of another package's own kind."""

    __slots__ = ()


LOOP: list[Any] = []
LOOP.append({"loop": LOOP})


@pytest.mark.parametrize(
    "value",
    [
        *("", "a", 0, 1.5, True, None, [], ["a", 1], {"a": ["b"]}, Text("a"), LOOP),
        *(UNKNOWN, Unknown(), ["a", UNKNOWN], {"a": {"b": UNKNOWN}}, (UNKNOWN,), pulumi.FileAsset("a")),
    ],
    ids=lambda value: re.sub(" at 0x[0-9a-f]+", "", repr(value)),
)
def test_unknown_values_are_found_where_the_sdk_finds_them(value):
    """Plain ones have none; all others are searched as before."""
    expected = rpc.contains_unknowns(value)
    unknown_check.install(None)

    assert expected is pulumi.contains_unknowns(value)


def test_the_sdk_is_not_asked_about_a_plain_value(mocker):
    """It would walk through it as through a tree."""
    ask = mocker.spy(rpc.known_types, "is_unknown")
    unknown_check.install(None)

    assert [False, False] == [rpc.contains_unknowns(one) for one in ("a", ["a"])]
    assert [mocker.call(["a"]), mocker.call("a")] == ask.mock_calls  # the list and what is in it


class Resource:
    """Declares as a resource of a package does: three constructors, one on another."""

    def __init__(self, depth=2):
        """Take the trace where the SDK takes it."""
        self.trace: Any = Resource(depth - 1).trace if depth else resource._get_stack_trace()


def test_a_stack_trace_is_the_sdk_s():
    """The same files and lines, the innermost of the user's code first."""
    found = []
    for number in range(3):
        if number == 1:
            stack_trace.install(None)
        found.append(Resource().trace)

    assert found[0].frames
    assert __file__ in found[0].frames[0].pc.uri
    assert [found[0]] * 2 == found[1:]


def test_a_stack_trace_reads_no_source(mocker):
    """The SDK looks at each file of the stack, for every resource."""
    stack_trace.install(None)
    looked_at, read = mocker.spy(linecache, "getline"), mocker.spy(linecache, "getlines")

    Resource()

    assert [] == looked_at.mock_calls + read.mock_calls


def test_a_frame_without_a_file_has_no_position():
    """As with the SDK: code that was made from a text."""
    stack_trace.install(None)
    frame = traceback.FrameSummary("<string>", 1, "made", lookup_line=False)

    assert None is resource._get_source_position_for_frame(frame)


def test_an_error_has_its_traceback_with_source_lines():
    """All else of the module is as it was."""
    stack_trace.install(None)

    try:
        int("no number")
    except ValueError:
        text = resource.traceback.format_exc()

    assert 'int("no number")' in text


def test_a_loop_has_one_stack_trace(mocker):
    """The SDK makes a message of it for each resource."""
    make = mocker.spy(resource.source_pb2, "StackTrace")
    stack_trace.install(None)

    traces = [Resource().trace for _ in range(3)]

    assert 1 == make.call_count
    assert [traces[0]] * 3 == traces


def test_two_lines_have_two_stack_traces():
    """Each resource is shown at its own line."""
    stack_trace.install(None)
    one = Resource().trace
    another = Resource().trace

    assert 1 == another.frames[0].pc.line - one.frames[0].pc.line
    assert one.frames[1:] == another.frames[1:]


@pytest.mark.skipif(sdk_hooks._version() == (3, 260), reason="in this SDK each registration without an engine fails")
@ON_AND_OFF
def test_a_program_without_an_engine_has_the_same_urns(engine, with_hooks):
    """Of a resource below the stack, a child, and a child of a child."""
    found = []

    async def program():
        SETTINGS.monitor = None
        first = Thing("first")
        child = Thing("child", pulumi.ResourceOptions(parent=first))
        things = (first, child, Thing("a::b", pulumi.ResourceOptions(parent=child)))
        found.extend([await one.urn.future() for one in things])

    run(engine.address, program, with_hooks=with_hooks)

    thing = "test:index:Thing"
    stack = "urn:pulumi:dev::test::pulumi:pulumi:Stack"
    assert [
        f"{stack}${thing}::first",
        f"{stack}${thing}${thing}::child",
        f"{stack}${thing}${thing}${thing}::a::b",
    ] == found


def test_no_output_is_made_of_a_urn_that_is_not_needed(engine, mocker):
    """The SDK makes ten for each registration."""
    make = mocker.spy(resource, "create_urn")
    run(engine.address, lambda: Thing("thing") and None)

    assert [] == [call for call in make.mock_calls if call.args[0] == "thing"]


@ON_AND_OFF
def test_a_urn_that_others_ask_for_is_an_output(engine, with_hooks):
    """A program's own call, and the SDK's for aliases."""
    found = []

    async def program():
        team = "urn:pulumi:dev::test::a:b:Team::team"
        outputs = [
            pulumi.create_urn("thing", "a:b:Thing", team),
            resource.create_urn("thing", "a:b:Thing", pulumi.Output.from_input(team)),
        ]
        found.extend([await one.future() for one in outputs])

    run(engine.address, program, with_hooks=with_hooks)

    assert ["urn:pulumi:dev::test::a:b:Team$a:b:Thing::thing"] * 2 == found


class Another(ResourceProvider):
    """A provider of the program's own, which holds something."""

    def __init__(self, held):
        """Hold it."""
        self.held = held


OURS = [provider.Company, provider.ConductorUser, provider.AccountAccess, provider.AccountList]


@pytest.mark.parametrize("kind", OURS, ids=lambda one: one.__name__)
def test_our_providers_have_the_text_that_states_hold(kind):
    """One character more, and every resource would change."""
    expected = dynamic.serialize_provider(kind())
    provider_text.install(None)

    assert [expected, expected] == [dynamic.serialize_provider(kind()) for _ in range(2)]


def test_each_of_our_providers_is_pickled_once(mocker):
    """However many resources there are."""
    pickle = mocker.spy(dynamic.dill, "dumps")
    provider_text.install(None)

    for _ in range(3):
        for kind in OURS:
            dynamic.serialize_provider(kind())

    assert len(OURS) == pickle.call_count


def test_another_provider_is_pickled_each_time():
    """It may hold something else, or something that has changed."""
    provider_text.install(None)
    one = Another("first")
    first, second = dynamic.serialize_provider(one), dynamic.serialize_provider(Another("second"))
    one.held = "changed"

    assert 3 == len({first, second, dynamic.serialize_provider(one)})


def test_a_provider_of_ours_that_holds_something_is_pickled_each_time():
    """None does; a subclass in a program may."""
    provider_text.install(None)
    empty, holding = provider.Company(), provider.Company()
    holding.held = "something"

    assert dynamic.serialize_provider(empty) != dynamic.serialize_provider(holding)
