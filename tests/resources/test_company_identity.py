"""Under another Link token a company counts as the same one by its instant of creation and its page."""

import pytest
from declarations import company, lines

from pulumi_conduit.errors import RefusedError
from pulumi_conduit.resources.company.model import is_same_instant

CREATED = "2026-03-01T12:34:56.123456Z"
APPS = ("default", "b")
PAGE = "https://link.example/a"
GET, EDIT = "GET /link/company/{id}/", "POST /link/company/{id}/"


def answers(sandbox, *routes, created_at=CREATED, url=PAGE):
    """Have the API answer so, however often it is asked for these routes, until it is to answer otherwise."""
    sandbox.faults.clear()
    for route in routes or (GET, EDIT):
        token = {"token": "t", "expires_at": 1}
        page = {"url": url, "enabled": url is not None}
        body = {"id": "ACME", "name": "Acme", "created_at": created_at, "link_page": page, "api_token": token}
        sandbox.faults.add(route, status=200, body=body, times=None)


@pytest.fixture
def acme(sandbox, stack):
    """Have a company in state, and another token of its Link APP from then on."""
    answers(sandbox)
    stack.up({"acme": company(name="Acme", onDestroy="disable_page")})
    sandbox.faults.clear()
    stack.environ["CONDUIT_LINK_APP_TOKEN"] = sandbox.link.rotate_token()
    sandbox.forget_requests()
    return stack


def each_way(stack):
    """Return what comes of a read, an edit and a delete of the company under the other token."""
    outcomes: list[str | None] = []
    for act in (
        lambda handler, state: handler.read(state),
        lambda handler, state: handler.update(state, handler.spec({**stack.held["acme"].inputs, "name": "New"})),
        lambda handler, state: handler.delete(state),
    ):
        stack.begin()
        handler = stack.handler("company", "acme")
        try:
            act(handler, handler.state(stack.outputs("acme")))
        except RefusedError as error:
            outcomes.append(str(error))
        else:
            outcomes.append(None)
    return outcomes


SAME = [
    "2026-03-01T12:34:56.123456Z",
    "2026-03-01T12:34:56.123456+00:00",
    "2026-03-01T13:34:56.123456+01:00",
    "2026-03-01T18:04:56.123456+05:30",
    "2026-03-01T04:34:56.123456-0800",
    "2026-03-01T12:34:56Z",
    "2026-03-01T13:34:56+01",
    "2026-03-01T12:34:56.123Z",
    "2026-03-01T12:34:56.123456789Z",
    "2026-03-01T12:34:56,123456Z",
    "2026-03-01 12:34:56.123456",
    "20260301T123456.123456Z",
]
OTHER = [
    "2026-03-01T12:34:56.123457Z",
    "2026-03-01T12:34:56.124Z",
    "2026-03-01T12:34:56.1234570Z",
    "2026-03-01T12:34:57Z",
    "2026-03-01T12:34:56.123456+01:00",
    "2026-03-02T12:34:56.123456Z",
    "2026-02-30T12:34:56Z",
    "some day",
]


@pytest.mark.parametrize("created_at", SAME)
def test_the_same_instant_in_another_spelling_is_the_same_company(sandbox, acme, created_at):
    """A rotated token is accepted whatever spelling, zone and exactness the API answers with now."""
    answers(sandbox, created_at=created_at)
    acme.begin()
    handler = acme.handler("company", "acme")

    seen = handler.read(handler.state(acme.outputs("acme")))

    assert seen.created_at == created_at
    assert seen.tenant != acme.outputs("acme")["tenant"]


@pytest.mark.parametrize("created_at", OTHER)
def test_another_instant_is_another_company(sandbox, acme, created_at):
    """All digits that both give count, and what cannot be read is no proof; nothing is read, edited or closed."""
    answers(sandbox, created_at=created_at)

    said = each_way(acme)

    assert all(f"another company of the same id, created at {created_at} instead of {CREATED}" in one for one in said)
    assert lines(sandbox) == []


@pytest.mark.parametrize("created_at", [CREATED, "2026-03-01T12:34:56Z"])
def test_another_page_is_another_company(sandbox, acme, created_at):
    """Two Link APPs with one company id created in one moment are distinguished by their pages."""
    answers(sandbox, created_at=created_at, url="https://link.example/b")

    said = each_way(acme)

    assert set(said) == {
        (
            "company 'ACME': this token sees a company of the same id and time, whose link_page_url is"
            " 'https://link.example/b' instead of 'https://link.example/a': it may be another Link APP's."
            " Use the token of its own Link APP; if it is this company with another page, `pulumi state delete` it and"
            " declare it again"
        )
    }
    assert lines(sandbox) == []


