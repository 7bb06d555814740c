"""What a profile sets for itself counts for it: its deadline, its limits, its tenant."""

import pytest
from declarations import ANN, account_list, company, user

from pulumi_conduit.errors import ConduitError, RefusedError
from pulumi_conduit.resources.provider_context import ProviderContext
from pulumi_conduit.settings import Settings


@pytest.fixture
def stack(sandbox, new_stack):
    """Return a stack that knows the sandbox under profile b, too."""
    return new_stack(**sandbox.environ(profile="b"))


@pytest.mark.parametrize(
    ("route", "ask"),
    [
        ("GET /accounts", lambda run: run.sessions.conductor("b").client.list_accounts()),
        ("GET /link/company/{id}/", lambda run: run.sessions.link("b").client.get_company("ACME")),
    ],
)
def test_a_profile_has_a_deadline_of_its_own(sandbox, stack, route, ask):
    """Whoever gives a slow tenant more time, or a bad one less, means that tenant."""
    stack.environ |= {"CONDUIT_DEADLINE_SECONDS_B": "7"}
    stack.begin()
    sandbox.faults.add(route, status=503, headers={"Retry-After": "60"})

    with pytest.raises(ConduitError, match=r"asks to wait 60 s, longer than the 7 s left"):
        ask(stack.run)


def test_requests_to_both_apis_are_logged_for_the_caller(sandbox, stack):
    """The engine's debug log has each."""
    told = []
    run = ProviderContext(Settings(stack.environ, {}), lambda verb, path, status, _: told.append((verb, path, status)))
    sandbox.link.put_company("ACME")

    run.sessions.link(None).client.get_company("ACME")
    run.sessions.conductor(None).client.list_accounts()

    assert told == [("GET", "/link/company/ACME/", 200), ("POST", "/login", 200), ("GET", "/accounts", 200)]


def test_a_profiles_limit_holds_for_a_declared_deactivation(sandbox, stack):
    """An edit of the status counts where it happens."""
    stack.environ["CONDUIT_MAX_DEACTIVATIONS_B"] = "0"
    stack.up({"ann": user(profile="b")})

    with pytest.raises(RefusedError, match="CONDUIT_MAX_DEACTIVATIONS allows 0"):
        stack.up({"ann": user(profile="b", status="INACTIVE")})

    assert sandbox.conductor.user(ANN)["status"] == "ACTIVE"


def test_a_profiles_limit_holds_for_what_a_list_takes_away(sandbox, stack):
    """An account that the list lacks is taken away under the profile of the list."""
    stack.environ["CONDUIT_MAX_REVOCATIONS_B"] = "0"
    sandbox.conductor.put_user(ANN, accounts=[1, 2])

    with pytest.raises(RefusedError, match="CONDUIT_MAX_REVOCATIONS allows 0"):
        stack.up({"all": account_list(1, profile="b")})

    assert sandbox.conductor.user(ANN)["accounts"] == [1, 2]


def test_a_plan_guards_the_tenant_of_a_company_under_its_profile(sandbox, new_stack):
    """Without any settings of the default profile, a moved URL is refused in the preview all the same."""
    stack = new_stack(**dict.fromkeys(sandbox.environ()), **sandbox.environ(profile="b"))
    stack.up({"acme": company(profile="b")})
    stack.environ["CONDUIT_LINK_URL_B"] = "http://127.0.0.1:1/elsewhere"

    with pytest.raises(RefusedError, match=r"^company 'ACME': it was recorded at "):
        stack.preview({"acme": company(profile="b")})
