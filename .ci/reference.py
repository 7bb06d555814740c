"""`make reference`: print docs/reference.md: the signatures and docstrings of public names, and `--help`."""

from __future__ import annotations

import ast
import inspect
import re
import sys
import textwrap
from dataclasses import is_dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

import click

import pulumi_conduit as conduit
from pulumi_conduit.cli.group import commands

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_INTRO = """\
# Reference

Every public name with its signature, and every command, made from the code by `make reference`. What resources do,
and what they do not, is said in [resources](resources.md), [a roster](roster.md) and [functions](functions.md); the
test kit in [testing](testing.md), the stand-in of the APIs in [sandbox](sandbox.md).
"""
_KINDS: dict[str, Callable[[Any], bool]] = {
    "Resources": lambda one: isinstance(one, type) and hasattr(one, "urn"),
    "Functions": inspect.isfunction,
    "Records": lambda one: isinstance(one, type) and is_dataclass(one),
    "Enums": lambda one: isinstance(one, type) and issubclass(one, Enum),
    "Errors": lambda one: isinstance(one, type) and issubclass(one, Exception),
}
_FIELD = re.compile(r"^:(?P<kind>param|raises) (?P<name>\w+): ")
_WORDS = {"param": "", "raises": "raises "}
_WIDTH = 100


def page() -> Iterator[str]:
    """Yield the page, part by part."""
    yield _INTRO
    yield "\n".join(f"- [{title}](#{title.lower().replace(' ', '-')})" for title in (*_KINDS, "Command line"))
    for title, is_kind in _KINDS.items():
        yield f"## {title}"
        for name in sorted(conduit.__all__):
            public = getattr(conduit, name)
            if is_kind(public):
                yield from _described(name, public)
    yield from _command_line()


def _described(name: str, public: Any) -> Iterator[str]:
    yield f"### {name}"
    if inspect.isfunction(public):
        yield _signature(name, public)
        yield from _prose(public)
        return
    yield from _prose(public)
    if hasattr(public, "urn"):
        yield _signature(name, public.__init__)
        yield from _prose(public.__init__)
        if "get" in dir(public):
            yield _signature(f"{name}.get", public.get)
            yield from _prose(public.get)
    if issubclass(public, Exception):
        yield f"A kind of `{public.__base__.__name__}`."
    yield from _attributes(public)


def _signature(name: str, function: Any) -> str:
    """Return a signature over several lines, with annotations as they are written."""
    parts, seen_star = [], False
    for one in inspect.signature(function).parameters.values():
        if one.name in {"self", "cls"}:
            continue
        if one.kind is inspect.Parameter.KEYWORD_ONLY and not seen_star:
            parts.append("*")
            seen_star = True
        default = "" if one.default is inspect.Parameter.empty else f" = {one.default!r}"
        parts.append(f"{one.name}: {one.annotation}{default}")
    returns = inspect.signature(function).return_annotation
    inside = "".join(f"\n    {part}," for part in parts)
    end = "" if returns in {"None", inspect.Signature.empty} else f" -> {returns}"
    return f"```text\n{name}({inside}{chr(10) if inside else ''}){end}\n```"


def _prose(documented: Any) -> Iterator[str]:
    """Yield a docstring, and its fields as a list."""
    text = inspect.cleandoc(documented.__doc__ or "")
    first, *fields = re.split(r"\n(?=:(?:param|raises) )", text)
    yield first.strip()
    if fields:
        yield "\n".join(_FIELD.sub(_item, " ".join(field.split())) for field in fields)


def _item(found: re.Match[str]) -> str:
    return f"- {_WORDS[found['kind']]}`{found['name']}`: "


def _attributes(public: Any) -> Iterator[str]:
    """Yield the attributes that a class says something of, and the values of an enum."""
    source: Any = ast.parse(textwrap.dedent(inspect.getsource(public))).body[0]
    items = []
    for one, after in zip(source.body, [*source.body[1:], None], strict=True):
        told = after.value.value if _is_text(after) else ""
        if isinstance(one, ast.AnnAssign):
            items.append(f"- `{ast.unparse(one.target)}: {ast.unparse(one.annotation)}`{_said(told)}")
        elif isinstance(one, ast.Assign) and issubclass(public, Enum):
            items.append(f"- `{ast.unparse(one.value)}`{_said(told)}".replace("'", '"'))
    if items:
        yield "Values:" if issubclass(public, Enum) else "Attributes:"
        yield "\n".join(items)


def _is_text(node: Any) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _said(text: str) -> str:
    return f": {' '.join(text.split())}" if text else ""


def _command_line() -> Iterator[str]:
    """Yield the help of the group and of each command."""
    yield "## Command line"
    group = click.Context(commands, info_name="pulumi-conduit", terminal_width=_WIDTH, max_content_width=_WIDTH)
    yield _help(group, commands)
    yield from _commands_of(group, commands, "")


def _commands_of(parent: click.Context, group: click.Group, before: str) -> Iterator[str]:
    for name in group.list_commands(parent):
        command: Any = group.get_command(parent, name)
        context = click.Context(command, parent, info_name=name)
        yield f"### {before}{name}"
        yield _help(context, command)
        if isinstance(command, click.Group):
            yield from _commands_of(context, command, f"{before}{name} ")


def _help(context: click.Context, command: click.Command) -> str:
    return f"```text\n{command.get_help(context)}\n```"


if __name__ == "__main__":
    sys.stdout.write("\n\n".join(part.strip() for part in page()) + "\n")
