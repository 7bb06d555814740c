"""Grants of one user that arrive together become one call, and each still has its own outcome."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Any

import pytest
from declarations import ANN, grant, lines

from pulumi_conduit.api.deadline import operation
from pulumi_conduit.errors import (
    AccessDeniedError,
    ConduitError,
    DeadlineExceededError,
    OutcomeUnknownError,
    RefusedError,
)
from pulumi_conduit.resources.access_writer import AccessWriter
from pulumi_conduit.resources.batching import Batch

ADD, REMOVE = (f"PUT /users/{ANN}/accounts removal={word}" for word in ("false", "true"))
ROUTE = "PUT /users/{userEmail}/accounts"
LONG_S = 30


@pytest.fixture(autouse=True)
def ann(sandbox):
    """Put a user there whom no program declares."""
    sandbox.conductor.put_user(ANN, accounts=[1])


@pytest.fixture
def together(stack):
    """Return a way to make or remove grants of Ann at once; it returns each one's error or None, by account."""

    def act(verb, accounts, *, checked=None):
        stack.begin()
        for account in checked or accounts:
            stack.check(*grant(account), name=str(account))
        gathering = stack.run.batches.get({"create": "add", "delete": "remove"}[verb], None, ANN)
        stack.run.sleep = lambda _: wait_until(lambda: not gathering.lacks(frozenset(accounts)))

        def one(account):
            handler = stack.handler("grant", str(account))
            declared = grant(account)[1]
            try:
                with operation(LONG_S):
                    tenant = {"tenant": str(stack.run.sessions.conductor_tenant(None))}
                    subject = handler.spec(declared) if verb == "create" else handler.state({**declared, **tenant})
                    getattr(handler, verb)(subject)
            except ConduitError as error:
                return error
            return None

        with ThreadPoolExecutor(len(accounts)) as pool:
            return dict(zip(accounts, pool.map(one, accounts), strict=True))

    return act


@pytest.fixture
def deleted(sandbox, stack, together):
    """Return a way to remove grants of Ann at once: her GET is answered when all have come."""

    def act(*accounts):
        gathering: list[Any] = []
        sandbox.faults.add(
            "GET /users/{userEmail}",
            hook=lambda: wait_until(lambda: not gathering or not gathering[0].lacks(frozenset(accounts))),
        )
        new_run = stack.new_run

        def with_gathering():
            run = new_run()
            gathering.append(run.batches.get("remove", None, ANN))
            return run

        stack.new_run = with_gathering
        return together("delete", accounts, checked=[3])

    return act


def wait_until(holds):
    """Wait for other threads, however busy the machine is."""
    for _ in range(LONG_S * 1000):
        if holds():
            return
        time.sleep(0.001)
    raise AssertionError("the others never came")


def accounts_of(sandbox):
    """Return the accounts that Ann has."""
    return sandbox.conductor.user(ANN)["accounts"]


def test_grants_that_arrive_together_are_one_call(sandbox, together):
    """Four grants that the run has checked cost one PUT, and no look."""
    errors = together("create", [2, 3, 4, 5])

    assert set(errors.values()) == {None}
    assert lines(sandbox) == [ADD]
    assert accounts_of(sandbox) == [1, 2, 3, 4, 5]
    assert sandbox.counts().get("GET /users/{userEmail}", 0) == 0


def test_what_is_there_already_costs_nothing_and_is_adopted_with_a_warning(sandbox, stack, together):
    """Whoever finds its account there makes no call, and is announced; the other is not."""
    sandbox.conductor.edit_user(ANN, accounts=[1, 3])
    errors = together("create", [1, 2])

    assert set(errors.values()) == {None}
    assert lines(sandbox) == [ADD]
    assert accounts_of(sandbox) == [1, 2, 3]
    assert [warning.partition(" exists")[0] for warning in stack.warnings] == [
        f"CONDUIT-ADOPT: access of user {ANN} to account 1"
    ]


