"""The properties of a declaration: how each is parsed, its default, and its stored form.

`check` returns the normal form of a declaration; a stored property map has camelCase names and `UNKNOWN` for what the
engine does not know yet. A roster's columns use the same parsers. Must not know a kind of resource.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any, NamedTuple, TypeVar

from pulumi_conduit.errors import ConduitError, InvalidInputError, escaped, is_invisible, is_plain

__all__ = [
    "MAX_ACCOUNT_ID",
    "UNKNOWN",
    "Field",
    "Properties",
    "account_id",
    "account_ids",
    "camel_case",
    "canonical_email",
    "choice",
    "company_id",
    "composed",
    "email",
    "flag",
    "found_text",
    "from_properties",
    "is_form_of",
    "is_same_text",
    "is_unknown",
    "noncanonical",
    "normal_form",
    "only_found",
    "profile",
    "resource_id",
    "snake_case",
    "stored",
    "text",
    "to_properties",
]


class Unknown:
    """The type of `UNKNOWN`."""

    def __repr__(self) -> str:
        """Name the sentinel in test failures."""
        return "UNKNOWN"


UNKNOWN = Unknown()
_KNOWN = (str, int, float)  # nearly all values, and the tests for the others are slow


def is_unknown(value: object) -> bool:
    """Say whether a value is unknown, whole or in any part."""
    if value is None or isinstance(value, _KNOWN):
        return False
    if isinstance(value, Mapping):
        return any(is_unknown(part) for part in value.values())
    if isinstance(value, Sequence):
        return any(is_unknown(part) for part in value)
    return isinstance(value, Unknown)


Properties = Mapping[str, Any]
"""A property map as the engine stores it, with whole numbers as `int` and unknown values as `UNKNOWN`."""

T = TypeVar("T")


@cache
def camel_case(name: str) -> str:
    """Return the stored name of a Python property: `company_id` is stored as `companyId`."""
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


@cache
def snake_case(name: str) -> str:
    """Return the Python name of a stored property: `companyId` is `company_id`."""
    return re.sub("(?=[A-Z])", "_", name).lower()


class _Stored(NamedTuple):
    """One field of a dataclass and its place in the stored format."""

    name: str
    stored_name: str
    is_required: bool


_TABLES: dict[type[Any], tuple[_Stored, ...]] = {}


def stored(cls: type[T]) -> type[T]:
    """Decorate a dataclass of which `to_properties` and `from_properties` make stored properties, and back."""
    fields = dataclasses.fields(cls)  # type: ignore[arg-type]  # each is a dataclass
    _TABLES[cls] = tuple(_Stored(field.name, camel_case(field.name), _is_required(field)) for field in fields)
    return cls


def to_properties(record: Any) -> dict[str, Any]:
    """Return a dataclass as stored properties, without None, which the engine drops, and empty collections.

    An empty collection that must be there is kept: it says that there is nothing.
    """
    properties = {}
    for name, stored_name, is_required in _TABLES[type(record)]:
        value = getattr(record, name)
        if value is not None and (is_required or value not in ((), {})):
            properties[stored_name] = _plain(value) if isinstance(value, tuple | Mapping) else value
    return properties


def from_properties(cls: type[T], stored: Properties, what: str) -> T:
    """Read a dataclass back; a property that must be there and is not is an error, never a default."""
    table = _TABLES[cls]
    values = {field.name: _frozen(stored[field.stored_name]) for field in table if field.stored_name in stored}
    missing = [field.stored_name for field in table if field.is_required and field.name not in values]
    if missing:
        raise ConduitError(f"{what}: the stored properties lack {', '.join(missing)}; restore the stack from a backup")
    return cls(**values)


def _is_required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _plain(value: tuple[Any, ...] | Mapping[str, Any]) -> Any:
    return list(value) if isinstance(value, tuple) else dict(value)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def is_same_text(one: str | None, other: str | None) -> bool:
    """Say whether two names are one but for space at either end and Unicode's composition (NFC).

    A name of nothing but space is another one than no name: none can be created with either.
    """
    return (one or "") == (other or "") or composed(one) == composed(other) != ""


def is_form_of(kept: str | None, sent: str | None) -> bool:
    """Say whether a name in the response to a write is the one that was sent, in the form that the API keeps."""
    return _loose(kept) == _loose(sent)


def composed(name: str | None) -> str:
    """Return a name in NFC without space at either end: the form in which names are declared and compared."""
    return unicodedata.normalize("NFC", name or "").strip()


def _loose(name: str | None) -> str:
    return " ".join(unicodedata.normalize("NFKC", name or "").split())


MAX_ACCOUNT_ID = 2**53 - 1
"""Numbers travel as IEEE doubles between Pulumi's processes; above this an id would silently become another one."""

