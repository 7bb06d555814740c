"""Emails and company ids of every unpleasant kind, for Hypothesis to draw from."""

from __future__ import annotations

from corpus import NAMES
from hypothesis import strategies as st

PIECES = (
    *("..", ".", "/", "\\", "%2e", "%2E%2e", "%2f", "%00", "%", "%zz", "?", "#", "&", "=", "+", ";", ":", "@", "~"),
    *("\r\n", "\r\nHost: evil.example", "\n", "\x00", "\x7f", "\t", "\x1b[0m", "\x85", "\u2028"),
    *("\u202e", "\u200f", "\u2066", "\u200b", "\ufeff", "\u00ad"),
    *("\ud800", "\udc00", "\udfff", "😀", "👩\u200d🚀", "é", "e\u0301", "ö", "日本"),
    # Letters that a careless change of case turns into ASCII, or from one character into two.
    *("\u0131", "\u0130", "\u017f", "\u212a", "ß", "ẞ", "ﬁ", "ŉ", "а", "Ａ", "１", "\u0661", "²"),  # noqa: RUF001
    *("Ann", "ann", "ACME", "acme", "0", "1", "x", "xn--bcher-kva", "bücher", "例え", "users", "accounts"),
    *(" ", "\u00a0", "\u3000", "'", '"', "`", "|", "<", ">", "(", ")", "[", "]", "{", "}", "{userEmail}", ",", "*"),
)
DOMAINS = (
    *(
        "acme.example",
        "ACME.Example",
        "localhost",
        "a",
        "-a.example",
        "a-.example",
        "a..b",
        ".a",
        "a.",
        "xn--bcher-kva.de",
    ),
    *("bücher.example", "例え.テスト", "[127.0.0.1]", "acme.example/../x", "acme.example?x=1", "acme.example#x"),
    *("a" * 63 + ".example", "a." * 100 + "example", "acme.e\u212aample", "münchen.example"),
)
_LENGTHS = (1, 2, 253, 254, 255, 1023, 1024, 1025, 5000)

_pieced = st.lists(st.sampled_from(PIECES), min_size=1, max_size=5).map("".join)
_long = st.builds(lambda piece, length: (piece * length)[:length], st.sampled_from(PIECES), st.sampled_from(_LENGTHS))
_any_text = st.text(st.characters(), max_size=12)
_honest = st.from_regex(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,20}", fullmatch=True)
_spaced = st.builds(lambda text, blank: blank + text + blank, _honest, st.sampled_from((" ", "\t", "\n", "\u00a0", "")))

TEXTS = st.one_of(_pieced, _long, _any_text, _honest, _spaced, st.sampled_from(sorted(NAMES.values())))
EMAILS = st.one_of(
    st.builds(
        lambda local, domain: f"{local}@{domain}", st.one_of(_honest, _pieced, _spaced), st.sampled_from(DOMAINS)
    ),
    st.builds(lambda local, domain: f"{local}@{domain}", _honest, _pieced),
    TEXTS,
)
COMPANY_IDS = st.one_of(
    st.from_regex(r"[A-Za-z0-9]{1,40}", fullmatch=True),
    st.builds(lambda one, length: one * length, st.sampled_from("Aa0"), st.sampled_from(_LENGTHS)),
    TEXTS,
)
