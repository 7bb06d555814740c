"""Which resources of the running program declare an object, and what its rosters assign to other stacks."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple

from pulumi_conduit.errors import ConduitError, RefusedError
from pulumi_conduit.resources import fields
from pulumi_conduit.resources.declaration_registry import InOtherStack, Key, Kind
from pulumi_conduit.resources.provider_context import ProviderContext
from pulumi_conduit.resources.tenant import Tenant
from pulumi_conduit.run_file import RunFileContent, describe_folders, read_left_behind, read_run_file
from pulumi_conduit.sdk_internals import server_engine_address
from pulumi_conduit.server.engine_process import Selection, selection
from pulumi_conduit.urns import name_of, stack_of

__all__ = ["DeclaredResources", "DeclaredShards", "may_be_at"]

_NAMED_BY = {
    Kind.COMPANY: ("company_id", "company_id"),
    Kind.USER: ("email", "email"),
    Kind.GRANT_LIST: ("account_ids", "user"),
}
"""The property that only this kind has, and the one that names the object."""
_NAMES = ("company_id", "email", "user", "account_id", "account_ids", "profile")
_ANY_PROFILE = 0  # not the name of a profile, so it may be of any tenant


class _Declarer(NamedTuple):
    urn: str
    profile: Any


class _Declared(NamedTuple):
    """The declaring resources by object, and the resources with unknown values."""

    by_object: Mapping[tuple[Kind, str], list[_Declarer]]
    unknown: list[Mapping[str, Any]]


_NOTHING = _Declared({}, [])


class DeclaredResources:
    """The declarations in the run file, by object.

    Each check looks for the file until it is found, because the program is running then; the file stays open.
    """

    def __init__(self, run: ProviderContext) -> None:
        """Start without a file."""
        self._run = run
        self._lock = threading.Lock()
        self._run_file: RunFileContent | None = None
        self._is_running = False
        self._read: tuple[str, _Declared] = ("", _NOTHING)
        self._selected: Selection | None = None

    def open_run_file(self) -> None:
        """Look for the run file in a check, which means that a program is running."""
        with self._lock:
            self._is_running = True
            self._find()

    def declarers(self, key: Key, urn: str) -> list[str]:
        """Return the resources in the stack of `urn` that declare a key, or may do so.

        :raises RefusedError: if a program is running and its run file cannot be read.
        """
        stack, declared = stack_of(urn), self._declared(key)
        found = [(one.urn, one.profile) for one in declared.by_object.get((key.kind, key.id), ())]
        found += [(record["urn"], _profile(record)) for record in declared.unknown if _may_name(record, key)]
        return [one for one, profile in found if stack_of(one) == stack and may_be_at(self._run, key, profile)]

    def grants_left_out(self, user: Key, urn: str) -> list[str]:
        """Return the grants that the program declares, or may declare, for a user, and that this run excludes."""
        with self._lock:
            declared, chosen = self._parse(self._text() or ""), selection()
        named = (those for (kind, name), those in declared.by_object.items() if _is_grant_of(kind, name, user.id))
        unknown = (one for one in declared.unknown if "user" in one and _may_be(one, "user", user.id))
        found = [*chain.from_iterable(named), *(_Declarer(one["urn"], _profile(one)) for one in unknown)]
        here = {
            one.urn for one in found if stack_of(one.urn) == stack_of(urn) and may_be_at(self._run, user, one.profile)
        }
        return sorted(one for one in here if chosen.leaves_out(one))

    def users(self, tenant: Tenant, urn: str) -> list[str]:
        """Return the emails of a tenant's users that the stack of `urn` declares and this run does not exclude."""
        with self._lock:
            declared = self._parse(self._text() or "")
            self._selected = chosen = self._selected or selection()
        return [
            email
            for (kind, email), those in declared.by_object.items()
            if kind is Kind.USER
            and any(
                stack_of(one.urn) == stack_of(urn)
                and not chosen.leaves_out(one.urn)
                and _is_at(self._run, tenant, one.profile)
                for one in those
            )
        ]

    def _declared(self, key: Key) -> _Declared:
        with self._lock:
            now = self._text()
            if now is None and self._is_running:
                raise RefusedError(
                    f"{key.kind.value} {key.id}: not deleted: the program's run file cannot be read, so another"
                    " resource may declare this; it must be in one of these folders, private to this user:"
                    f" {describe_folders()}"
                )
            return self._parse(now or "")

    def _text(self) -> str | None:
        run_file = self._find()
        return run_file.text() if run_file else None

    def _parse(self, text: str) -> _Declared:
        if text != self._read[0]:
            self._read = (text, _declared(text))
        return self._read[1]

    def _find(self) -> RunFileContent | None:
        if self._run_file is None:
            self._run_file = RunFileContent.find(server_engine_address())
        return self._run_file


