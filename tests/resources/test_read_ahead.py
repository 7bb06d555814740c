"""Users that the list lacks are read ahead of their checks, of which the engine has one at a time."""

import threading

import pytest

from pulumi_conduit.api.records import UserRecord
from pulumi_conduit.errors import NotFoundError, RefusedError
from pulumi_conduit.resources.user_cache import UserCache
from pulumi_conduit.resources.user_writes import UserWrites

EMAILS = [f"p{number}@acme.example" for number in range(9)]
FIRST, SECOND, THIRD, *_ = EMAILS
AT_ONCE = 3
WAIT_S = 10


class Client:
    """An API whose list is short, and that has nobody: each GET of a user is a 404."""

    def __init__(self):
        """List nobody."""
        self.listed = []
        self.got = []
        self.errors = {}
        self.before_response = lambda: None

    def list_users(self):
        """Return who is listed."""
        facts = {"first_name": "A", "last_name": "B", "sso_access": True, "type": "READ_ONLY", "view": "DEFAULT"}
        return [UserRecord.model_construct(email=email, accounts=frozenset(), **facts) for email in self.listed]

    def get_user(self, email):
        """Raise what is prepared for a user, else the 404."""
        self.got.append(email)
        self.before_response()
        raise self.errors.get(email) or NotFoundError("not found", 404)


@pytest.fixture
def client():
    """Return the API."""
    return Client()


@pytest.fixture
def check(client):
    """Check a user of a program that declares nine, and wait until nobody is being read."""
    writes = UserWrites()
    cache = UserCache(client, writes)

    def checked(email, others=EMAILS):
        assert cache.from_list(email) is None
        try:
            record = cache.fetch_unlisted(email, lambda: others, AT_ONCE)
            with writes.writing(email):  # its create, which the engine begins before the next check
                return record
        finally:
            for thread in threading.enumerate():
                if thread.name == "conduit-read-ahead":
                    thread.join(WAIT_S)

    return checked


def test_a_few_are_read_ahead_and_then_one_more_with_each_check(client, check):
    """If a later check never comes, a few requests were in vain, not one for each user of the program."""
    assert check(FIRST) is None
    assert [FIRST, *EMAILS[1:4]] == sorted(client.got)

    check(SECOND)
    assert EMAILS[:5] == sorted(client.got)


@pytest.mark.parametrize("order", [EMAILS, EMAILS[::-1], EMAILS[4:] + EMAILS[:4]])
def test_nobody_is_read_twice(client, check, order):
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


def test_after_an_error_nobody_is_read_ahead(client, check):
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


def test_users_that_are_declared_later_are_read_ahead_too(client, check):
    """An email may be the output of another resource."""
    check(FIRST, [])
    assert [FIRST] == client.got

    check(SECOND)

    assert EMAILS[:5] == sorted(client.got)
