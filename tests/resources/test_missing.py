"""Too many missing objects at once are likelier missing permissions: the limit in a refresh, and its parts."""

import threading

import pytest
from declarations import ANN, BOB, company, user

from pulumi_conduit.api.deadline import operation
from pulumi_conduit.errors import RefusedError, UnexpectedResponseError
from pulumi_conduit.resources.declaration_registry import Key, Kind
from pulumi_conduit.resources.limits import Missing, MissingGate, MissingLimit
from pulumi_conduit.resources.tenant import Tenant

PEOPLE = [f"p{number}@acme.example" for number in range(6)]
PROGRAM = {email: user(email) for email in PEOPLE}


def remove(sandbox, count):
    """Remove this many users from outside."""
    for email in PEOPLE[:count]:
        sandbox.conductor.remove_user(email)


def test_three_may_be_missing_at_once(sandbox, stack):
    """Up to maxMissing users leave the state."""
    stack.up(PROGRAM)
    remove(sandbox, 3)

    stack.refresh(threads=len(PEOPLE))

    assert set(stack.held) == set(PEOPLE[3:])


def test_when_four_are_missing_none_is_removed_from_state(sandbox, stack):
    """One more than maxMissing is an error for all of them."""
    stack.up(PROGRAM)
    remove(sandbox, 4)

    with pytest.raises(
        RefusedError, match=r": one of \d objects not found in this run, more than maxMissing \(3\) all"
    ):
        stack.refresh(threads=len(PEOPLE))

    assert set(stack.held) == set(PEOPLE)
    assert len(stack.errors) == 4


def test_the_limit_can_be_raised(sandbox, stack):
    """CONDUIT_MAX_MISSING says how many may be gone."""
    stack.up(PROGRAM)
    remove(sandbox, 4)
    stack.environ["CONDUIT_MAX_MISSING"] = "4"

    assert set(stack.refresh(threads=len(PEOPLE)).held) == set(PEOPLE[4:])


def test_with_a_limit_of_none_nothing_is_removed_from_state(sandbox, stack):
    """CONDUIT_MAX_MISSING=0 makes the first one an error."""
    stack.up(PROGRAM)
    remove(sandbox, 1)
    stack.environ["CONDUIT_MAX_MISSING"] = "0"

    with pytest.raises(
        RefusedError, match=r"one of 1 objects not found in this run, more than maxMissing \(0\) allows"
    ):
        stack.refresh()

    assert set(stack.held) == set(PEOPLE)


def test_companies_count_as_users_do(sandbox, stack):
    """A Link APP's token that sees another namespace makes nothing gone; a narrowed one counts towards the limit."""
    program = {f"c{number}": company(f"C{number}", onDestroy="retain") for number in range(4)}
    stack.up(program)
    for number in range(4):
        sandbox.link.remove_company(f"C{number}")

    with pytest.raises(RefusedError, match=r"^company 'C\d': one of \d objects not found"):
        stack.refresh(threads=4)

    assert set(stack.held) == set(program)


def test_a_grant_alone_is_never_held_back(sandbox, stack):
    """The user's own list says that a grant is gone, so no number of grants is suspicious."""
    sandbox.conductor.put_user("ann@acme.example", accounts=[9])
    stack.up({str(one): ("grant", {"user": "ann@acme.example", "accountId": one}) for one in range(1, 6)})
    sandbox.conductor.edit_user("ann@acme.example", accounts=[9])

    assert stack.refresh(threads=5).held == {}


def test_web_pages_and_empty_responses_make_no_user_missing(sandbox, stack):
    """Absence is believed in JSON only."""
    stack.up({"ann": user(), "acme": company()})
    sandbox.faults.add("GET /users", status=200, body=[], times=None)
    sandbox.faults.add("GET /users/{userEmail}", garbage="html", times=None)
    sandbox.faults.add("GET /link/company/{id}/", garbage="empty", times=None)

    with pytest.raises(UnexpectedResponseError, match="GET"):
        stack.refresh()

    assert set(stack.held) == {"ann", "acme"}


class Clock:
    """Time that passes by sleeping only."""

    now = 0.0

    def __call__(self):
        """Return the seconds so far."""
        return self.now

    def sleep(self, seconds):
        """Pass at once."""
        self.now += seconds


@pytest.fixture
def clock():
    """Return a clock that never waits."""
    return Clock()


def gone(number):
    """Return the verdict over one user."""
    return Missing(f"user {number}", Key(Tenant("https://conductor.example", "admin"), Kind.USER, str(number)))


def at_most(number):
    """Return a limit that was asked for."""
    return MissingLimit.declared(number, "CONDUIT_MAX_MISSING")


def test_a_verdict_is_held_until_it_has_been_quiet(clock):
    """The last read's end starts the wait."""
    gate = MissingGate(quiet_s=0.5, clock=clock, sleep=clock.sleep)
    with gate.reading():
        clock.sleep(2)

    gate.confirm(gone(1), at_most(3), patience_s=10)

    assert clock.now == pytest.approx(2.5, abs=0.03)