def may_be_at(run: ProviderContext, key: Key, profile: Any) -> bool:
    """Return whether a profile is of the key's tenant; an unknown one counts as yes."""
    try:
        tenant = _tenant(run, key.kind, profile)
    except (ConduitError, ValueError):
        return True
    return tenant is None or Key(tenant, key.kind, key.id) == key


def _is_at(run: ProviderContext, tenant: Tenant, profile: Any) -> bool:
    """Return whether a profile is known to be of a tenant of Conductor."""
    try:
        return _tenant(run, Kind.USER, profile) == tenant
    except (ConduitError, ValueError):
        return False


def _tenant(run: ProviderContext, kind: Kind, given: Any) -> Tenant | None:
    """Return the tenant of a profile; None where it has no settings here, ValueError where it is not known."""
    profile = fields.profile(given) if given is not None else None
    if kind is Kind.COMPANY:
        return run.sessions.link_tenant(profile) if run.settings.has_link(profile) else None
    return run.sessions.conductor_tenant(profile) if run.settings.has_conductor(profile) else None


def _declared(text: str) -> _Declared:
    latest = {record["urn"]: _without_ignored(record) for record in map(_parse_line, text.splitlines()) if record}
    declared = defaultdict(list)
    for urn, record in latest.items():
        for one in _objects(record):
            declared[one].append(_Declarer(urn, _profile(record)))
    return _Declared(dict(declared), [record for record in latest.values() if record.get("unknown")])


