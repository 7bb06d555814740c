"""Random changes of a program: what people do to theirs from one run to the next."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from random import Random

from .program_parts import Kind, Piece, Pieces, without

FOUND = ("found1", "found2")
"""Keys of objects that nobody declared; a course puts them into the world for programs to get."""

_KINDS: list[Kind] = ["Toy", "Toy", "Toy", "Toy", "Toy", "Toy", "Toy", "Gadget", "Gadget", "Got", "Group", "Provider"]
_LETTERS: dict[Kind, str] = {"Toy": "t", "Gadget": "g", "Got": "f", "Group": "c", "Provider": "p"}
_TOY_TYPE = "pulumi-python:dynamic/toy:{kind}"
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

    def change(self, pieces: Pieces) -> Pieces:
        """Return the program after one change."""
        if len(pieces) < 2:
            return self.add(pieces)
        return self.random.choice(self._changes())(pieces)

    def _changes(self) -> list[Callable[[Pieces], Pieces]]:
        often = [self.add, self.add, self.remove, self.edit, self.edit, self.rekey, self.connect]
        return [*often, self.opt, self.rename, self.move, self.retype, self.serve, self.replace_on]

    def add(self, pieces: Pieces) -> Pieces:
        """Declare something, at any place."""
        kind = self.random.choice(_KINDS)
        at = self.random.randint(0, len(pieces))
        made = Piece(self.fresh(_LETTERS[kind]), kind, self._key(kind))
        made = self._edited(self._connected(made, pieces[:at]))
        return (*pieces[:at], made, *pieces[at:])

    def remove(self, pieces: Pieces) -> Pieces:
        """Declare something no more."""
        return without(pieces, self.random.choice(pieces).label)

    def edit(self, pieces: Pieces) -> Pieces:
        """Change an input."""
        return self._at_any(pieces, lambda piece, _: self._edited(piece))

    def rekey(self, pieces: Pieces) -> Pieces:
        """Change a natural key, which replaces."""
        return self._at_any(pieces, lambda piece, _: replace(piece, key=self._key(piece.kind)))

    def connect(self, pieces: Pieces) -> Pieces:
        """Let something depend on something else."""
        return self._at_any(pieces, self._connected)

    def opt(self, pieces: Pieces) -> Pieces:
        """Set an option or drop one."""
        return self._at_any(pieces, lambda piece, _: self._opted(piece))

    def rename(self, pieces: Pieces) -> Pieces:
        """Give something a new label, with an alias or without."""
        old = self.random.choice(pieces)
        aliases = (f"Alias(name='{old.label}')",) if self.random.random() < 0.7 else ()
        new = replace(old, label=self.fresh(_LETTERS[old.kind]), aliases=aliases)
        return tuple(new if one is old else one.relabelled(old.label, new.label) for one in pieces)

    def move(self, pieces: Pieces) -> Pieces:
        """Give something a new parent, with an alias or without."""
        return self._at_any(pieces, self._moved)

    def retype(self, pieces: Pieces) -> Pieces:
        """Give something another type, with an alias."""
        return self._at_any(pieces, lambda piece, _: _retyped(piece))

    def serve(self, pieces: Pieces) -> Pieces:
        """Give something another provider."""
        return self._at_any(pieces, self._served)

    def replace_on(self, pieces: Pieces) -> Pieces:
        """Let something be replaced with what it is made of."""
        return self._at_any(pieces, lambda piece, _: _replaced_with(piece))

    def _at_any(self, pieces: Pieces, change: Callable[[Piece, Pieces], Piece]) -> Pieces:
        at = self.random.randrange(len(pieces))
        return (*pieces[:at], change(pieces[at], pieces[:at]), *pieces[at + 1 :])

    def _key(self, kind: Kind) -> str:
        if kind in ("Group", "Provider"):
            return ""
        return self.random.choice(FOUND) if kind == "Got" else self.fresh("k")

    def _edited(self, piece: Piece) -> Piece:
        if piece.kind == "Provider":
            return replace(piece, inputs={"profile": repr(self.fresh("v"))})
        menu = {**_INPUTS, **(_LINEAR_INPUTS if self.is_linear else {})}
        key = self.random.choice(list(menu))
        return replace(piece, inputs=self._turned(piece.inputs, key, menu[key]))

    def _opted(self, piece: Piece) -> Piece:
        if not piece.is_object:
            return piece
        menu = {**_OPTIONS, **(_LINEAR_OPTIONS if self.is_linear else {})}
        key = self.random.choice(list(menu))
        return replace(piece, options=self._turned(piece.options, key, menu[key]))

    def _turned(self, texts: Mapping[str, str], key: str, menu: list[str]) -> dict[str, str]:
        """Return the texts with one set, or dropped where it was set."""
        kept = {one: text for one, text in texts.items() if one != key}
        if key in texts and self.random.random() < 0.5:
            return kept
        return {**kept, key: self.random.choice(menu)}

    def _connected(self, piece: Piece, earlier: Pieces) -> Piece:
        objects = [one.label for one in earlier if one.is_object]
        if not objects:
            return piece
        other = self.random.choice(objects)
        way = self.random.choice(["of", "of", "needs", "deleted_with"])
        if way == "deleted_with":
            return replace(piece, deleted_with=other if piece.is_object else None)
        if way == "of" and piece.is_object:
            return replace(piece, of=_toggled(piece.of, other))
        return replace(piece, needs=_toggled(piece.needs, other))

    def _moved(self, piece: Piece, earlier: Pieces) -> Piece:
        if piece.kind == "Provider":
            return piece
        parents = [None, *(one.label for one in earlier if one.is_object or one.kind == "Group")]
        old = f"Alias(parent={piece.parent or 'pulumi.ROOT_STACK_RESOURCE'})"
        return replace(piece, parent=self.random.choice(parents), aliases=(old,) if self.random.random() < 0.7 else ())

    def _served(self, piece: Piece, earlier: Pieces) -> Piece:
        if not piece.is_object:
            return piece
        return replace(
            piece, provider=self.random.choice([None, *(one.label for one in earlier if one.kind == "Provider")])
        )


def _toggled(labels: tuple[str, ...], label: str) -> tuple[str, ...]:
    return tuple(one for one in labels if one != label) if label in labels else (*labels, label)


def _retyped(piece: Piece) -> Piece:
    if piece.kind not in ("Toy", "Gadget"):
        return piece
    other: Kind = "Gadget" if piece.kind == "Toy" else "Toy"
    return replace(piece, kind=other, aliases=(f"Alias(type_='{_TOY_TYPE.format(kind=piece.kind)}')",))


def _replaced_with(piece: Piece) -> Piece:
    if not piece.of:
        return piece
    return replace(piece, inputs={**piece.inputs, "replace_on": repr([f"of_{label}" for label in piece.of])})
