"""An answer that two readers would understand differently is believed by none."""

import json

import pytest

from pulumi_conduit.errors import HTTPStatusError, OutcomeUnknownError, UnexpectedResponseError

REASON = "is not strict JSON: it has a duplicate key, NaN or Infinity"
CHECK = "and that the API is the documented version"


def with_last(content, text):
    """Return an object as JSON with something more at its end, in whatever spelling."""
    return f"{json.dumps(content)[:-1]}, {text}}}".encode()


@pytest.fixture(
    params=['"type": "STANDARD"', '"x": NaN', '"x": -Infinity', '"x": [{"a": Infinity}]', '"x": {"a": 1, "a": 1}']
)
def loose(request, user):
    """Give a user in JSON that is taken differently by different readers."""
    return with_last(user, request.param)


def test_a_user_in_loose_json_is_not_believed(conductor, server, loose):
    """Of two types neither is the user's: to take the last would be a guess about access."""
    server.will(loose)

    with pytest.raises(UnexpectedResponseError) as caught:
        conductor.get_user("jane@x.example")

    assert (
        str(caught.value)
        == f"the response from Conductor to GET /users/jane@x.example {REASON}; {server.check_conductor}, {CHECK}"
    )
    assert caught.value.__context__ is None


def test_a_list_in_loose_json_is_not_believed(conductor, server, loose):
    """What stands twice in one item may stand twice for a reason that concerns all."""
    server.will(b"[" + loose + b"]")

    with pytest.raises(UnexpectedResponseError) as caught:
        conductor.list_users()

    assert str(caught.value) == f"the response from Conductor to GET /users {REASON}; {server.check_conductor}, {CHECK}"


def test_a_create_answered_in_loose_json_is_looked_after(conductor, server):
    """A write that must not be sent twice may have had its effect, whatever its answer is worth."""
    server.will(b'{"accounts": [1], "accounts": [1, 2]}')

    with pytest.raises(OutcomeUnknownError, match=REASON):
        conductor.add_user_account("jane@x.example", 2)


def test_a_login_in_loose_json_gives_no_token(conductor, server):
    """Two tokens are none."""
    server.will_log_in(b'{"accessToken": "a", "accessToken": "b", "expiresIn": 5}')

    with pytest.raises(UnexpectedResponseError, match=REASON):
        conductor.get_user("jane@x.example")

    assert server.lines == []


@pytest.mark.parametrize("body", [b"NaN", b"-Infinity", b'{"x": Infinity}', b'{"detail": "a", "detail": "b"}'])
def test_a_404_in_loose_json_is_no_absence(conductor, server, body):
    """Whoever says NaN is not the documented API, and nobody is forgotten on its word."""
    server.will(body, status=404)

    with pytest.raises(HTTPStatusError) as caught:
        conductor.get_user("jane@x.example")

    assert type(caught.value) is HTTPStatusError
    assert str(caught.value) == (f"Conductor refused GET /users/jane@x.example: 404; {server.check_conductor}")


def test_names_may_stand_again_in_another_object(conductor, server, user):
    """Only within one object is a name that stands twice a contradiction."""
    server.will(with_last(user, '"x": {"type": 1, "y": [{"type": 2}, {"type": 3}]}'))

    assert conductor.get_user("jane@x.example").type == "READ_ONLY"
