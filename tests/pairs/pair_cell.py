"""Plays one cell of the matrix on an engine: start, what happens outside, the edit, a plain run, another, the end.

What must hold after every run, whatever the cell, is checked here; what holds in this cell is returned, to be compared
with the table.
"""

from __future__ import annotations

import dataclasses
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from pair_features import FEATURES, Feature
from pair_program_data import ANN, INITIAL, Program

if TYPE_CHECKING:
    from pathlib import Path

    from pulumi_conduit.sandbox import Sandbox

__all__ = ["OWNED", "SECOND", "STRANGERS", "Cell", "Driver", "Ran", "named_in", "play", "recorded_accounts"]

SECOND = "second@sandbox.example"
STRANGERS = {"stranger@other.example": [1, 2], "foreigner@other.example": [99]}
OWNED = range(1, 11)
_ACCOUNT_ROUTES = ("PUT /users/{userEmail}/accounts", "PUT /users/{userEmail}/accounts/{accountId}")
_CODE = re.compile(r"CONDUIT-[A-Z]+")
_STARTS: dict[str, tuple[dict[str, Any], str]] = {}  # what a start leaves, remotely and in the state, by its programs


@dataclass(frozen=True)
class Ran:
    """What one operation came to."""

    ok: bool
    errors: list[str]
    warnings: list[str]
    plan: list[tuple[str, str]]

    @property
    def codes(self) -> list[str]:
        """The codes of its warnings; one without a code is called a warning."""
        return sorted({found.group() if (found := _CODE.search(one)) else "warning" for one in self.warnings})


class Driver(Protocol):
    """An engine with one stack."""

    def run(self, operation: str, **options: list[str]) -> Ran:
        """Run an operation on the program of the cell."""

    def resources(self) -> list[dict[str, Any]]:
        """Return what the state records."""

    def forget(self) -> None:
        """Empty the state."""

    def keep(self) -> str:
        """Return the state as text."""

    def restore(self, kept: str) -> None:
        """Put a state back."""


@dataclass
class Cell:
    """One stack against a sandbox, what it has given so far, and what was found wrong."""

    driver: Driver
    sandbox: Sandbox
    file: Path
    features: tuple[Feature, ...]
    program: Program = field(default_factory=Program)
    given: set[int] = field(default_factory=set)
    outcomes: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def write(self, program: Program | None) -> None:
        """Write the program's data."""
        write(self.file, program)
        self.program = program or self.program

    def user(self) -> dict[str, Any]:
        """Return the remote user."""
        return self.sandbox.conductor.user(ANN)

    def has(self, *names: str) -> bool:
        """Return whether one of these features is here."""
        return any(one.name in names for one in self.features)

    def blame(self, phase: str, fault: str) -> None:
        """Record that something that must hold does not."""
        self.faults.append(f"{phase}: {fault}")


def write(file: Path, program: Program | None) -> None:
    """Write a program's data; None: a program without the user."""
    told = (program or Program()).as_json()
    file.write_text(json.dumps(told if program else {**told, "user": None, "transformed": {}}), encoding="utf-8")


def play(driver: Driver, sandbox: Sandbox, file: Path, pair: tuple[str, str]) -> Cell:
    """Play the cell of a pair, and return it with its outcomes and its faults."""
    cell = Cell(driver, sandbox, file, tuple(one for one in FEATURES if one.name in pair))
    _start(cell)
    _happen_outside(cell)
    edited = _folded(cell, "edits", cell.program)
    _fail_first(cell, edited)
    if any(one.lags for one in cell.features):
        sandbox.switches = dataclasses.replace(sandbox.switches, read_lag=1)
    edit = _edit(cell, edited)
    cell.outcomes.append(_outcome(cell, edit))
    if edit.ok:
        _run_again(cell, edited)
    else:
        cell.outcomes.append("")
    _end(cell)
    return cell


def _folded(cell: Cell, change: str, program: Program) -> Program:
    for one in cell.features:
        changed = getattr(one, change)
        program = changed(program) if changed else program
    return program


def _start(cell: Cell) -> None:
    for email, accounts in STRANGERS.items():
        cell.sandbox.conductor.put_user(email, accounts=accounts)
    started = _folded(cell, "starts", Program())
    again = _folded(cell, "then_starts", started)
    key = json.dumps([cell.sandbox.conductor_url, started.as_json(), again.as_json()])
    cell.program = again
    cell.given |= again.declared_accounts
    if key in _STARTS:
        user, kept = _STARTS[key]
        cell.sandbox.conductor.put_user(**user)
        cell.driver.restore(kept)
        return
    for program in [started] if again == started else [started, again]:
        cell.write(program)
        ran = cell.driver.run("up")
        if not ran.ok:
            cell.blame("start", "; ".join(ran.errors))
    _STARTS[key] = (cell.user(), cell.driver.keep())


def _happen_outside(cell: Cell) -> None:
    edits = dict(edit for one in cell.features for edit in one.outside)
    if edits:
        cell.sandbox.conductor.edit_user(ANN, **edits)
    if any(one.is_refreshed for one in cell.features):
        cell.driver.run("refresh")
    if any(one.forgets for one in cell.features):
        cell.driver.forget()
        cell.given = set()  # a stack that knows nothing cannot say what it gave


def _fail_first(cell: Cell, edited: Program) -> None:
    if not any(one.fails_first for one in cell.features):
        return
    for route in _ACCOUNT_ROUTES:
        cell.sandbox.faults.add(route, status=400, body='{"message": "not now"}')
    cell.write(edited)
    ran = cell.driver.run("up", **_options(edited))
    cell.sandbox.faults.clear()
    _check_one_line(cell, "failed run", ran)
    _check_switched_off(cell, "failed run")


