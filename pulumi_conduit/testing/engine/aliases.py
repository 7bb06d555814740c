"""Resources that are called otherwise than before: which old URNs a resource may have had, and how the state follows.

The rules are those of Pulumi's `pkg/resource/deploy/step_generator.go` (`generateAliases`) and `snapshot.go`
(`NormalizeURNReferences`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_conduit.testing.engine.states import STACK_TYPE, provider_urn
from pulumi_conduit.urns import parse_urn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Alias", "Namespace", "renamed"]


@dataclass(frozen=True)
class Alias:
    """What a resource was called; what is empty is as it is now."""

    urn: str = ""
    name: str = ""
    type: str = ""
    parent: str = ""
    no_parent: bool = False
    project: str = ""
    stack: str = ""


@dataclass(frozen=True)
class Namespace:
    """The stack and project that URNs begin with."""

    stack: str
    project: str

    def urn(self, parent: str, kind: str, name: str) -> str:
        """Return the URN of a resource."""
        qualified = parse_urn(parent).qualified_type if parent else ""
        prefix = f"{qualified}$" if qualified not in {"", STACK_TYPE} else ""
        return f"urn:pulumi:{self.stack}::{self.project}::{prefix}{kind}::{name}"

    def candidates(
        self, name: str, kind: str, parent: str, aliases: Sequence[Alias], used: Mapping[str, str]
    ) -> list[str]:
        """Return the old URNs that a resource may have had, best first.

        `used` gives, for each parent that took over an old URN, that URN: its children may have been under it.
        """
        found = [self._collapsed(alias, name, kind, parent, used) for alias in aliases]
        if parent in used:
            own = self.urn(used[parent], kind, _inherited_name(name, parent, used[parent]))
            found.append(own)
            for urn in found[:-1]:
                old_kind, old_name = parse_urn(urn).type, _name(urn)
                found.append(self.urn(used[parent], old_kind, _inherited_name(old_name, parent, used[parent])))
        return list(dict.fromkeys(found))

    def _collapsed(self, alias: Alias, name: str, kind: str, parent: str, used: Mapping[str, str]) -> str:
        if alias.urn:
            return alias.urn
        above = used.get(alias.parent, alias.parent) if alias.parent else parent
        place = Namespace(alias.stack or self.stack, alias.project or self.project)
        return place.urn("" if alias.no_parent else above, alias.type or kind, alias.name or name)


def _name(urn: str) -> str:
    return parse_urn(urn).name


def _inherited_name(name: str, parent: str, old_parent: str) -> str:
    now = _name(parent)
    return _name(old_parent) + name[len(now) :] if name.startswith(now) else name


def renamed(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Follow the aliases through all references, and drop them: they have done their work."""
    names: dict[str, str] = {}
    for record in records:
        names.update(dict.fromkeys(record.get("aliases", ()), record["urn"]))
        parent = names.get(record.get("parent", ""), "")
        if parent and parse_urn(parent).type != STACK_TYPE:
            names[record["urn"]] = _under(parent, record["urn"])
    return [_follow(record, names) for record in records] if names else records


def _under(parent: str, urn: str) -> str:
    below = parse_urn(urn)
    return Namespace(below.stack, below.project).urn(parent, below.type, below.name)


def _follow(record: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    def fix(urn: str) -> str:
        return names.get(urn, urn)

    followed = {key: value for key, value in record.items() if key != "aliases"}
    for key in ("urn", "parent", "deletedWith"):
        if key in followed:
            followed[key] = fix(followed[key])
    if "provider" in followed:
        urn, reference = provider_urn(followed["provider"]), followed["provider"]
        followed["provider"] = fix(urn) + reference[len(urn) :]
    if "dependencies" in followed:
        followed["dependencies"] = [fix(urn) for urn in followed["dependencies"]]
    if "propertyDependencies" in followed:
        before = followed["propertyDependencies"]
        after = {name: [fix(urn) for urn in urns] for name, urns in before.items()}
        # Pulumi, too, drops the empty lists of a resource that it rewrites, and of no other.
        followed["propertyDependencies"] = (
            before if after == before else {name: urns for name, urns in after.items() if urns}
        )
    return followed
