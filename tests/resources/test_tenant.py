"""State belongs to one tenant: another base URL, another tenant, another identity must not mistake it for its own."""

import pytest
from declarations import ANN, account_list, company, grant, lines, user

from pulumi_conduit.errors import ConduitError, RefusedError
from pulumi_conduit.sandbox import Sandbox

COMPANY = {"acme": company(name="Acme", onDestroy="disable_page")}
PEOPLE = {
    "ann": user(),
    "two": grant(2),
    "bob": user("bob@acme.example"),
    "all": account_list(1, email="bob@acme.example"),
}
EDITED = {
    "acme": company(name="New", onDestroy="disable_page"),
    "ann": user(type="STANDARD"),
    "two": grant(2),
    "bob": user("bob@acme.example", type="STANDARD"),
    "all": account_list(1, 2, email="bob@acme.example"),
}


def each_is_refused(stack, text):
    """Have every resource read, updated and deleted; each must fail with the text, and the state must stay."""
    before = dict(stack.held)
    for name, (kind, _) in EDITED.items():
        if name not in before:
            continue
        stack.begin()
        handler = stack.handler(kind, name)
        state = handler.state(stack.outputs(name))
        spec = handler.spec({**before[name].inputs, **EDITED[name][1]})
        for act in (lambda h, s, _: h.read(s), lambda h, s, spec: h.update(s, spec), lambda h, s, _: h.delete(s)):
            with pytest.raises(RefusedError, match=text):
                act(handler, state, spec)
    assert stack.held == before


@pytest.fixture
def elsewhere():
    """Start a second sandbox: another origin."""
    with Sandbox.start() as running:
        yield running


@pytest.mark.parametrize("program", [COMPANY, PEOPLE])
def test_state_of_another_origin_is_never_touched(stack, elsewhere, program):
    """Settings that name another URL than the state fail everything, and nobody there is asked."""
    stack.up(program)
    stack.environ = elsewhere.environ()

    each_is_refused(
        stack, r"it was recorded at http://127\.0\.0\.1:\d+.*, but the settings name .*; nothing was read or changed"
    )

    assert elsewhere.counts() == {}


@pytest.mark.parametrize("program", [COMPANY, PEOPLE])
def test_a_plan_over_state_of_another_origin_fails(stack, elsewhere, program):
    """Preview fails, too: the plan itself fails, even when nothing would change."""
    stack.up(program)
    stack.environ = {**elsewhere.environ(), "CONDUIT_PREVIEW": "offline"}

    with pytest.raises(RefusedError, match=r"nothing was read or changed\. Point the settings back, or"):
        stack.preview(program)


@pytest.mark.parametrize(("program", "variable"), [(COMPANY, "CONDUIT_LINK_URL"), (PEOPLE, "CONDUCTOR_URL")])
def test_state_of_another_path_is_never_touched(sandbox, stack, program, variable):
    """Two paths at one origin are two places."""
    stack.up(program)
    stack.environ[variable] += "/v2"
    sandbox.forget_requests()

    each_is_refused(stack, "nothing was read or changed")

    assert sandbox.requests == []


@pytest.mark.parametrize("program", [COMPANY, PEOPLE])
def test_state_without_a_tenant_is_refused(sandbox, stack, program):
    """State without a tenant is never touched."""
    stack.up(program)
    for held in stack.held.values():
        del held.outputs["tenant"]
    sandbox.forget_requests()

    each_is_refused(stack, "its state names no tenant, so nothing was read or changed; restore the state from a backup")

    assert sandbox.counts() == {}


def test_a_rotated_token_goes_on_as_before(sandbox, stack):
    """The same company under a new token is accepted, and its tenant is recorded at the next refresh."""
    stack.up(COMPANY)
    old = stack.outputs("acme")["tenant"]
    stack.environ["CONDUIT_LINK_APP_TOKEN"] = sandbox.link.rotate_token()

    assert stack.preview(COMPANY) == [("same", "acme")]
    stack.up({"acme": company(name="New", onDestroy="disable_page")})
    recorded = stack.outputs("acme")["tenant"]
    assert stack.refresh().outputs("acme")["tenant"] == recorded
    stack.destroy()

    assert recorded != old
    assert sandbox.link.company("ACME")["page_enabled"] is False


