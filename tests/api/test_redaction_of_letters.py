"""Secrets in any script, quoted back with their letters as they are: not even the first or the last one is left."""

import json

import pytest

from pulumi_conduit.api.error_mapping import spellings

SECRETS = ['"Ä"ö\\', "пароль\\n", '密"码', 'plain"quoted', "\\ends\\", "\ttab\u2028line"]


def redacted(secret, text):
    """Return the text as an error shows it."""
    for spelling in spellings(secret):
        text = text.replace(spelling, "***")
    return text


@pytest.mark.parametrize("ensure_ascii", [True, False])
@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_in_json_is_hidden_with_or_without_escaped_letters(secret, ensure_ascii):
    """Some writers of JSON escape letters beyond ASCII, some do not, and all of them escape quotes."""
    spelled = json.dumps(f"<{secret}>", ensure_ascii=ensure_ascii)

    assert '"<***>"' == redacted(secret, spelled)


@pytest.mark.parametrize("secret", SECRETS)
def test_longer_spellings_come_first(secret):
    """A spelling within another one must not tear it."""
    lengths = [len(spelling) for spelling in spellings(secret)]

    assert sorted(lengths, reverse=True) == lengths
