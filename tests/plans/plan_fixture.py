"""A stack whose plan is reported before it is carried out, and the API is held to the report."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner
from machine_fixture import MachineFixture
from observed_changes import Look, compare, is_known_to_nobody, unsaid
from planned_declarations import SECOND_PROFILE
from preview_plan import as_preview_prints, watching_steps
from random_declarations import Declaration

from pulumi_conduit.cli.group import commands
from pulumi_conduit.sandbox.rules.state import DEFAULT_IDENTITY
from pulumi_conduit.warnings import UNVERIFIED

if TYPE_CHECKING:
    from pathlib import Path

    from pulumi_conduit.sandbox import Sandbox
    from pulumi_conduit.testing.engine import Launcher, Result

__all__ = ["PlanFixture", "Planned"]

_SECOND = "second@sandbox.example"
_SECOND_OWNS = (1, 2, 3, 5)
_RUN_LIMITS = {"deactivations": "CONDUIT_MAX_DEACTIVATIONS", "revocations": "CONDUIT_MAX_REVOCATIONS"}
_TOLD, _EXCEEDED, _REFUSED = 0, 1, 3


@dataclass(frozen=True)
class Planned:
    """What became of a plan: `refused` by the preview, `untold` by the report, or carried out; and what was wrong."""

    end: str
    report: dict[str, Any] = field(default_factory=dict)
    happened: int = 0
    errors: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


class PlanFixture(MachineFixture):
    """One stack against one sandbox with two identities."""

    def __init__(self, sandbox: Sandbox, launcher: Launcher, engines: Launcher | None, folder: Path) -> None:
        """Start from the seed, with a second identity that owns some of the accounts."""
        super().__init__(sandbox, launcher, engines, folder)
        sandbox.conductor.add_identity(_SECOND, "second-password", _SECOND_OWNS)
        self._limits: dict[str, str] = {}

    def plan(self, declared: Declaration, fault: dict[str, Any] | None = None) -> Planned:
        """Preview, report, update within what the report counted, and compare; `fault` strikes the update."""
        self._write(declared)
        self._limits = {}
        with watching_steps() as steps:
            preview = self._run("preview")
        plan = as_preview_prints(preview, steps)
        code, said = _report(plan)
        if not preview.succeeded:
            return Planned("refused", errors=tuple(preview.errors), faults=() if code == _REFUSED else ("told",))
        if code == _REFUSED:
            return Planned("untold", errors=(said,))
        report = json.loads(said)
        return self._carry_out(declared, plan, report, preview, fault)

    def _carry_out(
        self, declared: Declaration, plan: str, report: dict[str, Any], preview: Result, fault: dict[str, Any] | None
    ) -> Planned:
        faults = _limits_that_lie(plan, report["counts"])
        before = self._look()
        ran = self._update(report["counts"], fault)
        done = compare(before, self._look(), self._hidden())
        faults += unsaid(done, report)
        open_questions = "\n".join(one.message for one in preview.diagnostics if one.message.startswith(UNVERIFIED))
        exceeding = [
            one
            for one in ran.errors
            if "CONDUIT_MAX_" in one
            and not is_known_to_nobody(one, before)
            and one.partition(":")[0] not in open_questions  # the preview says that it did not compare this user
        ]
        faults += [f"the update exceeds what was counted: {one}" for one in exceeding]
        if ran.succeeded:
            self.applied = declared
            faults += self._other_steps(preview, ran, report)
        return Planned("failed" if ran.errors else "done", report, done.count(), tuple(ran.errors), tuple(faults))

    def _update(self, counts: dict[str, int], fault: dict[str, Any] | None) -> Result:
        limits = {name: str(counts[kind]) for kind, name in _RUN_LIMITS.items()}
        self._limits = limits | {f"{name}_{SECOND_PROFILE.upper()}": most for name, most in limits.items()}
        if fault:
            self.sandbox.faults.add(**fault)
        ran = self._run("up")
        self.sandbox.faults.clear()
        return ran

    def forget(self) -> None:
        """Empty the state."""
        self._state.unlink(missing_ok=True)
        self.applied = Declaration()

    def look(self) -> None:
        """Refresh, whatever comes of it."""
        self._limits = {}
        self._run("refresh")

    def _look(self) -> Look:
        kept = [one for one in self._recorded() if "dynamic/conduit:" in one["type"] and not one.get("external")]
        lists = [one for one in kept if one["type"].endswith("Exclusive")]
        listed = {f"{one['id']}:{account}" for one in lists for account in one["outputs"]["accountIds"]}
        off = {one["id"] for one in kept if one["outputs"].get("status") == "INACTIVE"}
        return Look(self._world(), {one["id"] for one in kept if one not in lists}, listed, off)

    def _hidden(self) -> set[int]:
        """Return the accounts that one of the identities does not see."""
        owned = self.sandbox.conductor.identities()
        return (
            set(owned[DEFAULT_IDENTITY]) ^ set(owned[_SECOND]) if self.sandbox.switches.hide_foreign_accounts else set()
        )

    def _other_steps(self, preview: Result, ran: Result, report: dict[str, Any]) -> list[str]:
        """Return where the update took other steps than its plan.

        A grant of a user whom another identity reactivates may be added again: that identity may not see it.
        """
        by = {one["email"]: one["profile"] for one in report["people"] if "reactivated" in one["happens"]}
        grants = [one for one in self._recorded() if one["type"].endswith("UserAccountAccess")]
        again = {
            ("update", one["urn"]): ("same", one["urn"])
            for one in grants
            if one["outputs"].get("profile") != by.get(one["outputs"]["user"], one["outputs"].get("profile"))
        }
        planned, done = (
            sorted(again.get(step, step) for step in ((one.op, one.urn) for one in run.steps)) for run in (preview, ran)
        )
        return [] if planned == done else [f"the update takes other steps than its plan: {planned} {done}"]

    def _environ(self) -> dict[str, str]:
        same = self.sandbox.environ(profile="b")
        other = self.sandbox.environ(identity=_SECOND, profile=SECOND_PROFILE)
        return {**super()._environ(), **same, **other, **self._limits}


def _report(plan: str, **limits: int | None) -> tuple[int, str]:
    """Run the command, and return its exit code and what it printed, or its reasons."""
    options = [f"--max-{name}={most}" for name, most in limits.items() if name != "promotions"]
    options += ["--forbid-promotions"] if "promotions" in limits else []
    ran = CliRunner().invoke(commands, ["report", "--json", "--allow-unverified", *options], input=plan.encode())
    return ran.exit_code, ran.stdout if ran.exit_code != _REFUSED else ran.stderr


def _limits_that_lie(plan: str, counts: dict[str, int]) -> list[str]:
    """Return what is wrong with limits: each at what was counted must pass, and each at one less must fail."""
    limited = {name: counts[name] for name in ("deactivations", "revocations", "reactivations", "adoptions")}
    less = {name: most - 1 for name, most in limited.items() if most}
    less |= {"promotions": 0} if counts["promotions"] else {}
    failing = [] if _report(plan, **limited)[0] == _TOLD else [f"limits of {limited} fail"]
    passing = {name: most for name, most in less.items() if _report(plan, **{name: most})[0] != _EXCEEDED}
    return failing + [f"{name}={most} passes" for name, most in passing.items()]
