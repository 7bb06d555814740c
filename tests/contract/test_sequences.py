"""Calls in sequence, each made of an answer before: to the stand-in of either kind, and to the real APIs on demand."""

from __future__ import annotations

from contextlib import nullcontext, suppress

import pytest

pytest.importorskip("schemathesis", reason="schemathesis needs Python 3.11")

from contract_descriptions import CASES, asked_of, loaded, narrowed
from hypothesis import HealthCheck, settings
from hypothesis.errors import FlakyStrategyDefinition

STEPS = 8
# A quarter of all cases, of each of two kinds; a real service is asked far less.
RUNS = CASES // 4 // STEPS // 2
REAL_RUNS = 4


def runs(service):
    """Return how often a sequence is begun."""
    return settings(
        max_examples=REAL_RUNS if service.is_real else RUNS,
        stateful_step_count=STEPS,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


def play(schema, service, tried):
    """Play sequences of a description against a service."""

    class Sequence(schema.as_state_machine()):  # type: ignore[misc] # known at run time
        def setup(self):
            service.begin_anew()

        def get_call_kwargs(self, case):
            tried["cases"] += 1
            return {"base_url": service.base_url, "session": service}

    # A real service cannot begin anew, so the same steps may go otherwise there: that ends the play, and is no failure.
    with suppress(FlakyStrategyDefinition) if service.is_real else nullcontext():
        Sequence.run(settings=runs(service))


def owned(conductor):
    """Return one to three accounts that the identity owns."""
    conductor.begin_anew()
    return [account["account_id"] for account in conductor("GET", "/accounts").json()][:3]


def writable(service):
    """Return the service, or skip where it is a real one that nobody allowed to be written to."""
    if not service.may_write:
        pytest.skip("a real service is written to only with CONTRACT_WRITES=1")
    return service


def test_companies_can_be_made_read_and_edited_in_any_order(link, tried):
    """Whatever came before, each answer about a company is one that the description allows."""
    writable(link)
    play(loaded(narrowed("link", link.namespace, []), cases=0, is_hostile=False), link, tried)


def test_people_can_be_made_and_changed_in_any_order(conductor, tried):
    """Whatever came before, each answer about a person is one that the description allows."""
    writable(conductor)
    accounts = owned(conductor)
    schema = loaded(narrowed("conductor", conductor.namespace, accounts), cases=0, is_hostile=False)

    play(schema, conductor, tried)

    listed = [user for user in conductor("GET", "/users").json() if conductor.namespace.holds(user["email"])]
    assert {account for user in listed for account in user["accounts"]} <= set(accounts)


@pytest.mark.parametrize("api", ["link", "conductor"])
def test_what_is_read_is_as_described(somewhere, api, tried):
    """Every read of what is ours is answered as described, there or not; nothing is written for it."""
    service = somewhere(api)
    service.begin_anew()
    schema = loaded(narrowed(api, service.namespace, [0]), cases=5, is_hostile=False)
    asked = set()
    for operation in schema.include(method="GET").get_all_operations():
        for name in (*service.namespace.company_ids, *service.namespace.emails):
            case = operation.ok().Case(path_parameters=dict.fromkeys(("id", "userEmail"), name))
            asked_of(case, service.base_url, session=service)
            tried["cases"] += 1
            asked.add(operation.ok().label)

    assert {"link": 1, "conductor": 4}[api] == len(asked)
