"""Names that attack whoever prints or parses them: one corpus for the terminal, the state, and every report to come.

Must not know what is tested with them. `SPEAKABLE` are honest to the eye, so that a declaration may have them; `UNSEEN`
hold what no declaration may, but any API can answer.
"""

from __future__ import annotations

import unicodedata

SPEAKABLE = {
    "markup": "</script><script>alert(1)</script>",
    "attribute": '" onmouseover="alert(1)" x="',
    "entity": "&lt;b&gt; &amp;",
    "mention": "@team @everyone",
    "image": "![](http://attacker.example/x.png)",
    "link": "[click](javascript:alert(1))",
    "code": "`whoami` $(whoami) ${HOME} ```",
    "table": "a | b || c \\| d",
    "formula": '=HYPERLINK("http://attacker.example","click")',
    "formulas": "+1 -1 @SUM(A1) %0A=cmd|' /C calc'!A0",
    "format": "%s %n {0} {{x}} {self.__class__}",
    "template": "{{ 7*7 }} {% raw %} <%= 7 %>",
    "workflow": "::error file=a::b ::set-output name=x::y",
    "quotes": "'; DROP TABLE users; --",
    "yaml": "- !!python/object/apply:os.system [id] # : &a *a",
    "path": "../../etc/passwd %2e%2e%2f",
    "homograph": "Аcme раypal",  # noqa: RUF001 -- Cyrillic letters that look Latin are the point
    "combining": "Z\u0351\u036b\u0343a\u0363l\u0364g\u0365o\u0366",
    "emoji": "👩\U0001f3fd 🏴 🇩🇪",
    "wide": "\uff1c\uff0fscript\uff1e",
    "long": "W" * 1024,
    "unknown": "04da6b54-80e4-46f7-96ec-b56ff0331ba9",  # Pulumi's own word for what is not known yet
}

UNSEEN = {
    "newline": "one\ntwo: error: three",
    "carriage return": "good\rbad ",
    "crlf": "a\r\n\r\nHTTP/1.1 200 OK",
    "nul": "a\x00b",
    "bell": "a\x07b\x08c",
    "tab": "a\tb\x0bc\x0cd",
    "colour": "\x1b[31mred\x1b[0m",
    "clear": "\x1b[2J\x1b[H\x1bc",
    "title": "\x1b]0;owned\x07",
    "hyperlink": "\x1b]8;;http://attacker.example\x1b\\click\x1b]8;;\x1b\\",
    "clipboard": "\x1b]52;c;cm0gLXJmIH4K\x07",
    "c1": "\x9b31m \x9d52;c;AAAA\x9c \x90q\x9c \x85",
    "delete": "a\x7fb",
    "override": "invoice\u202egpj.exe",
    "isolate": "\u2066\u2067a\u2069 \u200f\u200e\u061c",
    "zero width": "ad\u200bmin\u200c\u200d\u2060\ufeff",
    "joined emoji": "👩\u200d🚀",
    "soft hyphen": "ad\u00admin",
    "separators": "a\u2028b\u2029c",
    "tags": "a\U000e0041\U000e0042\U000e007f",
    "private": "a\ue000b",
    "annotation": "a\ufff9b\ufffac\ufffb",
}

NAMES = {**SPEAKABLE, **UNSEEN}

_STEERS = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def steering(text: str) -> list[str]:
    """Return the characters that could steer a terminal or hide from an eye; a line end is one, too."""
    return sorted({f"U+{ord(one):04X}" for one in text if unicodedata.category(one) in _STEERS})


def steering_of_lines(text: str) -> list[str]:
    """Return the same of a text that is meant to have lines."""
    return steering(text.replace("\n", ""))
