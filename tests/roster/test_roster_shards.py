"""Which stack a row belongs to: the same answer everywhere and for good."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from roster_files import csv_of, read

from pulumi_conduit.errors import InvalidInputError
from pulumi_conduit.roster import DeclaredRoster
from pulumi_conduit.roster.model import CompanyRow, PersonRow
from pulumi_conduit.roster.shards import Shard, bucket, split
from pulumi_conduit.roster.source import Position

AT = Position("roster.yaml", 1, 1)
KEYS = [f"user{number}@acme.example" for number in range(4000)]


def roster_of(emails, company_ids=(), **labels):
    """Return a roster of these people and companies."""
    people = tuple(PersonRow(AT, email, "A", "B", (1,), labels=labels) for email in emails)
    return DeclaredRoster(people, tuple(CompanyRow(AT, one, labels=labels) for one in company_ids))


def test_the_answers_never_change():
    """A change of any would move people between the stacks that exist."""
    keys = ("ada@acme.example", "grace@acme.example", "alan@acme.example", "acme")

    assert {1: [0, 0, 0, 0], 2: [1, 0, 0, 1], 20: [9, 12, 8, 10], 21: [9, 12, 8, 10], 1000: [974, 448, 768, 126]} == {
        count: [bucket(key, count) for key in keys] for count in (1, 2, 20, 21, 1000)
    }


def test_one_stack_more_moves_only_into_it():
    """From 20 to 21, one row of 21 moves, and no two old stacks exchange any."""
    moves = Counter((bucket(key, 20), bucket(key, 21)) for key in KEYS)
    moved = {pair: count for pair, count in moves.items() if pair[0] != pair[1]}

    assert {20} == {to for _, to in moved}
    assert len(KEYS) / 21 * 0.7 < sum(moved.values()) < len(KEYS) / 21 * 1.3


def test_the_stacks_are_of_about_one_size():
    """None takes much longer than the others."""
    sizes = Counter(bucket(key, 20) for key in KEYS)

    assert 20 == len(sizes)
    assert max(sizes.values()) < 1.5 * len(KEYS) / 20


@given(st.lists(st.text(), unique=True, max_size=20), st.integers(1, 50), st.integers(1, 10))
def test_growing_never_moves_a_key_between_old_stacks(keys, count, more):
    """Whatever the keys and the counts are."""
    for key in keys:
        assert bucket(key, count + more) in {bucket(key, count), *range(count, count + more)}


def test_every_row_belongs_to_exactly_one_stack():
    """And what is not here is elsewhere."""
    roster = roster_of(KEYS[:200], [f"C{number}" for number in range(50)])

    parts = [split(roster, Shard(index, 7)) for index in range(7)]

    assert Counter(roster.people) == Counter(one for here, _ in parts for one in here.people)
    assert Counter(roster.companies) == Counter(one for here, _ in parts for one in here.companies)
    for here, elsewhere in parts:
        assert {*roster.people} == {*here.people} | {*elsewhere.people}
        assert not {*here.people} & {*elsewhere.people}


def test_spelling_and_order_make_no_difference():
    """A stack keeps its people however the file is written."""
    rows = [f"{key},A,B,1" for key in KEYS[:50]]
    loud = [row.replace("user", "USER") for row in reversed(rows)]

    quiet_here, _ = split(read(csv_of(*rows)), Shard(2, 5))
    loud_here, _ = split(read(csv_of(*loud)), Shard(2, 5))

    assert {one.email for one in quiet_here.people} == {one.email for one in loud_here.people}


def test_a_company_id_counts_without_case():
    """As it does to the API."""
    assert Shard(bucket("acme", 9), 9).holds(CompanyRow(AT, "ACME"))


def test_by_a_label_those_who_share_it_stay_together():
    """A team is in one stack, whoever joins it."""
    navy, other = roster_of(KEYS[:20], ["A"], x_team="navy"), roster_of(KEYS[20:40], x_team="research")
    roster = DeclaredRoster(navy.people + other.people, navy.companies)

    here, _ = split(roster, Shard(bucket("navy", 50), 50, "x_team"))

    assert navy == here


def test_a_row_without_the_label_is_an_error():
    """It would be in no stack, and so be deactivated."""
    with pytest.raises(
        InvalidInputError, match=r"^roster\.yaml:1:1: x_team: is required, because the roster is split by it$"
    ):
        split(roster_of(["a@b.example"]), Shard(0, 2, "x_team"))


@pytest.mark.parametrize(("index", "count", "label"), [(2, 2, None), (-1, 2, None), (0, 0, None), (0, 2, "view")])
def test_a_shard_that_cannot_be_is_refused(index, count, label):
    """Stacks count from 0, and labels are the user's own columns."""
    with pytest.raises(InvalidInputError, match=r"shards count from 0|is not a label"):
        Shard(index, count, label)