_MAX_EMAIL_CHARACTERS = 254
_MAX_FOUND_CHARACTERS = 16_384
_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*"
)
_COMPANY_ID = re.compile(r"[A-Za-z0-9]{1,1024}")
_PROFILE = re.compile(r"[a-z][a-z0-9]*")


@dataclass(frozen=True)
class Field:
    """One property: how it is parsed, whether it must be there, and what it is when it is not."""

    parse: Callable[[Any], Any]
    required: bool = False
    default: Any = None
    advice: str = ""
    """What to declare where it is required and missing."""
    found: Callable[[Any], Any] | None = None
    """How a value is parsed that no object can be created with, but one that exists may have."""
    immutable: bool = False
    """Whether the API cannot change it, and a change of it is refused rather than a replacement."""


@dataclass
class NormalForm:
    """A declaration with canonical values and defaults, and every reason against it."""

    inputs: dict[str, Any]
    reasons: list[str]
    kept: dict[str, str]
    """By stored names: why a value could not be declared that is the recorded one, and so is not declared now."""


def normal_form(
    fields: Mapping[str, Field],
    declared: Mapping[str, Any],
    old: Mapping[str, Any] | None = None,
    *,
    may_be_found: bool = False,
) -> NormalForm:
    """Return the declaration in normal form.

    Under `ignore_changes` the engine sends the `old` input back as the new one, whatever drift has made of it. A
    declaration that `may_be_found` may be about an object that exists, with values that none can be created with.
    """
    reasons = [f"`{escaped(name)}` is not a property of this resource" for name in declared.keys() - fields.keys()]
    normal = NormalForm({}, reasons, {})
    for name, field in fields.items():
        value = declared.get(name)
        try:
            parsed = _parsed_as_found(field, value) if may_be_found else _parsed(field, value)
        except ValueError as error:
            if old is None or not _is_same(old.get(name), value):
                reasons.append(f"{snake_case(name)}: {error}")
                continue
            parsed, normal.kept[name] = value, str(error)
        if parsed is not None:
            normal.inputs[name] = parsed
    return normal


def only_found(fields: Mapping[str, Field], values: Mapping[str, Any]) -> dict[str, str]:
    """Return, by stored names, why no object can be created with these values, which one that exists may have."""
    refused = {}
    for name, field in fields.items():
        if field.found and name in values:
            try:
                _parsed(field, values[name])
            except ValueError as error:
                refused[name] = f"{snake_case(name)}: {error}"
    return refused


def _is_same(old: Any, new: Any) -> bool:
    # True is 1 in Python, and no more than that: a value of another type is another declaration.
    return old is not None and type(old) is type(new) and repr(old) == repr(new)


def _parsed_as_found(field: Field, value: Any) -> Any:
    try:
        return _parsed(field, value)
    except ValueError:
        if field.found is None or value is None:
            raise
        return field.found(value)


def _parsed(field: Field, value: Any) -> Any:
    if value is not None:
        return value if is_unknown(value) else field.parse(value)
    if field.required:
        raise ValueError(f"is required{field.advice}")
    return field.default


def text(least: int = 1, most: int = 1024) -> Callable[[Any], str]:
    """Parse a line of visible text of `least` to `most` characters, with no space at either end, into NFC."""

    def parse(value: Any) -> str:
        if not isinstance(value, str):
            raise ValueError("must be text")  # noqa: TRY004 - one kind of error for every bad value
        if not least <= len(value) <= most:
            raise ValueError(f"must have {least} to {most} characters, has {len(value)}")
        if not value.strip():
            raise ValueError("must not be blank")
        if not is_plain(value) and any(is_invisible(one) or unicodedata.category(one) == "Cn" for one in value):
            raise ValueError("must not hold control, bidi, zero-width or other invisible characters")
        if value != value.strip():
            raise ValueError("must not begin or end with a space")
        return unicodedata.normalize("NFC", value)

    return parse


