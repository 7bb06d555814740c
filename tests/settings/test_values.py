"""One spelling per base URL, and none that leads a credential astray."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_conduit.errors import SettingsError
from pulumi_conduit.settings import is_loopback, normalised_url


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://api.example", "https://api.example"),
        ("https://api.example/", "https://api.example"),
        ("HTTPS://API.Example:443//", "https://api.example"),
        ("https://api.example:8443/V1/Users/", "https://api.example:8443/V1/Users"),
        ("https://api.example/a%2Fb", "https://api.example/a%2Fb"),
        ("http://localhost:80", "http://localhost"),
        ("http://127.9.8.7:8080", "http://127.9.8.7:8080"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
        ("https://[2001:DB8::1]", "https://[2001:db8::1]"),
        ("https://api.example:80", "https://api.example:80"),
    ],
)
def test_a_url_has_one_spelling(text, expected):
    """Host in lower case, no default port, no slash at the end; the path stays."""
    assert normalised_url(text, "X") == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "must be plain ASCII without spaces, control characters or backslashes"),
        ("https://a.example\n", "must be plain ASCII without spaces, control characters or backslashes"),
        ("https://a.ex\tample", "must be plain ASCII without spaces, control characters or backslashes"),
        (" https://a.example", "must be plain ASCII without spaces, control characters or backslashes"),
        ("https://a.example\\@b.example", "must be plain ASCII without spaces, control characters or backslashes"),
        ("https://ä.example", "must be plain ASCII without spaces, control characters or backslashes"),
        ("https://[::1", "is not a URL; write https://host or https://host/path"),
        ("api.example", "must be a URL that begins with https://"),
        ("ftp://a.example", "must be a URL that begins with https://"),
        ("https:///x", "must be a URL that begins with https://"),
        ("https:a.example", "must be a URL that begins with https://"),
        ("http://a.example", "must begin with https://: plain http is for loopback only"),
        ("http://127.0.0.1.evil.example", "must begin with https://: plain http is for loopback only"),
        ("http://localhost.evil.example", "must begin with https://: plain http is for loopback only"),
        ("http://128.0.0.1", "must begin with https://: plain http is for loopback only"),
        ("https://u:s3cret@a.example", "must not carry a user name or password; set the credentials on their own"),
        ("https://@a.example", "must not carry a user name or password; set the credentials on their own"),
        ("https://a.example?", "must not carry a query or a fragment"),
        ("https://a.example/?token=s3cret", "must not carry a query or a fragment"),
        ("https://a.example#", "must not carry a query or a fragment"),
        ("https://a.example:0", "must have a port between 1 and 65535, or none"),
        ("https://a.example:65536", "must have a port between 1 and 65535, or none"),
        ("https://a.example:x", "must have a port between 1 and 65535, or none"),
        ("https://a.example/b/../c", "must not have '.' or '..' in its path"),
        ("https://a.example/%2E%2e/c", "must not have '.' or '..' in its path"),
        ("https://a%2eexample", "must name a host in ASCII letters, digits, dots and hyphens, or an IP address"),
        ("https://:443", "must name a host in ASCII letters, digits, dots and hyphens, or an IP address"),
        ("https://[fe80::1%25eth0]", "must name a host in ASCII letters, digits, dots and hyphens, or an IP address"),
    ],
)
def test_a_url_that_could_mislead_is_refused_unseen(text, reason):
    """The line names the setting and shows nothing of the URL, which may carry a password."""
    with pytest.raises(SettingsError) as caught:
        normalised_url(text, "CONDUCTOR_URL")

    assert str(caught.value) == f"CONDUCTOR_URL {reason}"


@given(st.from_regex(r"https?://[a-zA-Z0-9.:\[\]-]{1,20}(/[!-~]{0,10})?", fullmatch=True))
def test_the_one_spelling_is_its_own(text):
    """What was normalised once stays as it is."""
    try:
        once = normalised_url(text, "X")
    except SettingsError:
        return

    assert normalised_url(once, "X") == once


@pytest.mark.parametrize(
    ("host", "expected"),
    [("localhost", True), ("127.0.0.1", True), ("::1", True), ("10.0.0.1", False), ("a.example", False)],
)
def test_loopback_is_this_machine_only(host, expected):
    """A name is not resolved to find out."""
    assert is_loopback(host) is expected
