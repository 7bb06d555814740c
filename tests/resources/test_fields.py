"""The edges of what can be declared and asked for: one more, one less, the wrong kind."""

import json
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

import pytest
from declarations import ANN

from pulumi_conduit.errors import ConduitError
from pulumi_conduit.resources import fields
from pulumi_conduit.resources.fields import stored, to_properties
from pulumi_conduit.resources.provider_context import ProviderContext
from pulumi_conduit.settings import Settings

MOST = 9007199254740991


class Word(str, Enum):
    """Two words and one that is refused."""

    YES = "YES"
    NO = "NO"
    MAYBE = "MAYBE"


CHOICE = {"refused": {"MAYBE": "must be decided"}}


@pytest.mark.parametrize("text", ["ab", "abc", "a b", "ä€😀"])
def test_visible_text_within_its_length_is_kept(text):
    """What is allowed comes back as it was, at either end of the length."""
    assert text == fields.text(2, 3)(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (12, "must be text"),
        (None, "must be text"),
        ("a", "must have 2 to 3 characters, has 1"),
        ("abcd", "must have 2 to 3 characters, has 4"),
        ("   ", "must not be blank"),
        ("a\u202e", "must not hold control, bidi, zero-width or other invisible characters"),
        ("a\n", "must not hold control, bidi, zero-width or other invisible characters"),
    ],
)
def test_other_text_is_refused_with_its_reason(text, told):
    """Each reason says what is allowed, whole."""
    with pytest.raises(ValueError, match=f"^{told}$"):
        fields.text(2, 3)(text)


def test_text_has_one_to_1024_characters_unless_said_otherwise():
    """The default is the length that both APIs know."""
    assert ["x", "x" * 1024] == [fields.text()("x"), fields.text()("x" * 1024)]
    for text in ("", "x" * 1025):
        with pytest.raises(ValueError, match=f"^must have 1 to 1024 characters, has {len(text)}$"):
            fields.text()(text)


@pytest.mark.parametrize("text", [" Ada", "Ada\u00a0", "\u3000Ada"])
def test_text_with_space_at_an_end_is_refused(text):
    """An API may trim it; inside, space is kept."""
    with pytest.raises(ValueError, match=r"^must not begin or end with a space$"):
        fields.text()(text)
    assert "Ada  B" == fields.text()("Ada  B")


@pytest.mark.parametrize("word", ["YES", Word.YES])
def test_a_word_is_taken_as_text_or_as_enum(word):
    """Either spelling is the same word, as plain text."""
    taken = fields.choice(Word, **CHOICE)(word)

    assert ("YES", str) == (taken, type(taken))


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("MAYBE", "must be decided"),
        (Word.MAYBE, "must be decided"),
        ("yes", "must be one of YES, NO"),
        (["MAYBE"], "must be one of YES, NO"),
        (None, "must be one of YES, NO"),
    ],
)
def test_another_word_is_refused_with_its_reason(word, told):
    """A word that is known and refused has a reason of its own; all others get what is allowed."""
    with pytest.raises(ValueError, match=f"^{told}$"):
        fields.choice(Word, **CHOICE)(word)


def test_a_long_id_is_cut_in_its_error():
    """An id that cannot be is shown by its first 80 characters."""
    with pytest.raises(ConduitError) as caught:
        fields.resource_id(fields.company_id, "-" * 90, "a company")

    assert f"'{'-' * 80}…' is no id of a company" == str(caught.value).partition(":")[0]


@pytest.mark.parametrize(
    ("resource_id", "told"),
    [
        (f"{ANN}:{MOST}", f"access of user {ANN} to account {MOST}: this identity sees no such access"),
        (f"{ANN}:{MOST + 1}", f"'{ANN}:{MOST + 1}' is no id of a grant: must be a whole number from 0 to {MOST}"),
        (f"{ANN}:0{MOST}", f"'{ANN}:0{MOST}' is no id of a grant: must be an email address, a colon and an account id"),
        ('"a:b"@acme.example:1', "'\"a:b\"@acme.example:1' is no id of a grant: must be an email address in ASCII"),
    ],
)
def test_the_id_of_a_grant_ends_with_its_last_colon_and_the_greatest_account(stack, resource_id, told):
    """The account is what follows the last colon, up to the greatest number that JSON carries everywhere."""
    with pytest.raises(ConduitError) as caught:
        stack.get("grant", resource_id)

    assert told == str(caught.value)


def test_without_settings_every_profile_is_nowhere_of_its_own():
    """The stand-in of a tenant that is not known equals no other, and shows its profile."""
    run = ProviderContext(Settings({}, {}), workers=1)

    assert ["?#", "?b#"] == [str(run.sessions.conductor_tenant(profile)) for profile in (None, "b")]
    assert ["?#", "?b#"] == [str(run.sessions.link_tenant(profile)) for profile in (None, "b")]


@stored
@dataclass(frozen=True)
class Made:
    """A record of everything that is stored."""

    ids: object = ()
    named: object = field(default_factory=dict)
    word: str | None = None


@pytest.mark.parametrize(
    ("made", "properties"),
    [
        (Made(ids=(1, 2)), {"ids": [1, 2]}),
        (Made(named=MappingProxyType({"first": 1})), {"named": {"first": 1}}),
        (Made(named={"first": 1}), {"named": {"first": 1}}),
        (Made(word="x"), {"word": "x"}),
        (Made(word=""), {"word": ""}),
        (Made(), {}),
    ],
)
def test_every_value_is_stored_as_json_knows_it(made, properties):
    """Tuples become lists, mappings become dicts, and what is empty by default is left out."""
    assert properties == json.loads(json.dumps(to_properties(made)))


def test_a_stored_mapping_is_a_copy():
    """Whoever changes what was stored does not change the state it came from."""
    made = Made(named={"first": 1})

    to_properties(made)["named"]["first"] = 2

    assert {"first": 1} == made.named
