"""A whole run: what is found, what remains, and that nobody else is touched."""

import pytest

USER, COMPANY = "you+conduit@corp.example", "CONDUITTEST"


def results(result):
    """Return the results of the operations that are not confirmed."""
    return {row["operation"]: row["result"] for row in result.report["operations"] if row["result"] != "confirmed"}


def test_an_api_as_it_is_described_is_confirmed(sandbox, verify, touched):
    """Every operation is tried, every look shows its effect, and only the test user and company are named."""
    result = verify()

    assert (0, {}) == (result.exit_code, results(result)), result.output
    assert 16 == len(result.report["operations"])
    assert {USER, COMPANY, USER.replace("you+conduit", "YOU+CONDUIT")} == touched()
    assert [] == result.report["left"]


@pytest.mark.parametrize(("options", "has_next"), [(["--probe-writes"], True), ([], False)], ids=["found", "missing"])
def test_routes_that_were_all_found_lead_to_the_next_step(verify, switch, options, has_next):
    """It ends with 1, because the provider is not configured so yet; nothing is said where an operation is missing."""
    switch(routes="PUT /users/{userEmail}/type=PATCH /users/{userEmail}/type")

    result = verify(*options)

    assert 1 == result.exit_code
    assert has_next == result.output.rstrip().endswith("name it in CONDUCTOR_ROUTES, and run again with --again.")


def test_what_remains_is_an_inactive_user_and_a_closed_company(sandbox, verify):
    """The APIs delete neither."""
    verify()

    user, company = sandbox.conductor.user(USER), sandbox.link.company(COMPANY)
    assert ("INACTIVE", "READ_ONLY", [1]) == (user["status"], user["type"], user["accounts"])
    assert ("pulumi-conduit verify", False) == (company["name"], company["page_enabled"])


def test_read_only_writes_nothing(sandbox, verify):
    """One login and another one, and reads."""
    result = verify("--read-only")

    assert 0 == result.exit_code, result.output
    assert [] == sandbox.writes()
    assert "not tried" == results(result)["create_user"]