def test_with_another_link_app_a_404_is_no_absence(sandbox, stack):
    """A token that sees nobody proves nothing."""
    stack.up(COMPANY)
    stack.environ["CONDUIT_LINK_APP_TOKEN"] = sandbox.link.app_token("b")

    with pytest.raises(
        RefusedError, match=r"^company 'ACME': not found \(404\) with this token, but another token recorded it, so"
    ):
        stack.refresh()
    with pytest.raises(ConduitError, match="404"):
        stack.destroy()

    assert list(stack.held) == ["acme"]


def test_with_another_link_app_a_company_of_the_same_id_is_another_one(sandbox, stack):
    """What was created at another time is not ours, and is neither read, edited nor closed."""
    stack.up(COMPANY)
    sandbox.advance(60)
    sandbox.link.put_company("ACME", name="Theirs", app="b")
    stack.environ["CONDUIT_LINK_APP_TOKEN"] = sandbox.link.app_token("b")
    sandbox.forget_requests()

    each_is_refused(
        stack, r"this token sees another company of the same id, created at .* instead of .*; use the token"
    )

    assert lines(sandbox) == []
    assert sandbox.link.company("ACME", app="b")["page_enabled"] is True


@pytest.mark.parametrize("policy", ["retain", "disable_page"])
def test_a_rename_together_with_another_link_app_forgets_no_company(sandbox, stack, policy):
    """The new resource owns the other Link APP's company, not this one: the delete fails, and the state stays."""
    stack.up({"acme": company(name="Acme", onDestroy=policy)})
    sandbox.advance(60)
    stack.environ["CONDUIT_LINK_APP_TOKEN"] = sandbox.link.app_token("b")

    with pytest.raises(RefusedError, match="this token sees another company of the same id"):
        stack.up({"renamed": company(name="Acme", onDestroy=policy)})

    assert set(stack.held) == {"acme", "renamed"}
    assert sandbox.link.company("ACME")["page_enabled"] is True


def test_a_rename_together_with_a_rotated_token_keeps_the_company(sandbox, stack):
    """It is the same company: it was created at the same time."""
    stack.up(COMPANY)
    stack.environ["CONDUIT_LINK_APP_TOKEN"] = sandbox.link.rotate_token()

    stack.up({"renamed": COMPANY["acme"]})

    assert set(stack.held) == {"renamed"}
    assert sandbox.link.company("ACME")["page_enabled"] is True


def test_a_retained_company_is_removed_from_state_without_credentials(sandbox, stack):
    """Forgetting needs no look, so a stack can be left behind when its credentials are gone."""
    stack.up({"acme": company(onDestroy="retain")})
    del stack.environ["CONDUIT_LINK_APP_TOKEN"]
    sandbox.forget_requests()

    stack.destroy()

    assert stack.held == {}
    assert lines(sandbox) == []


@pytest.fixture
def stranger(sandbox, stack):
    """Have another identity, which sees nobody, use the settings of a stack that is up."""
    stack.up(PEOPLE)
    sandbox.forget_requests()
    other = sandbox.environ(identity="other@sandbox.example")
    stack.environ |= {name: other[name] for name in ("CONDUCTOR_USERNAME", "CONDUCTOR_PASSWORD")}


@pytest.mark.parametrize("unshared", ["missing", "forbidden", "visible"])
def test_an_identity_that_sees_no_user_removes_no_user_from_state(sandbox, stack, stranger, switch, unshared):
    """Another identity's 404, or 403, is an error and never absence."""
    switch(unshared_user=unshared)

    stack.begin()
    for name, held in list(stack.held.items()):
        handler = stack.handler(held.kind, name)
        try:
            live = handler.read(handler.state(held.outputs))
        except ConduitError:
            continue
        assert live.inputs() == held.inputs

    assert set(stack.held) == set(PEOPLE)


def test_an_identity_that_sees_no_user_names_the_way_out(stack, stranger):
    """The message says that another identity recorded it."""
    with pytest.raises(
        RefusedError,
        match=r"not visible to this identity \(404\), but another identity recorded it, so state is unchanged",
    ):
        stack.refresh()

    assert set(stack.held) == set(PEOPLE)


