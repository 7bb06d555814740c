"""A user's own routes over the table."""

import pytest

from pulumi_conduit.api.routes import CONDUCTOR_ROUTES, override_routes
from pulumi_conduit.errors import OutcomeUnknownError, SettingsError


@pytest.fixture
def lay_over(tmp_path):
    """Lay the text of a file over Conductor's table."""

    def lay(text):
        file = tmp_path / "routes.toml"
        file.write_text(text)
        return override_routes(CONDUCTOR_ROUTES, str(file))

    return lay


def test_verb_and_path_can_be_overridden(lay_over):
    """What the file does not say stays as it is."""
    routes = lay_over('[get_user]\npath = "/v2/people/{userEmail}/"\n[set_user_type]\nverb = "POST"\n')

    changed = {name: (route.verb, route.path) for name, route in routes.items() if route != CONDUCTOR_ROUTES[name]}
    assert changed == {
        "get_user": ("GET", "/v2/people/{userEmail}/"),
        "set_user_type": ("POST", "/users/{userEmail}/type"),
    }


def test_a_client_uses_the_file(connect_to_conductor, server, tmp_path):
    """The file named in the settings decides what is sent."""
    file = tmp_path / "routes.toml"
    file.write_text('[list_users]\npath = "people"\n')
    server.will([])

    connect_to_conductor(routes=str(file)).list_users()

    assert server.lines == ["GET /people"]


def test_a_read_that_becomes_a_post_is_no_longer_repeated(connect_to_conductor, server, tmp_path):
    """Who knows what a POST does."""
    file = tmp_path / "routes.toml"
    file.write_text('[list_users]\nverb = "POST"\n')
    server.will(status=503, times=2)

    with pytest.raises(OutcomeUnknownError):
        connect_to_conductor(routes=str(file)).list_users()

    assert server.lines == ["POST /users"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[create_user]\nverb = "PUT"', False),
        ('[set_user_status]\nverb = "DELETE"', True),
        ('[log_in]\npath = "/token"', True),
    ],
)
def test_an_override_makes_nothing_repeatable(lay_over, text, expected):
    """A creation that is spelled PUT is still a creation; a login stays one."""
    (changed,) = [route for name, route in lay_over(text).items() if route != CONDUCTOR_ROUTES[name]]

    assert changed.is_idempotent is expected


PLAIN = "`path` must be a plain path below the base URL, without empty, '.' or '..' segments, query or %"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[get_usr]", "[get_usr] is not an operation; known are log_in, list_accounts, list_users, create_user"),
        ("get_user = 1", "[get_user] must be a table with the texts `verb` and `path`"),
        ("[get_user]\npath = 1", "[get_user] must be a table with the texts `verb` and `path`"),
        ('[get_user]\nmethod = "GET"', "[get_user] has an unknown key `method`"),
        ('[get_user]\nverb = "PATCH"', "[get_user] `verb` must be one of GET, POST, PUT, DELETE"),
        ('[create_user]\nverb = "GET"', "[create_user] `verb` must not be GET: this operation is not a read"),
        ('[list_users]\npath = ""', f"[list_users] {PLAIN}"),
        ('[list_users]\npath = "https://evil.example/users"', f"[list_users] {PLAIN}"),
        ('[list_users]\npath = "//evil.example/users"', f"[list_users] {PLAIN}"),
        ('[list_users]\npath = "/a/../users"', f"[list_users] {PLAIN}"),
        ('[list_users]\npath = "/a/%2e%2e/users"', f"[list_users] {PLAIN}"),
        ('[list_users]\npath = "/users?all=1"', f"[list_users] {PLAIN}"),
        ('[list_users]\npath = "/users#x"', f"[list_users] {PLAIN}"),
        ('[list_users]\npath = "/us\\ners"', f"[list_users] {PLAIN}"),
        ('[get_user]\npath = "/users/x{userEmail}"', f"[get_user] {PLAIN}"),
        (
            '[get_user]\npath = "/users"',
            "[get_user] `path` must have each placeholder once, as a segment of its own: {",
        ),
        ('[get_user]\npath = "/u/{userEmail}/{userEmail}"', "[get_user] `path` must have each placeholder once"),
        ('[get_user]\npath = "/users/{id}"', "as a segment of its own: {userEmail}"),
        ('[list_users]\npath = "/users/{id}"', "as a segment of its own: none"),
        ("[get_user", "cannot be read: "),
    ],
)
def test_what_a_file_must_not_say_is_named(lay_over, text, reason):
    """A credential goes below the base URL only, and every operation keeps what it needs."""
    with pytest.raises(SettingsError) as caught:
        lay_over(text)

    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_all_reasons_come_at_once(lay_over):
    """Who mends a file mends it once."""
    with pytest.raises(
        SettingsError, match=r"routes.toml: \[a\] is not .*; \[get_user\] `verb` .*; \[get_user\] `path`"
    ):
        lay_over('[a]\n[get_user]\nverb = "X"\npath = "?"')


def test_a_missing_file_is_named():
    """The variable and the path stand in the line."""
    with pytest.raises(SettingsError) as caught:
        override_routes(CONDUCTOR_ROUTES, "/nowhere/routes.toml")

    assert str(caught.value) == "CONDUCTOR_ROUTES, /nowhere/routes.toml: cannot be read: No such file or directory"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"[get_user\n", "Expected ']' at the end of a table declaration (at line 1, column 10)"),
        (b"\xff", "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
    ],
)
def test_a_file_that_is_no_toml_is_told_with_what_is_wrong_in_it(tmp_path, content, reason):
    """Who wrote it must find the place."""
    file = tmp_path / "routes.toml"
    file.write_bytes(content)

    with pytest.raises(SettingsError) as caught:
        override_routes(CONDUCTOR_ROUTES, str(file))

    assert str(caught.value) == f"CONDUCTOR_ROUTES, {file}: cannot be read: {reason}"
