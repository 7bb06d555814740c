"""Which stacks a split roster has, and in which order they may run."""

import pytest

from pulumi_conduit.cli.stacks.parts import Split, chosen_parts, configured_split, phases
from pulumi_conduit.errors import InvalidInputError
from pulumi_conduit.roster import Shard


def configured(count, *, label=None, former=None, indices=None):
    """Return the config of stacks."""
    return {f"s{one}": Shard(one, count, label, former) for one in (range(count) if indices is None else indices)}


def parts(split, has, *, reshard=False, there=None):
    """Return the parts as (stack, index/split, consent)."""
    found = chosen_parts("s", split, has if there is None else there, has, reshard=reshard)
    return [(one.stack, f"{one.shard.index}/{one.shard.split}", one.shard.former_split) for one in found]


def order(split, has, *, reshard=False, there=None):
    """Return the phases as the stacks' names."""
    found = phases(chosen_parts("s", split, has if there is None else there, has, reshard=reshard))
    return [[one.stack for one in phase] for phase in found]


def test_the_first_time_all_stacks_are_new():
    """Each gets its part."""
    assert [("s0", "0/2", None), ("s1", "1/2", None)] == parts(Split(2), {})
    assert [["s0", "s1"]] == order(Split(2), {})


def test_one_stack_more_needs_a_consent_that_names_the_former_split():
    """And the new one comes first: no user is removed from a stack before another stack has it."""
    with pytest.raises(InvalidInputError) as caught:
        parts(Split(3), configured(2))

    reason = "its roster is split into 2, and would be into 3; that moves people between stacks: pass --reshard to"
    assert [f"stack s{one}: {reason} confirm" for one in (0, 1)] == str(caught.value).splitlines()
    allowed = [("s0", "0/3", "2"), ("s1", "1/3", "2"), ("s2", "2/3", None)]
    assert allowed == parts(Split(3), configured(2), reshard=True)
    assert [["s2"], ["s0", "s1"]] == order(Split(3), configured(2), reshard=True)


def test_fewer_stacks_leave_some_over_and_those_come_last():
    """They hold no user; the users that they removed from state are in another stack."""
    left = [("s0", "0/1", "3"), ("s1", "1/1", "3"), ("s2", "2/1", "3")]

    assert left == parts(Split(1), configured(3), reshard=True)
    assert [["s0"], ["s1", "s2"]] == order(Split(1), configured(3), reshard=True)


def test_what_a_reshard_has_left_over_keeps_its_consent():
    """Its config stays valid until the stack is removed."""
    after = {**configured(1, former=3), **configured(1, former=3, indices=[1, 2])}

    assert [("s0", "0/1", "3"), ("s1", "1/1", "3"), ("s2", "2/1", "3")] == parts(Split(1), after)


def test_a_reshard_that_was_begun_goes_on_where_it_was():
    """Some stacks' config says the new split already, and their state may still say the old one."""
    begun = {"s0": Shard(0, 3, None, "2"), "s1": Shard(1, 2), "s2": Shard(2, 3)}

    assert [("s0", "0/3", "2"), ("s1", "1/3", "2"), ("s2", "2/3", None)] == parts(Split(3), begun, reshard=True)


def after(count, former, has):
    """Return the config that a change of the split has left behind."""
    found = chosen_parts("s", Split(count), has, has, reshard=True, recorded=dict.fromkeys(has, former))
    return {one.stack: one.shard for one in found}


def test_more_stacks_after_fewer_leave_the_left_over_ones_as_they_are():
    """4, then 2, then 3: the fourth holds nobody and keeps what it has; the third comes back."""
    two = after(2, "4", configured(4))

    with pytest.raises(InvalidInputError, match="stack s2: its roster is split into 2, and would be into 3"):
        parts(Split(3), two)

    again = [("s0", "0/3", "2"), ("s1", "1/3", "2"), ("s2", "2/3", "2"), ("s3", "3/2", "4")]
    assert again == parts(Split(3), two, reshard=True)
    assert Split(3) == configured_split(after(3, "2", two), "s")
    assert [("s3", "3/2", "4")] == parts(Split(3), after(3, "2", two))[3:]


@pytest.mark.parametrize(
    ("counts", "last"),
    [
        ((4, 2, 4), [("s2", "2/4", "2"), ("s3", "3/4", "2")]),
        ((4, 3, 2), [("s2", "2/2", "3"), ("s3", "3/3", "4")]),
        ((4, 1, 2), [("s2", "2/1", "4"), ("s3", "3/1", "4")]),
        ((4, 2, 6), [("s4", "4/6", None), ("s5", "5/6", None)]),
    ],
)
def test_any_count_may_follow_any_other(counts, last):
    """Each stack's consent names the split that its own state has."""
    has, former = configured(counts[0]), str(counts[0])
    for count in counts[1:]:
        has, former = after(count, former, has), str(count)

    assert last == [(stack, f"{one.index}/{one.split}", one.former_split) for stack, one in has.items()][-2:]


