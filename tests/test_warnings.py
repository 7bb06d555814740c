"""Facts: written and read by one module, and nothing of them in the text for people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_conduit.warnings import (
    ADOPT,
    CODES,
    GIVES,
    REVOKE,
    CodedWarning,
    give_warning,
    ids_of,
    parse_warning,
    revoke_warning,
)

TEXTS = st.text(min_size=1, max_size=60)
FACTS = st.builds(
    CodedWarning,
    st.sampled_from(sorted(CODES - {REVOKE, GIVES})),
    TEXTS,
    st.none() | st.frozensets(st.integers(0, 2**53), min_size=1, max_size=4),
    st.none() | st.sampled_from(["READ_ONLY", "STANDARD"]),
    st.none() | st.sampled_from(["ACTIVE", "INACTIVE"]),
    st.none() | st.just("INACTIVE"),
    st.none() | st.text(min_size=1, max_size=30),
)


@given(FACTS)
def test_what_is_written_is_read(fact):
    """Whatever the text says, and whatever a base URL holds."""
    assert fact == parse_warning(str(fact))


@given(FACTS, TEXTS)
def test_another_text_says_the_same(fact, text):
    """People read the text, and whoever counts does not."""
    said = parse_warning(str(fact).replace(f": {fact.text}", f": {text}")) if fact.text not in str(fact)[:40] else fact

    assert said
    assert (fact.code, fact.accounts, fact.type) == (said.code, said.accounts, said.type)


def test_accounts_are_written_in_order():
    """So that a warning is the same in every run."""
    assert "CONDUIT-REVOKE[accounts=2,10]: all: go" == revoke_warning([10, 2], "all: go")
    assert "CONDUIT-GIVES[accounts=3]: back" == give_warning([3], "back")
    assert "2, 10" == ids_of([10, 2])


def test_what_has_no_code_is_no_fact():
    """A warning for people only."""
    assert parse_warning("user ada@acme.example: CONDUIT-ADOPT: no") is None


@pytest.mark.parametrize(
    "message",
    [
        "CONDUIT-CONQUERS: everything",
        "CONDUIT-ADOPT",
        "CONDUIT-ADOPT[]: x",
        "CONDUIT-ADOPT[type]: x",
        "CONDUIT-ADOPT[type=]: x",
        "CONDUIT-ADOPT[type=ADMIN]: x",
        "CONDUIT-ADOPT[type=STANDARD; type=STANDARD]: x",
        "CONDUIT-ADOPT[colour=red]: x",
        "CONDUIT-ADOPT [type=STANDARD]: x",
        "CONDUIT-REVOKE: accounts 3: x",
        "CONDUIT-REVOKE[type=STANDARD]: x",
        "CONDUIT-GIVES[accounts=all]: x",
        "CONDUIT-REVOKE[accounts=1,,2]: x",
    ],
)
def test_what_is_not_known_is_an_error(message):
    """A fact of another version is never left out."""
    with pytest.raises(ValueError, match="CONDUIT-"):
        parse_warning(message)


def test_a_fact_without_facts_has_no_brackets():
    """The shortest form is code and text."""
    assert f"{ADOPT}: x" == str(CodedWarning(ADOPT, "x"))
    assert f"{ADOPT}: x" == str(CodedWarning(ADOPT, "x", frozenset()))
