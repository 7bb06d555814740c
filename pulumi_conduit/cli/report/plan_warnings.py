"""What the provider says of a plan, by resource: facts as data, never the text beside them.

A program can print what looks like it. So a fact may raise what a report counts, and hide nothing: see `access`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pulumi_conduit.errors import escaped
from pulumi_conduit.urns import parse_urn
from pulumi_conduit.warnings import ADOPT, CODES, GIVES, REACTIVATE, REVOKE, UNVERIFIED, Fact, read_fact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pulumi_conduit.cli.report.plan import Diagnostic

__all__ = ["OURS", "Hearing", "Said"]

OURS = "pulumi-python:dynamic/conduit:"
"""What the types of this package begin with."""


@dataclass(frozen=True)
class Said:
    """What is said of one resource, as far as a report counts it."""

    facts: tuple[Fact, ...] = ()

    def has(self, code: str) -> bool:
        """Say whether a code was given."""
        return any(one.code == code for one in self.facts)

    @property
    def types(self) -> set[str]:
        """Return the types that the person will be set to, whatever the state holds."""
        return {one.type for one in self.facts if one.type}

    @property
    def deactivates(self) -> bool:
        """Say whether the person is found ACTIVE and will be set INACTIVE."""
        return any(one.status for one in self.facts)

    @property
    def leaves_off(self) -> bool:
        """Say whether the person is found INACTIVE and stays so."""
        return any(one.left for one in self.facts)

    @property
    def urls(self) -> set[str]:
        """Return where the profile of the resource leads."""
        return {one.url for one in self.facts if one.url}

    @property
    def removed(self) -> frozenset[int]:
        """Return the accounts that will be removed although no state holds them."""
        return self._accounts(REVOKE)

    @property
    def given(self) -> frozenset[int]:
        """Return the accounts that will be given although the state holds them."""
        return self._accounts(GIVES)

    @property
    def restored(self) -> frozenset[int]:
        """Return the accounts that a reactivation comes with, if they are said."""
        return self._accounts(REACTIVATE)

    @property
    def held(self) -> frozenset[int]:
        """Return the accounts of a list that is taken over."""
        return self._accounts(ADOPT)

    def _accounts(self, code: str) -> frozenset[int]:
        return frozenset().union(*(one.accounts for one in self.facts if one.code == code and one.accounts))


@dataclass
class Hearing:
    """Everything that was said: facts by resource, warnings to be shown, and why a plan cannot be told."""

    warnings: list[Diagnostic] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    unverified: str | None = None
    _facts: dict[str, list[Fact]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, diagnostics: Iterable[Diagnostic]) -> Hearing:
        """Return what the diagnostics of a preview say."""
        hearing = cls()
        for one in dict.fromkeys(diagnostics):
            hearing._hear(one)
        return hearing

    def said(self, urn: str) -> Said:
        """Return what is said of a resource."""
        return Said(tuple(self._facts.get(urn, ())))

    def _hear(self, one: Diagnostic) -> None:
        try:
            fact = read_fact(one.message)
        except ValueError:
            self.reasons.append(_unreadable(one.message))
            return
        if fact and fact.code == UNVERIFIED and one.severity == "warning":
            self.unverified = fact.text
        elif one.severity == "warning" and _is_ours(one.urn):
            self._facts[one.urn] += [fact] if fact else []
            self.warnings.append(one)
        elif any(code in one.message for code in CODES):
            # The provider's way to the engine's log was shut: what else it said may be lost.
            self.reasons.append(f"a warning came without its resource: {escaped(' '.join(one.message.split()), 300)}")


def _is_ours(urn: str) -> bool:
    try:
        return parse_urn(urn).type.startswith(OURS)
    except ValueError:
        return False


def _unreadable(message: str) -> str:
    has_code = any(message.startswith(code) for code in CODES)
    what = "has a form that is not known" if has_code else "is not known"
    limit = 200 if has_code else 80
    return f"a warning {what}: {escaped(message, limit)}; use one version of pulumi-conduit"
