"""One onboarding of realistic size on the real engine, with every call counted."""

import pytest

ROSTER = """
    TYPES = ["READ_ONLY", "STANDARD"]
    for n in range(10):
        conduit.Company(
            f"company-{n}", company_id=f"C{n}", name=f"Customer {n}", page_enabled=False, on_destroy="retain"
        )
    for n in range(50):
        user = conduit.ConductorUser(
            f"user-{n}", email=f"user-{n}@example.com", first_name="U", last_name=str(n),
            type=TYPES[n % 2], initial_accounts=[1],
        )
        for account in (2, 3)[: 2 if n < 30 else 1]:
            conduit.UserAccountAccess(f"grant-{n}-{account}", user=user, account_id=account)
"""


@pytest.fixture
def onboarded(stack):
    """Bring up 10 companies, 50 users and 80 grants."""
    stack.program(ROSTER)
    ran = stack.up()
    assert ran.code == 0, ran.text
    return stack, ran


def test_an_onboarding_costs_no_call_too_many(onboarded):
    """Every user is one POST, every company one look and one POST; one login and one list of each kind serve all."""
    _, ran = onboarded

    assert ran.calls["POST /users"] == 50
    assert ran.calls["PUT /users/{userEmail}/accounts"] <= 80
    assert ran.calls["GET /link/company/{id}/"] == 10
    assert ran.calls["POST /link/company/"] == 10
    assert ran.calls["POST /login"] == 1
    assert ran.calls["GET /users"] == 1
    assert ran.calls["GET /accounts"] == 1


def test_the_next_up_sends_no_request_and_destroy_makes_one_call_a_user(onboarded):
    """Nothing changed means no call at all; destroying deactivates, and a linked grant costs nothing."""
    stack, _ = onboarded

    again = stack.up("--expect-no-changes")
    destroyed = stack.destroy()

    assert (again.code, again.calls) == (0, {})
    assert destroyed.code == 0, destroyed.text
    assert destroyed.writes() == {"PUT /users/{userEmail}/status": 50}
    people = [user for email, user in stack.sandbox.conductor.users().items() if email.startswith("user-")]
    assert [user["status"] for user in people] == ["INACTIVE"] * 50


def test_drift_is_found_by_refresh_and_repaired_by_up_but_a_deactivation_stays(onboarded):
    """Type, grant, page and an outside reactivation are repaired; an outside deactivation is only spoken of."""
    stack, _ = onboarded
    conductor, link = stack.sandbox.conductor, stack.sandbox.link
    stack.program(
        ROSTER.replace("initial_accounts=[1],", "initial_accounts=[1], status='INACTIVE' if n == 4 else 'ACTIVE',")
    )
    assert stack.up().code == 0
    conductor.edit_user("user-0@example.com", type="STANDARD")
    conductor.edit_user("user-1@example.com", accounts=[1, 2])
    conductor.edit_user("user-2@example.com", status="INACTIVE")
    conductor.edit_user("user-4@example.com", status="ACTIVE")
    link.edit_company("C3", page_enabled=True)

    refreshed = stack.refresh()
    repaired = stack.up()

    assert refreshed.code == 0, refreshed.text
    assert repaired.code == 0, repaired.text
    assert repaired.writes() == {
        "PUT /users/{userEmail}/type": 1,
        "PUT /users/{userEmail}/accounts": 1,
        "PUT /users/{userEmail}/status": 1,
        "POST /link/company/{id}/": 1,
    }
    assert conductor.user("user-0@example.com")["type"] == "READ_ONLY"
    assert conductor.user("user-1@example.com")["accounts"] == [1, 2, 3]
    assert conductor.user("user-2@example.com")["status"] == "INACTIVE"
    assert conductor.user("user-4@example.com")["status"] == "INACTIVE"
    assert not link.companies()["c3"]["page_enabled"]
    assert any("was deactivated outside of Pulumi" in line for line in repaired.lines("user-2@example.com"))
    assert stack.up("--expect-no-changes").code == 0


def test_renaming_everything_changes_nothing_in_the_apis(onboarded):
    """New names without aliases are creates and deletes to the engine, and no write at all to the APIs."""
    stack, _ = onboarded
    renamed = (
        ROSTER.replace('"company-', '"firm-')
        .replace('"user-{n}", email', '"person-{n}", email')
        .replace('"grant-', '"access-')
    )
    stack.program(renamed)

    ran = stack.up()

    assert ran.code == 0, ran.text
    assert ran.writes() == {}
    assert "+ 140 created" in ran.text
    assert "- 140 deleted" in ran.text
    assert stack.up("--expect-no-changes").code == 0


def test_moving_everything_into_a_component_changes_nothing_in_the_apis(onboarded):
    """A new parent without aliases is a new name for every resource."""
    stack, _ = onboarded
    moved = (
        ROSTER.replace("conduit.Company(", "conduit.Company(opts=inside, resource_name=")
        .replace("conduit.ConductorUser(\n", "conduit.ConductorUser(opts=inside, resource_name=\n")
        .replace("conduit.UserAccountAccess(", "conduit.UserAccountAccess(opts=inside, resource_name=")
    )
    stack.program(
        """
    team = pulumi.ComponentResource("test:index:Team", "team")
    inside = pulumi.ResourceOptions(parent=team)
"""
        + moved
    )

    ran = stack.up()

    assert ran.code == 0, ran.text
    assert ran.writes() == {}
    assert stack.up("--expect-no-changes").code == 0


def test_the_state_holds_no_secret_and_little_else(onboarded):
    """No credential and no company token is recorded, and a user takes at most 800 bytes of JSON."""
    import json  # noqa: PLC0415 - only here

    stack, _ = onboarded
    exported = json.dumps(stack.state())

    for name in ("CONDUIT_LINK_APP_TOKEN", "CONDUCTOR_PASSWORD"):
        assert stack.environ[name] not in exported
    assert "apiToken" not in exported
    assert "api_token" not in exported
    user = stack.resources("ConductorUser")[0]
    compact = (json.dumps(part, separators=(",", ":")) for part in (user["inputs"], user["outputs"]))
    assert sum(map(len, compact)) <= 800
    assert len(user["inputs"]["__provider"]) <= 80
