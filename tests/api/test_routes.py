"""The table of verbs and paths, and ids on their way into a path."""

from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pulumi_conduit.api.routes import CONDUCTOR_ROUTES, LINK_ROUTES
from pulumi_conduit.errors import InvalidInputError


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
