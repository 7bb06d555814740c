"""Parses YAML into nodes: no aliases, anchors, tags or duplicate keys; every scalar is text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unicodedata import normalize

import yaml

from pulumi_conduit.errors import escaped
from pulumi_conduit.roster.source import Entry, InvalidNode, MappingNode, Node, Position, Problems, Scalar, SequenceNode

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["parse_yaml"]

# libyaml is in every wheel of PyYAML and some twenty times as fast.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MAX_DEPTH = 16


def parse_yaml(text: str, file: str, problems: Problems) -> Node:
    """Return the one document of a text; a syntax error is a problem, and an `InvalidNode`."""
    try:
        return _Builder(text, file, problems).document()
    except _TooDeep as error:
        problems.add(error.at, f"is nested deeper than {_MAX_DEPTH} levels")
        return InvalidNode(error.at)
    except yaml.YAMLError as error:
        at = _mark_of(error, file)
        problems.add(at, f"is not valid YAML: {escaped(_reason_of(error))}")
        return InvalidNode(at)


class _TooDeep(Exception):  # noqa: N818 - it never leaves this module
    """The text is nested too deeply."""

    def __init__(self, at: Position) -> None:
        super().__init__(at)
        self.at = at


class _Builder:
    """Turns events into nodes."""

    def __init__(self, text: str, file: str, problems: Problems) -> None:
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=_LOADER)
        self._file = file
        self._problems = problems

    def document(self) -> Node:
        """Return the only document."""
        next(self._events)  # the start of the stream
        event = next(self._events)
        if isinstance(event, yaml.StreamEndEvent):
            return self._broken(self._at(event), "is empty")
        root = self._node(next(self._events), depth=1)
        next(self._events)  # the end of the document
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            self._problems.add(self._at(after), "a second document; a roster is one")
        return root

    def _node(self, event: yaml.Event, depth: int) -> Node:
        at = self._at(event)
        if isinstance(event, yaml.AliasEvent):
            return self._broken(at, f"an alias, '*{escaped(str(event.anchor), 80)}': not supported, write it out")
        self._refuse_properties(event, at)
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(normalize("NFC", event.value), at)  # an escape may be decomposed, in a key, too
        if depth > _MAX_DEPTH:
            raise _TooDeep(at)
        if isinstance(event, yaml.SequenceStartEvent):
            return SequenceNode(tuple(self._items(depth)), at)
        return MappingNode(self._entries(depth), at)

    def _items(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            yield self._node(event, depth + 1)

    def _entries(self, depth: int) -> dict[str, Entry]:
        entries: dict[str, Entry] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            value = self._node(next(self._events), depth + 1)
            if not isinstance(key, Scalar):
                self._broken(key.at, "a key must be text")
            elif key.text in entries:
                first = entries[key.text].at.line
                self._broken(key.at, f"the key '{escaped(key.text, 80)}' is duplicate; first in line {first}")
            else:
                entries[key.text] = Entry(key.at, value)
        return entries

    def _refuse_properties(self, event: yaml.Event, at: Position) -> None:
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        if anchor is not None:
            self._problems.add(at, f"an anchor, '&{escaped(anchor, 80)}': not supported")
        if tag is not None:
            self._problems.add(at, f"a tag, '{escaped(tag, 80)}': not supported, every value is text")

    def _broken(self, at: Position, reason: str) -> InvalidNode:
        self._problems.add(at, reason)
        return InvalidNode(at)

    def _at(self, event: yaml.Event) -> Position:
        return _shown(event.start_mark, self._file)


def _mark_of(error: yaml.YAMLError, file: str) -> Position:
    return _shown(getattr(error, "problem_mark", None) or getattr(error, "context_mark", None), file)


def _shown(mark: Any, file: str) -> Position:
    """Return a mark as a position; libyaml's class differs from pure Python's."""
    return Position(file, mark.line + 1, mark.column + 1) if mark else Position(file, 1, 1)


def _reason_of(error: yaml.YAMLError) -> str:
    parts = (getattr(error, name, None) for name in ("context", "problem", "reason"))
    return ", ".join(part for part in parts if part)
