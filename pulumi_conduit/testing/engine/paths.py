"""Paths into property values: `a.b[0]["c d"].*`, as `ignore_changes` and `replace_on_changes` write them.

The semantics are those of Pulumi's `sdk/go/common/resource/properties_path.go`.
"""

from __future__ import annotations

import re
from typing import Any, TypeAlias

from pulumi_conduit.testing.engine.values import Secret, mark_secret

__all__ = ["Path", "contains", "parse", "reset", "text"]

Path: TypeAlias = tuple["str | int", ...]

_PART = re.compile(r"""\.?([^."\[\]]+)|\[(\d+)\]|\[\*\]|\["((?:[^"\\]|\\.)*)"\]""")
_NAME = re.compile(r"[^.\[\]\"]+")


def parse(written: str) -> Path | None:
    """Return the parts of a path, or None where it is not one."""
    parts: list[str | int] = []
    position = 0
    while position < len(written):
        found = _PART.match(written, position)
        if found is None:
            return None
        name, index, quoted = found.groups()
        parts.append(int(index) if index else _unquoted(quoted) if quoted is not None else name or "*")
        position = found.end()
    return tuple(parts) or None


def _unquoted(quoted: str) -> str:
    return re.sub(r"\\(.)", r"\1", quoted)


def text(path: Path) -> str:
    """Write a path."""
    written = ""
    for part in path:
        if isinstance(part, int):
            written += f"[{part}]"
        elif _NAME.fullmatch(part):
            written += f".{part}" if written else part
        else:
            written += '["' + part.replace('"', '\\"') + '"]'
    return written


def contains(outer: Path, inner: Path) -> bool:
    """Return whether `inner` is `outer` or lies beneath it; `*` stands for any part."""
    return len(inner) >= len(outer) and all(one in ("*", other) for one, other in zip(outer, inner, strict=False))


def reset(path: Path, old: Any, new: Any, *, old_secret: bool = False, new_secret: bool = False) -> bool:
    """Give `new`, in place, the value that `old` has at a path; return False where the path cannot be followed."""
    old, old_secret = _open(old, secret=old_secret)
    new, new_secret = _open(new, secret=new_secret)
    part, rest = path[0], path[1:]
    if not rest:
        return _reset_leaf(part, old, new, hide=old_secret and not new_secret)
    if part == "*":
        return _reset_each(rest, old, new, old_secret=old_secret, new_secret=new_secret)
    if isinstance(part, int):
        found = _at_index(part, old, new)
        return found if isinstance(found, bool) else reset(rest, *found, old_secret=old_secret, new_secret=new_secret)
    if not isinstance(old, dict) or not isinstance(new, dict):
        return not isinstance(old, dict) and not isinstance(new, dict)
    if part not in new:
        return part not in old
    return reset(rest, old.get(part), new[part], old_secret=old_secret, new_secret=new_secret)


def _at_index(index: int, old: Any, new: Any) -> tuple[Any, Any] | bool:
    """Return what both have at an index, or how the path ends there."""
    if not isinstance(old, list) or not isinstance(new, list):
        return not isinstance(old, list) and not isinstance(new, list)
    return (old[index], new[index]) if index < len(old) and index < len(new) else False


def _open(value: Any, *, secret: bool) -> tuple[Any, bool]:
    while isinstance(value, Secret):
        value, secret = value.value, True
    return value, secret


def _reset_leaf(part: str | int, old: Any, new: Any, *, hide: bool) -> bool:
    if part == "*":
        return _reset_all(old, new, hide=hide)
    if isinstance(part, int):
        return _reset_index(part, old, new, hide=hide)
    if isinstance(old, dict) and part in old:
        if not isinstance(new, dict):
            return False
        new[part] = _hidden(old[part], hide=hide)
    elif isinstance(new, dict):
        new.pop(part, None)
    return True


def _reset_index(index: int, old: Any, new: Any, *, hide: bool) -> bool:
    if not isinstance(old, list) or not isinstance(new, list):
        return not isinstance(old, list) and not isinstance(new, list)
    if index >= len(old) or index >= len(new):
        return index >= len(old) and index >= len(new)
    new[index] = _hidden(old[index], hide=hide)
    return True


def _reset_all(old: Any, new: Any, *, hide: bool) -> bool:
    if isinstance(new, dict):
        if isinstance(old, dict):
            new.clear()
            new.update({name: _hidden(value, hide=hide) for name, value in old.items()})
        return True
    if isinstance(new, list):
        if isinstance(old, list):
            for index in range(min(len(old), len(new))):
                new[index] = _hidden(old[index], hide=hide)
            return len(old) == len(new)
        return True
    return False


def _reset_each(rest: Path, old: Any, new: Any, *, old_secret: bool, new_secret: bool) -> bool:
    if isinstance(old, dict) and isinstance(new, dict):
        pairs = [(old[name], new.get(name, KeyError)) for name in old]
    elif isinstance(old, list) and isinstance(new, list):
        pairs = list(zip(old, new, strict=False))
    else:
        return False
    for one, other in pairs:
        if other is KeyError or not reset(rest, one, other, old_secret=old_secret, new_secret=new_secret):
            return False
    return isinstance(old, dict) or len(old) == len(new)


def _hidden(value: Any, *, hide: bool) -> Any:
    return mark_secret(value) if hide else value