def found_text(value: Any) -> str:
    """Parse text as an API may have it, whatever is in it: it is compared, and never written."""
    if not isinstance(value, str) or len(value) > _MAX_FOUND_CHARACTERS:
        raise ValueError(f"must be text of at most {_MAX_FOUND_CHARACTERS} characters")
    return value


def choice(words: type[Enum], *, refused: Mapping[str, str] | None = None) -> Callable[[Any], str]:
    """Parse one of the words of an enum, spelled as the API spells it."""
    reasons = refused or {}
    allowed = [word.value for word in words if word.value not in reasons]

    def parse(value: Any) -> str:
        word = value.value if isinstance(value, Enum) else value
        if word in allowed:
            return str(word)
        if isinstance(word, str) and word in reasons:
            raise ValueError(reasons[word])
        raise ValueError(f"must be one of {', '.join(allowed)}")

    return parse


def flag(value: Any) -> bool:
    """Parse true or false; nothing else counts as either."""
    if not isinstance(value, bool):
        raise ValueError("must be true or false")  # noqa: TRY004 - one kind of error for every bad value
    return value


def canonical_email(address: str) -> str:
    """Return the spelling under which two addresses are the same: ASCII lower case."""
    return address.translate(_ASCII_LOWER)


def noncanonical(address: str) -> str | None:
    """Return an address as it is spelled, or None where that is the canonical form: a state keeps nothing then."""
    return None if address == canonical_email(address) else address


_ASCII_LOWER = {ord(upper): ord(upper.lower()) for upper in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def email(value: Any) -> str:
    """Parse an email address into its canonical form; an internationalised one must be given in its ASCII form."""
    if not isinstance(value, str) or len(value) > _MAX_EMAIL_CHARACTERS or not _EMAIL.fullmatch(value):
        raise ValueError("must be an email address in ASCII")
    return canonical_email(value)


def company_id(value: Any) -> str:
    """Parse a company id: 1 to 1024 of A-Z a-z 0-9, kept as spelled."""
    if not isinstance(value, str) or not _COMPANY_ID.fullmatch(value):
        raise ValueError("must be 1 to 1024 characters out of A-Z, a-z and 0-9")
    return value


def account_id(value: Any) -> int:
    """Parse an account id: a whole number from 0 to 2^53-1."""
    whole = int(value) if isinstance(value, float) and value.is_integer() else value
    if not isinstance(whole, int) or isinstance(whole, bool) or not 0 <= whole <= MAX_ACCOUNT_ID:
        raise ValueError(f"must be a whole number from 0 to {MAX_ACCOUNT_ID}{_id_of(value)}")
    return whole


def _id_of(value: Any) -> str:
    if not isinstance(value, str) or value.strip().lstrip("-").isdecimal():
        return ""
    return "; get_account(name=...).account_id is the id of an account by its name"


def account_ids(value: Any) -> list[int]:
    """Parse a non-empty set of account ids into ascending order without repeats."""
    if not isinstance(value, Iterable) or isinstance(value, str | Mapping):
        raise ValueError("must be a list of account ids")  # noqa: TRY004 - one kind of error for every bad value
    ids = sorted({account_id(one) for one in value})
    if not ids:
        raise ValueError("must name at least one account")
    return ids


def resource_id(parse: Callable[[Any], T], value: str, what: str) -> T:
    """Parse the id of an object that is only read; InvalidInputError when it cannot be one."""
    try:
        return parse(value)
    except ValueError as error:
        raise InvalidInputError(f"'{escaped(value, 80)}' is no id of {what}: {error}") from None


def profile(value: Any) -> str:
    """Parse the name of a profile of settings."""
    if not isinstance(value, str) or not _PROFILE.fullmatch(value):
        raise ValueError("must be a lower-case letter followed by lower-case letters or digits")
    return value
