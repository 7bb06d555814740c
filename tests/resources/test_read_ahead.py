"""Users that the list lacks are read ahead of their checks, of which the engine has one at a time."""

import threading
from typing import Any

import pytest

from pulumi_conduit.api.deadline import operation
from pulumi_conduit.api.records import UserRecord
from pulumi_conduit.enums import UserStatus
from pulumi_conduit.errors import NotFoundError, RefusedError
from pulumi_conduit.resources import read_ahead
from pulumi_conduit.resources.declaration_registry import DeclarationRegistry, Key, Kind
from pulumi_conduit.resources.tenant import Tenant
from pulumi_conduit.resources.user_cache import UserCache
from pulumi_conduit.resources.user_writes import UserWrites

EMAILS = [f"p{number}@acme.example" for number in range(9)]
FIRST, SECOND, THIRD, *_ = EMAILS
AT_ONCE = 3
WAIT_S = 10


class Client:
    """An API whose list is short, and that has no user: each GET of a user is a 404."""

    def __init__(self):
        """List no user."""
        self.listed = []
        self.got = []
        self.users = {}
        self.errors = {}
        self.before_response = lambda: None

    def list_users(self):
        """Return who is listed."""
        return [record_of(email) for email in self.listed]

    def get_user(self, email):
        """Return a user, or raise what is prepared for it, else the 404."""
        self.got.append(email)
        self.before_response()
        if email in self.users:
            return self.users[email]
        raise self.errors.get(email) or NotFoundError("not found", 404)


def record_of(email, *accounts):
    """Return a user as the API has it."""
    facts: dict[str, Any] = {
        "first_name": "A",
        "last_name": "B",
        "sso_access": True,
        "type": "READ_ONLY",
        "view": "COMPLETE",
    }
    return UserRecord.model_construct(email=email, accounts=frozenset(accounts), status=UserStatus.ACTIVE, **facts)


@pytest.fixture
def client():
    """Return the API."""
    return Client()


@pytest.fixture
def writes():
    """Return the writes of every identity."""
    return UserWrites()


@pytest.fixture
def cache(client, writes):
    """Return what the process knows."""
    return UserCache(client, writes)


@pytest.fixture
def check(cache, writes):
    """Check a user of a program that declares nine, and create it; then wait until no read is under way."""

    def checked(email, others=EMAILS, *, at_once=AT_ONCE, is_waiting=True):
        assert cache.from_list(email) is None
        try:
            record = cache.fetch_unlisted(email, lambda: others, at_once)
            with writes.writing(email):
                return record
        finally:
            if is_waiting:
                finish()

    return checked


def finish():
    """Wait until no read is under way."""
    for thread in threading.enumerate():
        if thread.name == "conduit-read-ahead":
            thread.join(WAIT_S)


def test_a_few_are_read_ahead_and_then_one_more_with_each_check(client, check):
    """If a later check never comes, a few requests were in vain, not one for each user of the program."""
    assert check(FIRST) is None
    assert [FIRST, *EMAILS[1:4]] == sorted(client.got)

    check(SECOND)
    assert EMAILS[:5] == sorted(client.got)


@pytest.mark.parametrize("order", [EMAILS, EMAILS[::-1], EMAILS[4:] + EMAILS[:4]])
def test_no_user_is_read_twice(client, check, order):
    """In whatever order the engine checks them."""
    for email in order:
        check(email)

    assert sorted(client.got) == EMAILS


def test_those_read_ahead_are_read_at_the_same_time(client, check):
    """Each response waits until all three requests have come."""
    check(FIRST, [])
    together = threading.Barrier(AT_ONCE)

    def meet():
        if threading.current_thread().name == "conduit-read-ahead":
            together.wait(WAIT_S)

    client.before_response = meet
    check(SECOND)

    assert not together.broken
    assert 2 + AT_ONCE == len(client.got)


def test_a_listed_user_is_not_read(client, check):
    """In a plan the list suffices."""
    client.listed = EMAILS[1:5]

    check(FIRST)

    assert [FIRST, *EMAILS[5:8]] == sorted(client.got)


def test_after_an_error_no_user_is_read_ahead(client, check):
    """An API that cannot be reached is not sent more requests than without."""
    client.errors[FIRST] = RefusedError("no")

    with pytest.raises(RefusedError):
        check(FIRST)

    assert [FIRST] == client.got