def test_a_read_that_never_ends_makes_the_verdict_an_error(clock):
    """Patience ends before anything is forgotten too early."""
    gate = MissingGate(quiet_s=0.5, clock=clock, sleep=clock.sleep)

    with (
        gate.reading(),
        pytest.raises(RefusedError, match=r"^user 1: not found, but the other reads .* within 7 s,"),
    ):
        gate.confirm(gone(1), at_most(3), patience_s=7)


def test_a_verdict_is_held_no_longer_than_the_operation_lasts(clock):
    """What is left of the operation bounds the patience, which began anew with each verdict."""
    gate = MissingGate(quiet_s=0.5, clock=clock, sleep=clock.sleep)

    with (
        operation(2, monotonic=clock),
        gate.reading(),
        pytest.raises(RefusedError, match=r"^user 1: not found, but the other reads "),
    ):
        gate.confirm(gone(1), at_most(3), patience_s=7)

    assert clock.now == pytest.approx(2, abs=0.05)


def test_one_object_counts_once(clock):
    """A user and its grants that all read as gone are one user."""
    gate = MissingGate(quiet_s=0.0, clock=clock, sleep=clock.sleep)

    for _ in range(5):
        gate.confirm(gone(1), at_most(1), patience_s=1)

    with pytest.raises(RefusedError, match=r"^user 2: one of 2 objects not found in this run, more than maxMissing"):
        gate.confirm(gone(2), at_most(1), patience_s=1)


def test_a_verdict_waits_for_the_reads_in_flight():
    """Threads that come later are counted before the first is answered."""
    gate, refused = MissingGate(quiet_s=0.2), []
    start = threading.Barrier(5)

    def read(number):
        with gate.reading():
            start.wait()
        try:
            gate.confirm(gone(number), at_most(3), patience_s=10)
        except RefusedError as error:
            refused.append(str(error))

    threads = [threading.Thread(target=read, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(refused) == 5


def user_gone(number):
    """Return the verdict over one user."""
    return Missing(f"user {number}", Key(Tenant("https://here.example", ""), Kind.USER, f"{number}{ANN}"))


def refusal_after(stack, workers, allowed, profile=None):
    """Forget as many as are allowed in a process of so many workers, and return why one more is refused."""
    stack.begin()
    stack.run.workers, stack.run.gate = workers, MissingGate(quiet_s=0.0)
    handler = stack.handler("user")
    for number in range(allowed):
        handler.confirm_missing(user_gone(number), profile)
    with pytest.raises(RefusedError) as caught:
        handler.confirm_missing(user_gone(allowed), profile)
    return str(caught.value)


@pytest.mark.parametrize(("workers", "allowed"), [(1, 1), (2, 1), (3, 2), (4, 3), (20, 19)])
def test_one_worker_less_than_there_are_may_be_held_by_missing_objects(stack, workers, allowed):
    """A process of few workers forgets fewer objects than CONDUIT_MAX_MISSING would let it, and blames its workers."""
    stack.environ |= {"CONDUIT_MAX_MISSING": "50", "CONDUIT_WORKERS": str(workers)}

    assert refusal_after(stack, workers, allowed) == (
        f"user {allowed}: one of {allowed + 1} objects not found in this run, more than the {allowed} that a provider"
        f" with {workers} workers can hold back: state is unchanged; check the credentials and the URL, or raise"
        " CONDUIT_WORKERS"
    )


def test_where_the_sdk_serves_fewer_than_were_asked_for_no_setting_is_named(stack):
    """More workers were asked for already, so to raise CONDUIT_WORKERS would change nothing."""
    stack.environ |= {"CONDUIT_MAX_MISSING": "50", "CONDUIT_WORKERS": "16"}

    said = refusal_after(stack, 4, 3)

    assert "the 3 that a provider with 4 workers can hold back" in said
    assert said.endswith("or refresh fewer at once with --target")


@pytest.mark.parametrize(("workers", "max_missing"), [(4, "3"), (1, "1"), (2, "1"), (1, "0"), (2, "0"), (16, "3")])
def test_where_both_allow_as_many_the_limit_that_was_asked_for_is_named(stack, workers, max_missing):
    """More workers would not help there."""
    stack.environ["CONDUIT_MAX_MISSING"] = max_missing

    said = refusal_after(stack, workers, int(max_missing))

    assert f"more than maxMissing ({max_missing}) allows: " in said
    assert said.endswith("or raise CONDUIT_MAX_MISSING")


@pytest.mark.parametrize(
    ("environ", "name"), [({"CONDUIT_MAX_MISSING_B": "2"}, "CONDUIT_MAX_MISSING_B"), ({}, "CONDUIT_MAX_MISSING_B")]
)
def test_the_limit_of_a_profile_is_named_as_the_profile_has_it(stack, environ, name):
    """To raise the limit without a profile would change nothing."""
    stack.environ |= environ

    assert refusal_after(stack, 16, int(environ.get(name, 3)), "b").endswith(f"or raise {name}")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_with_one_worker_one_user_may_be_missing(sandbox, stack, workers):
    """A refresh forgets one that is gone, whatever the number of workers."""
    stack.up({"ann": user(), "bob": user(BOB)})
    stack.environ |= {"CONDUIT_WORKERS": workers, "CONDUIT_MAX_MISSING": "50"}
    stack.workers = int(workers)
    sandbox.conductor.remove_user(ANN)

    assert set(stack.refresh(threads=int(workers)).held) == {"bob"}