def test_swapped_tokens_close_no_page_of_another_app(sandbox, new_stack):
    """Two profiles whose tokens were swapped fail, although both companies were created in one second."""
    environ = sandbox.environ() | sandbox.environ(link_app="b", profile="b")
    stack = new_stack(**environ)
    program = {name: company(onDestroy="disable_page", profile=name) for name in ("b", None)}
    for app in APPS:
        sandbox.link.put_company("ACME", app=app)
    stack.up(program)
    names = ("CONDUIT_LINK_APP_TOKEN", "CONDUIT_LINK_APP_TOKEN_B")
    stack.environ |= dict(zip(names, [environ[name] for name in reversed(names)], strict=True))

    stack.destroy(keep_going=True)

    assert set(stack.held) == set(program)
    assert all(sandbox.link.company("ACME", app=app)["page_enabled"] for app in APPS)


def test_a_page_stays_open_that_another_token_of_the_same_link_app_manages(sandbox, stack):
    """A profile with a second token of the Link APP replaces the resource, and the company is still declared."""
    answers(sandbox)
    stack.up({"acme": company(onDestroy="disable_page")})
    stack.environ |= {"CONDUIT_LINK_URL_B": sandbox.link_url, "CONDUIT_LINK_APP_TOKEN_B": "another-token-of-the-app"}
    sandbox.forget_requests()

    stack.up({"acme": company(onDestroy="disable_page", profile="b")})

    assert lines(sandbox) == []
    assert "company 'ACME': its page is left as it is, because another resource manages the same company" in (
        stack.messages
    )


def test_a_page_is_closed_that_another_token_manages_no_more(sandbox, stack):
    """Where both resources are deleted, each looks after it."""
    answers(sandbox)
    stack.environ |= {"CONDUIT_LINK_URL_B": sandbox.link_url, "CONDUIT_LINK_APP_TOKEN_B": "another-token-of-the-app"}
    stack.up({name: company(onDestroy="disable_page", profile=name) for name in (None, "b")})
    answers(sandbox, url=None)

    stack.destroy()

    assert len([said for said in stack.messages if "its page was closed already" in said]) == 2


@pytest.mark.parametrize("url", [None, PAGE])
def test_a_company_without_a_page_is_known_by_its_instant(sandbox, acme, url):
    """A page that was closed meanwhile has no address to compare."""
    answers(sandbox, GET, url=url)

    assert acme.refresh().outputs("acme").get("linkPageUrl") == url


def test_a_company_at_home_may_get_another_page(sandbox, stack):
    """Under the token that recorded it a company is the same, whatever its page and its time are."""
    answers(sandbox)
    stack.up({"acme": company(name="Acme")})
    answers(sandbox, url="https://link.example/new", created_at="1999-01-01T00:00:00Z")

    assert stack.refresh().outputs("acme")["linkPageUrl"] == "https://link.example/new"


def test_a_move_that_is_allowed_may_take_the_pages_along(sandbox, stack):
    """Where the API moved, its pages may have moved, too."""
    answers(sandbox)
    stack.up({"acme": company(name="Acme")})
    held = stack.held["acme"].outputs
    held["tenant"] = held["tenant"].replace(sandbox.link_url, "https://old.example")
    stack.environ["CONDUIT_ALLOW_MOVE"] = f"https://old.example=>{sandbox.link_url}"
    answers(sandbox, url="https://link.example/moved")

    assert stack.refresh().outputs("acme")["linkPageUrl"] == "https://link.example/moved"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2026-03-01T12:34:56.5Z", "2026-03-01T12:34:57Z", True),
        ("2026-03-01T12:34:56.5Z", "2026-03-01T12:34:56Z", True),
        ("2026-03-01T12:34:56.4Z", "2026-03-01T12:34:57Z", False),
        ("2026-03-01T12:34:56.9999996Z", "2026-03-01T12:34:57.000000Z", True),
        ("1969-12-31T23:59:59.5Z", "1970-01-01T00:59:59.5+01:00", True),
        ("0001-01-01T00:00:00+01:00", "0001-01-01T00:00:00Z", False),
        ("2026-03-01T12:34:60Z", "2026-03-01T12:34:60Z", True),
        ("2026-03-01T12:34:60Z", "2026-03-01T12:35:00Z", False),
        ("no date", "no date", True),
        ("no date", "2026-03-01T12:34:56Z", False),
    ],
)
def test_instants_are_compared_as_exactly_as_the_less_exact_one_is(one, other, same):
    """A clock that cuts or rounds names the same instant; another second does not."""
    assert (is_same_instant(one, other), is_same_instant(other, one)) == (same, same)
