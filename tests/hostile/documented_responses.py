"""The documented form of each answer, written from the APIs' pages: what may be believed, and what it says then.

Must not know the client: it is the judge of what the client makes of an answer.
"""

from __future__ import annotations

import json

TYPES_OF_STATUS = ("ACTIVE", "INACTIVE")
_LARGEST_ID = 2**53 - 1


class UndocumentedError(Exception):
    """The answer is not in the documented form, so nothing may be concluded from it."""


def _require(claim):
    if not claim:
        raise UndocumentedError


def _get(document, key, check):
    _require(isinstance(document, dict) and key in document)
    return check(document[key])


def _text(value):
    _require(isinstance(value, str))
    return value


def _word(value):
    _require(isinstance(value, str) and value != "")
    return value


def _flag(value):
    _require(isinstance(value, bool))
    return value


def _id(value):
    _require(isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST_ID)
    return value


def _ids(value):
    _require(isinstance(value, list))
    return frozenset(_id(one) for one in value)


def _status(value):
    _require(isinstance(value, str) and value in TYPES_OF_STATUS)
    return value


def _optional(check):
    return lambda value: None if value is None else check(value)


def company(document):
    """Read a company; its name is optional."""
    name = document.get("name") if isinstance(document, dict) else None
    page = _get(document, "link_page", lambda value: value)
    return {
        "id": _get(document, "id", _word),
        "name": _optional(_text)(name),
        "created_at": _get(document, "created_at", _word),
        "url": _get(page, "url", _optional(_text)),
        "enabled": _get(page, "enabled", _flag),
    }


def user(document):
    """Read a user; whether a GET of one carries the status is an open question."""
    status = document.get("status") if isinstance(document, dict) else None
    return {
        "email": _get(document, "email", _word),
        "first_name": _get(document, "firstname", _text),
        "last_name": _get(document, "lastname", _text),
        "sso_access": _get(document, "sso_access", _flag),
        "type": _get(document, "type", _word),
        "view": _get(document, "view", _word),
        "status": _optional(_status)(status),
        "accounts": _get(document, "accounts", _ids),
    }


def users(document):
    """Read a list, in which None stands for somebody who cannot be read."""
    _require(isinstance(document, list))
    return [readable(user, one) for one in document]


def account(document):
    """Read an account."""
    return {
        "account_id": _get(document, "account_id", _id),
        "name": _get(document, "name", _text),
        "creation_date": _get(document, "creation_date", _text),
    }


def accounts(document):
    """Read the list of accounts."""
    _require(isinstance(document, list))
    return [account(one) for one in document]


def held(document):
    """Read the accounts of a user."""
    return _get(document, "accounts", _ids)


def status(document):
    """Read a status."""
    return _get(document, "status", _status)


def type_(document):
    """Read a type."""
    return _get(document, "type", _word)


def readable(form, document):
    """Return what a document says, or None where it is not in the documented form."""
    try:
        return form(document)
    except UndocumentedError:
        return None


def parsed(content):
    """Return the document in some bytes; what is not JSON, or names one thing twice, is in no documented form."""
    try:
        return json.loads(content, object_pairs_hook=_said_once, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise UndocumentedError from None


def _said_once(pairs):
    if len({name for name, _ in pairs}) != len(pairs):
        raise UndocumentedError
    return dict(pairs)


def _no_number(_):
    raise UndocumentedError


def says(form, content):
    """Return what the bytes of an answer say, or None."""
    return readable(lambda raw: form(parsed(raw)), content)
