"""What the running program declares, noted in its run file before the engine hears of it.

A `check` sees only what the engine takes part in; a program knows all that it declares. Noted are the resource and what
names its object: addresses, ids and the profile, never a credential. What is not known yet is noted when it is, and
nobody waits for that. Runs in the program only; must not fail it.
"""

from __future__ import annotations

import asyncio
import json
import weakref
from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.runtime import get_root_resource, is_dry_run
from pulumi.runtime.mocks import MockEngine
from pulumi.runtime.settings import get_engine

from pulumi_conduit.adapters.inheritance import qualified_type
from pulumi_conduit.adapters.run_file import RunFile

__all__ = ["note_declaration", "note_elsewhere"]

_NAMING = ("company_id", "email", "user", "account_id", "account_ids", "profile")
_PROGRAM = "run_in_stack"  # the coroutine that the SDK runs a program in, until the engine has no more to do

_FILES: weakref.WeakKeyDictionary[Any, RunFile | None] = weakref.WeakKeyDictionary()
_ADDRESSES: weakref.WeakKeyDictionary[pulumi.Output[Any], str] = weakref.WeakKeyDictionary()
_WAITING: set[asyncio.Future[None]] = set()  # the loop itself does not hold what it runs


def note_declaration(resource: pulumi.CustomResource, name: str, arguments: Mapping[str, Any]) -> None:
    """Note which object a resource declares, now or as soon as that is known."""
    file, lineage = _run_file(), qualified_type(resource)
    if file is None or lineage is None:
        return
    urn = f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::{lineage}::{name}"
    naming = {one: _known(arguments[one]) for one in _NAMING if arguments.get(one) is not None}
    if isinstance(naming.get("email"), str):
        _ADDRESSES[resource.id] = _ADDRESSES[resource.email] = naming["email"]  # type: ignore[attr-defined]
    if not _note(file, urn, naming):
        waiting = asyncio.ensure_future(_note_later(file, urn, naming))
        _WAITING.add(waiting)
        waiting.add_done_callback(_WAITING.discard)


def note_elsewhere(roster: str, profile: str | None, elsewhere: Mapping[str, Any]) -> bool:
    """Note what a roster gives to other stacks; say whether that is noted, without which none may be deleted here."""
    if isinstance(get_engine(), MockEngine):
        return True  # nothing is deleted, either
    file = _run_file(also_in_preview=True)
    if file is None:
        return False
    file.keep_as_evidence()
    stack = f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}"
    return file.note(json.dumps({"elsewhere": elsewhere, "roster": roster, "stack": stack, "profile": profile}))


def _known(value: Any) -> Any:
    """Return the plain address that an output of a user stands for: in a run that leaves the user out it has none."""
    return _ADDRESSES.get(value, value) if isinstance(value, pulumi.Output) else value


def _note(file: RunFile, urn: str, naming: Mapping[str, Any]) -> bool:
    try:
        file.note(json.dumps({**naming, "urn": urn}))
    except (TypeError, ValueError):
        return False
    return True


async def _note_later(file: RunFile, urn: str, naming: Mapping[str, Any]) -> None:
    try:
        _note(file, urn, {name: await _settled(value) for name, value in naming.items()})
    except Exception:  # noqa: BLE001 - whatever failed is told by the resource that it belongs to
        return


async def _settled(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [await _settled(one) for one in value]
    if not isinstance(value, pulumi.Output):
        return value
    if await value.is_secret() or not await value.is_known():
        raise ValueError("not to be noted")
    return await _settled(await value.future())


def _run_file(*, also_in_preview: bool = False) -> RunFile | None:
    root = get_root_resource()
    if root is None:
        return None
    if root not in _FILES or (also_in_preview and _FILES[root] is None):
        _FILES[root] = _opened(root, also_in_preview=also_in_preview)
    return _FILES[root]


def _opened(root: pulumi.Resource, *, also_in_preview: bool = False) -> RunFile | None:
    """Return a new file; a preview deletes nothing, and has one only where its plan depends on being heard."""
    address, program = _engine_address(), _program()
    if address is None or program is None or (is_dry_run() and not also_in_preview):
        return None
    file = RunFile.open(address)
    if file is not None:
        program.add_done_callback(lambda ended: _end(file, ended))
        weakref.finalize(root, file.abandon)  # an interrupt ends the loop before it comes to that
    return file


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
