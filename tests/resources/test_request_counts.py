"""What a stack costs, call by call: one list answers every read of users and grants, every write is the least."""

from functools import partial

import pytest
from declarations import ANN, account_list, company, grant, user

PEOPLE = 12
COMPANIES = 4
LOGIN, LIST, GET, ACCESS = "POST /login", "GET /users", "GET /users/{userEmail}", "PUT /users/{userEmail}/accounts"


def email(number):
    """Return the address of one of the people."""
    return f"user-{number}@acme.example"


@pytest.fixture
def program():
    """Declare a dozen people with a grant each, and four companies."""
    people = {f"user-{n}": user(email(n)) for n in range(PEOPLE)}
    grants = {f"grant-{n}": grant(2, email(n)) for n in range(PEOPLE)}
    companies = {f"company-{n}": company(f"C{n}", name=f"Customer {n}", onDestroy="retain") for n in range(COMPANIES)}
    return {**people, **grants, **companies}


def calls_of(sandbox, act, *arguments, **named):
    """Return the calls that something costs, by route."""
    sandbox.forget_requests()
    act(*arguments, **named)
    return dict(sandbox.counts())


@pytest.fixture
def calls(sandbox):
    """Return what counts the calls of what is done."""
    return partial(calls_of, sandbox)


@pytest.fixture
def up(stack, program, calls):
    """Bring the program up, and return what that cost."""
    return calls(stack.up, program)


def test_an_up_costs_a_login_two_lists_two_calls_a_user_one_a_grant_and_two_a_company(up):
    """A new user that the list lacks is asked for once, before it is created; nobody is looked up after that."""
    assert up == {
        LOGIN: 1,
        LIST: 1,
        "GET /accounts": 1,
        GET: PEOPLE,
        "POST /users": PEOPLE,
        ACCESS: PEOPLE,
        "GET /link/company/{id}/": COMPANIES,
        "POST /link/company/": COMPANIES,
    }


@pytest.mark.usefixtures("up")
def test_an_up_that_changes_nothing_sends_no_request(stack, program, calls):
    """Neither does its preview."""
    assert (calls(stack.preview, program), calls(stack.up, program)) == ({}, {})


@pytest.mark.usefixtures("up")
def test_a_refresh_costs_a_login_a_list_and_one_call_a_company(stack, calls):
    """One list answers for every user and every grant, whatever the threads."""
    assert calls(stack.refresh, threads=8) == {LOGIN: 1, LIST: 1, "GET /link/company/{id}/": COMPANIES}


@pytest.mark.usefixtures("up")
def test_a_refresh_with_an_exclusive_list_costs_one_list_more(stack, program, calls):
    """Which accounts are this identity's own is asked once."""
    lists = {f"list-{n}": account_list(1, 2, email=email(n)) for n in range(PEOPLE)}
    stack.up({**{name: one for name, one in program.items() if not name.startswith("grant")}, **lists})

    counted = calls(stack.refresh, threads=8)

    assert counted == {LOGIN: 1, LIST: 1, "GET /accounts": 1, "GET /link/company/{id}/": COMPANIES}


@pytest.mark.parametrize("threads", [1, 8])
def test_a_user_who_misses_grants_is_asked_for_once(sandbox, stack, calls, threads):
    """Several grants that the list lacks are judged by one GET of their user."""
    people = {f"user-{n}": user(email(n)) for n in range(3)}
    stack.up({**people, **{f"grant-{n}-{one}": grant(one, email(n)) for n in range(3) for one in (2, 3)}})
    for n in (0, 1):
        sandbox.conductor.edit_user(email(n), accounts=[1])

    assert calls(stack.refresh, threads=threads) == {LOGIN: 1, LIST: 1, GET: 2, "GET /accounts": 1}
    assert [name for name in stack.held if name.startswith("grant")] == ["grant-2-2", "grant-2-3"]


def test_a_missing_user_is_requested_once(sandbox, stack, calls):
    """What the user's own GET said, its grants need not ask again."""
    stack.up({"ann": user(), "two": grant(2), "three": grant(3)})
    sandbox.conductor.remove_user(ANN)

    assert calls(stack.refresh) == {LOGIN: 1, LIST: 1, GET: 1}
    assert stack.held == {}


@pytest.mark.usefixtures("up")
def test_a_destroy_costs_a_login_and_one_call_a_user(stack, calls):
    """A linked grant goes with its user, and nothing is looked up before a deactivation."""
    assert calls(stack.destroy) == {LOGIN: 1, "PUT /users/{userEmail}/status": PEOPLE}


@pytest.mark.usefixtures("up")
def test_a_change_of_some_costs_one_call_each(stack, program, calls):
    """What equals the last read is not written."""
    changed = {f"user-{n}": user(email(n), type="STANDARD") for n in range(3)}

    assert calls(stack.up, {**program, **changed}) == {LOGIN: 1, "PUT /users/{userEmail}/type": 3}


TEAM = """
import pulumi_conduit as conduit

for n in range(4):
    conduit.Company(f"company-{n}", company_id=f"C{n}", name=f"Customer {n}", on_destroy="retain")
for n in range(20):
    person = conduit.ConductorUser(
        f"user-{n}", email=f"user-{n}@acme.example", first_name="U", last_name=str(n), initial_accounts=[1]
    )
    for account in (2, 3):
        conduit.UserAccountAccess(f"grant-{n}-{account}", user=person, account_id=account)
"""


def test_the_engine_costs_no_more(conduit_stack, conduit_sandbox, tmp_path):
    """Twenty people with two grants each and four companies, through the whole life of a stack."""
    folder = tmp_path / "team"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: team\nruntime: python\n", encoding="utf-8")
    (folder / "__main__.py").write_text(TEAM, encoding="utf-8")
    made = conduit_stack(folder)

    up = calls_of(conduit_sandbox, made.up)
    # Which of a user's two grants finds the other there is the engine's timing; two calls would be none too many.
    assert 20 <= up.pop(ACCESS) <= 40
    assert up == {
        LOGIN: 1,
        LIST: 1,
        "GET /accounts": 1,
        GET: 20,
        "POST /users": 20,
        "GET /link/company/{id}/": 4,
        "POST /link/company/": 4,
    }
    assert calls_of(conduit_sandbox, made.up) == {}
    assert calls_of(conduit_sandbox, made.refresh) == {LOGIN: 1, LIST: 1, "GET /link/company/{id}/": 4}
    assert calls_of(conduit_sandbox, made.destroy) == {LOGIN: 1, "PUT /users/{userEmail}/status": 20}
