"""The CLI or its provider is killed at every mutating call, and the documented re-run mends everything.

Each cell of the table is a run on the real CLI that is killed while some calls are on their way: *before* their effect
(the provider's are lost with it; an orphan's come late, when the re-run is through already), *inside* (the API carries
them out once the client is dead) or *after* it (done, and the answer not delivered). Then exactly what
`docs/operations.md` says under "Crash and rerun" is typed.

`KILL_SHARE` says that every n-th cell is played: 1 is all 48 of them, which takes a quarter of an hour and more.
"""

import os
import re
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from kill_points import CELLS, MOMENTS
from kill_proxy import KillProxy
from kill_recovery import Crash, clear, kill_at, rerun
from kill_stack import KillableStack

import pulumi_conduit
from pulumi_conduit.api.routes import CONDUCTOR_ROUTES, LINK_ROUTES

pytestmark = [
    pytest.mark.kill,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are found by /proc"),
]

_PROGRAM = Path(__file__).parent / "killed_program" / "__main__.py"
_SHARE = int(os.environ.get("KILL_SHARE", "7"))
_VERSIONS = {"up": "2", "destroy": "1"}
_CREATIONS = ("POST /users", "POST /link/company/ ")


@dataclass(frozen=True)
class Outcome:
    """What the APIs know, what the state holds, and the mutations that it took."""

    remote_state: dict
    urns: list
    mutations: Counter


def remote_state(sandbox):
    """Return everybody and everything that the APIs know, but for what each creation makes anew."""
    state = sandbox.dump()
    companies = {key: (each["name"], each["page_enabled"]) for key, each in state["apps"]["default"].items()}
    return state["users"] | companies


def differences(expected, found):
    """Return whatever is not as expected."""
    keys = expected.keys() | found.keys()
    return {key: (expected.get(key), found.get(key)) for key in keys if expected.get(key) != found.get(key)}


def furnish(sandbox):
    """Put into the APIs what no program made: people to adopt, to reactivate, and to leave alone."""
    inactive = {"status": "INACTIVE", "accounts": [1, 5]}
    people: dict[str, dict[str, Any]] = {
        **dict.fromkeys(("left", "left2", "left3"), inactive),
        "adopted": {"type": "STANDARD"},
        "visitor": {"accounts": [1, 4]},
        "outsider": {},
        "bystander": {"accounts": [1, 4, 99]},
    }
    for name, more in people.items():
        sandbox.conductor.put_user(f"{name}@example.com", first_name=name, last_name="Example", **more)
    for company_id in ("ADOPTED", "BYSTANDER"):
        sandbox.link.put_company(company_id, name="Theirs")


@pytest.fixture(scope="module")
def proxy():
    """Open one proxy, so that all stacks have the same place."""
    with closing(KillProxy()) as opened:
        yield opened


@pytest.fixture(scope="module")
def first_version(proxy, tmp_path_factory):
    """Bring up the first version once; somebody edits users that it declares INACTIVE."""
    stack = KillableStack.built(tmp_path_factory.mktemp("first") / "stack", proxy.url)
    stack.write(_PROGRAM.read_text(encoding="utf-8"))
    with stack.sandbox(proxy) as sandbox:
        furnish(sandbox)
        environ = stack.environ(sandbox, VERSION="1")
        assert 0 == stack.run(environ, "stack", "init", "dev").code
        ran = stack.run(environ, "up", "--yes", "--skip-preview")
        assert 0 == ran.code, ran.text
        for name in ("back", "back2", "back3"):
            sandbox.conductor.edit_user(f"{name}@example.com", accounts=[6])
    return stack