def _options(program: Program) -> dict[str, list[str]]:
    return {option: [program.urn_pattern] for option in program.run_options}


def _edit(cell: Cell, edited: Program) -> Ran:
    cell.write(edited)
    world = cell.sandbox.conductor.users()
    planned = cell.driver.run("preview", **_options(edited))
    if world != cell.sandbox.conductor.users():
        cell.blame("preview", "it writes")
    if not planned.ok:
        _check_one_line(cell, "preview", planned)
        return planned
    ran = cell.driver.run("up", **_options(edited))
    if ran.ok and planned.plan != ran.plan:
        cell.blame("preview", f"it plans {planned.plan}, the update does {ran.plan}")
    if not ran.ok:
        cell.blame("preview", "it passes, and the update fails")
    _check_one_line(cell, "edit", ran)
    _check_switched_off(cell, "edit")
    _check_strangers(cell, "edit")
    if ran.ok and not edited.run_options:
        _check_declared(cell, "edit", ran)
    cell.given -= {account for account in cell.given if named_in(account, ran.warnings)} - edited.declared_accounts
    return ran


def _run_again(cell: Cell, edited: Program) -> None:
    """Run the same program without options until nothing is left to do, which is the second time at most."""
    if edited.run_options:
        ran = cell.driver.run("up")
        cell.outcomes.append(_outcome(cell, ran))
        _check_one_line(cell, "plain run", ran)
        _check_switched_off(cell, "plain run")
        if ran.ok:
            _check_declared(cell, "plain run", ran)
    else:
        cell.outcomes.append("")
    cell.sandbox.forget_requests()
    again = cell.driver.run("up")
    writes = [f"{one['method']} {one['path']} {one['status']}" for one in cell.sandbox.writes()]
    changes = [step for step in again.plan if step[0] not in {"same", "read"}]
    if again.ok and (writes or changes):
        cell.blame("the same program again", f"it changes something: {writes} {changes}")


def _end(cell: Cell) -> None:
    ran = cell.driver.run("destroy")
    cell.outcomes.append(_outcome(cell, ran))
    _check_one_line(cell, "destroy", ran)
    _check_switched_off(cell, "destroy")
    _check_strangers(cell, "destroy")
    if ran.ok:
        _check_given(cell, "destroy", ran, set())


def _outcome(cell: Cell, ran: Ran) -> str:
    user = cell.user()
    accounts = ",".join(map(str, user["accounts"])) or "none"
    remote = f"{user['status']} {user['type']} {accounts}"
    codes = " ".join(code.removeprefix("CONDUIT-") for code in ran.codes if ran.ok)
    return f"{_verdict(ran)}{remote}{f'; {codes}' if codes else ''}"


def _verdict(ran: Ran) -> str:
    return "" if ran.ok else f"refused ({' / '.join(ran.errors)}): "


def _check_one_line(cell: Cell, phase: str, ran: Ran) -> None:
    ours = [error for error in ran.errors if "is protected" not in error and "--target" not in error]
    if any("\n" in error for error in ours):
        cell.blame(phase, f"an error of more than one line: {ours}")
    if not ran.ok and not ran.errors:
        cell.blame(phase, "it fails and does not say why")


def _check_switched_off(cell: Cell, phase: str) -> None:
    """Check that nobody whom the old state had ACTIVE and who was deactivated outside is ACTIVE."""
    if cell.has("off", "off-seen") and cell.user()["status"] == "ACTIVE":
        cell.blame(phase, "who was deactivated outside is ACTIVE")


def _check_strangers(cell: Cell, phase: str) -> None:
    for email, accounts in STRANGERS.items():
        if cell.sandbox.conductor.user(email)["accounts"] != accounts:
            cell.blame(phase, f"{email} was touched")


def _check_declared(cell: Cell, phase: str, ran: Ran) -> None:
    """Check that what is declared is there."""
    user, program = cell.user(), cell.program
    if program.user["status"] != user["status"] and not cell.has("off", "off-seen"):
        cell.blame(phase, f"{program.user['status']} is declared, the user is {user['status']}")
    if user["status"] == "ACTIVE" and not program.declared_accounts <= set(user["accounts"]):
        cell.blame(phase, f"{program.declared_accounts} is declared, {user['accounts']} is there")
    if user["status"] == "ACTIVE" and program.listed and set(program.listed) != set(user["accounts"]) & set(OWNED):
        cell.blame(phase, f"{program.listed} is listed, {user['accounts']} is there")
    _check_given(cell, phase, ran, program.declared_accounts)
    cell.given |= program.declared_accounts


def _check_given(cell: Cell, phase: str, ran: Ran, declared: set[int]) -> None:
    """Check that what was given and is declared no more is not there, or is recorded, or was named in a warning."""
    user = cell.user()
    if user["status"] != "ACTIVE":
        return
    for account in (cell.given - declared - {INITIAL}) & set(user["accounts"]):
        if not named_in(account, ran.warnings) and account not in recorded_accounts(cell.driver):
            cell.blame(phase, f"account {account} is declared no more, is there, and nothing says so")


def named_in(account: int, warnings: list[str]) -> bool:
    """Return whether a warning names an account."""
    return any(re.search(rf"\b{account}\b", warning) for warning in warnings)


def recorded_accounts(driver: Driver) -> set[int]:
    """Return the accounts that the state has, by either kind of resource."""
    found: set[int] = set()
    for one in driver.resources():
        outputs = one.get("outputs") or {}
        if "UserAccountAccess" in one["type"]:
            found |= {int(account) for account in outputs.get("accountIds", [outputs.get("accountId", 0)])}
    return found
