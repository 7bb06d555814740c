"""Paths of a user's own routes: dots and gaps that lead elsewhere are refused, what only looks odd is not."""

import pytest

from pulumi_conduit.api.routes import CONDUCTOR_ROUTES, override_routes
from pulumi_conduit.errors import SettingsError


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
