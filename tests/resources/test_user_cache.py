"""How often is looked, whom a look is spared, and what this process knows afterwards without one."""

import pytest
from declarations import ANN, account_list, company, grant, lines, user

from pulumi_conduit.errors import RefusedError

GET, ACCESS, STATUS = "GET /users/{userEmail}", "PUT /users/{userEmail}/accounts", "PUT /users/{userEmail}/status"


@pytest.fixture
def ann(sandbox):
    """Put a user there whom no program declares."""
    sandbox.conductor.put_user(ANN, accounts=[1, 2])


@pytest.mark.parametrize("looks", [1, 3, 6])
def test_as_many_looks_are_taken_as_were_asked_for(sandbox, stack, ann, looks):
    """A look that never suits is repeated so often, and no look follows the last wait."""
    record = stack.writer(ANN).poll_until(lambda _: False, polls=looks)

    assert record.email == ANN
    assert sandbox.count(GET) == looks


@pytest.mark.parametrize("act", [lambda stack: stack.up({"all": account_list(1)}), lambda stack: stack.destroy()])
def test_a_list_that_shows_just_what_was_recorded_is_looked_at_once(sandbox, stack, ann, act):
    """Nothing is missing, so there is nothing to wait for."""
    stack.up({"all": account_list(1, 2)})
    sandbox.conductor.add_grant(ANN, 3)
    sandbox.forget_requests()

    act(stack)

    assert sandbox.count(GET) == 1


def test_a_preview_knows_a_listed_user_without_its_own_answer(sandbox, stack, ann):
    """One list answers for all whom it names."""
    stack.preview({"all": account_list(1)})

    assert sandbox.count(GET) == 0


@pytest.mark.parametrize(("listed", "looks"), [(None, 1), (0, 1)])
def test_an_import_asks_for_the_user_whatever_the_list_shows(sandbox, stack, switch, ann, listed, looks):
    """What a list says of a grant is no proof that it is there."""
    stack.environ["CONDUIT_PREVIEW"] = "offline"
    switch(list_limit=listed)

    stack.up({"two": grant(2, importId=f"{ANN}:2")})

    assert sandbox.count(GET) == looks


def test_what_was_given_and_taken_is_known_without_a_look(sandbox, stack, ann):
    """The answer of a write replaces what was known of the user's accounts."""
    view = stack.run.sessions.conductor(None).cache
    writer = stack.writer(ANN)
    known = [view.find(ANN).accounts]

    writer.add(frozenset({3}))
    known.append(view.from_cache(ANN).accounts)
    writer.remove(frozenset({2}))
    known.append(view.from_cache(ANN).accounts)

    assert known == [{1, 2}, {1, 2, 3}, {1, 3}]
    assert sandbox.count(GET) == 0


def test_the_first_write_has_the_spelling_of_the_list(sandbox, stack, switch):
    """Where the API is case-sensitive, a write in another spelling would be refused first."""
    switch(emails_case_insensitive=False)
    sandbox.conductor.put_user("Ann@acme.example", accounts=[1])

    stack.up({"two": grant(2)})

    assert lines(sandbox) == ["PUT /users/Ann@acme.example/accounts removal=false"]


def test_a_create_asks_for_the_declared_status_itself(sandbox, stack):
    """Who is declared INACTIVE is never ACTIVE where the API honours the status of a create."""
    seen = []
    sandbox.faults.add(STATUS, hook=lambda: seen.append(sandbox.conductor.user(ANN)["status"]))

    stack.up({"ann": user(status="INACTIVE")})

    assert seen == ["INACTIVE"]


def test_an_empty_success_is_believed_when_nothing_but_its_effect_shows(sandbox, stack):
    """Whoever took the other accounts away meanwhile does not hide that the grant was made."""
    sandbox.conductor.put_user(ANN, accounts=[1])
    sandbox.faults.add(ACCESS, garbage="empty")
    sandbox.faults.add(GET, hook=lambda: sandbox.conductor.edit_user(ANN, accounts=[2]))

    stack.up({"two": grant(2)})

    assert list(stack.held) == ["two"]


def test_companies_of_one_id_in_two_tenants_are_two_that_are_missing(sandbox, stack):
    """What counts against maxMissing are objects, not names."""
    stack.environ |= sandbox.environ(link_app="b", profile="b") | {"CONDUIT_MAX_MISSING": "1"}
    stack.up({"here": company(onDestroy="retain"), "there": company(onDestroy="retain", profile="b")})
    for app in ("default", "b"):
        sandbox.link.remove_company("ACME", app=app)

    with pytest.raises(RefusedError, match=r"^company 'ACME': one of 2 objects not found in this run"):
        stack.refresh(threads=2)


def test_the_page_of_a_company_made_anew_is_closed_by_its_own_token(sandbox, stack):
    """At home the id is enough: the time of creation distinguishes companies of different tokens, and no others."""
    stack.up({"acme": company(onDestroy="disable_page")})
    sandbox.link.remove_company("ACME")
    sandbox.advance(60)
    sandbox.link.put_company("ACME", page_enabled=True)

    stack.destroy()

    assert sandbox.link.company("ACME")["page_enabled"] is False
