"""One write for several accounts of a user: whose outcome it is, and what is never sent again."""

import pytest

from pulumi_conduit.errors import DeadlineExceededError, HTTPStatusError, OutcomeUnknownError, UnreachableError
from pulumi_conduit.resources.batching import write_batch

BOTH = frozenset({1, 2})
LOST = OutcomeUnknownError("lost")


class Api:
    """Answers each write with the next thing that was scripted, and remembers what it was asked."""

    def __init__(self, *outcomes, seen=frozenset()):
        """Take the outcomes of writes, and what a look sees or raises."""
        self._outcomes, self._seen = list(outcomes), seen
        self.writes, self.looks = [], 0

    def write(self, accounts):
        """Do or refuse a write."""
        self.writes.append(set(accounts))
        return _said(self._outcomes.pop(0))

    def look(self):
        """Return what the user has."""
        self.looks += 1
        return _said(self._seen)

    def ask(self, accounts=BOTH, *, is_addition=True):
        """Return what comes of the accounts."""
        return write_batch(accounts, self.write, self.look, is_addition=is_addition)


def _said(outcome):
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def test_an_empty_account_list_sends_no_request():
    """An empty list is never sent: what the APIs make of it is not known."""
    api = Api()

    assert ({}, []) == (api.ask(frozenset()), api.writes)


def test_one_write_serves_all():
    """Each account gets what the user has after the one call."""
    api = Api(frozenset({1, 2, 3}))

    assert dict.fromkeys(BOTH, frozenset({1, 2, 3})) == api.ask()
    assert ([{1, 2}], 0) == (api.writes, api.looks)


def test_the_refusal_of_one_is_its_own():
    """Nothing is sent again for an account that was alone in the call."""
    refusal = HTTPStatusError("no", 400)
    api = Api(refusal)

    assert {1: refusal} == api.ask(frozenset({1}))
    assert [{1}] == api.writes


def test_a_refusal_that_may_be_about_one_is_found_out_one_by_one():
    """The others get what they asked for."""
    refusal = HTTPStatusError("no", 403)
    api = Api(refusal, frozenset({1}), refusal)

    assert {1: frozenset({1}), 2: refusal} == api.ask()
    assert [{1, 2}, {1}, {2}] == api.writes


@pytest.mark.parametrize(
    "error",
    [
        UnreachableError("down"),
        HTTPStatusError("busy", 429),
        HTTPStatusError("who are you", 401),
        HTTPStatusError("broken", 503),
    ],
    ids=str,
)
def test_an_error_about_no_account_goes_to_all(error):
    """It would meet each of them again."""
    api = Api(error)

    assert dict.fromkeys(BOTH, error) == api.ask()
    assert [{1, 2}] == api.writes


@pytest.mark.parametrize("is_addition", [True, False])
def test_after_a_lost_response_one_get_decides_for_whom_it_was_done(is_addition):
    """Who shows the effect is served, and the others fail because the response was lost."""
    seen = frozenset({1})
    api = Api(LOST, seen=seen)

    assert {1: seen if is_addition else LOST, 2: LOST if is_addition else seen} == api.ask(is_addition=is_addition)
    assert ([{1, 2}], 1) == (api.writes, api.looks)


def test_a_look_that_fails_leaves_the_loss_as_it_is():
    """What may have been done is not sent again, whatever comes of the look."""
    api = Api(LOST, seen=UnreachableError("down"))

    assert dict.fromkeys(BOTH, LOST) == api.ask()
    assert ([{1, 2}], 1) == (api.writes, api.looks)


def test_an_operation_that_runs_out_of_time_decides_for_no_other():
    """The others have time of their own."""
    with pytest.raises(DeadlineExceededError):
        Api(DeadlineExceededError("over")).ask()
