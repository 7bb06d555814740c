"""Random programs and random events: what an author, an operator and an outsider may do, in any order.

Between two operations there are few edits, so that there is something applied for most of them to work on. Only some
updates are audited, which is to be followed by a second one and a refresh; the last one always is.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from machine_fixture import Interruption, MachineFixture
from random_declarations import TEAMS, Company, Declaration, Person, Spot

if TYPE_CHECKING:
    from pulumi_conduit.sandbox import Sandbox
    from pulumi_conduit.testing.engine import Launcher

_FEWEST_EDITS = 2
_MOST_EDITS = 4

slots = st.sampled_from([0, 1, 2])
company_slots = st.sampled_from([0, 1])
numbers = st.sampled_from([0, 1])
types = st.sampled_from(["READ_ONLY", "STANDARD"])
statuses = st.sampled_from(["ACTIVE", "INACTIVE"])
grants = st.frozensets(st.sampled_from([2, 3, 4]), max_size=3)
held = st.sets(st.sampled_from([1, 2, 3, 4]), min_size=1)
names = st.sampled_from([None, "Acme", "Acme Corporation"])
pages = st.sampled_from([None, True, False])
interruptions = st.builds(Interruption, st.sampled_from(["engine", "provider"]), st.integers(0, 9), st.booleans())
few_edits = precondition(lambda self: self.edits < _MOST_EDITS)


@dataclass
class Tally:
    """What was run, for the summary."""

    sequences: int = 0
    steps: int = 0
    operations: int = 0


class Machine(RuleBasedStateMachine):
    """A program that is edited and run while others change what it manages."""

    fixture_type: ClassVar = MachineFixture
    person_type: ClassVar = Person
    company_type: ClassVar = Company

    def __init__(self, sandbox: Sandbox, launcher: Launcher, engines: Launcher | None, tally: Tally) -> None:
        """Start with an empty program."""
        super().__init__()
        self._folder = tempfile.TemporaryDirectory(prefix="conduit-machine-")
        self._fixture = self.fixture_type(sandbox, launcher, engines, Path(self._folder.name))
        self._tally = tally
        self._declared = Declaration()
        self.edits = 0
        self._is_drifted = False
        self._is_sound = True
        tally.sequences += 1

    def _edit(self, one: Person | Company | None) -> None:
        self._step()
        if one is not None:
            self._declared = self._declared.having(one)

    def _step(self) -> None:
        self.edits += 1
        self._tally.steps += 1

    def _person(self, slot: int) -> Person:
        return self._declared.people.get(slot) or self.person_type(slot)

    def _company(self, slot: int) -> Company:
        return self._declared.companies.get(slot) or self.company_type(slot)

    @few_edits
    @rule(slot=slots, type=types, status=statuses, is_exclusive=st.booleans(), accounts=grants)
    def declare_person(self, slot: int, **given: Any) -> None:
        """Declare somebody, or everything about somebody anew."""
        self._edit(replace(self._person(slot), **given))

    @few_edits
    @rule(slot=slots, accounts=grants)
    def edit_access(self, slot: int, accounts: frozenset[int]) -> None:
        """Declare other accounts."""
        self._edit(replace(self._person(slot), accounts=accounts))

    @few_edits
    @rule(slot=slots, status=statuses)
    def edit_status(self, slot: int, status: str) -> None:
        """Declare another status."""
        self._edit(replace(self._person(slot), status=status))

    @few_edits
    @rule(slot=slots, number=numbers, parent=st.sampled_from(TEAMS), is_aliased=st.booleans())
    def move_person(self, slot: int, number: int, parent: str, *, is_aliased: bool) -> None:
        """Rename somebody, or move them into a component, with an alias or without."""
        self._edit(replace(self._person(slot), spot=Spot(number, parent), is_aliased=is_aliased))

    @few_edits
    @rule(slot=slots, number=numbers, parent=st.sampled_from((*TEAMS, "user")))
    def move_access(self, slot: int, number: int, parent: str) -> None:
        """Rename somebody's grants, or move them into a component or under the user."""
        self._edit(replace(self._person(slot), grants_spot=Spot(number, parent)))

    @few_edits
    @rule(slot=company_slots, name=names, page_enabled=pages, on_destroy=st.sampled_from(["retain", "disable_page"]))
    def declare_company(self, slot: int, **given: Any) -> None:
        """Declare a company, or everything about it anew."""
        self._edit(replace(self._company(slot), **given))

    @few_edits
    @rule(slot=company_slots, number=numbers, parent=st.sampled_from(TEAMS), is_aliased=st.booleans())
    def move_company(self, slot: int, number: int, parent: str, *, is_aliased: bool) -> None:
        """Rename a company, or move it into a component, with an alias or without."""
        self._edit(replace(self._company(slot), spot=Spot(number, parent), is_aliased=is_aliased))

    @precondition(lambda self: self._declared.keys())
    @few_edits
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        """Remove somebody or something from the program."""
        self._step()
        there: list[Person | Company] = [*self._declared.people.values(), *self._declared.companies.values()]
        self._declared = self._declared.lacking(data.draw(st.sampled_from(there)))

    def _drift(self) -> None:
        self._step()
        self._is_drifted = True

    @precondition(lambda self: self._living_people())
    @few_edits
    @rule(data=st.data(), type=types, status=statuses, accounts=held)
    def change_person_outside(self, data: st.DataObject, **given: Any) -> None:
        """Change a remote user behind the program's back."""
        self._drift()
        self._fixture.sandbox.conductor.edit_user(data.draw(st.sampled_from(self._living_people())), **given)

    @precondition(lambda self: self._living_people())
    @few_edits
    @rule(data=st.data())
    def lose_person(self, data: st.DataObject) -> None:
        """Remove a remote user, as no API call can."""
        self._drift()
        self._fixture.sandbox.conductor.remove_user(data.draw(st.sampled_from(self._living_people())))

    @precondition(lambda self: self._living_companies())
    @few_edits
    @rule(data=st.data(), name=names, page_enabled=st.booleans())
    def change_company_outside(self, data: st.DataObject, **given: Any) -> None:
        """Change a remote company behind the program's back."""
        self._drift()
        self._fixture.sandbox.link.edit_company(data.draw(st.sampled_from(self._living_companies())), **given)

    @precondition(lambda self: self._living_companies())
    @few_edits
    @rule(data=st.data())
    def lose_company(self, data: st.DataObject) -> None:
        """Remove a remote company, as no API call can."""
        self._drift()
        self._fixture.sandbox.link.remove_company(data.draw(st.sampled_from(self._living_companies())))

    @precondition(lambda self: not self._fixture.person("person-0@acme.example"))
    @few_edits
    @rule(type=types, status=statuses, accounts=held)
    def appear(self, **given: Any) -> None:
        """Create, behind the program's back, a user whom it may declare."""
        self._drift()
        given |= {"first_name": "Pat", "last_name": "0"}
        self._fixture.sandbox.conductor.put_user("person-0@acme.example", **given)

    def _living_people(self) -> list[str]:
        emails = (Person(slot).email for slot in range(3))
        return [email for email in emails if self._fixture.person(email)]

    def _living_companies(self) -> list[str]:
        ids = (Company(slot).company_id for slot in range(2))
        return [company_id for company_id in ids if self._fixture.company(company_id)]

    @precondition(lambda self: self.edits >= _FEWEST_EDITS)
    @rule(is_previewed=st.sampled_from([False, False, True]), is_audited=st.sampled_from([False, False, False, True]))
    def up(self, *, is_previewed: bool, is_audited: bool) -> None:
        """Update, perhaps after a preview, and be judged."""
        self._operate(lambda: self._fixture.up(self._sensible(), is_previewed=is_previewed, is_audited=is_audited))

    @precondition(lambda self: self._fixture.applied.keys())
    @rule()
    def destroy(self) -> None:
        """Destroy; the program stays as it is."""
        self._operate(self._fixture.destroy)

    @precondition(lambda self: self.edits >= _FEWEST_EDITS)
    @rule(operation=st.sampled_from(["up", "up", "destroy"]), interruption=interruptions)
    def kill(self, operation: str, interruption: Interruption) -> None:
        """Kill the engine or the provider between two requests, and do the same again."""
        self._operate(lambda: self._fixture.interrupted(operation, self._sensible(), interruption))

    def _sensible(self) -> Declaration:
        """Give an account to whoever would be left without any: such a user is invisible to the identity."""
        for slot, one in self._declared.people.items():
            if not self._fixture.expected_accounts(self._declared, slot):
                self._declared = self._declared.having(replace(one, accounts=one.accounts | {2}))
        return self._declared

    def _operate(self, operation: Any) -> None:
        self._tally.steps += 1
        self._is_sound = False
        if self._is_drifted:
            self._fixture.refresh()
        operation()
        self._is_sound, self._is_drifted, self.edits = True, False, 0

    def teardown(self) -> None:
        """End with an update, unless a step has failed."""
        try:
            if self._is_sound:
                self._operate(lambda: self._fixture.up(self._sensible()))
        finally:
            self._tally.operations += self._fixture.operations
            self._folder.cleanup()
