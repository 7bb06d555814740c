"""Credentials, tried as little as can be: one login, one list, and one company if it was named."""

import pytest

from pulumi_conduit.cli.doctor import apis as checks
from pulumi_conduit.cli.doctor.findings import Code, Examined


def _found(check, environ, **more):
    return [(one.code, one.text) for one in check(Examined(environ, **more))]


def _last(found):
    return found[-1]


def test_a_login_is_one_login_and_the_accounts_are_named(sandbox):
    """With their ids."""
    found = _found(checks.conductor, sandbox.environ())

    assert [Code.LOGIN_TRY, Code.LOGIN, Code.ACCOUNTS] == [code for code, _ in found[-3:]]
    assert "Conductor: logging in as admin@sandbox.example, once" == found[-3][1]
    assert found[-1][1].startswith("Conductor: this identity owns 10 accounts: 'Retail' (1), 'Travel' (2), ")
    assert {"POST /login": 1, "GET /accounts": 1} == sandbox.counts()


def test_of_many_accounts_twenty_are_named(sandbox):
    """And how many more there are; a name steers no terminal."""
    for number in range(100, 115):
        sandbox.conductor.add_account(number, f"\x1b[31m{number}")
    sandbox.conductor.edit_identity("admin@sandbox.example", accounts=range(1, 11))
    sandbox.conductor.edit_identity("admin@sandbox.example", accounts=[*range(1, 11), *range(100, 115)])

    text = _last(_found(checks.conductor, sandbox.environ()))[1]

    assert text.endswith(r"'\x1b[31m109' (109) and 5 more")


def test_an_identity_without_an_account_is_a_warning(sandbox):
    """It could manage nobody."""
    sandbox.conductor.edit_identity("admin@sandbox.example", accounts=[])

    assert Code.ACCOUNTS_NONE is _last(_found(checks.conductor, sandbox.environ()))[0]


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (401, "correct the credentials before any other run: this was one attempt, and failed logins lock accounts"),
        (503, "fix the cause and run it again; this was one attempt"),
        (404, "if URL and network are right, `pulumi-conduit verify` looks for another path; this was one attempt"),
    ],
)
def test_a_login_that_fails_is_a_problem_and_not_tried_again(sandbox, status, advice):
    """Whoever is to blame."""
    sandbox.faults.add("POST /login", status=status, times=None)

    finding = list(checks.conductor(Examined(sandbox.environ())))[-1]

    assert (Code.LOGIN_FAILS, advice) == (finding.code, finding.advice)
    assert finding.text.startswith(f"Conductor refused POST /login: {status}")
    assert {"POST /login": 1} == sandbox.counts()


def test_a_list_that_is_refused_is_a_problem_and_no_second_login(sandbox):
    """A token that is refused at once will be refused again."""
    sandbox.faults.add("GET /accounts", status=401, times=None)

    code, text = _last(_found(checks.conductor, sandbox.environ()))

    assert Code.ACCOUNTS_FAIL is code
    assert text.startswith("Conductor refused GET /accounts: 401")
    assert {"POST /login": 1, "GET /accounts": 1} == sandbox.counts()


def test_a_token_is_not_tried_without_a_company(sandbox):
    """There is no call that does no harm, and that is said."""
    finding = list(checks.link(Examined(sandbox.environ())))[-1]

    assert Code.TOKEN_UNTESTED is finding.code
    assert finding.advice.startswith(
        "give --company ID with the id of a company that exists: one GET, which mints a tok"
    )
    assert {} == sandbox.counts()


def test_a_token_is_tried_on_the_company_that_was_named(sandbox):
    """By one GET."""
    sandbox.link.put_company("ACME")

    last = _last(_found(checks.link, sandbox.environ(), company="acme"))

    assert (Code.TOKEN, "Conduit Link: the token opens company 'ACME'") == last
    assert {"GET /link/company/{id}/": 1} == sandbox.counts()


def test_a_company_that_is_not_there_says_that_the_token_was_not_refused(sandbox):
    """It may be another Link APP's."""
    code, text = _last(_found(checks.link, sandbox.environ(), company="Gone"))

    assert Code.COMPANY_NOT_FOUND is code
    assert "Conduit Link: the token was not refused, but this Link APP has no company 'Gone'" == text


def test_a_token_that_is_refused_is_a_problem(sandbox):
    """After one try."""
    environ = {**sandbox.environ(), "CONDUIT_LINK_APP_TOKEN": "wrong"}

    code, text = _last(_found(checks.link, environ, company="ACME"))

    assert Code.TOKEN_FAILS is code
    assert text.startswith("Conduit Link refused GET /link/company/ACME/: 401")
    assert {"GET /link/company/{id}/": 1} == sandbox.counts()


@pytest.mark.parametrize("check", [checks.conductor, checks.link])
def test_nothing_is_tried_offline_or_without_settings(sandbox, check):
    """Nor where the way ends before the API."""
    assert [] == _found(check, {}) == _found(check, sandbox.environ(), is_offline=True)
    nowhere = {**sandbox.environ(), "CONDUCTOR_URL": "http://127.0.0.1:9", "CONDUIT_LINK_URL": "http://127.0.0.1:9"}

    assert Code.TCP_FAILS is _last(_found(check, nowhere))[0]
    assert {} == sandbox.counts()


def test_a_route_file_that_cannot_be_used_keeps_the_password_at_home(sandbox):
    """Another check says what is wrong with it."""
    found = _found(checks.conductor, {**sandbox.environ(), "CONDUCTOR_ROUTES": "/nowhere.toml"})

    assert Code.CLOCK is _last(found)[0]
    assert {} == sandbox.counts()


def test_offline_is_said():
    """Where it was wanted."""
    assert [Code.OFFLINE] == [one.code for one in checks.offline(Examined({}, is_offline=True))]
    assert [] == list(checks.offline(Examined({})))
