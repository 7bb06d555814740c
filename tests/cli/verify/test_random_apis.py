"""`verify` on random APIs: it finds what is among its candidates, names the rest, and its file works."""

from __future__ import annotations

import dataclasses

import pytest
from handler_stack import Stack, company, grant, user
from random_apis import OPERATIONS, draw
from sampling import amount, seeds

from pulumi_conduit.sandbox import Switches

USER, COMPANY = "you+conduit@corp.example", "CONDUITTEST"
NEW = "new@acme.example"


@pytest.fixture
def world(sandbox):
    """Put people and companies that nobody may touch, and return a function that gives all but the test's."""
    sandbox.conductor.put_user("ann@acme.example", accounts=[1, 2])
    sandbox.conductor.put_user("far@acme.example", accounts=[99])
    sandbox.link.put_company("ACME", name="Acme")

    def others():
        state = sandbox.dump()
        people = {email: one for email, one in state["users"].items() if email != USER}
        companies = {key: one for key, one in state["apps"]["default"].items() if key != COMPANY.lower()}
        return people, companies

    return others


def is_about_the_test_only(entry):
    """Say whether a logged request names the test user or company, or nobody."""
    parts = [part for part in entry["path"].split("/") if "@" in part]
    is_known_user = all(part.lower() == USER for part in parts)
    company_ids = entry["path"].removeprefix("/link/company/").strip("/") if entry["api"] == "link" else ""
    return is_known_user and company_ids in ("", COMPANY)


def live_through(sandbox, monkeypatch, **settings):
    """Manage a user, a grant and a company by the provider, from their creation to their end."""
    stack = Stack({**sandbox.environ(), **settings}, monkeypatch, sandbox.advance)
    corp = company("NEWCORP", name="New", onDestroy="disable_page")
    stack.up({"new": user(NEW), "two": grant(2, NEW), "corp": corp})
    stack.up({"new": user(NEW, type="STANDARD"), "three": grant(3, NEW), "corp": corp})
    assert ("STANDARD", "ACTIVE", [1, 3]) == held(sandbox)
    stack.refresh()
    stack.up({"new": user(NEW, type="STANDARD", status="INACTIVE"), "three": grant(3, NEW), "corp": corp})
    assert ("STANDARD", "INACTIVE", [1, 3]) == held(sandbox)
    stack.destroy()
    assert not sandbox.link.company("NEWCORP")["page_enabled"]


def held(sandbox):
    """Return type, status and accounts of the managed user."""
    one = sandbox.conductor.user(NEW)
    return one["type"], one["status"], one["accounts"]


@pytest.mark.parametrize("seed", seeds(amount(4, 200)))
def test_every_route_among_the_candidates_is_found_and_the_file_works(
    sandbox, world, verify, monkeypatch, tmp_path, tried, seed
):
    """Each other one is named, nobody else is touched, and the provider works by the file as on the documented API."""
    api = draw(seed)
    if "create_user" in api.outside:
        sandbox.conductor.put_user(USER, first_name="Conduit", last_name="Verify", status="INACTIVE", accounts=[1])
    sandbox.switches = dataclasses.replace(Switches(), **api.switches)
    before = world()
    routes = tmp_path / "routes.toml"

    result = verify("--probe-writes", "--routes", routes, *api.options)

    rows = {row["operation"]: row for row in result.report["operations"]}
    at = {name: rows[name]["request"] for name in OPERATIONS if rows[name]["result"] in ("confirmed", "other route")}
    assert {name: route for name, route in api.routes.items() if name not in api.outside} == at, (api, result.output)
    assert set(api.outside) == {name for name in OPERATIONS if rows[name]["result"] == "not found"}, result.output
    assert [] == [entry for entry in sandbox.requests if not is_about_the_test_only(entry)]
    assert before == world()
    assert_nothing_is_left(sandbox, api, result)
    assert_file_works(sandbox, monkeypatch, routes, api, tried)


def assert_nothing_is_left(sandbox, api, result):
    """Hold the user to be INACTIVE and the company closed, unless there is no way to do that, which is said."""
    is_inactive = sandbox.conductor.user(USER)["status"] == "INACTIVE"
    assert is_inactive or "set_user_status" in api.outside
    assert is_inactive or any("set it INACTIVE in Conductor" in left for left in result.report["left"])
    if is_inactive and "set_user_status" not in api.outside:
        assert [] == result.report["left"]
        assert sandbox.conductor.user(USER)["accounts"] == ([1] if api.switches["inactive_keeps_grants"] else [])
    assert_company_is_closed(sandbox, api)


def assert_company_is_closed(sandbox, api):
    """Hold the company to be made where its absence was certain, and to be closed then."""
    is_certain = api.switches["error_shape"] not in ("text", "html", "empty")
    closed = {COMPANY.lower(): False} if is_certain else {}
    companies = sandbox.dump()["apps"]["default"]
    assert closed == {key: one["page_enabled"] for key, one in companies.items() if key == COMPANY.lower()}


def assert_file_works(sandbox, monkeypatch, routes, api, tried):
    """Hold the provider to work with the file, and by hand what it names as not found, at these routes and statuses."""
    with routes.open("a") as file:
        for name, route in api.outside.items():
            verb, _, path = route.partition(" ")
            assert f"# {name}: not found" in routes.read_text(encoding="utf-8")
            file.write(f'\n[{name}]\nverb = "{verb}"\npath = "{path}"\n')
    sandbox.reset()
    kept = {name: api.switches[name] for name in ("routes", "unknown_route", "write_status", "bearer")}
    sandbox.switches = dataclasses.replace(Switches(), **kept)

    live_through(sandbox, monkeypatch, CONDUCTOR_ROUTES=str(routes))
    tried("APIs")
