"""What an API quotes back is searched for every spelling of a secret."""

import base64
import json
from urllib.parse import quote, quote_plus

import pytest

from pulumi_conduit.api.error_mapping import spellings

SECRET = 'pa"ss wörd/+?'  # all that JSON, URLs and base64 spell in their own way


def redacted(text):
    """Return the text as an error shows it."""
    for spelling in spellings(SECRET):
        text = text.replace(spelling, "***")
    return text


@pytest.mark.parametrize(
    "spell",
    [str, lambda text: json.dumps(text)[1:-1], lambda text: quote(text, safe=""), quote, quote_plus],
    ids=["as it is", "JSON", "URL segment", "URL path", "form"],
)
def test_a_secret_is_hidden_in_every_spelling(spell):
    """Nothing of it is left, and what stands around it stays."""
    assert "cannot read *** here" == redacted(f"cannot read {spell(SECRET)} here")


@pytest.mark.parametrize("before", ["", "a", "ab", "user:"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_secret_is_hidden_wherever_it_begins_in_base64(before, encode):
    """As in a Basic header, where the password follows a name."""
    around = len(encode(f"{before}:tail".encode()))

    shown = redacted(encode(f"{before}{SECRET}:tail".encode()).decode())

    assert "***" in shown
    assert len(shown.replace("***", "")) <= around + 2  # the first and the last sign are shared with the neighbours


def test_an_empty_secret_hides_nothing():
    """Replacing nothing would spell stars between all letters."""
    assert [] == spellings("")


SECRETS = ['"Ä"ö\\', "пароль\\n", '密"码', 'plain"quoted', "\\ends\\", "\ttab\u2028line"]


def masked(secret, text):
    """Return the text as an error shows it."""
    for spelling in spellings(secret):
        text = text.replace(spelling, "***")
    return text


@pytest.mark.parametrize("ensure_ascii", [True, False])
@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_in_json_is_hidden_with_or_without_escaped_letters(secret, ensure_ascii):
    """Some writers of JSON escape letters beyond ASCII, some do not, and all of them escape quotes."""
    spelled = json.dumps(f"<{secret}>", ensure_ascii=ensure_ascii)

    assert '"<***>"' == masked(secret, spelled)


@pytest.mark.parametrize("secret", SECRETS)
def test_longer_spellings_come_first(secret):
    """A spelling within another one must not tear it."""
    lengths = [len(spelling) for spelling in spellings(secret)]

    assert sorted(lengths, reverse=True) == lengths
