"""What is known to be declared for a user, and how long is waited for it."""

import pytest

from pulumi_conduit.api.deadline import operation
from pulumi_conduit.resources.declaration_registry import Key, Kind
from pulumi_conduit.resources.declared_access import Initial, LoggedAccess, LoggedGrant, declared_access
from pulumi_conduit.resources.provider_context import ProviderContext
from pulumi_conduit.resources.tenant import Tenant
from pulumi_conduit.settings import Settings

ANN = Key(Tenant("https://x.example", ""), Kind.USER, "ann@acme.example")
TWO, URN = "urn:pulumi:dev::test::grant::two", "urn:pulumi:dev::test::user::ann"
PENDING = LoggedGrant("two", TWO, is_list=False, accounts=None, is_pending=True)
KNOWN = LoggedGrant("two", TWO, is_list=False, accounts=frozenset({2}))
ONE = Initial(frozenset({1}), None)


class Notes:
    """A program that notes something new each time it is asked, and nothing more in the end."""

    def __init__(self, *answers):
        """Answer with these."""
        self.answers = list(answers)

    def access_of(self, _user, _urn):
        """Return what is noted by now."""
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def ask():
    """Return a way to ask for what is declared, and the waits that this took."""

    def asking(*answers, waits_for_values=True, checked=False):
        run = ProviderContext(Settings({}, {}))
        waits: list[float] = []
        run.sleep, run.declaration_log = waits.append, Notes(*answers)
        if checked:
            run.registry.declare(Key(ANN.tenant, Kind.GRANT, "ann@acme.example:3"), TWO, [3], "b")
        return declared_access(run, ANN, URN, ONE, waits_for_values=waits_for_values), waits

    return asking


def test_the_end_of_the_top_level_is_waited_for(ask):
    """What is declared by then is known; a value that is not is not waited for unless that is asked for."""
    access, waits = ask(LoggedAccess(), LoggedAccess((PENDING,), is_complete=True), waits_for_values=False)

    assert [0.02] == waits
    assert ({1}, ("two",)) == (access.accounts, access.unknown)


def test_a_value_is_waited_for(ask):
    """It may be the output of another resource."""
    access, waits = ask(LoggedAccess((PENDING,), is_complete=True), LoggedAccess((KNOWN,), is_complete=True))

    assert [0.02] == waits
    assert ({1, 2}, ()) == (access.accounts, access.unknown)


@pytest.mark.parametrize(("seconds", "longest"), [(None, 10), (8, 2)])
def test_nothing_is_waited_for_forever(ask, seconds, longest):
    """A program may wait for this very user: ten seconds, or a quarter of the time that is left."""
    if seconds is None:
        access, waits = ask(LoggedAccess((PENDING,), is_complete=True))
    else:
        with operation(seconds, monotonic=lambda: 0.0):
            access, waits = ask(LoggedAccess((PENDING,)))

    assert longest == pytest.approx(sum(waits))
    assert "two" in access.unknown


def test_what_was_checked_is_known_better(ask):
    """The engine may have changed what the program noted, and has not changed what it checked."""
    access, waits = ask(LoggedAccess((PENDING,), is_complete=True), checked=True)

    assert [] == waits
    assert ({1: {None}, 3: {"b"}}, ()) == (access.profiles, access.unknown)
