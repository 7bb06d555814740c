"""A program as pieces that can be changed, dropped and written as Python; nothing here is random."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Kind = Literal["Toy", "Gadget", "Got", "Group", "Provider"]


@dataclass(frozen=True)
class Piece:
    """One declaration; `inputs` and `options` map names to source texts, everything else to labels."""

    label: str
    kind: Kind
    key: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    of: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    parent: str | None = None
    provider: str | None = None
    deleted_with: str | None = None
    aliases: tuple[str, ...] = ()

    @property
    def is_object(self) -> bool:
        """Say whether this is a resource with outputs."""
        return self.kind in ("Toy", "Gadget", "Got")

    def without(self, label: str) -> "Piece":
        """Return the piece as it is when another one is not declared."""
        return replace(
            self,
            of=tuple(one for one in self.of if one != label),
            needs=tuple(one for one in self.needs if one != label),
            parent=None if self.parent == label else self.parent,
            provider=None if self.provider == label else self.provider,
            deleted_with=None if self.deleted_with == label else self.deleted_with,
            aliases=tuple(one for one in self.aliases if f"parent={label})" not in one),
        )

    def relabelled(self, old: str, new: str) -> "Piece":
        """Return the piece as it is when another one has a new label."""
        return replace(
            self,
            of=tuple(new if one == old else one for one in self.of),
            needs=tuple(new if one == old else one for one in self.needs),
            parent=new if self.parent == old else self.parent,
            provider=new if self.provider == old else self.provider,
            deleted_with=new if self.deleted_with == old else self.deleted_with,
            aliases=tuple(one.replace(f"parent={old})", f"parent={new})") for one in self.aliases),
        )

    def traits(self) -> list[str]:
        """Return the names of all that the piece could do without."""
        ways = [name for name in _WAYS if getattr(self, name)]
        return [*self.inputs, *self.options, *ways]

    def without_trait(self, name: str) -> "Piece":
        """Return the piece without an input, an option or a connection."""
        if name in _WAYS:
            return replace(self, **{name: _WAYS[name]})
        inputs = {key: text for key, text in self.inputs.items() if key != name}
        options = {key: text for key, text in self.options.items() if key != name}
        return replace(self, inputs=inputs, options=options)


_WAYS: dict[str, Any] = {"of": (), "needs": (), "parent": None, "provider": None, "deleted_with": None, "aliases": ()}

Pieces = tuple[Piece, ...]


def without(pieces: Pieces, label: str) -> Pieces:
    """Return the pieces without one, and without mention of it."""
    return tuple(one.without(label) for one in pieces if one.label != label)


def written(pieces: Pieces, *, is_linear: bool) -> str:
    """Return the program; a linear one registers one resource after the other, so that nothing is left to chance."""
    before: str | None = None
    lines = []
    for piece in pieces:
        lines.append(_declaration(piece, before if is_linear else None))
        before = before if piece.kind == "Group" else piece.label
    lines += [f'pulumi.export("{piece.label}", {piece.label}.serial)' for piece in pieces if piece.is_object]
    return "\n".join(lines)


def _declaration(piece: Piece, before: str | None) -> str:
    options = f"Opts({_keywords(_options(piece, before))})"
    if piece.kind == "Provider":
        inputs = f'{{"toy:profile": {piece.inputs.get("profile", repr("x"))}}}'
        return f'{piece.label} = pulumi.ProviderResource("pulumi-python", "{piece.label}", {inputs}, {options})'
    if piece.kind == "Group":
        return f'{piece.label} = Group("{piece.label}", {options})\n{_registered(piece)}'
    kind = "Toy" if piece.kind == "Got" else piece.kind
    return f'{piece.label} = {kind}("{piece.label}", {options}, {_keywords(_inputs(piece))})'


def _registered(piece: Piece) -> str:
    return f"{piece.label}.register_outputs({{{', '.join(f'{key!r}: {text}' for key, text in piece.inputs.items())}}})"


def _inputs(piece: Piece) -> dict[str, str]:
    return {"name": repr(piece.key), **piece.inputs, **{f"of_{label}": f"{label}.serial" for label in piece.of}}


def _options(piece: Piece, before: str | None) -> dict[str, str]:
    options = dict(piece.options)
    needs = dict.fromkeys([*piece.needs, *([before] if before else [])])
    if needs:
        options["depends_on"] = _listed(needs)
    if piece.kind == "Got":
        options["id"] = repr(piece.key)
    if piece.aliases:
        options["aliases"] = _listed(piece.aliases)
    for name in ("parent", "provider", "deleted_with"):
        if label := getattr(piece, name):
            options[name] = label
    return options


def _listed(texts: Iterable[str]) -> str:
    return f"[{', '.join(texts)}]"


def _keywords(texts: Mapping[str, str]) -> str:
    return ", ".join(f"{key}={text}" for key, text in texts.items())
