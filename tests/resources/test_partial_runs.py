"""What a delete makes of a program that declares more than this run has checked."""

import re

import pytest
from declarations import ANN, account_list, company, grant, user

from pulumi_conduit.errors import RefusedError
from pulumi_conduit.resources.declaration_registry import DeclarationRegistry, Key, Kind
from pulumi_conduit.resources.tenant import Tenant

NEW = f"urn:pulumi:dev::test::{'parent$' * 60}child::new"
KEY, OTHER = (Key(Tenant("https://conductor.example", ""), Kind.USER, f"{name}@example.com") for name in ("ada", "bob"))


def ledger_of(*declarers):
    """Return the registry of a process whose program declares everything with these resources."""
    registry = DeclarationRegistry()
    registry.ask_program(lambda _key, _urn: declarers)
    return registry


@pytest.mark.parametrize(
    ("declarers", "urn", "found"), [([], "old", None), (["old"], "old", None), (["new"], "", None)]
)
def test_no_user_is_left_out_by_a_resource_of_its_own(declarers, urn, found):
    """A destroy that runs its program is real; without a name, no resource can be distinguished from another."""
    assert found is ledger_of(*declarers).left_out(KEY, urn)


def test_another_resource_is_left_out_until_it_is_checked():
    """What a check said of it is truer than what the program did: the engine may have changed it between."""
    registry = ledger_of("old", "new")
    before = registry.left_out(KEY, "old")
    registry.declare(OTHER, "new")

    assert ["new", None] == [before, registry.left_out(KEY, "old")]


@pytest.mark.parametrize(
    ("declared", "kinds", "what"),
    [
        (user(), {Kind.USER}, f"user {ANN}"),
        (company(onDestroy="disable_page"), {Kind.COMPANY}, "company 'ACME'"),
        (grant(2), {Kind.GRANT}, f"access of user {ANN} to account 2"),
        (account_list(1, 2), {Kind.GRANT_LIST}, f"account list of user {ANN}"),
        (account_list(1, 2), {Kind.GRANT}, f"account list of user {ANN}: 1"),
    ],
    ids=["user", "company", "grant", "list", "account of a list"],
)
def test_a_delete_of_what_is_left_out_is_refused_without_a_write(sandbox, stack, declared, kinds, what):
    """The line says which resource declares it, and what to do."""
    stack.up({"ann": user(), "it": declared} if declared != user() else {"it": declared})
    held = stack.held["it"]
    sandbox.forget_requests()
    stack.begin()
    stack.run.registry.ask_program(lambda key, _urn: [NEW] if key.kind in kinds else [])
    handler = stack.handler(held.kind)

    refusal = (
        f"{what}: not deleted: resource 'new' declares the same object and is not part of this run; run without"
        " --target, --exclude and delete_before_replace (a destroy: without --run-program)"
    )
    with pytest.raises(RefusedError, match=f"^{re.escape(refusal)}$"):
        handler.delete(handler.state(held.outputs))
    assert [] == [line for line in sandbox.counts() if not line.startswith(("GET ", "POST /login"))]


@pytest.mark.parametrize(("before", "after"), [("deactivate", "retain"), ("retain", "deactivate")])
def test_another_policy_is_refused_where_grants_are_left_out(sandbox, stack, before, after):
    """They stay tied to the user, or untied, as the old policy had it, and a destroy would go by that."""
    stack.up({"it": user(onDestroy=before), "travel": grant(2)})
    held = stack.held["it"]
    stack.begin()
    sandbox.forget_requests()
    asked = []
    stack.run.registry.ask_grants(lambda key, urn: asked.append((key.id, urn)) or [NEW])
    handler = stack.handler("user")
    inputs = {**held.inputs, "onDestroy": after}

    refusal = (
        rf"^user {ANN}: on_destroy is not changed from {before}, because this run leaves out its grants new, and a"
    )
    with pytest.raises(RefusedError, match=refusal):
        handler.diff(handler.state(held.outputs), inputs)
    assert [(ANN, handler.operation.urn)] == asked
    assert {} == sandbox.counts()


def test_another_policy_is_stored_where_all_grants_are_taken_in(stack):
    """A plain run ties or unties them after their user."""
    program = {"it": user(), "travel": grant(2)}
    stack.up(program)

    stack.up({**program, "it": user(onDestroy="retain")})

    assert "retain" == stack.outputs("it")["onDestroy"]


def test_nothing_but_the_policy_asks_for_grants(stack):
    """Whatever else changes of a user, its grants go as they did."""
    stack.up({"it": user(), "travel": grant(2)})
    held = stack.held["it"]
    stack.begin()
    stack.run.registry.ask_grants(lambda *_: [NEW])
    handler = stack.handler("user")

    assert handler.diff(handler.state(held.outputs), {**held.inputs, "type": "STANDARD"}).changed == ["type"]


def test_without_a_name_no_grant_is_left_out():
    """Nothing says whose program it would be."""
    registry = DeclarationRegistry()
    registry.ask_grants(lambda *_: [NEW])

    assert [[], [NEW]] == [registry.grants_left_out(KEY, ""), registry.grants_left_out(KEY, "urn")]