def test_a_lone_grant_waits_for_no_other(stack):
    """Where no other grant is expected, or each has succeeded, nothing is slept."""
    naps: list[float] = []
    stack.begin()
    stack.run.sleep = naps.append
    for account in (2, 3):
        handler = stack.handler("grant", str(account))
        spec = handler.spec(stack.check(*grant(account), name=str(account)))
        handler.create(spec)
        stack.run.registry.succeed(handler.key(spec), handler.operation.urn)

    assert naps == []


def test_company_that_does_not_come_is_waited_for_a_moment(sandbox, stack):
    """A grant that is checked and does not arrive costs the others 20 ms at most, and the next one of them nothing."""
    naps: list[float] = []
    stack.begin()
    stack.run.sleep = naps.append
    for account in (2, 3):
        stack.check(*grant(account), name=str(account))

    handler = stack.handler("grant", "2")
    handler.create(handler.spec(grant(2)[1]))

    assert sum(naps) == pytest.approx(0.02)
    assert accounts_of(sandbox) == [1, 2]


def test_one_refused_account_does_not_fail_the_others(sandbox, together):
    """A call that is refused is made one by one, so that each grant has its own truth."""
    errors = together("create", [2, 3, 99], checked=[2, 3])

    assert (errors[2], errors[3], type(errors[99])) == (None, None, AccessDeniedError)
    assert "You do not own these accounts: 99." in str(errors[99])
    assert accounts_of(sandbox) == [1, 2, 3]
    assert lines(sandbox).count(ADD) <= 4


def test_a_refusal_that_is_about_no_account_is_not_repeated_for_each(sandbox, together):
    """Trouble of the server is everybody's, and costs no more than one request's tries."""
    fault = sandbox.faults.add(ROUTE, status=503, times=None)

    errors = together("create", [2, 3, 4])

    assert {str(error).partition(": 503")[0] for error in errors.values()} == {
        f"Conductor refused PUT /users/{ANN}/accounts"
    }
    assert fault.struck == 6


def test_a_lost_answer_is_resolved_by_one_look(sandbox, together):
    """What was done is a success for each, and nothing is sent after the look."""
    sandbox.faults.add(ROUTE, drop="after", times=6)

    errors = together("create", [2, 3])

    assert set(errors.values()) == {None}
    assert accounts_of(sandbox) == [1, 2, 3]
    assert sandbox.counts()["GET /users/{userEmail}"] == 1
    assert sandbox.counts()[ROUTE] == 6


def test_a_lost_request_is_an_error_for_each(sandbox, together):
    """A look that does not show the effect is no reason to send the write again."""
    sandbox.faults.add(ROUTE, drop="before", times=6)

    errors = together("create", [2, 3])

    assert {type(error) for error in errors.values()} == {OutcomeUnknownError}
    assert errors[2] is not errors[3]
    assert accounts_of(sandbox) == [1]


def test_a_lost_post_is_never_sent_twice(sandbox, new_stack, tmp_path, monkeypatch):
    """Where the route table makes the write a POST, one lost answer costs one look and no second POST."""
    routes = tmp_path / "routes.toml"
    routes.write_text('[change_user_accounts]\nverb = "POST"\n', encoding="utf-8")
    stack = new_stack(CONDUCTOR_ROUTES=str(routes))
    fault = sandbox.faults.add("POST /users/{userEmail}/accounts", drop="before", times=None)
    gathering: Batch[Any] = Batch()
    stack.begin()
    handler = stack.handler("grant")
    monkeypatch.setattr(stack.run.batches, "get", lambda *_: gathering)
    gathering._enter(3)  # somebody else, who waits for the turn

    with pytest.raises(OutcomeUnknownError):
        handler.create(handler.spec(grant(2)[1]))
    assert fault.struck == 1
    assert sandbox.counts()["GET /users/{userEmail}"] == 1


