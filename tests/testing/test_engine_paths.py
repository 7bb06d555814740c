"""Property paths are parsed, written, matched and followed as Pulumi does."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_conduit.testing.engine import Secret
from pulumi_conduit.testing.engine.diffs import changed_paths
from pulumi_conduit.testing.engine.paths import contains, parse, reset, text
from pulumi_conduit.testing.engine.values import plain

parts = st.one_of(
    st.text(min_size=1, max_size=4).filter(lambda part: "\\" not in part and part != "*"), st.integers(0, 9)
)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("name", ("name",)),
        ("a.b", ("a", "b")),
        ("a[0].b", ("a", 0, "b")),
        ('["a b"].c', ("a b", "c")),
        ('a["b.c"]', ("a", "b.c")),
        (r'["a \"b\""]', ('a "b"',)),
        ("a[*].b", ("a", "*", "b")),
        ("*", ("*",)),
        ("", None),
        ("a[", None),
        ("a[x]", None),
        ('a["b]', None),
    ],
)
def test_a_path_is_read_as_its_parts(written, expected):
    """Names, indexes, quoted names and wildcards are parts; what is none of these is no path."""
    assert expected == parse(written)


@given(st.lists(parts, min_size=1, max_size=4).map(tuple))
def test_a_written_path_is_read_as_the_same(path):
    """Whatever a property is called, its path can be shown and used again."""
    assert path == parse(text(path))


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        (("a",), ("a", "b"), True),
        (("a", "b"), ("a",), False),
        (("*",), ("a", 0), True),
        (("a", "*", "c"), ("a", 3, "c"), True),
        (("a", 0), ("a", 1), False),
    ],
)
def test_a_path_contains_what_lies_beneath_it(outer, inner, expected):
    """A path contains itself and everything beneath, and a wildcard stands for any one part."""
    assert expected == contains(outer, inner)


@pytest.mark.parametrize(
    ("path", "old", "new", "expected"),
    [
        ("a", {"a": 1}, {"a": 2}, {"a": 1}),
        ("a", {}, {"a": 2}, {}),
        ("a", {"a": 1}, {}, {"a": 1}),
        ("a.b", {"a": {"b": 1}}, {"a": {"b": 2, "c": 3}}, {"a": {"b": 1, "c": 3}}),
        ("a[0]", {"a": [1, 2]}, {"a": [8, 9]}, {"a": [1, 9]}),
        ("a[*]", {"a": [1, 2]}, {"a": [8, 9]}, {"a": [1, 2]}),
        ("a[*].b", {"a": [{"b": 1}]}, {"a": [{"b": 2, "c": 3}]}, {"a": [{"b": 1, "c": 3}]}),
        ("*", {"a": 1}, {"b": 2}, {"a": 1}),
        ("a.b", {"a": 1}, {"a": 2}, {"a": 2}),
        ("a.b", {}, {}, {}),
        ("a[7]", {"a": [1]}, {"a": [2]}, {"a": [2]}),
    ],
)
def test_an_ignored_path_keeps_its_old_value(path, old, new, expected):
    """The new value at a path gives way to the old one, or goes where there was none."""
    keys = parse(path)

    assert keys
    assert reset(keys, old, new)
    assert expected == new


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("a[1]", {"a": [1, 2]}, {"a": [1]}),
        ("a[*]", {"a": [1, 2]}, {"a": [1]}),
        ("a.b", {"a": {"b": 1}}, {"a": 2}),
        ("a.b", {"a": {"b": 1}}, {}),
        ("a[0].b", {"a": [{"b": 1}]}, {"a": []}),
    ],
)
def test_a_path_that_only_one_side_has_cannot_be_ignored(path, old, new):
    """Where an element was added or removed, nobody can say which value to keep."""
    keys = parse(path)

    assert keys
    assert not reset(keys, old, new)


def test_an_ignored_secret_stays_secret():
    """A value that was secret as a whole, or inside of a secret, does not come back in the clear."""
    outright: dict[str, Any] = {"a": 2}
    within: dict[str, Any] = {"a": {"b": 2}}

    assert reset(("a",), {"a": Secret(1)}, outright)
    assert reset(("a", "b"), {"a": Secret({"b": 1})}, within)

    assert ({"a": Secret(1)}, {"a": {"b": Secret(1)}}) == (outright, within)


def test_a_value_inside_of_a_secret_is_not_marked_twice():
    """Where the new value is inside of a secret already, the old one needs no mark of its own."""
    new = {"a": Secret({"b": 2})}

    assert reset(("a", "b"), {"a": Secret({"b": 1})}, new)

    assert {"a": Secret({"b": 1})} == new


leaves = st.one_of(st.none(), st.booleans(), st.integers(0, 3), st.text(max_size=2))
trees = st.dictionaries(
    st.sampled_from("abc"),
    st.recursive(leaves, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("xy"), inner)),
)


@given(trees)
def test_a_value_does_not_differ_from_itself(tree):
    """Nothing differs between two copies, whether or not one of them is secret."""
    hidden = {name: Secret(value) for name, value in tree.items()}

    assert [] == changed_paths(tree, copy.deepcopy(tree))
    assert [] == changed_paths(tree, hidden)


@given(trees, trees)
def test_ignoring_every_difference_leaves_none(old, new):
    """Where all paths that differ can be followed, following them makes the values the same."""
    if all(reset(path, old, new) for path in changed_paths(old, new)):
        assert [] == changed_paths(old, plain(new))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"a": None}, {}, []),
        ({"a": 1}, {"a": 1.0}, []),
        ({"a": 1}, {"a": True}, ["a"]),
        ({"a": [1, 2]}, {"a": [1, 3, 4]}, ["a[1]", "a[2]"]),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}, ["a.c"]),
        ({"a": {"b": 1}}, {"a": [1]}, ["a"]),
        ({"a": Secret("x")}, {"a": "x"}, []),
    ],
)
def test_differences_are_found_at_the_deepest_path(old, new, expected):
    """Null is as good as absent, numbers compare by value, truth is no number, and secrecy does not count."""
    assert expected == [text(path) for path in changed_paths(old, new)]
