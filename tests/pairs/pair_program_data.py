"""The program of a cell as data: one user, her access, and the options that features set."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

__all__ = ["ANN", "INITIAL", "Program"]

ANN = "ann@pairs.example"
INITIAL = 1
_USER = {"first_name": "Ann", "last_name": "Pair", "type": "READ_ONLY", "status": "ACTIVE", "on_destroy": "deactivate"}


@dataclass(frozen=True)
class Program:
    """What the program declares, and with which options it is run."""

    user: dict[str, Any] = field(default_factory=lambda: dict(_USER))
    grants: tuple[int, ...] = (2, 3)
    listed: tuple[int, ...] = ()
    name: str = "ann"
    parent: str = ""
    profile: str | None = None
    opts: dict[str, Any] = field(default_factory=dict)
    transformed: dict[str, Any] = field(default_factory=dict)
    looked_at: str = ""
    run_options: dict[str, bool] = field(default_factory=dict)  # which of target, exclude and replace name the user

    def having(self, **user: Any) -> Program:
        """Return the program with other arguments of the user."""
        return replace(self, user={**self.user, **user})

    def optioned(self, **opts: Any) -> Program:
        """Return the program with other resource options of the user."""
        joined = {**self.opts, **opts}
        if "ignore_changes" in opts:
            joined["ignore_changes"] = [*self.opts.get("ignore_changes", []), *opts["ignore_changes"]]
        return replace(self, opts=joined)

    def run_with(self, option: str) -> Program:
        """Return the program, to be run with an option that names the user."""
        return replace(self, run_options={**self.run_options, option: True})

    @property
    def declared_accounts(self) -> set[int]:
        """The accounts that grants and lists declare."""
        return {*self.grants, *self.listed}

    @property
    def urn_pattern(self) -> str:
        """A pattern of the user's URN that both engines read."""
        return f"**:ConductorUser::{self.name}"

    def as_json(self) -> dict[str, Any]:
        """Return what the program reads."""
        user = {**self.user, "email": ANN, "initial_accounts": [INITIAL], "profile": self.profile}
        return {
            "user": user,
            "grants": self.grants,
            "listed": self.listed,
            "name": self.name,
            "parent": self.parent,
            "profile": self.profile,
            "opts": self.opts,
            "transformed": self.transformed,
            "looked_at": self.looked_at,
        }
