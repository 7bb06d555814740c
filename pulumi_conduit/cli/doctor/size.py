"""How large a stack is, and what that asks for: self-managed backends write the whole state after every step."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pulumi_conduit.cli.doctor.findings import Code, Finding
from pulumi_conduit.cli.pulumi_command import pulumi, stack_export
from pulumi_conduit.cli.stack_export import Export, read_export
from pulumi_conduit.errors import ConduitError, escaped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pulumi_conduit.cli.doctor.subject import Subject

__all__ = ["size"]

_MANY = 200
_TOO_MANY = 3000
_SKIP = "PULUMI_SKIP_CHECKPOINTS"
_TRUE = ("1", "true", "t")


def size(subject: Subject) -> Iterator[Finding]:
    """Count a stack's resources, and advise on checkpoints and on the number of stacks."""
    if subject.stack is None:
        return
    try:
        export = read_export(stack_export(subject.stack, subject.folder), f"stack {subject.stack}")
        scheme = _backend(subject)
    except ConduitError as error:
        yield Finding(Code.SIZE_UNKNOWN, str(error), "make `pulumi stack export` work, then look again")
        return
    yield Finding(Code.SIZE, f"{escaped(export.stack)} has {_counted(export)}, and lies on a backend of kind {scheme}")
    if scheme not in ("https", "http"):
        yield from _checkpoints(export, subject.environ.get(_SKIP, "").lower() in _TRUE)
    if len(export.ours) >= _TOO_MANY:
        text = f"{len(export.ours)} resources in one stack: each run reads and writes them all"
        yield Finding(Code.SEVERAL_STACKS, text, "split the people into several stacks")


def _backend(subject: Subject) -> str:
    """Return the scheme of the backend's URL; the URL itself may hold a password."""
    told = pulumi("whoami", "--json", folder=subject.folder, what="the backend", instead="")
    try:
        if scheme := urlsplit(str(json.loads(told)["url"])).scheme:
            return escaped(scheme, 20)
    except (ValueError, TypeError, KeyError):
        pass
    raise ConduitError("`pulumi whoami` does not say which backend it uses")


def _counted(export: Export) -> str:
    kinds = Counter(one.kind.value for one in export.ours)
    ours = ", ".join(f"{count} of kind {kind}" for kind, count in sorted(kinds.items()))
    return f"{len(export.ours)} resources of ours{f' ({ours})' if ours else ''} and {export.others} of others"


def _checkpoints(export: Export, is_skipping: bool) -> Iterator[Finding]:  # noqa: FBT001 - there is one flag
    if is_skipping and export.others:
        text = f"{_SKIP} is set, and the stack has {export.others} resources of other providers"
        advice = (
            "unset it for this stack: a run that is killed would make those twice. Or give them a stack of their own"
        )
        yield Finding(Code.CHECKPOINTS_UNSAFE, text, advice)
    elif is_skipping:
        yield Finding(Code.CHECKPOINTS_SKIPPED, f"{_SKIP} is set, and safe: the stack has resources of ours only")
    elif len(export.ours) >= _MANY and export.others:
        text = (
            f"most of a large run is spent on checkpoints, and {export.others} resources of others forbid to skip them"
        )
        yield Finding(Code.CHECKPOINTS, text, f"give ours a stack of their own, and set {_SKIP}=true for that one")
    elif len(export.ours) >= _MANY:
        text = "most of a run with many changes is spent on checkpoints, and this stack can do without"
        yield Finding(Code.CHECKPOINTS, text, f"set {_SKIP}=true; after a kill run the same program again")