def test_an_identity_that_sees_no_user_deletes_no_user(sandbox, stack, stranger):
    """Deletes fail, and no request of it has an effect."""
    before = sandbox.conductor.users()

    stack.destroy(keep_going=True)

    assert {"ann", "bob"} <= set(stack.held)
    assert sandbox.conductor.users() == before


def test_an_account_that_another_identity_does_not_own_is_not_missing(sandbox, stack, switch):
    """Where foreign accounts are hidden, another identity that sees the user cannot know, and must not forget."""
    stack.up(PEOPLE)
    sandbox.conductor.add_identity("third@sandbox.example", "pass", accounts=[1])
    stack.environ |= {"CONDUCTOR_USERNAME": "third@sandbox.example", "CONDUCTOR_PASSWORD": "pass"}
    switch(hide_foreign_accounts=True)
    sandbox.conductor.edit_user("bob@acme.example", accounts=[1])

    with pytest.raises(
        RefusedError, match=rf"^access of user {ANN} to account 2: not shown to this identity, which does"
    ):
        stack.refresh()

    assert set(stack.held) == set(PEOPLE)


def test_a_list_with_accounts_that_another_identity_does_not_own_is_not_drift(sandbox, stack, switch):
    """The same holds for the accounts of an exclusive list."""
    sandbox.conductor.put_user(ANN)
    stack.up({"all": account_list(1, 2)})
    sandbox.conductor.add_identity("third@sandbox.example", "pass", accounts=[1])
    stack.environ |= {"CONDUCTOR_USERNAME": "third@sandbox.example", "CONDUCTOR_PASSWORD": "pass"}
    switch(hide_foreign_accounts=True)

    with pytest.raises(
        RefusedError, match=rf"^account list of user {ANN}: accounts 2 are not shown to this identity, whi"
    ):
        stack.refresh()

    assert stack.held["all"].inputs["accountIds"] == [1, 2]


def test_another_identity_that_sees_the_user_may_go_on(sandbox, stack):
    """An object that answers is the same object, and the new tenant is recorded."""
    stack.up(PEOPLE)
    sandbox.conductor.add_identity("third@sandbox.example", "pass", accounts=[1, 2])
    stack.environ |= {"CONDUCTOR_USERNAME": "third@sandbox.example", "CONDUCTOR_PASSWORD": "pass"}

    stack.refresh().up({**EDITED, "acme": company(name="Acme")})

    assert sandbox.conductor.user(ANN)["type"] == "STANDARD"
    assert stack.outputs("ann")["tenant"].endswith("#third@sandbox.example")


def test_another_identity_to_which_a_user_is_missing_proves_nothing(sandbox, stack):
    """A grant that really is missing, on an account that the other identity owns, may be called gone."""
    stack.up(PEOPLE)
    sandbox.conductor.add_identity("third@sandbox.example", "pass", accounts=[1, 2])
    stack.environ |= {"CONDUCTOR_USERNAME": "third@sandbox.example", "CONDUCTOR_PASSWORD": "pass"}
    sandbox.conductor.edit_user(ANN, accounts=[1])

    stack.refresh()

    assert set(stack.held) == set(PEOPLE) - {"two"}


@pytest.mark.parametrize("program", [COMPANY, PEOPLE])
def test_an_allowed_move_reads_and_updates_and_does_not_delete(sandbox, new_stack, program):
    """CONDUIT_ALLOW_MOVE names both URLs, and deletes stay refused until the state is at home there."""
    stack = new_stack()
    stack.up(program)
    for held in stack.held.values():
        held.outputs["tenant"] = held.outputs["tenant"].replace(sandbox.link_url, "https://old.example")
    moves = [("https://old.example", sandbox.link_url), ("https://old.example/conductor", sandbox.conductor_url)]
    stack.environ["CONDUIT_ALLOW_MOVE"] = ",".join(f"{old}=>{new}" for old, new in moves)
    before = dict(stack.held)

    stack.destroy(keep_going=True)
    assert {name for name in program if name not in ("two", "all")} <= set(stack.held)
    assert all("it was recorded at https://old.example" in str(error) for error in stack.errors)
    stack.held = before
    stack.up({name: declaration for name, declaration in EDITED.items() if name in program})
    stack.refresh()

    assert stack.errors == []
    assert {held.outputs["tenant"].split("#")[0] for held in stack.held.values()} <= {
        sandbox.link_url,
        sandbox.conductor_url,
    }
    stack.destroy()
