"""A sandbox with strangers in it, and a stack whose program declares what it is given; operations are verified here."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from expected_updates import company_after, person_after
from process_checker import ProcessChecker
from random_declarations import Declaration

from pulumi_conduit.sandbox import MistakeError
from pulumi_conduit.testing.engine import Result, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulumi_conduit.sandbox import Sandbox
    from pulumi_conduit.sandbox.faults import Fault
    from pulumi_conduit.testing.engine import Launcher

_HERE = Path(__file__).parent
_PATIENCE_S = 30.0
_UNDECIDABLE = {"created_at", "page_url"}


@dataclass(frozen=True)
class Interruption:
    """Who is killed, after how many requests, and whether the one on its way has no effect any more."""

    victim: str
    requests: int
    is_lost: bool


class MachineFixture:
    """One stack against one sandbox, and what was applied to it last."""

    def __init__(self, sandbox: Sandbox, launcher: Launcher, engines: Launcher | None, folder: Path) -> None:
        """Start from the seed, with strangers that nothing may touch; `engines` starts those that will be killed."""
        sandbox.reset()
        self.sandbox, self._engines, self._folder = sandbox, engines, folder
        self._launcher = ProcessChecker(launcher, folder)
        self.applied = Declaration()
        self.operations = 0
        self._state = folder / "state.json"
        sandbox.conductor.put_user("stranger@other.example", accounts=[1, 2])
        sandbox.conductor.put_user("foreigner@other.example", accounts=[99])
        sandbox.link.put_company("STRANGER", name="Stranger")

    def up(self, declared: Declaration, *, is_previewed: bool = False, is_audited: bool = True) -> None:
        """Update, and hold the APIs to the declaration; in an audit, a second one and a refresh to silence."""
        expected, touched = self._expected(declared), self.applied.keys() | declared.keys()
        self._write(declared)
        planned = self._preview() if is_previewed else None
        done = self._succeed("up")
        assert planned in (None, _plan(done))
        self.applied = declared
        self._verify(expected, touched)
        if is_audited:
            self._audit()

    def _audit(self) -> None:
        if self._is_anybody_off():
            self.refresh()  # the delete of an old resource sets a user INACTIVE, which the new one does not know yet
        world = self._world()
        again = self._succeed("up")
        assert self.sandbox.requests == []
        assert {"same"} == set(again.summary)
        self.refresh(finds_nothing=True)
        assert world == self._world()

    def _is_anybody_off(self) -> bool:
        """Return whether somebody whom the program declares ACTIVE is INACTIVE."""
        people = ((one, self.person(one.email)) for one in self.applied.people.values())
        return any(one.status == "ACTIVE" and live and live["status"] == "INACTIVE" for one, live in people)

    def interrupted(self, operation: str, declared: Declaration, interruption: Interruption) -> None:
        """Kill a process while a request is on its way, then do the same again to its end."""
        goal = declared if operation == "up" else Declaration()
        expected, touched = self._expected(goal), self.applied.keys() | goal.keys()
        half_adopted = self._half_adopted(goal)
        self._write(declared)
        kill = self._kill_engine if interruption.victim == "engine" else self._kill_provider
        kill(operation, interruption)
        _until(lambda: not self._launcher.is_any_alive(), "a child outlived its engine")
        _until(self._is_quiet, "a request is still in flight")
        self._succeed(operation)
        self.applied = goal
        expected |= {email: one for email, one in half_adopted.items() if one == self.person(email)}
        self._verify(expected, touched)

    def _half_adopted(self, declared: Declaration) -> dict[str, Any]:
        """Return what becomes of each ACTIVE user whose adoption is killed once it has set the user INACTIVE.

        The next run finds an INACTIVE user of another type, and sets the accounts, too.
        """
        new = (one for slot, one in declared.people.items() if slot not in self.applied.people)
        found = ((one, self.person(one.email)) for one in new if one.status == "INACTIVE")
        return {
            one.email: person_after({**live, "status": "INACTIVE"}, None, one)
            for one, live in found
            if live and live["status"] == "ACTIVE"
        }

    def destroy(self) -> None:
        """Destroy, and hold the APIs to it that everybody has lost their access."""
        expected, touched = self._expected(Declaration()), self.applied.keys()
        self._succeed("destroy")
        self.applied = Declaration()
        self._verify(expected, touched)

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

    def _preview(self) -> list[tuple[str, str]]:
        world, recorded = self._world(), self._recorded()
        planned = _plan(self._succeed("preview"))
        assert (world, recorded, []) == (self._world(), self._recorded(), self.sandbox.writes())
        return planned

    def person(self, email: str) -> dict[str, Any] | None:
        """Return a remote user."""
        try:
            return self.sandbox.conductor.user(email)
        except MistakeError:
            return None

    def company(self, company_id: str) -> dict[str, Any] | None:
        """Return a remote company."""
        return self.sandbox.link.companies().get(company_id.lower())

    def _world(self) -> dict[str, Any]:
        companies = self.sandbox.link.companies()
        shown = {key: {name: one[name] for name in one.keys() - _UNDECIDABLE} for key, one in companies.items()}
        return {**self.sandbox.conductor.users(), **shown}

    def _expected(self, declared: Declaration) -> dict[str, Any]:
        world, applied = self._world(), self.applied
        for slot in applied.people.keys() | declared.people.keys():
            one, other = applied.people.get(slot), declared.people.get(slot)
            email = (one or declared.people[slot]).email
            world[email] = person_after(world.get(email), one, other)
        for slot in applied.companies.keys() | declared.companies.keys():
            was, will_be = applied.companies.get(slot), declared.companies.get(slot)
            key = (was or declared.companies[slot]).company_id.lower()
            world[key] = company_after(world.get(key), was, will_be)
        return world

    def expected_accounts(self, declared: Declaration, slot: int) -> list[int]:
        """Return the accounts that somebody is to hold after an update."""
        one = declared.people[slot]
        applied = self.applied.people.get(slot) if self.person(one.email) else None
        expected = person_after(self.person(one.email), applied, one)
        assert expected
        return expected["accounts"]

    def _verify(self, expected: dict[str, Any], touched: set[str]) -> None:
        assert expected == self._world()
        self._verify_paths(touched)

    def _verify_paths(self, touched: set[str]) -> None:
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
        ran = self._run(operation)
        assert [] == ran.errors
        assert ran.succeeded
        return ran

    def _run(self, operation: str) -> Result:
        self.operations += 1
        self.sandbox.forget_requests()
        program = _HERE / "any_program"
        return run(operation, program=program, state=self._state, environ=self._environ(), launcher=self._launcher)

    def _environ(self) -> dict[str, str]:
        limits = {"CONDUIT_MAX_MISSING": "100"}
        declaration = {"MACHINE_DECLARATION": str(self._folder / "declaration.json")}
        return {**self.sandbox.environ(), **limits, **declaration}

    def _kill_engine(self, operation: str, interruption: Interruption) -> None:
        self.operations += 1
        killed, fault = asyncio.run(self._killed(operation, interruption))
        assert (-signal.SIGKILL if fault.struck else 0) == killed
        self.sandbox.faults.clear()

    async def _killed(self, operation: str, interruption: Interruption) -> tuple[int, Fault]:
        started = threading.Event()
        victim: list[int] = []

        def kill() -> None:
            started.wait(_PATIENCE_S)
            os.kill(victim[0], signal.SIGKILL)

        fault = self._arm(interruption, kill)
        environ = {**os.environ, **self._environ()}
        assert self._engines
        child = await self._engines.start("run_engine", [operation, str(self._state)], cwd=_HERE, environ=environ)
        victim.append(child.pid)
        started.set()
        code = await child.ended()
        await child.end()
        return code, fault

    def _kill_provider(self, operation: str, interruption: Interruption) -> None:
        fault = self._arm(interruption, lambda: os.kill(self._launcher.pid_of("provider"), signal.SIGKILL))
        ran = self._run(operation)
        assert bool(fault.struck) == bool(ran.errors)
        self.sandbox.faults.clear()

    def _arm(self, interruption: Interruption, kill: Callable[[], None]) -> Fault:
        drop = "before" if interruption.is_lost else None
        return self.sandbox.faults.add(after=interruption.requests, hook=kill, drop=drop)

    def _is_quiet(self) -> bool:
        self.sandbox.forget_requests()
        return self.sandbox.peak_in_flight == 0


def _plan(ran: Result) -> list[tuple[str, str]]:
    return sorted((step.op, step.urn) for step in ran.steps)


def _until(is_so: Callable[[], bool], complaint: str) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, complaint
        time.sleep(0.01)
