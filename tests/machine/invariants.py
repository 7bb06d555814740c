"""What must hold after every run of one person's program, however it was confined, failed or was answered late.

- What is declared is there, after a plain run.
- What this program gave and declares no more is not there on an ACTIVE user, or is in the state, or a warning names it.
- Nobody whom the state had ACTIVE and who was deactivated outside is ACTIVE, unless INACTIVE was applied in between.
- The same program again changes nothing.
- Nobody else is touched, and an error is one line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pair_cell import OWNED, STRANGERS, Ran, named_in, recorded_accounts, write
from pair_program_data import ANN, INITIAL, Program

from pulumi_conduit.sandbox import MistakeError

if TYPE_CHECKING:
    from pair_driver import Embedded

    from pulumi_conduit.sandbox import Sandbox

__all__ = ["Invariants"]

_USER = "pulumi-python:dynamic/conduit:ConductorUser"
_MOST_STATES = 2
"""How many states of one user are kept apart: docs/operations.md has what an unfinished rename forgets."""
_REFUSALS = (
    r"specified in --target list",
    r"is excluded and does not exist",
    r"exists, and (?:type|status) is",
    r"the access declared as .* is not known yet",
    r"not reactivated, because it still holds accounts 99, which this identity does not own",
    r"set INACTIVE again: it shows accounts .*\b99 instead of",
    r"is an initial account of user \S+ and not in the list",
    r"is not found in Conductor and not declared before this",
    r"would have no account that this identity owns",
    r"the API accepted the grant but does not show it; run again, later",  # hidden, and read late
    r"it exists, but shares no account with this identity, which cannot see it",
    r"Resource monitor has terminated",  # what the program says when one of the others has ended the run
)
"""What a run without a failing request may be refused for; whoever reads it changes the program or the options."""


@dataclass
class Invariants:
    """One stack against one sandbox, and what is known about the person from the runs so far."""

    sandbox: Sandbox
    driver: Embedded
    operations: int = 0
    _given: set[int] = field(default_factory=set)
    _is_switched_off: bool = False
    _is_drifted: bool = False
    _states: list[str] = field(default_factory=list)
    """The URNs of the states of the user, the oldest first."""

    def __post_init__(self) -> None:
        """Put strangers into the sandbox that nothing may touch."""
        for email, accounts in STRANGERS.items():
            self.sandbox.conductor.put_user(email, accounts=accounts)

    def user(self) -> dict[str, Any] | None:
        """Return the remote user, if there is one."""
        try:
            return self.sandbox.conductor.user(ANN)
        except MistakeError:
            return None

    def change_outside(self, **fields: Any) -> None:
        """Change the remote user behind the program's back."""
        conductor = self.sandbox.conductor
        before = conductor.user(ANN)
        conductor.edit_user(ANN, **fields)
        self._is_drifted = True
        self._given -= set(conductor.user(ANN)["accounts"]) - set(before["accounts"]) - recorded_accounts(self.driver)
        if fields.get("status") == "ACTIVE":
            self._is_switched_off = False
        elif fields.get("status") == "INACTIVE" and before["status"] == "ACTIVE" and "ACTIVE" in self._applied():
            self._is_switched_off = True

    def up(self, program: Program | None, *, may_fail: bool = False, **options: list[str]) -> Ran:
        """Update, and check what must hold."""
        write(self.driver.file, program)
        before = self.user() or {"accounts": [], "status": None}
        recorded = self._recorded() if self.operations else []
        ran = self._run("up", **options)
        self._record_given(program, set(before["accounts"]))
        if not ran.ok or "INACTIVE" in recorded:
            self._record_switched_off(before["status"])
        self._check_always(program, ran)
        if ran.ok and not options:
            self._check_declared(program)
        if not self._applied():
            self._given.clear()  # a stack without the user cannot say what it gave
        if not ran.ok and not may_fail:
            unknown = [error for error in ran.errors if not _is_known(error)]
            assert unknown == [], unknown
        return ran

    def refresh(self) -> Ran:
        """Look, and change nothing."""
        users = self.sandbox.conductor.users()
        ran = self._run("refresh")
        assert users == self.sandbox.conductor.users()
        self._is_drifted = False
        return ran

    def settle(self, program: Program) -> None:
        """Look and update until nothing is left to do."""
        self.refresh()
        if not self.up(program).ok:
            return
        self.sandbox.forget_requests()
        again = self._run("up")
        assert again.ok, again.errors
        changes = [step for step in again.plan if step[0] not in {"same", "read"}]
        changes += [(f"{one['method']} {one['path']}", str(one["status"])) for one in self.sandbox.writes()]
        assert changes == [], changes

    def _run(self, operation: str, **options: list[str]) -> Ran:
        self.operations += 1
        ran = self.driver.run(operation, **options)
        if self.user():
            self.sandbox.conductor.edit_user(ANN, first_name="Ann")  # what is late has arrived by the next run
        long = [error for error in ran.errors if "\n" in error and "--target" not in error]
        assert long == [], long
        assert ran.ok or ran.errors, "it fails and does not say why"
        return ran

    def _applied(self) -> list[str]:
        """Return the status that was applied, by each state of the user; there are two after half of a rename."""
        return self._statuses("inputs")

    def _recorded(self) -> list[str]:
        """Return the status that a refresh or an update has seen, by each state of the user."""
        return self._statuses("outputs")

    def _statuses(self, properties: str) -> list[str]:
        return [one[properties]["status"] for one in self._user_states()]

    def _user_states(self) -> list[dict[str, Any]]:
        return [one for one in self.driver.resources() if one["type"] == _USER]

    def _check_always(self, program: Program | None, ran: Ran) -> None:
        for email, accounts in STRANGERS.items():
            assert accounts == self.sandbox.conductor.user(email)["accounts"], email
        self._check_switched_off()
        self._check_given(program.declared_accounts if program else set(), ran)

    def _check_switched_off(self) -> None:
        applied, before = self._applied(), self._states
        self._states = self._order_states()
        is_taken_back = len(before) == _MOST_STATES and self._states == before[:1]  # half of a rename, then its reverse
        if "ACTIVE" not in applied or len(applied) > _MOST_STATES or is_taken_back:
            self._is_switched_off = False
        if self._is_switched_off and len(applied) == 1:  # of two, the run that deletes the older one sets INACTIVE
            assert "INACTIVE" == self.sandbox.conductor.user(ANN)["status"], "deactivated outside, and ACTIVE"

    def _order_states(self) -> list[str]:
        there = [one["urn"] for one in self._user_states()]
        known = [urn for urn in self._states if urn in there]
        return known + [urn for urn in dict.fromkeys(there) if urn not in known]

    def _record_given(self, program: Program | None, before: set[int]) -> None:
        """Record what this run has given or adopted; what others have given is not the program's."""
        declared, user = program.declared_accounts if program else set(), self.user()
        gained = set(user["accounts"]) - before if user else set()
        self._given |= declared & (gained | recorded_accounts(self.driver))

    def _record_switched_off(self, before: str | None) -> None:
        """Record that a run set the user INACTIVE, and that the state has ACTIVE: then the user stays so.

        The run may have failed, and its edit be reverted; or the state may not know of an activation outside.
        """
        user = self.user()
        if user and (before, user["status"]) == ("ACTIVE", "INACTIVE") and "ACTIVE" in self._applied():
            self._is_switched_off = True

    def _check_given(self, declared: set[int], ran: Ran) -> None:
        user = self.user()
        if not user:
            return
        left = (self._given - declared - {INITIAL}) & set(user["accounts"])
        named = {account for account in left if named_in(account, ran.warnings)}
        if user["status"] != "ACTIVE":
            self._given -= named - recorded_accounts(self.driver)  # said once is enough
            return
        unsaid = left - named - recorded_accounts(self.driver)
        assert unsaid == set(), f"{unsaid}: given, declared no more, there, and nothing says so"
        self._given = (self._given & declared) | (left & recorded_accounts(self.driver))

    def _check_declared(self, program: Program | None) -> None:
        user = self.user()
        if program is None or self._is_drifted or self._is_switched_off:
            return
        assert user is not None
        assert program.user["status"] == user["status"], f"{user['status']} is there"
        if user["status"] != "ACTIVE":
            return
        missing = program.declared_accounts - set(user["accounts"])
        assert missing == set(), f"{missing}: declared, and not there"
        if program.listed:
            held = set(user["accounts"]) & set(OWNED)
            assert set(program.listed) == held, f"{held}: there, {program.listed} is listed"
        ignored = program.opts.get("ignore_changes", [])
        if "type" not in ignored:
            assert {**program.user, **program.transformed}["type"] == user["type"], f"the type is {user['type']}"


def _is_known(error: str) -> bool:
    return any(re.search(pattern, error) for pattern in _REFUSALS)