@pytest.fixture(scope="module")
def undisturbed(first_version, proxy, tmp_path_factory):
    """Return what comes of the update and of the destroy when nobody is killed."""
    outcomes = {}
    for command in ("up", "destroy"):
        stack = first_version.copied(tmp_path_factory.mktemp(command) / "stack", checkpoints=False)
        with stack.sandbox(proxy) as sandbox:
            ran = stack.run(stack.environ(sandbox, VERSION=_VERSIONS[command]), command, "--yes", "--skip-preview")
            assert 0 == ran.code, ran.text
            outcomes[command] = Outcome(remote_state(sandbox), stack.urns(), Counter(proxy.mutations))
    return outcomes


def test_the_table_has_every_mutating_call(undisturbed):
    """What the update and the destroy send is killed, call by call, and no operation of the resources is left out."""
    tabled: dict[str, set[str]] = {command: set() for command in undisturbed}
    for moment in MOMENTS.values():
        tabled[moment.command] |= set(map(unnumbered, moment.calls))
    made = {command: set(map(unnumbered, outcome.mutations)) for command, outcome in undisturbed.items()}

    assert made["up"] == tabled["up"]
    assert tabled["destroy"] <= made["destroy"]
    assert mutating_routes() == set().union(*map(routes_of, made.values()))


def unnumbered(name):
    """Return the name of a mutation without the number of the person: several are reactivated alike."""
    return re.sub(r"\d@", "@", name)


def mutating_routes():
    """Return the operations that resources ask of the clients, but for reads."""
    sources = (Path(pulumi_conduit.__file__).parent / "resources").rglob("*.py")
    asked = {name for source in sources for name in re.findall(r"client\.(\w+)\(", source.read_text(encoding="utf-8"))}
    aliases = {"add_user_accounts": "change_user_accounts", "remove_user_accounts": "change_user_accounts"}
    routes = (({**LINK_ROUTES, **CONDUCTOR_ROUTES})[aliases.get(name, name)] for name in asked)
    return {f"{route.verb} {route.path}" for route in routes if not route.is_read}


def routes_of(mutations):
    """Return the operations of named mutations."""
    routes = set()
    for name in mutations:
        line = " ".join(name.split(" ")[:2])
        routes.add(re.sub(r"(company)/\w+/", r"\1/{id}/", re.sub(r"users/[^/]+", "users/{userEmail}", line)))
    return routes


@pytest.mark.parametrize(("moment", "phase", "victim", "checkpoints"), CELLS[::_SHARE])
def test_a_run_that_is_killed_is_mended_by_the_documented_rerun(
    moment, phase, victim, checkpoints, first_version, undisturbed, proxy, tmp_path, tried
):
    """The APIs are as declared, each object was made once, nobody had other access, and nothing is left to do."""
    stack = first_version.copied(tmp_path / "stack", checkpoints=checkpoints == "on")
    command = MOMENTS[moment].command
    with stack.sandbox(proxy) as sandbox:
        environ = stack.environ(sandbox, VERSION=_VERSIONS[command])
        hold = kill_at(stack, proxy, environ, Crash(MOMENTS[moment].calls, phase, victim, command))

        rerun(stack, environ, command, "--yes", *MOMENTS[moment].rerun)
        if victim == "cli" and phase == "before":
            hold.open()
        assert stack.has_no_provider()
        clear(stack, environ)

        expected = undisturbed[command]
        assert {} == differences(expected.remote_state, remote_state(sandbox))
        assert expected.urns == stack.urns()
        judge_mutations(expected.mutations, Counter(proxy.mutations))
        if command == "up":
            assert (0, False) == nothing_to_do(stack, environ)
    tried("killed runs")


def nothing_to_do(stack, environ):
    """Preview, and return the exit code and whether it warned of pending operations."""
    ran = stack.run(environ, "preview", "--expect-no-changes")
    return ran.code, "pending operations" in ran.text


def judge_mutations(expected, made):
    """Look that only wanted mutations were made, though a look may have spared one, and that all creations were one."""
    assert made.keys() <= expected.keys()
    creations = [name for name in expected if name.startswith(_CREATIONS)]
    assert dict.fromkeys(creations, 1) == {name: made[name] for name in creations}
