"""A sandbox with strangers in it, and a stack whose program declares what it is told; operations are judged here."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from declarations import Declaration
from expectations_of_up import company_after, person_after

from pulumi_conduit.testing.engine import Result, run

if TYPE_CHECKING:
    from pulumi_conduit.sandbox import Sandbox
    from pulumi_conduit.testing.engine import Launcher

_HERE = Path(__file__).parent
_PATIENCE_S = 30.0
_UNDECIDABLE = {"created_at", "page_url"}


class Stage:
    """One stack against one sandbox, and what was applied to it last."""

    def __init__(self, sandbox: Sandbox, launcher: Launcher, folder: Path) -> None:
        """Start from the seed, with strangers that nothing may touch."""
        sandbox.reset()
        self.sandbox, self._launcher, self._folder = sandbox, launcher, folder
        self.applied = Declaration()
        self.operations = 0
        self._state = folder / "state.json"
        sandbox.conductor.put_user("stranger@other.example", accounts=[1, 2])
        sandbox.conductor.put_user("foreigner@other.example", accounts=[99])
        sandbox.link.put_company("STRANGER", name="Stranger")

    def up(self, declared: Declaration, *, is_drifted: bool) -> None:
        """Update, and hold the APIs to the declaration, a second update to silence and a refresh to finding nothing."""
        if is_drifted:
            self.refresh()
        expected, touched = self._expected(declared), self.applied.keys() | declared.keys()
        self._write(declared)
        self._succeed("up")
        self.applied = declared
        self._judge(expected, touched)
        again = self._succeed("up")
        assert self.sandbox.requests == []
        assert {"same"} == set(again.summary)
        self.refresh(finds_nothing=True)
        assert expected == self._world()

    def interrupted(
        self, operation: str, declared: Declaration, *, is_drifted: bool, requests: int, lost: bool
    ) -> None:
        """Kill the engine while a request is on its way, then do the same again to its end."""
        if is_drifted:
            self.refresh()
        goal = declared if operation == "up" else Declaration()
        expected, touched = self._expected(goal), self.applied.keys() | goal.keys()
        self._write(declared)
        self._kill(operation, requests, lost=lost)
        self._succeed(operation)
        self.applied = goal
        assert expected == self._world()
        self._judge_paths(touched)

    def destroy(self, *, is_drifted: bool) -> None:
        """Destroy, and hold the APIs to it that everybody has lost their access."""
        if is_drifted:
            self.refresh()
        expected, touched = self._expected(Declaration()), self.applied.keys()
        self._succeed("destroy")
        self.applied = Declaration()
        self._judge(expected, touched)

    def refresh(self, *, finds_nothing: bool = False) -> None:
        """Look, and change nothing; what is gone is no longer applied."""
        world, before = self._world(), self._recorded()
        looked = self._succeed("refresh")
        assert (world, []) == (self._world(), self.sandbox.writes())
        if finds_nothing:
            assert [] == [step for step in looked.steps if step.op != "same"]
            assert before == self._recorded()
        people = {slot: one for slot, one in self.applied.people.items() if self.person(one.email)}
        companies = {slot: one for slot, one in self.applied.companies.items() if self.company(one.company_id)}
        self.applied = Declaration(people, companies)

    def person(self, email: str) -> dict[str, Any] | None:
        """Return a live user."""
        return self.sandbox.conductor.users().get(email)

    def company(self, company_id: str) -> dict[str, Any] | None:
        """Return a live company."""
        return self.sandbox.link.companies().get(company_id.lower())

    def _world(self) -> dict[str, Any]:
        companies = self.sandbox.link.companies()
        shown = {key: {name: one[name] for name in one.keys() - _UNDECIDABLE} for key, one in companies.items()}
        return {**self.sandbox.conductor.users(), **shown}

    def _expected(self, declared: Declaration) -> dict[str, Any]:
        world, applied = self._world(), self.applied
        for slot in applied.people.keys() | declared.people.keys():
            one, other = applied.people.get(slot), declared.people.get(slot)
            email = (one or other).email
            world[email] = person_after(world.get(email), one, other)
        for slot in applied.companies.keys() | declared.companies.keys():
            one, other = applied.companies.get(slot), declared.companies.get(slot)
            key = (one or other).company_id.lower()
            world[key] = company_after(world.get(key), one, other)
        return world

    def expected_accounts(self, declared: Declaration, slot: int) -> list[int]:
        """Return the accounts that somebody is to hold after an update."""
        one = declared.people[slot]
        applied = self.applied.people.get(slot) if self.person(one.email) else None
        return person_after(self.person(one.email), applied, one)["accounts"]

    def _judge(self, expected: dict[str, Any], touched: set[str]) -> None:
        assert expected == self._world()
        self._judge_paths(touched)

    def _judge_paths(self, touched: set[str]) -> None:
        for write in self.sandbox.writes():
            path = unquote(write["path"])
            assert write["route"].endswith(("/users", "/company/")) or any(key in path for key in touched), path

    def _write(self, declared: Declaration) -> None:
        records = declared.records(self.applied)
        (self._folder / "declaration.json").write_text(json.dumps(records), encoding="utf-8")

    def _recorded(self) -> Any:
        """Return the state without times, and without the empty lists that every refresh drops."""
        if not self._state.exists():
            return []
        resources = json.loads(self._state.read_text(encoding="utf-8"))["deployment"]["resources"]
        for one in resources:
            one.pop("modified", None)
            kept = {name: urns for name, urns in one.pop("propertyDependencies", {}).items() if urns}
            one["propertyDependencies"] = kept
        return resources

    def _succeed(self, operation: str) -> Result:
        self.operations += 1
        self.sandbox.forget_requests()
        ran = run(
            operation,
            program=_HERE / "any_program",
            state=self._state,
            environ=self._environ(),
            launcher=self._launcher,
        )
        assert [] == ran.errors
        assert ran.succeeded
        return ran

    def _environ(self) -> dict[str, str]:
        limits = {"CONDUIT_MAX_GONE": "100"}
        declaration = {"MACHINE_DECLARATION": str(self._folder / "declaration.json")}
        return {**self.sandbox.environ(), **limits, **declaration}

    def _kill(self, operation: str, requests: int, *, lost: bool) -> None:
        """Run an operation in a process that is killed when it has made some requests; `lost` ones have no effect."""
        self.operations += 1
        command = [sys.executable, str(_HERE / "run_engine.py"), operation, str(self._state)]
        with subprocess.Popen(  # noqa: S603 - this interpreter
            command, env={**os.environ, **self._environ()}, start_new_session=True
        ) as engine:
            fault = self.sandbox.faults.add(
                after=requests, hook=lambda: engine.send_signal(signal.SIGKILL), drop="before" if lost else None
            )
            engine.wait(_PATIENCE_S)
        self.sandbox.faults.clear()
        assert (-signal.SIGKILL if fault.struck else 0) == engine.returncode
        _until(lambda: not _is_alive(engine.pid), "a child outlived its engine")
        _until(self._is_quiet, "a request is still in flight")

    def _is_quiet(self) -> bool:
        self.sandbox.forget_requests()
        return self.sandbox.peak_in_flight == 0


def _is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def _until(is_so: Any, complaint: str) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, complaint
        time.sleep(0.01)
