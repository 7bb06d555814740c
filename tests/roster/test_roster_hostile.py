"""The hostile corpus in a roster: exact where an eye can see it, refused where not, and never raw in a message."""

import json
import unicodedata

import pytest
from corpus import NAMES, SPEAKABLE, UNSEEN, steering_of_lines
from roster_files import Account, csv_of, person_in_yaml, problems_of, quoted, read

from pulumi_conduit.errors import InvalidInputError
from pulumi_conduit.roster.csv_file import formula_in

every_name = pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
speakable = pytest.mark.parametrize("name", SPEAKABLE.values(), ids=SPEAKABLE)
unseen = pytest.mark.parametrize("name", UNSEEN.values(), ids=UNSEEN)


def in_csv(name):
    """Return a row whose first name this is, quoted."""
    doubled = name.replace('"', '""')
    return csv_of(f'ada@acme.example,"{doubled}",Lovelace,1')


def escaped_in_yaml(name):
    """Return a person whose first name this is, in escapes that hide it from a look at the file."""
    return person_in_yaml(first_name=json.dumps(name))


def is_short_plane(name):
    """Say whether escapes of JSON are those of YAML: it knows no surrogates."""
    return all(ord(one) < 0x10000 for one in name)


@speakable
def test_what_an_eye_can_see_is_a_name(name):
    """Markup, formulas and templates are data, exact in YAML and in CSV unless a spreadsheet would run them."""
    kept = unicodedata.normalize("NFC", name)
    assert kept == read(person_in_yaml(first_name=quoted(name)), "roster.yaml").people[0].first_name
    if formula_in(name):
        assert "formula" in problems_of(in_csv(name))[0]
    else:
        assert kept == read(in_csv(name)).people[0].first_name


@unseen
def test_what_an_eye_cannot_see_is_refused(name):
    """In CSV and in YAML, raw and in escapes."""
    found = [*problems_of(in_csv(name)), *problems_of(person_in_yaml(first_name=quoted(name)), "roster.yaml")]
    if is_short_plane(name):
        found += problems_of(escaped_in_yaml(name), "roster.yaml")

    assert {"people.csv", "roster.yaml"} == {line.partition(":")[0] for line in found}
    assert [] == steering_of_lines("\n".join(found))


@every_name
def test_no_message_repeats_it_raw(name):
    """As a key, a column, an address, a word, a group and an account."""
    word = quoted(name)
    hostile = (
        f"{word}: x\ndefaults: {{{word}: {{}}}}\ngroups: {{{word}: [{word}]}}\npeople:\n"
        f"- {{email: {word}, first_name: A, last_name: B, accounts: [{word}], type: {word}, {word}: x}}\n"
    )
    found = [*problems_of(hostile, "roster.yaml"), *problems_of(csv_of(f'"{name}",A,B', header=f'email,"{name}",x'))]

    assert [] == steering_of_lines("\n".join(found))
    assert max(map(len, found)) < 700


@every_name
def test_an_account_of_that_name_is_listed_in_escapes(name):
    """Candidates come from an API, which may answer anything."""
    found = problems_of(person_in_yaml(accounts="[zzz]"), "roster.yaml", lambda: [Account(1, name)])

    assert [] == steering_of_lines("\n".join(found))


@every_name
def test_a_comment_or_a_label_declares_nothing(name):
    """What an eye cannot see is refused there, too: it could make a line look like another."""
    roster = "# " + name.splitlines()[0] + "\n" + person_in_yaml()

    try:
        declared = [one.email for one in read(roster, "roster.yaml").people]
    except InvalidInputError as error:
        declared = [] if "is not allowed" in str(error) and name in UNSEEN.values() else [str(error)]

    assert declared in ([], ["ada@acme.example"])
