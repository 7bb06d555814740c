"""Values keep what they are on every way: to the wire and back, into the state and back, through copies and marks."""

import copy
import json

import pytest
from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st

from pulumi_conduit.testing.engine import EngineError, Secret
from pulumi_conduit.testing.engine.states import State
from pulumi_conduit.testing.engine.values import (
    OUTPUT,
    SECRET,
    SIGNATURE,
    UNKNOWN,
    UNKNOWN_WIRE,
    Reference,
    annotate,
    from_struct,
    has_secret,
    has_unknown,
    mark_secret,
    plain,
    to_struct,
)

names = st.text(max_size=5).filter(lambda name: name != SIGNATURE)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(min_value=-(2**53), max_value=2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
)
references = st.builds(
    Reference, st.text(min_size=1, max_size=5), st.sampled_from([None, "i-1", UNKNOWN]), st.sampled_from(["", "1.2.3"])
)


def nested(leaves):
    """Return values of these leaves, with lists, objects and secrets around them."""
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(names, inner, max_size=3),
            inner.map(mark_secret),
        ),
        max_leaves=8,
    )


plain_values = st.dictionaries(names, nested(scalars), max_size=4)
rich_values = st.dictionaries(names, nested(st.one_of(scalars, references, st.just(UNKNOWN))), max_size=4)


@given(rich_values)
def test_the_wire_keeps_secrets_unknowns_and_references(properties):
    """What is written for the program is read back as it was."""
    assert properties == from_struct(to_struct(properties, unknowns=True, rich=True))


@given(plain_values)
def test_a_provider_gets_everything_in_the_clear(properties):
    """What is written for a provider is the values without their marks."""
    assert plain(properties) == from_struct(to_struct(properties))


@given(rich_values)
def test_a_provider_never_sees_what_is_unknown_unless_asked(properties):
    """In an update nothing unknown goes out, however deep it lies."""
    assert UNKNOWN_WIRE not in str(to_struct(_without_references(properties)))


def _without_references(value):
    if isinstance(value, Secret):
        return Secret(_without_references(value.value))
    if isinstance(value, dict):
        return {name: _without_references(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_without_references(item) for item in value]
    return None if isinstance(value, Reference) else value


@given(rich_values)
def test_the_state_file_keeps_secrets_unknowns_and_references(properties):
    """What is recorded is read back as it was, by way of JSON text."""
    state = State("urn:pulumi:dev::p::t::n", "t", custom=True, inputs=properties, outputs=properties)

    read = State.from_json(json.loads(json.dumps(state.to_json())))

    assert (properties, properties) == (read.inputs, read.outputs)


@given(rich_values)
def test_no_secret_is_recorded_without_its_signature(properties):
    """Every secret stands in the state under the signature of secrets, and its clear text only there."""
    state = State("urn", "t", custom=True, inputs={"all": Secret({"hidden": "s3cr3t", **properties})})

    recorded = state.to_json()["inputs"]["all"]

    assert {SIGNATURE, "plaintext"} == recorded.keys()
    assert SECRET == recorded[SIGNATURE]


@given(rich_values)
def test_a_copy_without_marks_holds_no_secret(properties):
    """Taking the marks off reaches every depth and leaves the original as it was."""
    before = copy.deepcopy(properties)

    assert not has_secret(plain(properties))
    assert before == properties


@given(rich_values)
def test_unknown_stays_itself_when_copied(properties):
    """A copy of something unknown is unknown, for it is compared by identity."""
    assert has_unknown(properties) == has_unknown(copy.deepcopy(properties))


@given(plain_values)
def test_what_comes_back_under_the_name_of_a_secret_is_one(properties):
    """Every value that was sent as a secret, or held one, is a secret again when a provider echoes it."""
    echoed = plain(properties)

    annotate(echoed, properties)

    assert plain(properties) == plain(echoed)
    assert has_secret(properties) == has_secret(echoed)


def test_a_list_with_a_secret_comes_back_secret_as_a_whole():
    """Nobody can know which item of an echoed list was the secret, so all of it is one."""
    echoed = {"items": ["other", "s3cr3t"], "shown": 1}

    annotate(echoed, {"items": ["other", Secret("s3cr3t")], "shown": 1})

    assert {"items": Secret(["other", "s3cr3t"]), "shown": 1} == echoed


def test_a_secret_does_not_show_its_value():
    """Neither a log nor a failed assertion can spill it."""
    assert "s3cr3t" not in repr({"password": Secret("s3cr3t")})


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ({"value": 1.0}, 1.0),
        ({"value": 1.0, "secret": True}, Secret(1.0)),
        ({}, UNKNOWN),
        ({"secret": True}, Secret(UNKNOWN)),
    ],
)
def test_an_output_value_is_what_it_says(output, expected):
    """An output on the wire is its value, unknown without one, and secret if it says so."""
    struct = struct_pb2.Struct()
    struct.update({"name": {SIGNATURE: OUTPUT, **output}})

    assert {"name": expected} == from_struct(struct)


def test_an_asset_is_refused():
    """Assets are not supported, and said so instead of being taken for an object."""
    struct = struct_pb2.Struct()
    struct.update({"file": {SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "path": "x"}})

    with pytest.raises(EngineError, match="assets and archives are not supported by the embedded engine"):
        from_struct(struct)


def test_whole_numbers_are_recorded_as_such():
    """The wire knows floats only, but the state says 3 and not 3.0, as Pulumi's does."""
    state = State("urn", "t", custom=True, inputs={"count": 3.0, "share": 0.5})

    assert '{"count": 3, "share": 0.5}' == json.dumps(state.to_json()["inputs"])
