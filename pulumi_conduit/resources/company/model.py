"""A company, a sub-client of a Link APP (Conduit Link API): what is declared and recorded, and how both compare."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from operator import eq
from typing import TYPE_CHECKING, Any, NamedTuple

from pulumi_conduit.enums import CompanyConflict, CompanyDestroy
from pulumi_conduit.errors import RefusedError, escaped, shown
from pulumi_conduit.resources import fields
from pulumi_conduit.resources.fields import Field, is_form_of, stored, to_properties
from pulumi_conduit.resources.tenant import Tenant

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from pulumi_conduit.api.records import CompanyRecord

__all__ = [
    "PROPERTIES",
    "CompanySpec",
    "CompanyState",
    "differences",
    "is_same",
    "is_same_instant",
    "recorded_company",
    "require_same",
]

_ISO = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)[Tt ](\d\d):?(\d\d):?(\d\d)(?:[.,](\d{1,30}))?"
    r"\s?(?:[Zz]|([+-])(\d\d)(?::?(\d\d))?)?",
    re.ASCII,
)
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

PROPERTIES: Mapping[str, Field] = {
    "companyId": Field(fields.company_id, required=True),
    "name": Field(fields.text(), found=fields.found_text),
    "pageEnabled": Field(fields.flag),
    "onConflict": Field(fields.choice(CompanyConflict), default=CompanyConflict.ERROR.value),
    "onDestroy": Field(fields.choice(CompanyDestroy), default=CompanyDestroy.ERROR.value),
    "profile": Field(fields.profile),
    "importId": Field(fields.text()),
}
"""Every property that a declaration may have, by its stored name."""


class _Instant(NamedTuple):
    """Whole units since the epoch, and how many digits of a second a unit has."""

    units: int
    digits: int


def is_same_instant(one: str, other: str) -> bool:
    """Say whether both name one instant, as exactly as the less exact one does: by truncation or by rounding.

    Time without a zone is UTC. Texts that are no ISO 8601 are the same only if they are equal.
    """
    instants = [_parsed(one), _parsed(other)]
    known = [instant for instant in instants if instant is not None]
    if len(known) < len(instants):
        return one == other
    coarse, fine = sorted(known, key=lambda instant: instant.digits)
    unit: int = 10 ** (fine.digits - coarse.digits)
    whole, rest = divmod(fine.units, unit)
    return coarse.units == whole or (2 * rest >= unit and coarse.units == whole + 1)


def _parsed(text: str) -> _Instant | None:
    found = _ISO.fullmatch(text.strip())
    if not found:
        return None
    *numbers, fraction, sign, hours, minutes = found.groups()
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)
    try:
        year, month, day, hour, minute, second = map(int, numbers)
        since = datetime(year, month, day, hour, minute, second, tzinfo=timezone.utc) - offset - _EPOCH
    except (ValueError, OverflowError):
        return None
    digits = len(fraction or "")
    return _Instant((since.days * 86_400 + since.seconds) * 10**digits + int(fraction or 0), digits)


@stored
@dataclass(frozen=True)
class CompanySpec:
    """A company as declared; None means: as it is."""

    company_id: str
    on_conflict: str
    on_destroy: str
    name: str | None = None
    page_enabled: bool | None = None
    profile: str | None = None
    import_id: str | None = None

    @property
    def what(self) -> str:
        """Name it in messages."""
        return _what(self.company_id)

    @property
    def declared(self) -> dict[str, str | bool]:
        """Return what can be edited and is declared, by stored names."""
        return {name: value for name, value in self._editable.items() if value is not None}

    @property
    def undeclared(self) -> tuple[str, ...]:
        """Return the stored names of what is left as it is."""
        return tuple(name for name, value in self._editable.items() if value is None)

    @property
    def _editable(self) -> dict[str, str | bool | None]:
        return {"name": self.name, "pageEnabled": self.page_enabled}

    def only(self, names: Collection[str]) -> CompanySpec:
        """Return this declaration with nothing else to be edited than these stored names."""
        return replace(
            self,
            name=self.name if "name" in names else None,
            page_enabled=self.page_enabled if "pageEnabled" in names else None,
        )


@stored
@dataclass(frozen=True)
class CompanyState:
    """A company as recorded: its remote values, how it is to be treated, and which properties are not declared."""

    company_id: str
    page_enabled: bool
    created_at: str
    name: str | None = None
    link_page_url: str | None = None
    on_conflict: str | None = None
    on_destroy: str | None = None
    profile: str | None = None
    tenant: str | None = None
    undeclared: tuple[str, ...] = ()
    drifted: tuple[str, ...] = ()
    """Stored names of what an edit of something else found to differ from the declaration, and left as it is."""
    last_applied: Mapping[str, Any] = field(default_factory=dict)
    """What was last declared and written where the API keeps another form of it, by stored names."""

    @property
    def declared_name(self) -> str | None:
        """Return the name as it was last declared and written, whatever form of it the API keeps."""
        name: str | None = self.last_applied.get("name", self.name)
        return name

    @property
    def editable(self) -> dict[str, str | bool | None]:
        """Return what can be edited as it was last declared and written, by stored names."""
        return {"name": self.declared_name, "pageEnabled": self.page_enabled}

    @property
    def id(self) -> str:
        """Return the id under which the engine knows it: case makes no difference to the API."""
        return self.company_id.lower()

    @property
    def what(self) -> str:
        """Name it in messages."""
        return _what(self.company_id)

    def inputs(self) -> dict[str, Any]:
        """Return the declaration that this state is the result of, in normal form."""
        recorded = {**to_properties(self), **self.last_applied}
        return {name: recorded[name] for name in recorded if name in PROPERTIES and name not in self.undeclared}

    def seen_as(self, record: CompanyRecord, tenant: Tenant) -> CompanyState:
        """Return this state with the remote values of now; a name that has changed is no form of the declared one."""
        return replace(
            self,
            last_applied=self.last_applied if record.name == self.name else {},
            name=record.name,
            page_enabled=record.link_page.enabled,
            link_page_url=record.link_page.url,
            created_at=record.created_at,
            tenant=str(tenant),
            drifted=(),
        )

    def left_as_seen(self, spec: CompanySpec) -> CompanyState:
        """Return this state, which knows what differs from the declaration and was left."""
        drifted = tuple(name for name, value in spec.declared.items() if value != self.editable[name])
        return replace(self, drifted=drifted)

    def declared_as(self, spec: CompanySpec) -> CompanyState:
        """Return this state under a new declaration: remote values stay."""
        return replace(
            self,
            company_id=spec.company_id,
            on_conflict=spec.on_conflict,
            on_destroy=spec.on_destroy,
            profile=spec.profile,
            undeclared=spec.undeclared,
        )

    def written_as(self, spec: CompanySpec, record: CompanyRecord, tenant: Tenant) -> CompanyState:
        """Return this state after a declaration was written: the form of a name that the API keeps is no drift."""
        is_kept_otherwise = spec.name is not None and spec.name != record.name and is_form_of(record.name, spec.name)
        applied = {"name": spec.name} if is_kept_otherwise else {}
        return replace(self.declared_as(spec).seen_as(record, tenant), last_applied=applied)


def recorded_company(spec: CompanySpec, record: CompanyRecord, tenant: Tenant) -> CompanyState:
    """Return the state of a company that was created or adopted."""
    state = CompanyState(spec.company_id, record.link_page.enabled, record.created_at)
    return state.written_as(spec, record, tenant)


def differences(
    spec: CompanySpec, record: CompanyRecord, is_same_name: Callable[[str | None, str | None], bool] = eq
) -> list[str]:
    """Return both values of each declared property that differs."""
    found = []
    if spec.name is not None and not is_same_name(record.name, spec.name):
        found.append(_difference("name", record.name, spec.name))
    if spec.page_enabled is not None and spec.page_enabled != record.link_page.enabled:
        found.append(_difference("page_enabled", record.link_page.enabled, spec.page_enabled))
    return found


def _difference(python_name: str, remote: object, declared: object) -> str:
    return f"{python_name} is {shown(remote)} in Conduit Link but {shown(declared)} in the program"


def is_same(state: CompanyState, other: CompanyState) -> bool:
    """Say whether two states with the same id, recorded with two tokens, are of one company."""
    is_one_instant = is_same_instant(state.created_at, other.created_at)
    return is_one_instant and state.link_page_url == other.link_page_url


def require_same(state: CompanyState, tenant: Tenant, record: CompanyRecord) -> None:
    """Accept a response to another token only if it is about the same company.

    That is one created at the same instant, however it is spelled, and with the same page where both have one: what is
    created in one second by two Link APPs may have the same instant, where the API gives no fraction.
    """
    if not state.tenant or state.tenant == str(tenant):
        return
    if not is_same_instant(state.created_at, record.created_at):
        raise RefusedError(
            f"{state.what}: this token sees another company of the same id, created at {escaped(record.created_at, 40)}"
            f" instead of {escaped(state.created_at, 40)}; use the token of its own Link APP"
        )
    here, there = record.link_page.url, state.link_page_url
    # A move that CONDUIT_ALLOW_MOVE allows by name may take the pages along.
    if here and there and here != there and Tenant.parse(state.tenant).url == tenant.url:
        raise RefusedError(
            f"{state.what}: this token sees a company of the same id and time, whose link_page_url is"
            f" '{escaped(here, 80)}' instead of '{escaped(there, 80)}': it may be another Link APP's. Use the token of"
            " its own Link APP; if it is this company with another page, `pulumi state delete` it and declare it again"
        )


def _what(company_id: str) -> str:
    return f"company '{escaped(company_id, 80)}'"
