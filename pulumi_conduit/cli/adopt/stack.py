"""The target stack of an adoption, whose resources are left out.

It is the one of `--stack`, or the one that is selected in the project's folder, if any.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_conduit.cli.pulumi_project import find_project, stack_export
from pulumi_conduit.cli.stack_export import read_export
from pulumi_conduit.errors import ConduitError, escaped

if TYPE_CHECKING:
    from pulumi_conduit.cli.adopt.existing import Existing
    from pulumi_conduit.cli.adopt.inventory import Inventory
    from pulumi_conduit.cli.connection import Connection

__all__ = ["StackComparison"]

_NOT_COMPARED = "compared with no stack"
_WHY_IT_MATTERS = "what it has already must not be declared again; name it with --stack, and its project with --cwd"


@dataclass(frozen=True)
class StackComparison:
    """The stack's export, or why there is none."""

    existing: Existing | None = None
    why_not: str = ""

    @classmethod
    def of(cls, connection: Connection, roster: str | None) -> StackComparison:
        """Export the stack; a named one that cannot be read, and a roster name that it has, are errors."""
        from pulumi_conduit.cli.adopt.existing import Existing  # noqa: PLC0415 - help must not load HTTP

        if not connection.stack and not find_project(connection.folder):
            return cls(why_not="there is no Pulumi project here")
        try:
            text = stack_export(connection.stack, connection.folder, "install the Pulumi CLI")
        except ConduitError as error:
            if connection.stack:
                raise
            return cls(why_not=str(error))
        origin = f"stack {connection.stack}" if connection.stack else "the selected stack"
        existing = Existing(read_export(text, origin))
        if roster:
            existing.refuse_roster(roster)
        return cls(existing)

    @property
    def name(self) -> str | None:
        """Return the stack's name, if it was read."""
        return self.existing.export.stack if self.existing else None

    @property
    def summary(self) -> str:
        """Return which stack the inventory was compared with."""
        if self.existing:
            export = self.existing.export
            is_new = export.stack == export.origin  # a stack without a first `up`: its export names no stack
            return f"compared with: {escaped(export.stack if is_new else f'stack {export.stack}', 200)}"
        return f"{_NOT_COMPARED} ({self.why_not}): {_WHY_IT_MATTERS}"

    def without(self, inventory: Inventory) -> Inventory:
        """Return the inventory without what the stack has."""
        return self.existing.without(inventory) if self.existing else inventory
