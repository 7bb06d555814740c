"""What the API makes otherwise than it was sent is said at once and in the state, and the next run sets it."""

import pytest
from declarations import ANN, company, grant, lines, user

from pulumi_conduit.errors import RefusedError

FORMS = {"decomposed": ("Zo\u00eb", "Zoe\u0308")}
every_form = pytest.mark.parametrize("form", FORMS)
EDIT = "POST /link/company/{id}/"


def converges(stack, program):
    """Say whether a second run changes nothing, nor does a refresh and a third one."""
    second = stack.up(program).operations
    third = stack.refresh().up(program).operations
    return {what for what, _ in second + third} == {"same"}


@pytest.mark.parametrize("is_silent", [False, True], ids=["answers its status", "does not answer its status"])
def test_a_user_that_a_create_leaves_inactive_is_active_after_the_next_run(sandbox, stack, switch, is_silent):
    """The first run says so and blames nobody; the second one activates with the declared accounts."""
    switch(post_leaves_inactive=True)
    if is_silent:
        _without_status(sandbox)
    program = {"ann": user(), "two": grant(2)}

    stack.up(program)
    first = list(stack.warnings)
    stack.up(program)
    second = list(stack.warnings)

    assert first == [
        (
            f"user {ANN}: it was created, but status is INACTIVE in Conductor and ACTIVE in the program; run `up`"
            " again, which sets it"
        )
    ]
    assert f"CONDUIT-REACTIVATE: user {ANN} is INACTIVE and is reactivated with its declared accounts" in second
    assert not [one for one in second if "outside of Pulumi" in one]
    assert ("ACTIVE", [1, 2]) == tuple(sandbox.conductor.user(ANN)[name] for name in ("status", "accounts"))
    assert converges(stack, program)


def _without_status(sandbox):
    """Let the create answer the user without its status, after the effect."""
    made = {"email": ANN, "firstname": "First", "lastname": "Last", "sso_access": False, "type": "READ_ONLY"}
    sandbox.faults.add(
        "POST /users", status=201, body={**made, "view": "COMPLETE", "accounts": [1]}, handled=True, times=1
    )


def test_a_refresh_between_does_not_make_it_a_deactivation_outside(sandbox, stack, switch):
    """What a create has left is not forgotten by a read."""
    switch(post_leaves_inactive=True)
    stack.up({"ann": user()})

    stack.refresh().up({"ann": user()})

    assert "ACTIVE" == sandbox.conductor.user(ANN)["status"]


def test_a_deactivation_outside_of_such_a_user_stays(sandbox, stack, switch):
    """Once it was ACTIVE, somebody else's switch is respected as ever."""
    switch(post_leaves_inactive=True)
    stack.up({"ann": user()}).up({"ann": user()})
    sandbox.conductor.edit_user(ANN, status="INACTIVE")

    stack.refresh().up({"ann": user()})

    assert "INACTIVE" == sandbox.conductor.user(ANN)["status"]
    assert [one for one in stack.warnings if "outside of Pulumi" in one]


def test_a_user_declared_inactive_is_no_surprise(stack, switch):
    """What was asked for is not warned of."""
    switch(post_leaves_inactive=True)

    stack.up({"ann": user(status="INACTIVE")})

    assert [] == stack.warnings


@pytest.mark.parametrize("answered", [[1, 5], []])
def test_accounts_that_a_create_answers_otherwise_are_named(sandbox, stack, answered):
    """An access too much and one too little are said in the run that made it."""
    made = {"email": ANN, "firstname": "First", "lastname": "Last", "sso_access": False, "type": "READ_ONLY"}
    body = {**made, "view": "COMPLETE", "status": "ACTIVE", "accounts": answered}
    sandbox.faults.add("POST /users", status=201, body=body, handled=True, times=1)

    stack.up({"ann": user()})

    held = ", ".join(map(str, answered)) or "none"
    assert [
        (
            f"user {ANN}: it was created, but holds accounts {held} in Conductor, and initial_accounts is 1 in the"
            " program; declare its access by UserAccountAccess or UserAccountAccessExclusive"
        )
    ] == stack.warnings


@every_form
def test_a_users_name_in_another_form_is_no_difference(sandbox, stack, switch, form):
    """Two texts that look the same are the same: nothing to warn of, nothing to do later, either may be declared."""
    sent, kept = FORMS[form]
    switch(names=form)

    stack.up({"ann": user(firstName=sent)})

    assert [] == stack.warnings
    assert kept == stack.outputs("ann")["firstName"]
    assert converges(stack, {"ann": user(firstName=sent)})
    assert converges(stack, {"ann": user(firstName=kept)})
    assert [] == stack.warnings


@every_form
def test_a_create_that_was_cut_off_converges_on_names_that_the_api_keeps_otherwise(sandbox, stack, switch, form):
    """The user is the one that the killed run made, and not somebody else."""
    sent, kept = FORMS[form]
    switch(names=form)
    sandbox.faults.add("POST /users", drop="after", times=1)
    sandbox.faults.add("GET /users/{userEmail}", drop="before", times=None)
    stack.up({"ann": user(lastName=sent)}, keep_going=True)
    sandbox.faults.clear()
    assert {} == stack.held

    stack.up({"ann": user(lastName=sent)})

    assert kept == stack.outputs("ann")["lastName"]
    assert converges(stack, {"ann": user(lastName=sent)})


