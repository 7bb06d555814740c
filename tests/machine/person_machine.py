"""Random edits of one person's program, run with all options, while others and the API itself get in the way.

The other machine knows what every plain update must end with. Here runs are confined, fail and meet late or hidden
answers, so that only what must hold after every run is checked: see `Invariants`.
"""

from __future__ import annotations

import dataclasses
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from invariants import Invariants
from pair_driver import Embedded, furnish
from pair_program_data import Program

if TYPE_CHECKING:
    from machine import Tally

    from pulumi_conduit.sandbox import Sandbox
    from pulumi_conduit.testing.engine import Launcher

_MOST_EDITS = 3
_USER = "**:ConductorUser::*"
_ACCESS = "**UserAccountAccess**"
_GRANTS = "/users/{userEmail}/accounts"
_ROUTES = (
    f"PUT {_GRANTS}",
    f"POST {_GRANTS}",
    f"PUT {_GRANTS}/{{accountId}}",
    f"POST {_GRANTS}/{{accountId}}",
    f"DELETE {_GRANTS}/{{accountId}}",
    "PUT /users/{userEmail}/status",
    "PUT /users/{userEmail}/type",
)

types = st.sampled_from(["READ_ONLY", "STANDARD"])
statuses = st.sampled_from(["ACTIVE", "INACTIVE"])
ends = st.sampled_from(["deactivate", "retain"])
conflicts = st.sampled_from(["reactivate_inactive", "adopt"])
accounts = st.sets(st.sampled_from([1, 2, 3, 4]), min_size=1).map(lambda them: tuple(sorted(them)))
foreign = st.sampled_from([(), (), (99,)])
confined = st.sampled_from(
    [
        {},
        {},
        {"target": [_USER]},
        {"target": [_ACCESS]},
        {"exclude": [_USER]},
        {"exclude": [_ACCESS]},
        {"replace": [_USER]},
        {"replace": [_ACCESS]},
    ]
)
few_edits = precondition(lambda self: self.edits < _MOST_EDITS)


class PersonMachine(RuleBasedStateMachine):
    """One person's program, edited, confined, failing, beside a second identity and an API that lags and hides."""

    def __init__(self, sandbox: Sandbox, launcher: Launcher, tally: Tally) -> None:
        """Start with nothing applied."""
        super().__init__()
        furnish(sandbox)
        self._folder = tempfile.TemporaryDirectory(prefix="conduit-seams-")
        self._invariants = Invariants(sandbox, Embedded(sandbox, launcher, Path(self._folder.name)))
        self._sandbox, self._tally = sandbox, tally
        self._program = Program()
        self._is_sound = True
        self.edits = 0
        tally.sequences += 1

    def _edit(self, program: Program) -> None:
        self.edits += 1
        self._tally.steps += 1
        self._program = program

    @few_edits
    @rule(is_exclusive=st.booleans(), given=accounts)
    def edit_access(self, *, is_exclusive: bool, given: tuple[int, ...]) -> None:
        """Declare other accounts, as grants or as a list."""
        granted = tuple(one for one in given if one != 1)
        self._edit(replace(self._program, grants=() if is_exclusive else granted, listed=given if is_exclusive else ()))

    @few_edits
    @rule(status=statuses)
    def edit_status(self, status: str) -> None:
        """Declare a status."""
        self._edit(self._program.having(status=status))

    @few_edits
    @rule(given=st.fixed_dictionaries({}, optional={"type": types, "on_destroy": ends, "on_conflict": conflicts}))
    def edit_user(self, given: dict[str, Any]) -> None:
        """Declare another type, or what becomes of the user in the end, or when it is there already."""
        self._edit(self._program.having(**given))

    @few_edits
    @rule(name=st.sampled_from(["ann", "new"]), parent=st.sampled_from(["", "team"]))
    def move(self, name: str, parent: str) -> None:
        """Rename user and access, or move them, without aliases."""
        self._edit(replace(self._program, name=name, parent=parent))

    @few_edits
    @rule(profile=st.sampled_from([None, "b", "c"]))
    def change_identity(self, profile: str | None) -> None:
        """Use another profile: of the same identity, or of another one that owns the same accounts."""
        self._edit(replace(self._program, profile=profile))

    @few_edits
    @rule(ignored=st.sets(st.sampled_from(["type", "on_destroy", "email"])).map(sorted))
    def ignore_changes(self, ignored: list[str]) -> None:
        """Have the engine ignore changes of some properties of the user."""
        self._edit(replace(self._program, opts={"ignore_changes": ignored} if ignored else {}))

    @few_edits
    @rule(transformed=st.fixed_dictionaries({}, optional={"type": types, "on_destroy": ends}))
    def transform(self, transformed: dict[str, str]) -> None:
        """Have a transformation set properties of the user."""
        self._edit(replace(self._program, transformed=transformed))

    @precondition(lambda self: self._invariants.user())
    @few_edits
    @rule(type=types, status=statuses, held=accounts, foreign=foreign)
    def change_outside(self, type: str, status: str, held: tuple[int, ...], foreign: tuple[int, ...]) -> None:  # noqa: A002 - the API's word
        """Change the remote user behind the program's back."""
        self._edit(self._program)
        self._invariants.change_outside(type=type, status=status, accounts=(*held, *foreign))

    @precondition(lambda self: self._invariants.user())
    @few_edits
    @rule(status=statuses)
    def switch_outside(self, status: str) -> None:
        """Set the status behind the program's back."""
        self._edit(self._program)
        self._invariants.change_outside(status=status)

    @rule(
        read_lag=st.sampled_from([0, 0, 1]),
        list_lag=st.sampled_from([0, 0, 1]),
        is_hidden=st.sampled_from([False, False, True]),
    )
    def change_the_api(self, read_lag: int, list_lag: int, *, is_hidden: bool) -> None:
        """Let reads or the list lag by a write, or the API hide the accounts of INACTIVE users."""
        self._sandbox.switches = dataclasses.replace(
            self._sandbox.switches, read_lag=read_lag, list_lag_writes=list_lag, inactive_accounts_hidden=is_hidden
        )

    @precondition(lambda self: self.edits)
    @rule(options=confined)
    def run(self, options: dict[str, Any]) -> None:
        """Update, perhaps with an option that leaves something out or replaces something."""
        self._operate(lambda: self._invariants.up(self._program, **options))

    @rule(route=st.sampled_from(_ROUTES), options=confined)
    def fail(self, route: str, options: dict[str, list[str]]) -> None:
        """Update while the API refuses one kind of write."""

        def refused() -> None:
            self._sandbox.faults.add(route, times=None, status=400, body='{"message": "not now"}')
            try:
                self._invariants.up(self._program, may_fail=True, **options)
            finally:
                self._sandbox.faults.clear()

        self._operate(refused)

    @precondition(lambda self: self.edits)
    @rule()
    def refresh(self) -> None:
        """Look at what is there."""
        self._operate(self._invariants.refresh)

    @precondition(lambda self: self._invariants.user())
    @rule()
    def leave(self) -> None:
        """Remove user and access from the program for one run."""
        self._operate(lambda: self._invariants.up(None))

    def _operate(self, operation: Any) -> None:
        self._tally.steps += 1
        self._is_sound = False
        operation()
        self._is_sound, self.edits = True, 0

    def teardown(self) -> None:
        """End with a refresh and two plain updates, unless a step has failed."""
        try:
            if self._is_sound:
                self._invariants.settle(self._program)
        finally:
            self._tally.operations += self._invariants.operations
            self._folder.cleanup()
