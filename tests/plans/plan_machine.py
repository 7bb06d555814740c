"""Random programs with all resource options, edited, planned, reported and updated in sequence."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from random import Random
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule
from machine import Machine, Tally, company_slots, few_edits, held
from plan_fixture import PlanFixture
from planned_declarations import PEOPLE, PlannedCompany, PlannedPerson
from random_declarations import Declaration

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_EDITS = 4
_REFRESHED = 0.3
_FAILING = 0.15

STYLES = ["{}", "{}", "hr::{}", "{}::x", 'the "{}"', "it's {}", "{}\nnext", "a::b\n'{}'::"]
FORMS = ["managed", "managed", "read", "imported", "absent"]
ROUTES = [
    "POST /users",
    "PUT /users/{userEmail}/accounts",
    "PUT /users/{userEmail}/accounts/{accountId}",
    "PUT /users/{userEmail}/status",
    "PUT /users/{userEmail}/type",
]
QUESTIONS = [
    {},
    {},
    {"inactive_keeps_grants": False},
    {"inactive_accounts_hidden": True},
    {"hide_foreign_accounts": True},
]
some_slots = st.sampled_from([0, 0, 0, 1, 2, PEOPLE])
styles = st.sampled_from(STYLES)
ignored = st.lists(st.sampled_from(["type", "status", "email", "onDestroy", "initialAccounts", "*"]), max_size=2)
replacing = st.lists(st.sampled_from(["type", "status", "*"]), max_size=2)
needed = st.lists(st.sampled_from(["team-a", "person-0-0", "person-1-0", "company-0-0"]), max_size=2)
common = {
    "protect": st.booleans(),
    "retain_on_delete": st.booleans(),
    "delete_before_replace": st.booleans(),
    "depends_on": needed,
}
user_options = st.fixed_dictionaries(
    {}, optional={**common, "ignore_changes": ignored, "replace_on_changes": replacing}
)
access_options = st.fixed_dictionaries(
    {}, optional={**common, "ignore_changes": st.sampled_from([["accountIds"], ["user"], ["*"]])}
)
company_options = st.fixed_dictionaries(
    {}, optional={**common, "ignore_changes": st.sampled_from([["name"], ["pageEnabled"], ["*"]])}
)
FAULTS = [{"route": route, "after": after, "status": 400} for route in ROUTES for after in range(3)]


START = (
    PlannedPerson(0, accounts=frozenset({2, 3})),
    PlannedPerson(1, type="STANDARD", is_exclusive=True, accounts=frozenset({2})),
    PlannedPerson(2, type="STANDARD", status="INACTIVE", accounts=frozenset({4})),
)


def _ignores_email(options: Mapping[str, Any]) -> bool:
    return not {"email", "*"}.isdisjoint(options.get("ignore_changes", ()))


@dataclass
class Plans(Tally):
    """What became of the plans, for the summary."""

    ends: dict[str, int] = field(default_factory=dict)
    happened: int = 0


class PlanMachine(Machine):
    """A program whose every plan is reported before it is carried out."""

    fixture_type = PlanFixture
    person_type = PlannedPerson
    company_type = PlannedCompany
    _fixture: PlanFixture
    _tally: Plans

    if TYPE_CHECKING:

        def _person(self, slot: int) -> PlannedPerson: ...

    @few_edits
    @rule(slot=some_slots, style=styles)
    def name_person_oddly(self, slot: int, style: str) -> None:
        """Give somebody's resources names that Pulumi takes and parsers may not."""
        self._edit(replace(self._person(slot), style=style))

    @few_edits
    @rule(slot=some_slots, address=st.sampled_from(["", "-b"]))
    def change_address(self, slot: int, address: str) -> None:
        """Give somebody another email, which replaces the user."""
        self._edit(replace(self._person(slot), address=address))

    @few_edits
    @rule(slot=some_slots, options=user_options)
    def set_options(self, slot: int, options: Mapping[str, Any]) -> None:
        """Set the options of a user's resource; one that `docs/report.md` says that it cannot know is left out."""
        known = {
            name: given
            for name, given in options.items()
            if name != "replace_on_changes" or not _ignores_email(options)
        }
        self._edit(replace(self._person(slot), options=known))

    @few_edits
    @rule(slot=some_slots, options=access_options, is_linked=st.booleans())
    def set_access_options(self, slot: int, options: dict[str, Any], *, is_linked: bool) -> None:
        """Set the options of somebody's grants or list, and whether they name the resource or the email."""
        self._edit(replace(self._person(slot), access_options=options, is_linked=is_linked))

    @few_edits
    @rule(slot=some_slots, form=st.sampled_from(FORMS))
    def set_form(self, slot: int, form: str) -> None:
        """Manage somebody, only read them, import them, or leave them out and keep their access."""
        self._edit(replace(self._person(slot), form=form))

    @few_edits
    @rule(slot=some_slots, form=st.sampled_from(FORMS[:-1]))
    def set_access_form(self, slot: int, form: str) -> None:
        """Manage access, only read it, or import it."""
        self._edit(replace(self._person(slot), access_form=form))

    @few_edits
    @rule(
        slot=some_slots,
        on_destroy=st.sampled_from(["deactivate", "deactivate", "retain"]),
        on_conflict=st.sampled_from(["adopt", "adopt", "reactivate_inactive", "error"]),
    )
    def set_policies(self, slot: int, **given: Any) -> None:
        """Choose what a conflict and a destroy do."""
        self._edit(replace(self._person(slot), **given))

    @few_edits
    @rule(slot=some_slots, initial=st.sampled_from([(1,), (1, 2), (1, 5), (2,)]))
    def set_initial_accounts(self, slot: int, initial: tuple[int, ...]) -> None:
        """Declare other initial accounts."""
        self._edit(replace(self._person(slot), initial=initial))

    @few_edits
    @rule(slot=some_slots, profile=st.sampled_from([None, "b", "c"]))
    def set_profile(self, slot: int, profile: str | None) -> None:
        """Reach somebody with other settings of the same identity, or as another identity."""
        self._edit(replace(self._person(slot), profile=profile))

    @few_edits
    @rule(slot=company_slots, style=styles, form=st.sampled_from(FORMS[:-1]), options=company_options)
    def set_company(self, slot: int, **given: Any) -> None:
        """Give a company's resource a name and options."""
        self._edit(replace(self._company(slot), **given))

    def _living_people(self) -> list[str]:
        return sorted(email for email in self._fixture.sandbox.conductor.users() if email.startswith("person-"))

    @precondition(lambda self: self._living_people())
    @few_edits
    @rule(data=st.data(), accounts=held)
    def change_access_outside(self, data: st.DataObject, accounts: set[int]) -> None:
        """Give and take accounts behind the program's back."""
        self._drift()
        self._fixture.sandbox.conductor.edit_user(data.draw(st.sampled_from(self._living_people())), accounts=accounts)

    @initialize(switches=st.sampled_from(QUESTIONS), chance=st.integers(0, 2**32))
    def begin(self, switches: Mapping[str, Any], chance: int) -> None:
        """Let the API behave in another way that its pages leave open, and have people in the stack."""
        self._fixture.sandbox.switches = replace(self._fixture.sandbox.switches, **switches)
        self._chance = Random(chance)  # noqa: S311 - repeatable, not secret
        self._declared = Declaration(dict(enumerate(START)), {0: PlannedCompany(0)})
        self._verify()

    @precondition(lambda self: self._fixture.applied.keys())
    @few_edits
    @rule()
    def lose_state(self) -> None:
        """Empty the state, so that everything is found there."""
        self._step()
        self._fixture.forget()

    @invariant()
    def plan_now_and_then(self) -> None:
        """Report a plan, carry it out, and be judged; after one edit, or after some."""
        if not self.edits or self._chance.randint(0, _MOST_EDITS) > self.edits:
            return
        if self._chance.random() < _REFRESHED:
            self._fixture.look()
        self._verify(self._chance.choice(FAULTS) if self._chance.random() < _FAILING else None)
        self.edits, self._is_drifted = 0, False

    def _verify(self, fault: dict[str, Any] | None = None) -> None:
        planned = self._fixture.plan(self._declared, fault)
        self._tally.ends[planned.end] = self._tally.ends.get(planned.end, 0) + 1
        self._tally.happened += planned.happened
        if planned.end in {"refused", "untold"}:
            self._declared = self._fixture.applied
        assert not planned.faults, "\n".join(planned.faults)

    @precondition(lambda self: self._declared.keys())
    @few_edits
    @rule()
    def clear(self) -> None:
        """Remove everything from the program."""
        self._step()
        self._declared = Declaration()

    # What the machine does and judges by its own model.

    def up(self) -> None:
        """Do not update without a plan."""

    def destroy(self) -> None:
        """Do not destroy without a plan."""

    def kill(self) -> None:
        """Do not kill: a killed run has no plan."""

    def teardown(self) -> None:
        """Leave nothing behind."""
        self._tally.operations += self._fixture.operations
        self._folder.cleanup()
