"""An answer lost after the mutation is resolved by looking at the actual state, never by a second POST."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass, field
from typing import Any

import pytest
from fault_server import remote_state
from handler_stack import Stack, account_list, company, grant, user
from sampling import amount, sample, seeds

from pulumi_conduit.errors import ConduitError
from pulumi_conduit.sandbox import Switches

RUNS = amount(10, 40, "SOAK_RUNS")
EVERY_TRY = 6
ANN = "ann@acme.example"


@dataclass(frozen=True)
class Scenario:
    """One mutation: what is declared before it, what then (nothing means destroy), and the request that makes it."""

    before: dict
    then: dict
    route: str
    unlike: dict = field(default_factory=dict)
    """Switches under which the mutation cannot be made, lost answer or not."""
    never: dict = field(default_factory=dict)
    """Switches under which, together, it cannot be made."""


_ANN = {"ann": user(accounts=[1])}
_OFF = {"ann": user(accounts=[1], status="INACTIVE")}
_GRANT = {**_ANN, "travel": grant(2)}
_GRANTS = "PUT /users/{userEmail}/accounts"
_STATUS = "PUT /users/{userEmail}/status"
_EDIT = "POST /link/company/{id}/"
_TEXT = {"error_shape": "text"}
_SHORT = {"list_limit": 1}
_NOBODY_SAYS_THE_STATUS = {"list_limit": 1, "get_user_carries_status": False}
"""Where neither the list nor a GET says whether a user is ACTIVE, a look cannot either: that stays an error."""
_NO_WAY_BACK = {"inactive_keeps_grants": False, "inactive_grants_editable": "refused"}
"""Who loses all grants with the status and can be given none before it comes back is not brought back."""

SCENARIOS = {
    "create a company": Scenario({}, {"acme": company(name="Acme")}, "POST /link/company/", _TEXT),
    "create a company with its page closed": Scenario(
        {}, {"acme": company(name="Acme", pageEnabled=False)}, "POST /link/company/", _TEXT
    ),
    "rename a company": Scenario({"acme": company(name="Old")}, {"acme": company(name="New")}, _EDIT, _TEXT),
    "close the page of a company": Scenario(
        {"acme": company(name="Acme")}, {"acme": company(name="Acme", pageEnabled=False)}, _EDIT, _TEXT
    ),
    "let go of a company": Scenario({"acme": company(name="Acme", onDestroy="disable_page")}, {}, _EDIT, _TEXT),
    "create a user": Scenario({}, _ANN, "POST /users"),
    "create a user who is INACTIVE": Scenario({}, _OFF, "POST /users"),
    "set a new user INACTIVE": Scenario({}, _OFF, _STATUS),
    "promote a user": Scenario(_ANN, {"ann": user(accounts=[1], type="STANDARD")}, "PUT /users/{userEmail}/type"),
    "deactivate a user": Scenario(_ANN, _OFF, _STATUS),
    "bring a user back": Scenario(_OFF, _ANN, _STATUS, never=_NO_WAY_BACK),
    "bring a user back with another account": Scenario(
        _OFF, {"ann": user(accounts=[1, 2])}, _GRANTS, {"inactive_grants_editable": ("refused",), **_SHORT}
    ),
    "destroy a user": Scenario(_ANN, {}, _STATUS),
    "grant an account": Scenario(_ANN, _GRANT, _GRANTS, _SHORT),
    "revoke an account": Scenario(_GRANT, _ANN, _GRANTS, _SHORT),
    "make a list": Scenario(_ANN, {**_ANN, "list": account_list(1, 2, 3)}, _GRANTS, _SHORT),
    "change a list": Scenario(
        {**_ANN, "list": account_list(1, 2)}, {**_ANN, "list": account_list(1, 3)}, _GRANTS, _SHORT
    ),
}
LOSSES: dict[str, dict[str, Any]] = {
    "reset": {"drop": "after"},
    "500": {"status": 500, "handled": True},
    "502": {"status": 502, "handled": True},
    "503": {"status": 503, "handled": True},
    "504": {"status": 504, "handled": True},
    "408": {"status": 408, "handled": True},
    "HTML": {"garbage": "html"},
    "nothing": {"garbage": "empty"},
    "half": {"garbage": "truncated"},
    "another shape": {"garbage": "wrong_shape"},
}
SWITCHES: tuple[dict[str, Any], ...] = (
    {},
    {"company_create_existing": "overwrite"},
    {"post_honours_status": False},
    {"get_user_carries_status": False},
    {"inactive_keeps_grants": False},
    {"inactive_grants_editable": "refused"},
    {"inactive_grants_editable": "removal_ignored"},
    {"unshared_user": "forbidden"},
    {"unshared_user": "visible"},
    {"hide_foreign_accounts": True},
    {"new_login_voids_tokens": True},
    {"new_company_token_voids_old": True},
    {"error_shape": "text"},
    {"list_limit": 1},
    {"read_lag": 1},
)
"""The positions that change what a look after a lost answer sees; the others change nothing that a look asks for."""


@pytest.fixture
def lose(running_sandbox, monkeypatch):
    """Give a way to play a scenario whose answers are lost, and to return what lived and what was sent."""

    def play(scenario, loss, switches, times):
        running_sandbox.reset()
        running_sandbox.switches = Switches(**{**switches, "read_lag": 0})
        stack = Stack(running_sandbox.environ(), monkeypatch, running_sandbox.advance)
        stack.up(scenario.before)
        running_sandbox.switches = Switches(**switches)
        running_sandbox.forget_requests()
        fault = running_sandbox.faults.add(scenario.route, times=times, **loss) if loss else None
        failed = _run(stack, scenario.then)
        running_sandbox.faults.clear()
        if failed:
            _again(stack, scenario.then)
        assert fault is None or fault.struck
        return _Outcome(_remote_state(running_sandbox), _posts(running_sandbox), stack)

    return play


@dataclass
class _Outcome:
    remote_state: dict
    posts: list
    stack: Stack


_OF_COMPANIES = {"company_create_existing", "new_company_token_voids_old"}
_WHOLE: dict[Any, Any] = {}
"""What each scenario comes to when no answer is lost, by scenario and switches."""


def _remote_state(sandbox):
    """Return the actual state; where a deactivation takes the grants, an INACTIVE user's are nothing to go by."""
    living = remote_state(sandbox)
    for person in living["users"].values():
        if person["status"] == "INACTIVE" and not sandbox.switches.inactive_keeps_grants:
            person["accounts"] = []
    return living


