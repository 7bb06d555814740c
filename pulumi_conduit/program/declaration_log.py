"""What the running program declares, noted in its run file before the engine hears of it.

A `check` sees only what the engine takes part in; a program knows all that it declares. Noted are the resource and what
names its object: addresses, ids and the profile, never a credential or a secret. What is not known yet is noted as
such, and again when it is. That the top level of the program has run is noted, too: a reactivation waits for it. Runs
in the program only. A program that cannot note what it declares fails at once: a run that leaves a part of it out would
take access from people whom it declares.
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
from pulumi_conduit.program.resource_options import ignores, qualified_type, when_top_level_has_run
from pulumi_conduit.run_file import RunFile, describe_folders

__all__ = ["log_declaration", "log_other_stacks"]

_NAMING = ("company_id", "email", "user", "account_id", "account_ids", "profile")
_PROGRAM = "run_in_stack"  # the coroutine that the SDK runs a program in, until the engine has no more to do

_FILES: weakref.WeakKeyDictionary[Any, RunFile | None] = weakref.WeakKeyDictionary()
_ADDRESSES: weakref.WeakKeyDictionary[pulumi.Output[Any], Any] = weakref.WeakKeyDictionary()
_OWNERS: weakref.WeakKeyDictionary[pulumi.Output[Any], str] = weakref.WeakKeyDictionary()
_WAITING: set[asyncio.Future[None]] = set()  # the loop itself does not hold what it runs


def log_declaration(resource: pulumi.CustomResource, name: str, arguments: Mapping[str, Any]) -> None:
    """Note which object a resource declares, now or as soon as that is known.

    It is noted, too, that its values are not known yet, or never: a reactivation depends on all grants of a user, and
    what nobody knows may be what a delete is about.

    :raises InvalidInputError: where nothing can be noted.
    """
    file, lineage = _run_file(), qualified_type(resource)
    if file is None:
        return
    stack = f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}"
    naming = {one: _known(arguments[one]) for one in _NAMING if arguments.get(one) is not None}
    if lineage is None:
        _note_nameless(file, {"name": name, "stack": stack}, naming)
        return
    urn = f"{stack}::{lineage}::{name}"
    if "email" in naming:
        _remember_user(resource, urn, naming["email"])
    if ignores(resource, _NAMING):
        naming["ignored"] = "accounts" if "user" in naming and not ignores(resource, ["user"]) else "user"
    known = _noted(urn, naming)
    pending = _Unsettled(file, urn, arguments, naming)
    if not file.append(known or pending.said("pending")):
        raise InvalidInputError(_unnoted(name))
    if known is None:
        waiting = asyncio.ensure_future(_note_later(pending))
        _WAITING.add(waiting)
        waiting.add_done_callback(_WAITING.discard)


def _remember_user(user: Any, urn: str, email: Any) -> None:
    for output in (user.id, user.email):
        _OWNERS[output] = urn
        if not ignores(user, ["email"]):
            _ADDRESSES[output] = email


def log_other_stacks(roster: str, profile: str | None, elsewhere: Mapping[str, Any]) -> bool:
    """Note what a roster gives to other stacks; say whether that is noted, without which none may be deleted here."""
    if isinstance(get_engine(), MockEngine):
        return True  # nothing is deleted, either
    file = _run_file()
    if file is None:
        return False
    file.keep_as_evidence()
    stack = f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}"
    return file.append(json.dumps({"elsewhere": elsewhere, "roster": roster, "stack": stack, "profile": profile}))


def _known(value: Any) -> Any:
    """Return the address that an output of a user stands for: in a run that leaves the user out it has none."""
    return _ADDRESSES.get(value, value) if isinstance(value, pulumi.Output) else value


def _unnoted(what: str) -> str:
    return (
        f"{escaped(what, 80)}: what it declares cannot be noted for the provider, without which a run that leaves a"
        " part of a program out could take access from people whom the program declares; see that one of these folders"
        f" can be made or is private to this user, and that its disk is not full: {describe_folders()}"
    )


def _noted(urn: str, naming: Mapping[str, Any]) -> str | None:
    """Return a line that names an object; None where not all of that is known."""
    try:
        return json.dumps({**naming, "urn": urn})
    except (TypeError, ValueError):
        return None


def _note_nameless(file: RunFile, place: Mapping[str, Any], naming: Mapping[str, Any]) -> None:
    """Note a grant whose URN cannot be told: for the access that it declares, not as an owner of anything."""
    if "user" in naming:
        plain = {one: value for one, value in naming.items() if _is_plain(value)}
        file.append(json.dumps({**place, "nameless": plain, "is_whole": plain.keys() == naming.keys()}))


class _Unsettled(NamedTuple):
    """A declaration some of whose values are not known."""

    file: RunFile
    urn: str
    arguments: Mapping[str, Any]
    naming: Mapping[str, Any]

    def said(self, state: str) -> str:
        """Say which values are known, in the place of the others that nobody knows them, and of a grant whose it is."""
        known = {one: value for one, value in self.naming.items() if _is_plain(value)}
        unknown = sorted(self.naming.keys() - known.keys())
        said = {**dict.fromkeys(self.naming), **known, "urn": self.urn, "unknown": unknown}
        if "user" in self.naming:
            given = self.arguments["user"]
            owner = _OWNERS.get(given) if isinstance(given, pulumi.Output) else None
            is_list = "account_ids" in self.naming
            said |= {"unsettled": state, "known": known, "owner": owner, "is_list": is_list}
        return json.dumps(said)


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return isinstance(value, str | int | float)


async def _note_later(one: _Unsettled) -> None:
    try:
        line = _noted(one.urn, {name: await _settled(value) for name, value in one.naming.items()})
    except Exception:  # noqa: BLE001 - whatever failed is told by the resource that it belongs to
        line = None
    one.file.append(line or one.said("unknown"))


async def _settled(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [await _settled(one) for one in value]
    if not isinstance(value, pulumi.Output):
        return value
    if await value.is_secret() or not await value.is_known():
        raise ValueError("not to be noted")
    return await _settled(await value.future())


def _run_file() -> RunFile | None:
    root = get_root_resource()
    if root is None:
        return None
    if root not in _FILES:
        _FILES[root] = _opened(root)
    return _FILES[root]


def _opened(root: pulumi.Resource) -> RunFile | None:
    """Return a new file, in a preview, too: what a reactivation takes away depends on all that is declared."""
    address, program = _engine_address(), _program()
    if address is None or program is None:
        return None
    file = RunFile.open(address)
    if file is None:
        raise InvalidInputError(_unnoted("this program"))
    program.add_done_callback(lambda ended: _end(file, ended))
    weakref.finalize(root, file.abandon)  # an interrupt ends the loop before it comes to that
    mark = json.dumps({"stack": f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}", "top_level": "has run"})
    when_top_level_has_run(root, lambda: _note_mark(file, mark))
    return file


def _note_mark(file: RunFile, mark: str) -> None:
    file.append(mark)


def _end(file: RunFile, program: asyncio.Task[Any]) -> None:
    if program.cancelled() or program.exception() is not None:
        file.abandon()
    else:
        file.close()


def _engine_address() -> str | None:
    """Return the address that the SDK was given, which it keeps in no other place than its connection."""
    target = getattr(getattr(get_engine(), "Log", None), "_target", None)
    return target.decode() if isinstance(target, bytes) else None


def _program() -> asyncio.Task[Any] | None:
    """Return the task that lasts as long as the program."""
    try:
        tasks = asyncio.all_tasks()
    except RuntimeError:
        return None
    return next((task for task in tasks if getattr(task.get_coro(), "__name__", None) == _PROGRAM), None)
