"""A whole run: what is found, what remains, and that nobody else is touched."""

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