def _run(stack, program):
    try:
        stack.up(program)
    except ConduitError:
        return True
    return False


def _again(stack, program):
    """Do what the operations page says: run the same program again."""
    stack.up(program)


def _posts(sandbox):
    """Return the POSTs that had an effect, by path: only answers were lost, and a 409 says that nothing was done."""
    return [entry["path"] for entry in sandbox.writes() if entry["method"] == "POST" and entry["status"] != 409]


def assert_resolved(lose, scenario, loss, switches, times):
    """Lose an answer; assert that all is as it would have been, with every POST sent once, and nothing left to do."""
    key = (repr(scenario), repr(switches))
    if key not in _WHOLE:
        whole = lose(scenario, {}, switches, None)
        _WHOLE[key] = (whole.remote_state, whole.posts)
    outcome = lose(scenario, loss, switches, times)

    assert (outcome.remote_state, outcome.posts) == _WHOLE[key]
    assert len(set(outcome.posts)) == len(outcome.posts)
    assert {what for what, _ in outcome.stack.preview(scenario.then)} <= {"same"}


def _can(scenario, switches):
    together = (_NOBODY_SAYS_THE_STATUS, scenario.never)
    return not any(barred and switches.items() >= barred.items() for barred in together) and not any(
        value in _values(scenario.unlike.get(name)) for name, value in switches.items()
    )


