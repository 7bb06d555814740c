"""Which accounts go with a list: one function, for the provider and for the report."""

import pytest

from pulumi_conduit.resources.account_access_exclusive.model import taken_with_list


@pytest.mark.parametrize(
    ("listed", "wanted", "held", "initial", "expected"),
    [
        ({1, 2}, (), {1, 2}, {1}, {2}),
        ({1, 2}, (), {1, 2, 3}, {1}, {1, 2}),
        ({1, 2}, {2}, {1, 2}, {1}, {1}),
        ({1, 2}, (), {1, 2}, (), {1, 2}),
        ({1, 2}, (), (), {1}, {2}),
        ((), (), {1}, {1}, ()),
    ],
    ids=["nothing else", "another one", "one is wanted", "no first accounts", "nothing shown", "empty"],
)
def test_first_accounts_stay_only_for_who_would_hold_nothing(listed, wanted, held, initial, expected):
    """Whoever holds anything else of this identity loses the whole list."""
    assert frozenset(expected) == taken_with_list(*map(frozenset, (listed, wanted, held, initial)))
