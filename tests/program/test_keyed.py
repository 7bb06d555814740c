"""Resources found by any spelling of their key."""

import pytest

from pulumi_conduit.program.roster import CanonicalMapping

ONE = CanonicalMapping({"acme": 1, "b2": 2}, str.lower)


@pytest.mark.parametrize("key", ["acme", "ACME", "Acme"])
def test_any_spelling_finds_the_one(key):
    """The file's spelling and the canonical one are the same key."""
    assert 1 == ONE[key]
    assert key in ONE


def test_it_lists_canonical_keys_in_their_order():
    """It is a dictionary otherwise."""
    assert {"acme": 1, "b2": 2} == dict(ONE)
    assert ["acme", "b2"] == list(ONE)
    assert 2 == len(ONE)


def test_a_key_that_is_not_there_is_named_as_it_was_asked_for():
    """The canonical spelling would be news to whoever asked."""
    with pytest.raises(KeyError, match=r"^'NoOne'$"):
        ONE["NoOne"]
    assert ONE.get("NoOne") is None