def test_a_user_that_is_made_under_another_name_is_in_the_state_with_a_warning(sandbox, stack):
    """The API cannot change a name, so both values are said at once, and nobody is created twice."""
    made = {"email": ANN, "firstname": "Zo", "lastname": "Last", "sso_access": False, "type": "READ_ONLY"}
    body = {**made, "view": "COMPLETE", "status": "ACTIVE", "accounts": [1]}
    sandbox.faults.add("POST /users", status=201, body=body, handled=True, times=1)

    stack.up({"ann": user(firstName="Zoe")})

    assert [f"user {ANN}: first_name is 'Zo' in Conductor but 'Zoe' in the program"] == [
        one.partition(",")[0] for one in stack.warnings
    ]
    assert "Zo" == stack.outputs("ann")["firstName"]


def test_a_company_name_that_the_api_shortens_is_kept_with_a_warning(sandbox, stack):
    """The response shows it: it is not edited again, and the warning has both forms."""
    body = {"id": "ACME", "name": "Acme Corp", "created_at": "2026-01-01T00:00:00Z"}
    page = {"link_page": {"url": "https://example.com", "enabled": True}, "api_token": {"token": "t", "expires_at": 1}}
    sandbox.faults.add("POST /link/company/", status=200, body={**body, **page}, times=1)

    stack.up({"acme": company(name="Acme  Corp")})

    assert 0 == sandbox.count(EDIT)
    (said,) = stack.warnings
    assert said.startswith("company 'ACME': the name is 'Acme Corp' in Conduit Link but 'Acme  Corp' in the program")


def test_a_user_of_another_name_is_still_another_user(sandbox, stack):
    """Only the form of a name may differ."""
    sandbox.conductor.put_user(ANN, first_name="zoe")

    with pytest.raises(Exception, match=r"first_name is 'zoe' in Conductor but 'Zoe' in the program"):
        stack.up({"ann": user(firstName="Zoe")})


@every_form
def test_a_company_name_that_the_api_keeps_otherwise_costs_no_edit_and_is_in_the_state(sandbox, stack, switch, form):
    """One request made it, nothing is to be warned of, and the next run finds nothing to do."""
    sent, kept = FORMS[form]
    switch(names=form)

    stack.up({"acme": company(name=sent)})

    assert ["POST /link/company/"] == lines(sandbox)
    assert [] == stack.warnings
    assert (kept, {"name": sent}) == (stack.outputs("acme")["name"], stack.outputs("acme")["lastApplied"])
    assert converges(stack, {"acme": company(name=sent)})


@every_form
def test_an_edit_to_such_a_name_is_sent_once(sandbox, stack, switch, form):
    """The response shows the form that the API keeps, and that is the end of it; the page is edited as ever."""
    sent, kept = FORMS[form]
    stack.up({"acme": company(name="Old")})
    switch(names=form)
    sandbox.forget_requests()

    stack.up({"acme": company(name=sent)})
    renamed = sandbox.count(EDIT)
    stack.up({"acme": company(name=sent, pageEnabled=False)})

    assert (1, 2) == (renamed, sandbox.count(EDIT))
    live = sandbox.link.company("ACME")
    assert (kept, False) == (live["name"], live["page_enabled"])
    assert converges(stack, {"acme": company(name=sent, pageEnabled=False)})


@every_form
def test_drift_of_such_a_name_is_repaired(sandbox, stack, switch, form):
    """Another name outside is no form of the declared one."""
    sent, kept = FORMS[form]
    switch(names=form)
    stack.up({"acme": company(name=sent)})
    sandbox.link.edit_company("ACME", name="Elsewhere")

    stack.refresh().up({"acme": company(name=sent)})

    assert kept == sandbox.link.company("ACME")["name"]


@every_form
def test_a_company_whose_create_was_cut_off_converges(sandbox, stack, switch, form):
    """Under on_conflict="error", too, and without a write."""
    sent, kept = FORMS[form]
    switch(names=form)
    sandbox.link.put_company("ACME", name=kept)

    stack.up({"acme": company(name=sent)})

    assert [] == lines(sandbox)
    assert converges(stack, {"acme": company(name=sent)})


def test_a_page_that_a_create_opens_all_the_same_is_an_error(sandbox, stack):
    """Only the form of a name is forgiven."""
    body = {"id": "ACME", "name": "Acme", "created_at": "2026-01-01T00:00:00Z"}
    page = {"link_page": {"url": "https://example.com", "enabled": True}, "api_token": {"token": "t", "expires_at": 1}}
    sandbox.faults.add(EDIT, status=200, body={**body, **page}, times=None)
    sandbox.faults.add("POST /link/company/", status=200, body={**body, **page}, times=None)

    with pytest.raises(RefusedError, match="edited, yet page_enabled is true in Conduit Link but false in the program"):
        stack.up({"acme": company(name="Acme", pageEnabled=False)})