def test_removals_that_arrive_together_are_one_look_and_one_call(sandbox, deleted):
    """The GET before a removal is made now, and shared by all that have come by its answer."""
    sandbox.conductor.edit_user(ANN, accounts=[1, 2, 4, 5])

    errors = deleted(2, 4, 5)

    assert set(errors.values()) == {None}
    assert accounts_of(sandbox) == [1]
    assert lines(sandbox) == [REMOVE]
    assert sandbox.counts()["GET /users/{userEmail}"] == 1


def test_a_lost_answer_to_removals_is_resolved_by_one_look(sandbox, deleted):
    """What is gone is a success for each, and nothing is sent after the look."""
    sandbox.conductor.edit_user(ANN, accounts=[1, 2, 4])
    sandbox.faults.add(ROUTE, drop="after", times=6)

    assert set(deleted(2, 4).values()) == {None}
    assert accounts_of(sandbox) == [1]
    assert (sandbox.counts()["GET /users/{userEmail}"], sandbox.counts()[ROUTE]) == (2, 6)


def test_removals_whose_request_was_lost_are_an_error_for_each(sandbox, deleted):
    """What the look still shows has not been removed as far as anybody knows."""
    sandbox.conductor.edit_user(ANN, accounts=[1, 2, 4])
    sandbox.faults.add(ROUTE, drop="before", times=6)

    assert {type(error) for error in deleted(2, 4).values()} == {OutcomeUnknownError}
    assert accounts_of(sandbox) == [1, 2, 4]
    assert (sandbox.counts()["GET /users/{userEmail}"], sandbox.counts()[ROUTE]) == (2, 6)


def test_removing_all_accounts_together_warns_once(sandbox, stack, deleted):
    """One of the grants was the last."""
    sandbox.conductor.edit_user(ANN, accounts=[2, 4])

    assert set(deleted(2, 4).values()) == {None}
    assert sum("it was the user's last account" in warning for warning in stack.warnings) == 1


def test_a_limit_stops_single_removals_only(sandbox, stack, deleted):
    """Of three that go together under a limit of two, two go and one is refused."""
    stack.environ["CONDUIT_MAX_REVOCATIONS"] = "2"
    sandbox.conductor.edit_user(ANN, accounts=[1, 2, 4, 5])

    errors = deleted(2, 4, 5)

    assert (errors[2], errors[4], type(errors[5])) == (None, None, RefusedError)
    assert str(errors[5]) == (
        f"user {ANN}: removal of accounts 5: refused, because CONDUIT_MAX_REVOCATIONS allows 2 in one run and 2 are"
        " done; review the plan, then raise the limit for this run"
    )
    assert accounts_of(sandbox) == [1, 5]
    assert lines(sandbox) == [REMOVE]


def test_a_removal_without_effect_is_an_error_for_whom_it_had_none(sandbox, switch, deleted):
    """Each grant believes only an answer without its own account."""
    sandbox.conductor.edit_user(ANN, accounts=[1, 2, 4], status="INACTIVE")
    switch(inactive_grants_editable="removal_ignored")

    errors = deleted(2, 4)

    assert [str(error).partition(";")[0] for error in errors.values()] == [
        f"user {ANN}: the API accepted the removal but still shows {name}" for name in ("'Travel' (2)", "'Health' (4)")
    ]


def test_no_operation_waits_for_a_lock_longer_than_it_lasts(stack):
    """Whoever is at work on the same user may take longer than others have; they end in one line."""
    stack.begin()
    key = stack.run.sessions.conductor(None).user_key(ANN)

    with stack.run.user_locks.lock(key), ThreadPoolExecutor(1) as pool:
        error = pool.submit(error_in_no_time, lambda: stack.run.user_locks.lock(key)).result()

    assert str(error) == (
        f"deadline exceeded while another operation of this run was at work on user {ANN};"
        " run again, or raise CONDUIT_DEADLINE_SECONDS"
    )


