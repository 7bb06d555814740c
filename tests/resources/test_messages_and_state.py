"""What is said when a wait ends or a user becomes invisible, and what a state remembers of a declaration."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from declarations import ANN, account_list, company, lines, user

from pulumi_conduit.api.deadline import operation
from pulumi_conduit.api.records import CompanyRecord, LinkPage
from pulumi_conduit.errors import DeadlineExceededError, RefusedError
from pulumi_conduit.resources.company.model import CompanyState, require_same
from pulumi_conduit.resources.declaration_registry import DeclarationRegistry, Key, Kind
from pulumi_conduit.resources.tenant import Tenant

LONG_S = 30
KEY = Key(Tenant("https://here.example", ""), Kind.USER, ANN)


@pytest.mark.parametrize(
    ("route", "act", "what"),
    [
        ("GET /accounts", lambda view: view.accounts(), "the list of accounts"),
        ("GET /users", lambda view: view.users(), "the list of users"),
        ("GET /users/{userEmail}", lambda view: view.fetch_once(ANN), f"user {ANN}"),
    ],
)
def test_a_deadline_during_the_read_of_another_operation_names_what_was_read(sandbox, stack, route, act, what):
    """One reads for all; the others wait, but for no longer than their operation lasts."""
    sandbox.conductor.put_user(ANN)
    view, under_way, over = stack.run.sessions.conductor(None).cache, threading.Event(), threading.Event()
    sandbox.faults.add(route, hook=lambda: (under_way.set(), over.wait(LONG_S)))

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(act, view)
        assert under_way.wait(LONG_S)
        with operation(0.01), pytest.raises(DeadlineExceededError) as caught:
            act(view)
        over.set()
        assert other.result()

    assert str(caught.value) == (
        f"deadline exceeded while another operation of this run read {what};"
        " run again, or raise CONDUIT_DEADLINE_SECONDS"
    )


@pytest.mark.parametrize(("length", "shown"), [(80, "x" * 80), (81, "x" * 80 + "…")])
def test_a_long_name_of_an_account_is_cut_after_80_characters(sandbox, stack, length, shown):
    """A name of 80 characters is shown whole, a longer one by its first 80."""
    sandbox.conductor.add_account(77, "x" * length)
    sandbox.conductor.edit_identity(stack.environ["CONDUCTOR_USERNAME"], accounts=[77])

    assert stack.run.sessions.conductor(None).cache.names([77]) == f"'{shown}' (77)"


def test_a_list_for_a_user_who_is_not_visible_says_which(stack):
    """Without a look in the preview, the create says of what it speaks."""
    stack.environ["CONDUIT_PREVIEW"] = "offline"

    with pytest.raises(RefusedError) as caught:
        stack.up({"all": account_list(1)})

    assert str(caught.value) == (
        f"account list of user {ANN}: the user is not visible to this identity (404): it may share no account with it"
        " any more; have an Admin check it, nothing was written"
    )


def test_a_reactivation_of_a_user_who_vanishes_meanwhile_names_the_user(sandbox, stack):
    """Between the grants and the status the user is looked at once more."""
    stack.up({"ann": user(status="INACTIVE")})
    sandbox.faults.add("GET /users/{userEmail}", status=404, after=1, times=None)

    with pytest.raises(RefusedError, match=rf"^user {ANN}: not visible to this identity \(404\)"):
        stack.up({"ann": user()})

    assert sandbox.conductor.user(ANN)["status"] == "INACTIVE"


def test_another_company_of_the_same_id_is_recognised_by_its_creation_date():
    """A date comes from outside, and may be as long as it likes."""
    state = CompanyState("ACME", page_enabled=True, created_at="1" * 41, tenant="https://here.example#a")
    record = CompanyRecord(id="ACME", created_at="2" * 41, link_page=LinkPage(url=None, enabled=False))

    with pytest.raises(RefusedError) as caught:
        require_same(state, Tenant("https://here.example", "b"), record)

    assert str(caught.value) == (
        f"company 'ACME': this token sees another company of the same id, created at {'2' * 40}… instead of"
        f" {'1' * 40}…; use the token of its own Link APP"
    )


def test_a_success_of_an_undeclared_key_makes_no_owner():
    """A refresh compares what was declared before; that is no declaration of this run."""
    registry = DeclarationRegistry()

    registry.succeed(KEY, "urn:ann")

    assert (registry.is_declared(KEY), registry.owner(KEY)) == (False, None)


def test_the_program_is_asked_in_the_stack_of_the_resource():
    """Two stacks may declare one key under different names."""
    registry = DeclarationRegistry()
    registry.ask_program(lambda _key, urn: [f"{urn.rpartition('::')[0]}::new"])

    assert registry.left_out(KEY, "urn:dev::old") == "urn:dev::new"


def test_a_company_is_recorded_in_the_spelling_that_was_declared_last(stack):
    """Case is no change of its own, yet an edit beside it records what the program says now."""
    stack.up({"acme": company("Acme")})

    stack.up({"acme": company("ACME", name="New")})

    assert (stack.outputs("acme")["companyId"], stack.held["acme"].id) == ("ACME", "acme")


def test_an_edit_beside_it_leaves_a_status_recorded_as_it_is(sandbox, stack):
    """Who was deactivated outside is not recorded as ACTIVE because the type was edited."""
    stack.up({"ann": user()})
    sandbox.conductor.edit_user(ANN, status="INACTIVE")
    stack.refresh()

    stack.up({"ann": user(type="STANDARD")})

    assert (stack.outputs("ann")["type"], stack.outputs("ann")["status"]) == ("STANDARD", "INACTIVE")


def test_declaring_the_current_status_is_an_update_without_a_request(sandbox, stack):
    """Whoever declares what somebody did outside means it from then on: the next deactivation outside stays."""
    stack.up({"ann": user(status="INACTIVE")})
    sandbox.conductor.edit_user(ANN, status="ACTIVE")
    stack.refresh()
    sandbox.forget_requests()

    stack.up({"ann": user()})
    assert (stack.operations, lines(sandbox)) == ([("update", "ann")], [])
    sandbox.conductor.edit_user(ANN, status="INACTIVE")
    stack.refresh().up({"ann": user()})

    assert sandbox.conductor.user(ANN)["status"] == "INACTIVE"
