"""The provider's own resources on the embedded engine: what an update of ten costs, call by call."""

from dataclasses import replace

import pytest

PROGRAM = """
import pulumi
import pulumi_conduit as conduit

for n in range(2):
    conduit.Company(f"company-{n}", company_id=f"C{n}", name=f"Customer {n}", on_destroy="retain")
people = [
    conduit.ConductorUser(
        f"user-{n}", email=f"user-{n}@acme.example", first_name="U", last_name=str(n), initial_accounts=[1]
    )
    for n in range(4)
]
for n in range(3):
    conduit.UserAccountAccess(f"grant-{n}", user=people[n], account_id=2)
conduit.UserAccountAccessExclusive("list", user=people[3], account_ids=[1, 3])
"""

WITHIN_A_TEAM = """
import pulumi
import pulumi_conduit as conduit

within = pulumi.ResourceOptions(parent=pulumi.ComponentResource("test:index:Team", "team"))
ada = conduit.ConductorUser(
    "ada", within, email="ada@acme.example", first_name="Ada", last_name="Acme", initial_accounts=[1]
)
conduit.UserAccountAccess("ada-travel", within, user=ada, account_id=2)
"""


@pytest.fixture
def onboarded(runner, conduit_sandbox):
    """Bring up two companies, four people, three grants and a list."""
    runner.environ = conduit_sandbox.environ()
    runner.program(PROGRAM)
    assert [] == runner("up").errors
    return runner


def test_ten_resources_cost_the_expected_calls(onboarded, conduit_sandbox):
    """One look and one write for a company and a new user, one write for everything else, one login, two lists."""
    assert {
        "POST /login": 1,
        "GET /users": 1,
        "GET /accounts": 1,
        "GET /link/company/{id}/": 2,
        "POST /link/company/": 2,
        "POST /users": 4,
        "PUT /users/{userEmail}/accounts": 3 + 1,
        "GET /users/{userEmail}": 4 + 1,
    } == conduit_sandbox.counts()
    assert [[1, 2]] * 3 + [[1, 3]] == [
        conduit_sandbox.conductor.user(f"user-{n}@acme.example")["accounts"] for n in range(4)
    ]


def test_a_second_update_and_a_preview_send_no_request(onboarded, conduit_sandbox):
    """What has not changed costs nothing."""
    conduit_sandbox.forget_requests()

    assert onboarded("up").succeeded
    assert onboarded("preview").succeeded

    assert [] == conduit_sandbox.requests


def test_new_users_are_looked_up_at_the_same_time(runner, conduit_sandbox):
    """The engine has one check at a time, so each GET within a check would wait for the one before it."""
    runner.environ = conduit_sandbox.environ()
    runner.program(PROGRAM)
    conduit_sandbox.switches = replace(conduit_sandbox.switches, latency_s=0.2)

    assert runner("preview").succeeded

    assert 4 == conduit_sandbox.count("GET /users/{userEmail}")
    assert 3 == conduit_sandbox.peak_in_flight


def test_what_is_declared_within_a_component_goes_with_its_user(runner, conduit_sandbox):
    """The package joins the program at its import, as under the CLI, so it knows the options of each component."""
    runner.environ = conduit_sandbox.environ()
    runner.program(WITHIN_A_TEAM)
    assert [] == runner("up").errors
    conduit_sandbox.forget_requests()

    assert runner("destroy").succeeded

    assert {"POST /login": 1, "PUT /users/{userEmail}/status": 1} == conduit_sandbox.counts()


def test_a_refresh_costs_one_list_and_a_look_at_each_company(onboarded, conduit_sandbox):
    """People and their access are read from one list; companies have none."""
    conduit_sandbox.forget_requests()

    assert onboarded("refresh").succeeded

    counts = conduit_sandbox.counts()
    assert {"POST /login": 1, "GET /users": 1, "GET /link/company/{id}/": 2} == {
        route: count for route, count in counts.items() if route != "GET /accounts"
    }


@pytest.mark.slow
def test_a_destroy_costs_one_call_a_person(onboarded, conduit_sandbox):
    """Access goes with its user, and a retained company is removed from state without a warning."""
    conduit_sandbox.forget_requests()

    assert [] == onboarded("destroy").errors

    assert {"POST /login": 1, "PUT /users/{userEmail}/status": 4} == conduit_sandbox.counts()


def test_no_credential_is_recorded(onboarded, conduit_sandbox):
    """The provider takes its credentials from the environment, and neither state nor messages repeat them."""
    text = onboarded.state.read_text(encoding="utf-8")

    for name in ("CONDUIT_LINK_APP_TOKEN", "CONDUCTOR_PASSWORD"):
        assert conduit_sandbox.environ()[name] not in text
