"""Random changes of a program: what people do to theirs from one run to the next."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from random import Random

from .program_parts import Kind, ProgramPart, ProgramParts, without

FOUND = ("found1", "found2")
"""Keys of objects that nobody declared; a course puts them into the world for programs to get."""

_KINDS: list[Kind] = ["Toy", "Toy", "Toy", "Toy", "Toy", "Toy", "Toy", "Gadget", "Gadget", "Got", "Group", "Provider"]
_LETTERS: dict[Kind, str] = {"Toy": "t", "Gadget": "g", "Got": "f", "Group": "c", "Provider": "p"}
_TYPE = "pulumi-python:dynamic/toy:{kind}"
_INPUTS = {
    "size": ["1", "2", "2.5", "Output.secret(3)"],
    "tags": ["[]", "['x']", "['x', 'y']", "['x', Output.secret('z')]"],
    "deep": ["{}", "{'x': 1}", "{'x': 2, 'y': [1]}", "{'x': Output.secret(1)}"],
    "pw": ["'open'", "Output.secret('hidden')", "Output.secret('deeper')"],
    "says": ["'unknown'"],
    "mute": ["True"],
    "fill": ["{'size': 9}"],
    "emit": ["{'extra': 1}", "{'extra': {'a': [1]}}"],
}
_OPTIONS = {
    "retain_on_delete": ["True"],
    "ignore_changes": ["['size']", "['deep.x']", "['*']"],
    "replace_on_changes": ["['size']", "['tags']", "['*']"],
    "additional_secret_outputs": ["['serial']"],
    "custom_timeouts": ["pulumi.CustomTimeouts(create='5m')"],
}
_LINEAR_INPUTS = {"delete_first": ["True"]}
_LINEAR_OPTIONS = {"protect": ["True"], "delete_before_replace": ["True", "False"]}


@dataclass
class Fresh:
    """Names never used before."""

    count: int = field(default=0)

    def __call__(self, letter: str) -> str:
        """Return the next name."""
        self.count += 1
        return f"{letter}{self.count}"


@dataclass
class Author:
    """Someone who changes a program at random."""

    random: Random
    is_linear: bool
    fresh: Fresh = field(default_factory=Fresh)

    def change(self, parts: ProgramParts) -> ProgramParts:
        """Return the program after one change."""
        if len(parts) < 2:
            return self.add(parts)
        return self.random.choice(self._changes())(parts)

    def _changes(self) -> list[Callable[[ProgramParts], ProgramParts]]:
        often = [self.add, self.add, self.remove, self.edit, self.edit, self.rekey, self.connect]
        return [*often, self.opt, self.rename, self.move, self.retype, self.serve, self.replace_on]

    def add(self, parts: ProgramParts) -> ProgramParts:
        """Declare something, at any place."""
        kind = self.random.choice(_KINDS)
        at = self.random.randint(0, len(parts))
        made = ProgramPart(self.fresh(_LETTERS[kind]), kind, self._key(kind))
        made = self._edited(self._connected(made, parts[:at]))
        return (*parts[:at], made, *parts[at:])

    def remove(self, parts: ProgramParts) -> ProgramParts:
        """Declare something no more."""
        return without(parts, self.random.choice(parts).label)

    def edit(self, parts: ProgramParts) -> ProgramParts:
        """Change an input."""
        return self._at_any(parts, lambda part, _: self._edited(part))

    def rekey(self, parts: ProgramParts) -> ProgramParts:
        """Change a natural key, which replaces."""
        return self._at_any(parts, lambda part, _: replace(part, key=self._key(part.kind)))

    def connect(self, parts: ProgramParts) -> ProgramParts:
        """Let something depend on something else."""
        return self._at_any(parts, self._connected)

    def opt(self, parts: ProgramParts) -> ProgramParts:
        """Set an option or drop one."""
        return self._at_any(parts, lambda part, _: self._opted(part))

    def rename(self, parts: ProgramParts) -> ProgramParts:
        """Give something a new label, with an alias or without."""
        old = self.random.choice(parts)
        aliases = (f"Alias(name='{old.label}')",) if self.random.random() < 0.7 else ()
        new = replace(old, label=self.fresh(_LETTERS[old.kind]), aliases=aliases)
        return tuple(new if one is old else one.relabelled(old.label, new.label) for one in parts)

    def move(self, parts: ProgramParts) -> ProgramParts:
        """Give something a new parent, with an alias or without."""
        return self._at_any(parts, self._moved)

    def retype(self, parts: ProgramParts) -> ProgramParts:
        """Give something another type, with an alias."""
        return self._at_any(parts, lambda part, _: _retyped(part))

    def serve(self, parts: ProgramParts) -> ProgramParts:
        """Give something another provider."""
        return self._at_any(parts, self._served)

    def replace_on(self, parts: ProgramParts) -> ProgramParts:
        """Let something be replaced with what it is made of."""
        return self._at_any(parts, lambda part, _: _replaced_with(part))

    def _at_any(self, parts: ProgramParts, change: Callable[[ProgramPart, ProgramParts], ProgramPart]) -> ProgramParts:
        at = self.random.randrange(len(parts))
        return (*parts[:at], change(parts[at], parts[:at]), *parts[at + 1 :])

    def _key(self, kind: Kind) -> str:
        if kind in ("Group", "Provider"):
            return ""
        return self.random.choice(FOUND) if kind == "Got" else self.fresh("k")

    def _edited(self, part: ProgramPart) -> ProgramPart:
        if part.kind == "Provider":
            return replace(part, inputs={"profile": repr(self.fresh("v"))})
        menu = {**_INPUTS, **(_LINEAR_INPUTS if self.is_linear else {})}
        key = self.random.choice(list(menu))
        return replace(part, inputs=self._turned(part.inputs, key, menu[key]))

    def _opted(self, part: ProgramPart) -> ProgramPart:
        if not part.is_object:
            return part
        menu = {**_OPTIONS, **(_LINEAR_OPTIONS if self.is_linear else {})}
        key = self.random.choice(list(menu))
        return replace(part, options=self._turned(part.options, key, menu[key]))

    def _turned(self, texts: Mapping[str, str], key: str, menu: list[str]) -> dict[str, str]:
        """Return the texts with one set, or dropped where it was set."""
        kept = {one: text for one, text in texts.items() if one != key}
        if key in texts and self.random.random() < 0.5:
            return kept
        return {**kept, key: self.random.choice(menu)}

    def _connected(self, part: ProgramPart, earlier: ProgramParts) -> ProgramPart:
        objects = [one.label for one in earlier if one.is_object]
        if not objects:
            return part
        other = self.random.choice(objects)
        way = self.random.choice(["of", "of", "needs", "deleted_with"])
        if way == "deleted_with":
            return replace(part, deleted_with=other if part.is_object else None)
        if way == "of" and part.is_object:
            return replace(part, of=_toggled(part.of, other))
        return replace(part, needs=_toggled(part.needs, other))

    def _moved(self, part: ProgramPart, earlier: ProgramParts) -> ProgramPart:
        if part.kind == "Provider":
            return part
        parents = [None, *(one.label for one in earlier if one.is_object or one.kind == "Group")]
        old = f"Alias(parent={part.parent or 'pulumi.ROOT_STACK_RESOURCE'})"
        return replace(part, parent=self.random.choice(parents), aliases=(old,) if self.random.random() < 0.7 else ())

    def _served(self, part: ProgramPart, earlier: ProgramParts) -> ProgramPart:
        if not part.is_object:
            return part
        return replace(
            part, provider=self.random.choice([None, *(one.label for one in earlier if one.kind == "Provider")])
        )


def _toggled(labels: tuple[str, ...], label: str) -> tuple[str, ...]:
    return tuple(one for one in labels if one != label) if label in labels else (*labels, label)


def _retyped(part: ProgramPart) -> ProgramPart:
    if part.kind not in ("Toy", "Gadget"):
        return part
    other: Kind = "Gadget" if part.kind == "Toy" else "Toy"
    return replace(part, kind=other, aliases=(f"Alias(type_='{_TYPE.format(kind=part.kind)}')",))


def _replaced_with(part: ProgramPart) -> ProgramPart:
    if not part.of:
        return part
    return replace(part, inputs={**part.inputs, "replace_on": repr([f"of_{label}" for label in part.of])})