def _matters(scenario, switches):
    """Say whether a question is about the scenario's API: the two share neither objects nor tokens."""
    return ("/link/" in scenario.route) == bool(switches.keys() & _OF_COMPANIES) or "read_lag" in switches


def _values(barred):
    return barred if isinstance(barred, tuple) else (barred,)


_WAYS_TO_LOSE = [("reset", 1), ("HTML", 1), *((loss, EVERY_TRY) for loss in LOSSES)]


@pytest.mark.parametrize(
    ("scenario", "loss", "times"),
    sample(((scenario, loss, times) for scenario in SCENARIOS for loss, times in _WAYS_TO_LOSE), 10),
)
def test_a_lost_answer_is_resolved_by_a_look(lose, tried, scenario, loss, times):
    """Each mutation, each way to lose its answer: the actual state is right, and nothing was POSTed twice."""
    assert_resolved(lose, SCENARIOS[scenario], LOSSES[loss], {}, times)
    tried("mutations with a lost answer")


def _questions():
    """Return every scenario with every open question that it depends on."""
    return [
        pytest.param(
            scenario, switches, id=f"{name}-{','.join(f'{switch}={value}' for switch, value in switches.items())}"
        )
        for (name, scenario), switches in itertools.product(SCENARIOS.items(), SWITCHES[1:])
        if _can(scenario, switches) and _matters(scenario, switches)
    ]


@pytest.mark.parametrize(("scenario", "switches"), sample(_questions(), 10))
def test_a_lost_answer_is_resolved_whatever_the_open_questions_say(lose, tried, scenario, switches):
    """The same under the positions of the switches that a look depends on."""
    assert_resolved(lose, scenario, LOSSES["reset"], switches, EVERY_TRY)
    tried("mutations with a lost answer")


def test_random_losses_are_resolved(lose, tried):
    """Any mutation, loss, number of losses and two positions of switches at a time; the number of a run is its seed."""
    for seed in seeds(RUNS):
        chance = random.Random(seed)  # noqa: S311 -- chance, not secrecy
        name = chance.choice(list(SCENARIOS))
        switches = {**chance.choice(SWITCHES), **chance.choice(SWITCHES)}
        loss, times = chance.choice(list(LOSSES)), chance.randint(1, EVERY_TRY)
        if not _can(SCENARIOS[name], switches):
            switches = {}
        try:
            assert_resolved(lose, SCENARIOS[name], LOSSES[loss], switches, times)
        except Exception as error:
            raise AssertionError(f"seed {seed}: {name}, {loss} {times} times, {switches}") from error
    tried("random runs of lost answers", RUNS)


@pytest.mark.parametrize("loss", LOSSES)
def test_a_promotion_whose_answer_was_lost_and_whose_edit_was_reverted_is_undone_by_a_refresh(
    running_sandbox, monkeypatch, loss
):
    """Nobody keeps the access of a change that failed and was given up: `up --refresh` finds it and takes it back."""
    running_sandbox.reset()
    stack = Stack(running_sandbox.environ(), monkeypatch, running_sandbox.advance)
    reader, editor = {"ann": user(accounts=[1])}, {"ann": user(accounts=[1], type="STANDARD")}
    stack.up(reader)
    running_sandbox.faults.add("PUT /users/{userEmail}/type", times=None, **LOSSES[loss])
    running_sandbox.faults.add("GET /users/{userEmail}", times=None, status=503)
    with pytest.raises(ConduitError):
        stack.up(editor)
    running_sandbox.faults.clear()
    assert running_sandbox.conductor.user(ANN)["type"] == "STANDARD"

    stack.refresh().up(reader)

    assert running_sandbox.conductor.user(ANN)["type"] == "READ_ONLY"
    assert stack.preview(reader) == [("same", "ann")]