def test_the_error_of_a_user_that_was_read_ahead_is_reported_by_its_own_check(client, check):
    """Its check sends the GET again: what was an error before may be over."""
    client.errors[SECOND] = client.errors[THIRD] = RefusedError("not now")
    check(FIRST)

    with pytest.raises(RefusedError, match="not now"):
        check(SECOND)
    del client.errors[THIRD]

    assert check(THIRD) is None
    assert [2, 2] == [client.got.count(SECOND), client.got.count(THIRD)]


def test_while_one_that_was_read_ahead_has_failed_no_more_are_begun(client, check):
    """An API in trouble is not sent more requests than without."""
    client.errors[SECOND] = RefusedError("not now")
    check(FIRST)

    check(THIRD)

    assert EMAILS[:4] == sorted(client.got)


def test_the_users_to_check_are_those_that_no_check_has_seen():
    """A user who was checked has been read, or was listed."""
    tenant = Tenant("https://conductor.example", "admin")
    registry = DeclarationRegistry()
    assert [] == registry.users_to_check(tenant, "urn")
    registry.ask_users(lambda of, urn: [FIRST, SECOND] if (of, urn) == (tenant, "urn") else [])

    registry.declare(Key(tenant, Kind.USER, FIRST), "urn:first")

    assert [SECOND] == registry.users_to_check(tenant, "urn")


def test_users_that_are_declared_later_are_read_ahead_too(client, check):
    """An email may be the output of another resource."""
    check(FIRST, [])
    assert [FIRST] == client.got

    check(SECOND)

    assert EMAILS[:5] == sorted(client.got)


def test_what_was_read_ahead_decides_nothing_before_its_check(client, check, cache):
    """A grant of the user may come first: it reads the user itself, as always."""
    client.users[SECOND] = record_of(SECOND, 1)
    check(FIRST)

    assert [None, False] == [cache.from_cache(SECOND), cache.is_confirmed(SECOND)]
    assert frozenset({1}) == cache.fetch_unlisted(SECOND, list, AT_ONCE).accounts
    assert cache.is_confirmed(SECOND)
    assert 1 == client.got.count(SECOND)


def test_what_was_read_too_early_is_read_again(client, check, monkeypatch):
    """Its check may come half an hour later, behind something slow."""
    monkeypatch.setattr(read_ahead, "_LONGEST_KEPT_S", -1)
    check(FIRST)

    check(SECOND)

    assert 2 == client.got.count(SECOND)


def test_what_was_read_before_a_write_is_read_again(client, check, writes):
    """Another identity may have created the user in between."""
    check(FIRST)
    with writes.writing(SECOND):
        client.users[SECOND] = record_of(SECOND, 2)

    assert frozenset({2}) == check(SECOND).accounts


def test_no_more_are_in_flight_than_may_be(client, check):
    """However many checks come meanwhile, of users that are not being read."""
    may_end = threading.Event()
    client.before_response = lambda: threading.current_thread() is threading.main_thread() or may_end.wait(WAIT_S)
    for email in (FIRST, *reversed(EMAILS)):
        if email not in client.got:
            check(email, at_once=AT_ONCE, is_waiting=False)

    assert AT_ONCE == sum(thread.name == "conduit-read-ahead" for thread in threading.enumerate())
    may_end.set()
    finish()


def test_with_one_operation_at_a_time_no_user_is_read_ahead(client, check):
    """Then no request may overlap with another one."""
    check(FIRST, at_once=0)

    assert [FIRST] == client.got


def test_without_threads_each_check_reads_for_itself(client, check, mocker):
    """The number of processes and threads may be limited."""
    mocker.patch("threading.Thread.start", side_effect=RuntimeError("can't start new thread"))

    assert [None, None] == [check(FIRST), check(SECOND)]
    assert [FIRST, SECOND] == client.got


def test_a_check_waits_no_longer_than_its_deadline_for_what_is_being_read(client, check, cache):
    """Then it sends its own GET, which reports the deadline."""
    may_end = threading.Event()
    client.before_response = lambda: threading.current_thread() is threading.main_thread() or may_end.wait(WAIT_S)
    check(FIRST, is_waiting=False)

    with operation(0.05):
        assert cache.fetch_unlisted(SECOND, list, AT_ONCE) is None

    assert 2 == client.got.count(SECOND)
    may_end.set()
    finish()


def test_an_older_response_does_not_replace_what_is_known(cache, writes):
    """A response may be overtaken by a write and its response."""
    with writes.writing(FIRST):
        pass
    cache.record_user(record_of(FIRST, 1, 2))

    assert frozenset({1}) == cache.record_user(record_of(FIRST, 1), 0).accounts
    assert frozenset({1, 2}) == cache.from_cache(FIRST).accounts
    assert cache.is_confirmed(FIRST)