def test_a_change_that_did_not_come_to_a_stack_is_allowed_from_what_its_state_has():
    """4 to 2 was cut off before it came to the last two; their config says 2 already, and the state 4."""
    begun = after(2, "4", configured(4))
    states = {"s0": "2", "s1": "2", "s2": "4", "s3": "4"}

    found = chosen_parts("s", Split(3), begun, begun, reshard=True, recorded=states)

    consents = [("s0", "2"), ("s1", "2"), ("s2", "4"), ("s3", "4")]
    assert consents == [(one.stack, one.shard.former_split) for one in found]
    assert ["0/3", "1/3", "2/3", "3/3"] == [f"{one.shard.index}/{one.shard.split}" for one in found]


def test_a_stack_without_its_config_is_changed_from_what_its_state_has():
    """A new checkout may lack the config of some: the third would hold people whom others have adopted."""
    states = {"s0": "3", "s1": "2", "s2": "3"}

    found = chosen_parts("s", Split(2), list(states), {}, reshard=True, recorded=states)

    shards = [("0/2", "3"), ("1/2", None), ("2/2", "3")]
    assert shards == [(f"{one.shard.index}/{one.shard.split}", one.shard.former_split) for one in found]
    assert [True] * 3 == [one.is_changed and one.exists for one in found]
    assert [["s0", "s1"], ["s2"]] == [[one.stack for one in phase] for phase in phases(found)]


def test_a_left_over_stack_without_its_config_needs_a_consent():
    """Its people are in the others as well, as soon as these run."""
    states = {"s2": "3"}

    with pytest.raises(InvalidInputError) as caught:
        chosen_parts("s", Split(2), ["s0", "s1", "s2"], configured(2), reshard=False, recorded=states)

    reason = "stack s2: its roster is split into 3, and would be into 2; that moves people between stacks"
    assert f"{reason}: pass --reshard to confirm" == str(caught.value)


@pytest.mark.parametrize(
    ("stack", "recorded"), [("s2", None), ("s2", "2"), ("s3", "3"), ("s02", "3"), ("s2024", "3"), ("s2", "2 by x_a")]
)
def test_an_empty_or_unrelated_stack_without_config_is_not_run(stack, recorded):
    """It has no shard, or one of an earlier split that left it over, or its name only looks like one."""
    there, states = ["s0", "s1", stack], {stack: recorded} if recorded else {}

    for reshard in (False, True):
        found = chosen_parts("s", Split(2), there, configured(2), reshard=reshard, recorded=states)
        assert ["s0", "s1"] == [one.stack for one in found]


def test_a_label_that_comes_and_goes_is_a_change_like_another():
    """4 by x_team, then 2, then 3 by x_team."""
    two = after(2, "4 by x_team", configured(4, label="x_team"))

    found = chosen_parts("s", Split(3, "x_team"), two, two, reshard=True, recorded=dict.fromkeys(two, "2"))

    assert ["2", "2", "2", "4 by x_team"] == [one.shard.former_split for one in found]
    assert "3/2" == f"{found[3].shard.index}/{found[3].shard.split}"


def test_another_label_is_another_split():
    """It moves people as another count does."""
    with pytest.raises(InvalidInputError, match="stack s0: its roster is split into 1, and would be into 1 by x_team"):
        parts(Split(1, "x_team"), configured(1))


def test_a_stack_with_another_ones_number_is_refused_whatever_is_allowed():
    """Its config was copied."""
    with pytest.raises(InvalidInputError, match=r"stack s1: its config names shard 0/2; a stack keeps its"):
        parts(Split(2), {"s0": Shard(0, 2), "s1": Shard(0, 2)}, reshard=True)


def test_a_stack_that_is_there_without_a_part_lets_others_begin():
    """It may be the one that had everybody, before the roster was split."""
    assert [["s1"], ["s0"]] == order(Split(2), {}, there=["s0"])


@pytest.mark.parametrize(
    ("has", "reason"),
    [
        ({}, "no stack whose name begins with 's' has `conduit:shard` in its config; pass --shards"),
        (
            {"s0": Shard(0, 2), "s1": Shard(1, 3, "x_a")},
            r"the stacks are split differently \(2, 3 by x_a\); pass --shards, and --reshard to change it",
        ),
    ],
)
def test_without_shards_the_config_must_say_one_split(has, reason):
    """Guessing would move people."""
    with pytest.raises(InvalidInputError, match=f"^{reason}$"):
        configured_split(has, "s")

    assert Split(2) == configured_split(configured(2), "s")
