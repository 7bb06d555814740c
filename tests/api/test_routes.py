"""The table of verbs and paths, and ids on their way into a path."""

from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pulumi_conduit.api.routes import CONDUCTOR_ROUTES, LINK_ROUTES, override_routes
from pulumi_conduit.errors import InvalidInputError, OutcomeUnknownError, SettingsError


def test_there_are_sixteen_operations():
    """Three of the Link API and thirteen of Conductor's."""
    assert (len(LINK_ROUTES), len(CONDUCTOR_ROUTES)) == (3, 13)


def test_only_what_cannot_do_harm_twice_is_idempotent():
    """Every POST but the login is sent once."""
    never = {route.name for route in (LINK_ROUTES | CONDUCTOR_ROUTES).values() if not route.is_idempotent}

    assert never == {"create_company", "edit_company", "create_user", "replace_user_accounts", "add_user_account"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda text: text not in (".", "..")))
@example("a/b")
@example("a%2fb")
@example("%2e%2e")
@example("...")
@example("a?b#c")
@example("jane+tag@x.example")
@example("\r\nHost: evil")
@example("\\..\\")
def test_any_id_arrives_as_one_segment_equal_to_itself(conductor, server, email):
    """Whatever is in an id, it addresses what it names and nothing else."""
    server.will({"accounts": []})

    conductor.get_user_accounts(email)

    segments = server.seen[-1].path.split("/")
    assert [unquote(segment, errors="strict") for segment in segments] == ["", "users", email, "accounts"]


@pytest.mark.parametrize("company_id", ["", ".", ".."])
def test_ids_that_would_address_something_else_are_refused(link, server, company_id):
    """A dot segment would climb, and an empty one ask for the list."""
    with pytest.raises(InvalidInputError, match=r"cannot stand for \{id\} in a URL: it would address something else"):
        link.get_company(company_id)

    assert server.seen == []


def test_ids_that_are_no_text_are_refused(link, server):
    """A lone surrogate has no bytes to send."""
    with pytest.raises(InvalidInputError, match=r"the value for \{id\} in a URL is not valid Unicode text"):
        link.get_company("\ud800")

    assert server.seen == []


def test_a_base_url_keeps_its_path(connect_to_link, server, company):
    """What is percent-encoded in the base URL stays so, too."""
    server.will(company)

    connect_to_link(url=f"{server.url}/a%2Fb/~c%7E").get_company("ACME")

    assert server.lines == ["GET /a%2Fb/~c%7E/link/company/ACME/"]


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
        ('[set_user_status]\nverb = "PATCH"', False),
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
        ('[get_user]\nverb = "HEAD"', "[get_user] `verb` must be one of GET, POST, PUT, PATCH, DELETE"),
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
def test_a_file_that_is_no_toml_is_reported_with_what_is_wrong_in_it(tmp_path, content, reason):
    """Who wrote it must find the place."""
    file = tmp_path / "routes.toml"
    file.write_bytes(content)

    with pytest.raises(SettingsError) as caught:
        override_routes(CONDUCTOR_ROUTES, str(file))

    assert str(caught.value) == f"CONDUCTOR_ROUTES, {file}: cannot be read: {reason}"


@pytest.fixture
def path_of(tmp_path):
    """Return a way to ask for the path that `list_users` has when a file says it."""

    def lay(path):
        file = tmp_path / "routes.toml"
        file.write_text(f'[list_users]\npath = "{path}"\n')
        return override_routes(CONDUCTOR_ROUTES, str(file))["list_users"].path

    return lay


@pytest.mark.parametrize(
    "path", [".", "..", "/.", "/./users", "/users/.", "/users/./all", "/users/..", "users//all", "/"]
)
def test_a_path_with_dots_or_gaps_is_refused(path_of, path):
    """A server or a proxy may shorten such a path to another one."""
    with pytest.raises(SettingsError, match="must be a plain path below the base URL"):
        path_of(path)


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("users", "/users"),
        ("/users", "/users"),
        ("users/", "/users/"),
        ("/users/", "/users/"),
        ("/v2.1/...", "/v2.1/..."),
        ("/~a/b@c:d,e;f=g+h!i$j&k'l(m)*n-o_p", "/~a/b@c:d,e;f=g+h!i$j&k'l(m)*n-o_p"),
    ],
)
def test_a_plain_path_is_taken_as_it_is(path_of, path, sent):
    """The slash in front is a matter of taste, and the one at the end belongs to the path."""
    assert sent == path_of(path)
