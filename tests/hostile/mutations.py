"""Ways to spoil an answer: its document, its text, or what HTTP says of it; `chance` is a seeded `random.Random`."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, replace
from typing import Any

from corpus import NAMES

DEEP = 10_000
_HUGE = (2**53, 2**63, 2**64, -1, 10**400, 1e308, 1.5, float("nan"), float("inf"), -0.0)
_EMPTY: tuple[Any, ...] = ([], {}, [[]], [None], {"": None})
_ODD = (None, True, False, 0, 1, "", " ", "1", "true", "null", *_EMPTY, *_HUGE)
_STATUSES = (201, 202, 203, 204, 206, 207, 226, 299, 300, 301, 302, 303, 304, 307, 308, 400, 401, 402, 403, 404, 405)
_MORE_STATUSES = (406, 408, 409, 410, 412, 418, 421, 422, 425, 428, 429, 431, 451, 499, 500, 501, 502, 503, 504, 505)
STATUSES = (*_STATUSES, *_MORE_STATUSES)
TYPES = (
    "application/json",
    "application/problem+json",
    "text/html",
    "text/plain",
    "application/xml",
    "",
    "json",
    "a/b;c",
)
_HEADERS = (
    *({"Retry-After": text} for text in ("-1", "nan", "1e9", "9" * 30, "Wed, 99 Foo 0000", "\u00b2", "", " ")),
    *({"Location": text} for text in ("//[", "http://[::1", "http://a\\@b/", "javascript:1", "", "http://a:99999/")),
    *({"Content-Encoding": text} for text in ("gzip", "identity", "br", "deflate, gzip", "IDENTITY")),
    *({"Set-Cookie": "a=b", "Link": "<x>; rel=next"}, {"WWW-Authenticate": "Basic realm=x"}),
)


@dataclass(frozen=True)
class Mutated:
    """An answer that is about to be sent."""

    content: bytes
    status: int = 200
    content_type: str = "application/json"
    headers: tuple = ()


def _paths(document, here=()):
    yield here
    inner = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, value in inner:
        yield from _paths(value, (*here, key))


def _at(document, path, change):
    """Return a copy in which a container's entry was changed; `change` gets the container and the key."""
    mutated = copy.deepcopy(document)
    holder = {"": mutated}
    parent, key = holder, ""
    for step in path:
        parent, key = parent[key], step
    change(parent, key)
    return holder.get("")


def _dropped(parent, key):
    del parent[key]


def _set(value):
    def change(parent, key):
        parent[key] = value

    return change


def _nested(parent, key):
    parent[key] = {"data": parent[key]}


def _listed(parent, key):
    parent[key] = [parent[key]]


def _doubled(parent, key):
    parent[key] = [parent[key], parent[key]]


def _as_text(parent, key):
    parent[key] = json.dumps(parent[key])


def _renamed(parent, key):
    if isinstance(parent, dict):
        parent[f"{key}".upper()] = parent.pop(key)


def _retyped(parent, key):
    value = parent[key]
    parent[key] = float(value) if isinstance(value, int) else str(value)


_CHANGES = (_dropped, _nested, _listed, _doubled, _as_text, _renamed, _retyped)
_VALUES = (*_ODD, *NAMES.values())


def _in_document(chance, document):
    change = _set(chance.choice(_VALUES)) if chance.random() < 0.5 else chance.choice(_CHANGES)
    return json.dumps(_at(document, chance.choice(list(_paths(document))), change)).encode()


def _deep(chance, content):
    return chance.choice(
        (
            b"[" * DEEP + b"]" * DEEP,
            b"[" * DEEP,
            b'{"a":' * DEEP + b"1" + b"}" * DEEP,
            content[:-1] + b',"x":' + b"[" * DEEP + b"]" * DEEP + content[-1:],
            content.replace(b":", b":" + b"[" * DEEP, 1),
        )
    )


_NUMBERS = (b"9" * 4_000, b"9" * 5_000, b"1e999999999", b"-0", b"01", b"0x10", b"1_0", b"NaN", b"Infinity", b"+1")


def _numbered(chance, content):
    return content[:-1] + b',"x":' + chance.choice(_NUMBERS) + content[-1:]


def _repeated(chance, content):
    """Say two keys twice, with an odd value first."""
    odd = chance.choice((b"null", b'"x"', b"0", b"[]", b"{}"))
    return content.replace(b'{"', b'{"accounts": ' + odd + b', "status": 1, "', 1)


_ENCODINGS = ("utf-8-sig", "utf-16", "utf-16-le", "utf-32", "utf-7", "cp037")
_BYTES_IN_TEXT = (b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\\ud800", b"\x00", b"\n", b"\\x41", b"\\u12")


def _recoded(chance, content):
    return content.decode().encode(chance.choice(_ENCODINGS))


def _miswritten(chance, content):
    return content.replace(b'"', b'"' + chance.choice(_BYTES_IN_TEXT), 1)


def _framed(chance, content):
    """Say something else, or something more."""
    others = (b"", b" ", b"null", b"{}", b"[]", b'""', content.replace(b'"', b"'"))
    before = chance.choice((b"", b")]}',", b"callback(", b"<html><body>", b"\n \t", content, b"\x00"))
    after = chance.choice((b"", b")", b"<!-- -->", b",", b"\x00", b"\n" + content))
    return chance.choice((*others, before + content + after))


def _cut(chance, content):
    return content[: chance.randrange(len(content))]


def _scratched(chance, content):
    place = chance.randrange(len(content))
    return content[:place] + bytes([chance.randrange(256)]) + content[place + 1 :]


_IN_TEXT = (_deep, _numbered, _repeated, _recoded, _miswritten, _framed, _cut, _scratched)


def mutated_content(chance, document):
    """Return the bytes of a document, mutated in one way."""
    if chance.random() < 0.4:
        return _in_document(chance, document)
    return chance.choice(_IN_TEXT)(chance, json.dumps(document).encode())


def mutated_response(chance, document):
    """Return an answer that is mutated in its body, in what HTTP says of it, or in both."""
    answer = Mutated(json.dumps(document).encode())
    where = chance.randrange(1, 4)
    if where & 1:
        answer = replace(answer, content=mutated_content(chance, document))
    if where & 2:
        status = chance.choice((chance.choice(STATUSES), chance.randrange(200, 600), 404, 200))
        headers = tuple(chance.choice(_HEADERS).items())
        answer = replace(answer, status=status, content_type=chance.choice(TYPES), headers=headers)
    return answer
