"""A program as parts that can be changed, dropped and written as Python; nothing here is random."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Kind = Literal["Toy", "Gadget", "Got", "Group", "Provider"]


@dataclass(frozen=True)
class ProgramPart:
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

    def without(self, label: str) -> "ProgramPart":
        """Return the part as it is when another one is not declared."""
        return replace(
            self,
            of=tuple(one for one in self.of if one != label),
            needs=tuple(one for one in self.needs if one != label),
            parent=None if self.parent == label else self.parent,
            provider=None if self.provider == label else self.provider,
            deleted_with=None if self.deleted_with == label else self.deleted_with,
            aliases=tuple(one for one in self.aliases if f"parent={label})" not in one),
        )

    def relabelled(self, old: str, new: str) -> "ProgramPart":
        """Return the part as it is when another one has a new label."""
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
        """Return the names of all that the part could do without."""
        ways = [name for name in _WAYS if getattr(self, name)]
        return [*self.inputs, *self.options, *ways]

    def without_trait(self, name: str) -> "ProgramPart":
        """Return the part without an input, an option or a connection."""
        if name in _WAYS:
            return replace(self, **{name: _WAYS[name]})
        inputs = {key: text for key, text in self.inputs.items() if key != name}
        options = {key: text for key, text in self.options.items() if key != name}
        return replace(self, inputs=inputs, options=options)


_WAYS: dict[str, Any] = {"of": (), "needs": (), "parent": None, "provider": None, "deleted_with": None, "aliases": ()}

ProgramParts = tuple[ProgramPart, ...]


def without(parts: ProgramParts, label: str) -> ProgramParts:
    """Return the parts without one, and without mention of it."""
    return tuple(one.without(label) for one in parts if one.label != label)


def written(parts: ProgramParts, *, is_linear: bool) -> str:
    """Return the program; a linear one registers one resource after the other, so that nothing is left to chance."""
    before: str | None = None
    lines = []
    for part in parts:
        lines.append(_declaration(part, before if is_linear else None))
        before = before if part.kind == "Group" else part.label
    lines += [f'pulumi.export("{part.label}", {part.label}.serial)' for part in parts if part.is_object]
    return "\n".join(lines)


def _declaration(part: ProgramPart, before: str | None) -> str:
    options = f"Opts({_keywords(_options(part, before))})"
    if part.kind == "Provider":
        inputs = f'{{"toy:profile": {part.inputs.get("profile", repr("x"))}}}'
        return f'{part.label} = pulumi.ProviderResource("pulumi-python", "{part.label}", {inputs}, {options})'
    if part.kind == "Group":
        return f'{part.label} = Group("{part.label}", {options})\n{_registered(part)}'
    kind = "Toy" if part.kind == "Got" else part.kind
    return f'{part.label} = {kind}("{part.label}", {options}, {_keywords(_inputs(part))})'


def _registered(part: ProgramPart) -> str:
    return f"{part.label}.register_outputs({{{', '.join(f'{key!r}: {text}' for key, text in part.inputs.items())}}})"


def _inputs(part: ProgramPart) -> dict[str, str]:
    return {"name": repr(part.key), **part.inputs, **{f"of_{label}": f"{label}.serial" for label in part.of}}


def _options(part: ProgramPart, before: str | None) -> dict[str, str]:
    options = dict(part.options)
    needs = dict.fromkeys([*part.needs, *([before] if before else [])])
    if needs:
        options["depends_on"] = _listed(needs)
    if part.kind == "Got":
        options["id"] = repr(part.key)
    if part.aliases:
        options["aliases"] = _listed(part.aliases)
    for name in ("parent", "provider", "deleted_with"):
        if label := getattr(part, name):
            options[name] = label
    return options


def _listed(texts: Iterable[str]) -> str:
    return f"[{', '.join(texts)}]"


def _keywords(texts: Mapping[str, str]) -> str:
    return ", ".join(f"{key}={text}" for key, text in texts.items())