def _without_ignored(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record without the values that `ignore_changes` may keep, which are unknown."""
    if not record.get("ignored"):
        return record
    names = [one for one in _NAMES if one in record and not (one == "user" and record["ignored"] == "accounts")]
    return {**record, **dict.fromkeys(names), "unknown": names}


def _is_grant_of(kind: Kind, name: str, email: str) -> bool:
    return kind is Kind.GRANT and name.rpartition(":")[0] == email


def _may_name(record: Mapping[str, Any], key: Key) -> bool:
    """Return whether a resource may declare an object, by its known values."""
    if key.kind is not Kind.GRANT:
        kind, named = _NAMED_BY.get(key.kind, ("", ""))
        return kind in record and _may_be(record, named, key.id)
    user, _, account = key.id.rpartition(":")
    accounts = record["account_ids"] if "account_ids" in record else [record.get("account_id")]
    return (
        "user" in record and _may_be(record, "user", user) and (accounts in (None, [None]) or int(account) in accounts)
    )


def _may_be(record: Mapping[str, Any], name: str, value: str) -> bool:
    return record[name] is None or str(record[name]).lower() == value


def has_known_profile(record: Mapping[str, Any]) -> bool:
    """Return whether the profile of a record in the run file is known, if it has one."""
    return "profile" not in record.get("unknown", ())


def _profile(record: Mapping[str, Any]) -> Any:
    return record.get("profile") if has_known_profile(record) else _ANY_PROFILE


def _parse_line(line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError:
        return {}
    return record if isinstance(record, dict) and isinstance(record.get("urn"), str) else {}


def _objects(record: Mapping[str, Any]) -> list[tuple[Kind, str]]:
    """Return the objects that a resource declares; none if its check will refuse it."""
    try:
        return list(_named(record))
    except ValueError:
        return []


def _named(record: Mapping[str, Any]) -> Iterator[tuple[Kind, str]]:
    if "company_id" in record:
        yield Kind.COMPANY, fields.company_id(record["company_id"]).lower()
    if "email" in record:
        yield Kind.USER, fields.email(record["email"])
    if "user" in record and "account_ids" in record:
        yield Kind.GRANT_LIST, fields.email(record["user"])
    if "user" in record:
        accounts = record["account_ids"] if "account_ids" in record else [record.get("account_id")]
        for account in fields.account_ids(accounts):
            yield Kind.GRANT, f"{fields.email(record['user'])}:{account}"


class _RosterShards(NamedTuple):
    profile: str | None
    stacks: Mapping[tuple[Kind, str], InOtherStack]


class DeclaredShards:
    """What is in other stacks, by stack and roster."""

    def __init__(self, run: ProviderContext) -> None:
        """Start without a file."""
        self._run = run
        self._lock = threading.Lock()
        self._text = ""
        self._shards: dict[tuple[str, str, int], _RosterShards] = {}  # by line, too: a name may be used twice

    def other_stack(self, key: Key, urn: str) -> InOtherStack | None:
        """Return the other stack that the rosters in the stack of `urn` assign a key to, if any.

        :raises RefusedError: if the program failed before its records were read.
        """
        stack = _stack(urn)
        shards = self._of_stack(stack)
        if not shards and any(
            record["stack"] == stack for record in _parse_lines(read_left_behind(server_engine_address()))
        ):
            raise RefusedError(
                f"{key.kind.value} {key.id}: not deleted: the program ended before the provider could read which other"
                " stack of its roster has it; run again"
            )
        found = ((one.stacks.get((key.kind, key.id)), one.profile) for one in shards)
        return next((other for other, profile in found if other and may_be_at(self._run, key, profile)), None)

    def is_known(self, urn: str) -> bool:
        """Return whether the roster of this shard is recorded."""
        with self._lock:
            self._read()
            return any((stack, roster) == (_stack(urn), name_of(urn)) for stack, roster, _ in self._shards)

    def _of_stack(self, stack: str) -> list[_RosterShards]:
        with self._lock:
            self._read()
            return [shards for (one, _, _), shards in self._shards.items() if one == stack]

    def _read(self) -> None:
        """Keep the records so far, also after the program has ended."""
        text = read_run_file(server_engine_address())
        if text in ("", self._text):
            return
        self._text = text
        for number, record in enumerate(_parse_lines(text)):
            shards = _RosterShards(record["profile"], dict(_parse_stacks(record["elsewhere"])))
            self._shards[record["stack"], record["roster"], number] = shards


def _parse_lines(text: str) -> Iterator[Mapping[str, Any]]:
    for line in text.splitlines():
        if '"elsewhere"' not in line:
            continue
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict) and record.keys() >= {"elsewhere", "roster", "stack", "profile"}:
            yield record


def _parse_stacks(elsewhere: Mapping[str, Any]) -> Iterator[tuple[tuple[Kind, str], InOtherStack]]:
    for company_id, shard in elsewhere["companies"].items():
        yield (Kind.COMPANY, company_id), InOtherStack(shard)
    for email, (shard, accounts, is_exclusive) in elsewhere["people"].items():
        other = InOtherStack(shard, frozenset(accounts))
        yield (Kind.USER, email), other
        if is_exclusive:
            yield (Kind.GRANT_LIST, email), other
        for account in accounts:
            yield (Kind.GRANT, f"{email}:{account}"), other


def _stack(urn: str) -> str:
    return "::".join(stack_of(urn))
