"""Records the running program's declarations in its run file, before they are registered with the engine.

A `check` sees only the resources that the engine processes (`--target`, `--exclude`); the program knows all. Recorded
are the resource and the object's key: addresses, ids and the profile, never a secret. Values that are not known yet are
recorded as pending, and again when they are known. The end of the program's top level is recorded, too: a reactivation
waits for it. Runs in the program only. A program that cannot record its declarations fails, because a run with
`--target` could then revoke access that it declares.
"""

from __future__ import annotations

import asyncio
import json
import weakref
from collections.abc import Mapping
from typing import Any, NamedTuple

import pulumi
from pulumi.runtime import get_root_resource
from pulumi.runtime.mocks import MockEngine
from pulumi.runtime.settings import get_engine

from pulumi_conduit.errors import InvalidInputError, escaped
from pulumi_conduit.program.program_hooks import ignores, qualified_type, when_top_level_has_run
from pulumi_conduit.run_file import RunFile, describe_folders
from pulumi_conduit.sdk_internals import program_engine_address, program_task

__all__ = ["log_declaration", "log_other_stacks"]

_NAMING = ("company_id", "email", "user", "account_id", "account_ids", "profile")

_FILES: weakref.WeakKeyDictionary[Any, RunFile | None] = weakref.WeakKeyDictionary()
_ADDRESSES: weakref.WeakKeyDictionary[pulumi.Output[Any], Any] = weakref.WeakKeyDictionary()
_OWNERS: weakref.WeakKeyDictionary[pulumi.Output[Any], str] = weakref.WeakKeyDictionary()
_WAITING: set[asyncio.Future[None]] = set()  # the loop itself does not hold what it runs


def log_declaration(resource: pulumi.CustomResource, name: str, arguments: Mapping[str, Any]) -> None:
    """Record which object a resource declares, now or as soon as that is known.

    Unknown values are recorded as pending or unknown: a reactivation depends on all grants of a user, and an unknown
    declaration may be of the object that a delete is about.

    :raises InvalidInputError: if the run file cannot be written.
    """
    file, lineage = _run_file(), qualified_type(resource)
    if file is None:
        return
    stack = f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}"
    naming = {one: _known(arguments[one]) for one in _NAMING if arguments.get(one) is not None}
    if lineage is None:
        _log_without_urn(file, {"name": name, "stack": stack}, naming)
        return
    urn = f"{stack}::{lineage}::{name}"
    if "email" in naming:
        _remember_user(resource, urn, naming["email"])
    if ignores(resource, _NAMING):
        naming["ignored"] = "accounts" if "user" in naming and not ignores(resource, ["user"]) else "user"
    known = _line(urn, naming)
    pending = _PartlyKnown(file, urn, arguments, naming)
    if not file.append(known or pending.line("pending")):
        raise InvalidInputError(_unwritable(name))
    if known is None:
        waiting = asyncio.ensure_future(_log_later(pending))
        _WAITING.add(waiting)
        waiting.add_done_callback(_WAITING.discard)


def _remember_user(user: Any, urn: str, email: Any) -> None:
    for output in (user.id, user.email):
        _OWNERS[output] = urn
        if not ignores(user, ["email"]):
            _ADDRESSES[output] = email


def log_other_stacks(roster: str, profile: str | None, elsewhere: Mapping[str, Any]) -> bool:
    """Record what a roster assigns to other stacks; return whether it was written, without which no delete is safe."""
    if isinstance(get_engine(), MockEngine):
        return True  # mocks delete nothing
    file = _run_file()
    if file is None:
        return False
    file.keep_as_evidence()
    stack = f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}"
    return file.append(json.dumps({"elsewhere": elsewhere, "roster": roster, "stack": stack, "profile": profile}))


def _known(value: Any) -> Any:
    """Return the address behind an output of a user, which is unknown in a run that excludes the user."""
    return _ADDRESSES.get(value, value) if isinstance(value, pulumi.Output) else value


def _unwritable(what: str) -> str:
    return (
        f"{escaped(what, 80)}: the run file for its declarations cannot be written, and without it a run with"
        " --target or --exclude could revoke access that the program declares; make one of these folders writable and"
        f" private to this user, with free disk space: {describe_folders()}"
    )


def _line(urn: str, naming: Mapping[str, Any]) -> str | None:
    """Return the line for an object; None if not all values are known."""
    try:
        return json.dumps({**naming, "urn": urn})
    except (TypeError, ValueError):
        return None


def _log_without_urn(file: RunFile, place: Mapping[str, Any], naming: Mapping[str, Any]) -> None:
    """Record a grant whose URN is unknown: for its access, not as an owner of an object."""
    if "user" in naming:
        plain = {one: value for one, value in naming.items() if _is_plain(value)}
        unknown = sorted(naming.keys() - plain.keys())
        file.append(json.dumps({**place, "nameless": plain, "is_whole": not unknown, "unknown": unknown}))


class _PartlyKnown(NamedTuple):
    """A declaration with unknown values."""

    file: RunFile
    urn: str
    arguments: Mapping[str, Any]
    naming: Mapping[str, Any]

    def line(self, state: str) -> str:
        """Return the line with the known values, null for the others, and a grant's owner."""
        known = {one: value for one, value in self.naming.items() if _is_plain(value)}
        unknown = sorted(self.naming.keys() - known.keys())
        entry = {**dict.fromkeys(self.naming), **known, "urn": self.urn, "unknown": unknown}
        if "user" in self.naming:
            given = self.arguments["user"]
            owner = _OWNERS.get(given) if isinstance(given, pulumi.Output) else None
            is_list = "account_ids" in self.naming
            entry |= {"unsettled": state, "known": known, "owner": owner, "is_list": is_list}
        return json.dumps(entry)


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return isinstance(value, str | int | float)


async def _log_later(one: _PartlyKnown) -> None:
    try:
        line = _line(one.urn, {name: await _resolve(value) for name, value in one.naming.items()})
    except Exception:  # noqa: BLE001 - the resource itself reports the error
        line = None
    one.file.append(line or one.line("unknown"))


async def _resolve(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [await _resolve(one) for one in value]
    if not isinstance(value, pulumi.Output):
        return value
    if await value.is_secret() or not await value.is_known():
        raise ValueError("secret or unknown")
    return await _resolve(await value.future())


def _run_file() -> RunFile | None:
    root = get_root_resource()
    if root is None:
        return None
    if root not in _FILES:
        _FILES[root] = _open_file(root)
    return _FILES[root]


def _open_file(root: pulumi.Resource) -> RunFile | None:
    """Return a new file, in a preview, too: what a reactivation revokes depends on all declarations."""
    address, program = program_engine_address(), program_task()
    if address is None or program is None:
        return None
    file = RunFile.open(address)
    if file is None:
        raise InvalidInputError(_unwritable("this program"))
    program.add_done_callback(lambda ended: _end(file, ended))
    weakref.finalize(root, file.abandon)  # an interrupt ends the loop before the callback
    mark = json.dumps({"stack": f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}", "top_level": "has run"})
    when_top_level_has_run(root, lambda: _log_mark(file, mark))
    return file


def _log_mark(file: RunFile, mark: str) -> None:
    file.append(mark)


def _end(file: RunFile, program: asyncio.Task[Any]) -> None:
    if program.cancelled() or program.exception() is not None:
        file.abandon()
    else:
        file.close()
