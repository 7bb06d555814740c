"""The state of every release is met by the code of the day: nothing changes, nothing is written, nothing is renamed."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import golden
import pytest

RELEASES = sorted(path.parent.name for path in Path(__file__).parent.glob("*/state.json"))
MADE_ANEW = {"createdAt", "linkPageUrl", "tenant"}
"""What depends on the moment and the address at which an object was made."""
TIMES = {"created", "modified"}
KEPT = ("type", "custom", "id", "inputs", "parent", "protect", "external", "deletedWith", "dependencies")
TOKENS = {
    "pulumi-python:dynamic/conduit:Company",
    "pulumi-python:dynamic/conduit:ConductorUser",
    "pulumi-python:dynamic/conduit:UserAccountAccess",
    "pulumi-python:dynamic/conduit:UserAccountAccessExclusive",
}


@pytest.fixture
def sandbox(sandbox):
    """Give the sandbox with what the program expects to be there."""
    return golden.seeded(sandbox)


@pytest.fixture(params=RELEASES)
def recorded(request):
    """Give the text of the state that a release has left."""
    return (golden.HERE / request.param / "state.json").read_text(encoding="utf-8")


@pytest.fixture
def living(recorded, sandbox):
    """Give the same state at the address of this sandbox, in which all it holds has the same times and pages."""
    text = golden.readdressed(recorded, golden.URL, sandbox.link_url)
    for one in golden.resources(recorded).values():
        bring_to_life(sandbox, one)
        if one["type"].endswith(":Company"):
            live = sandbox.link.company(one["outputs"]["companyId"])
            text = golden.readdressed(text, one["outputs"]["createdAt"], live["created_at"])
            if page := one["outputs"].get("linkPageUrl"):
                text = golden.readdressed(text, page, live["page_url"])
    return text


@pytest.fixture
def state(living, tmp_path):
    """Give the file of that state."""
    path = tmp_path / "state.json"
    path.write_text(living, encoding="utf-8")
    return path


def bring_to_life(sandbox, one):
    """Put the object of a recorded resource into the sandbox."""
    outputs = one.get("outputs", {})
    if one["type"].endswith(":Company"):
        sandbox.link.put_company(outputs["companyId"], name=outputs.get("name"), page_enabled=outputs["pageEnabled"])
    elif one["type"].endswith(":ConductorUser"):
        names = {"first_name": outputs["firstName"], "last_name": outputs["lastName"]}
        more = {name: outputs[name] for name in ("type", "view", "status")}
        sso_access, accounts = outputs["ssoAccess"], outputs["initialAccounts"]
        sandbox.conductor.put_user(outputs["email"], sso_access=sso_access, accounts=accounts, **names, **more)
    elif one["type"].endswith(":UserAccountAccess"):
        give(sandbox, outputs["user"], [outputs["accountId"]])
    elif one["type"].endswith(":UserAccountAccessExclusive"):
        give(sandbox, outputs["user"], outputs["accountIds"])


def give(sandbox, email, accounts):
    """Let a user have more accounts."""
    held = sandbox.conductor.user(email)["accounts"]
    sandbox.conductor.edit_user(email, accounts={*held, *map(int, accounts)})


def without(names, properties):
    """Return properties without some."""
    return {name: value for name, value in properties.items() if name not in names}


def test_every_release_has_laid_its_state():
    """Without a golden state of the present version, the next one could not be held to it."""
    assert version("pulumi-conduit") in RELEASES


def test_a_golden_state_has_every_kind_of_resource(recorded):
    """In a component, protected, external, and INACTIVE, too."""
    held = golden.resources(recorded).values()

    assert {one["type"] for one in held} >= {*TOKENS, "golden:index:Team"}
    assert [True, True, True] == [any(one.get(name) for one in held) for name in ("protect", "external", "deletedWith")]
    assert any(one.get("parent", "").endswith("::team") for one in held)
    assert {"ACTIVE", "INACTIVE"} == {one["outputs"]["status"] for one in held if "status" in one.get("outputs", {})}


@pytest.mark.parametrize("operation", ["preview", "up"])
def test_the_state_of_a_release_means_no_change(state, sandbox, conduit_launcher, operation):
    """Neither in a preview nor in an update; nobody is asked for anything but what the program only reads."""
    sandbox.forget_requests()

    result = golden.operate(operation, sandbox, state, conduit_launcher)

    assert [] == result.errors
    assert {"same", "read"} == set(result.summary)
    assert {"GET /link/company/{id}/": 1} == sandbox.counts()


def test_an_update_leaves_the_state_of_a_release_as_it_is(living, state, sandbox, conduit_launcher):
    """Every URN, id, input, output, option and dependency."""
    golden.operate("up", sandbox, state, conduit_launcher)

    before = golden.resources(living)
    after = golden.resources(state.read_text(encoding="utf-8"))
    assert before.keys() == after.keys()
    for urn, one in before.items():
        volatile = MADE_ANEW if one.get("external") else set()
        assert without(TIMES | {"outputs"}, one) == without(TIMES | {"outputs"}, after[urn])
        assert without(volatile, one.get("outputs", {})) == without(volatile, after[urn].get("outputs", {}))


def test_what_is_stored_today_is_what_a_release_has_stored(recorded, sandbox, conduit_launcher, tmp_path):
    """The stored format is frozen: a new deployment has the same keys, and the same values but what is made anew."""
    fresh = tmp_path / "fresh.json"

    result = golden.operate("up", sandbox, fresh, conduit_launcher)

    assert [] == result.errors
    before, after = golden.resources(recorded), golden.resources(fresh.read_text(encoding="utf-8"))
    assert before.keys() == after.keys()
    for urn, one in before.items():
        assert (one["type"], one.get("id"), one.get("inputs")) == tuple(
            after[urn].get(k) for k in ("type", "id", "inputs")
        )
        assert one.get("outputs", {}).keys() == after[urn].get("outputs", {}).keys()
        assert without(MADE_ANEW, one.get("outputs", {})) == without(MADE_ANEW, after[urn].get("outputs", {}))


def test_the_state_of_a_release_can_be_refreshed_and_repaired(state, sandbox, conduit_launcher):
    """What was recorded then is found today, and drift from it is repaired."""
    sandbox.conductor.edit_user("reader@acme.example", type="STANDARD")
    sandbox.conductor.edit_user("listed@acme.example", accounts=[6, 7, 8])

    looked = golden.operate("refresh", sandbox, state, conduit_launcher)

    assert [] == looked.errors
    drifted = {step.name for step in looked.steps if step.op == "update" and not step.type.endswith(":Company")}
    assert {"reader", "all"} == drifted
    repaired = golden.operate("up", sandbox, state, conduit_launcher)
    assert {"reader", "all"} == {step.name for step in repaired.steps if step.op == "update"}
    assert "READ_ONLY" == sandbox.conductor.user("reader@acme.example")["type"]
    assert [6, 7] == sandbox.conductor.user("listed@acme.example")["accounts"]