def error_in_no_time(entered):
    """Return what comes of entering something within an operation that is nearly over."""
    try:
        with operation(0.01), entered():
            return None
    except DeadlineExceededError as error:
        return error


def test_who_runs_out_of_time_fails_alone():
    """The others have time of their own: one of them leads next, and must GET first."""
    gathering: Batch[Any] = Batch()
    lock: Any = threading.Lock()
    came: list[Any] = []

    def lead():
        came.append((gathering.is_in_doubt, gathering.accounts()))
        if len(came) == 1:
            wait_until(lambda: not gathering.lacks(frozenset({1, 2, 3})))
            raise DeadlineExceededError("over")
        return dict.fromkeys(gathering.accounts(), "made")

    def one(account):
        try:
            return gathering.join(account, lock, lead)
        except DeadlineExceededError as error:
            return str(error)

    with ThreadPoolExecutor(3) as pool:
        outcomes = list(pool.map(one, (1, 2, 3)))

    assert sorted(outcomes) == ["made", "made", "over"]
    assert [is_in_doubt for is_in_doubt, _ in came] == [False, True]
    assert len(came[1][1]) == 2


def test_who_was_served_while_time_ran_out_is_served():
    """The turn did not come in time, but another one has made the grant: it is there, and so it is recorded."""
    gathering: Batch[Any] = Batch()

    class TooLate:
        def __enter__(self):
            other.submit(gathering.join, 2, nullcontext(), lambda: {1: "made", 2: "made"}).result()
            raise DeadlineExceededError("over")

        def __exit__(self, *_):
            pass

    with ThreadPoolExecutor(1) as other:
        assert gathering.join(1, TooLate(), dict) == "made"


def test_a_removal_that_ran_out_of_time_is_counted_once(sandbox, stack, deleted, mocker):
    """Who comes next does the same step, and not another one."""
    stack.environ["CONDUIT_MAX_REVOCATIONS"] = "2"
    sandbox.conductor.edit_user(ANN, accounts=[1, 2, 4])
    removed, remove = [], AccessWriter.remove

    def first_too_late(writer, accounts):
        removed.append(accounts)
        if len(removed) == 1:
            raise DeadlineExceededError("over")
        return remove(writer, accounts)

    mocker.patch.object(AccessWriter, "remove", first_too_late)

    assert sorted(map(str, deleted(2, 4).values())) == ["None", "over"]
    assert [2, 1] == [len(accounts) for accounts in removed]


def test_what_a_call_without_an_end_may_have_made_is_no_takeover(stack, together, mocker):
    """Who comes next finds this run's own work there, and nobody else's."""
    added, add = [], AccessWriter.add

    def first_too_late(writer, accounts):
        added.append(accounts)
        held = add(writer, accounts)
        if len(added) == 1:
            raise DeadlineExceededError("over")
        return held

    mocker.patch.object(AccessWriter, "add", first_too_late)

    assert sorted(map(str, together("create", (2, 4)).values())) == ["None", "over"]
    assert [] == stack.warnings


def test_who_cannot_look_fails_alone_too():
    """An error before the write is the leader's own; the others look for themselves."""
    gathering: Batch[Any] = Batch()
    lock: Any = threading.Lock()
    leads: list[int] = []

    def lead():
        leads.append(1)
        wait_until(lambda: not gathering.lacks(frozenset({1, 2})))
        if len(leads) == 1:
            raise RefusedError("nobody there")
        return {account: RefusedError(f"not {account}") for account in gathering.accounts()}

    def one(account):
        with pytest.raises(RefusedError) as caught:
            gathering.join(account, lock, lead)
        return str(caught.value)

    with ThreadPoolExecutor(2) as pool:
        outcomes = set(pool.map(one, (1, 2)))

    assert outcomes in ({"nobody there", "not 1"}, {"nobody there", "not 2"})
