"""The state of one stack in memory: what was recorded before, what this operation has done, and what is still pending.

The merge rule is that of Pulumi's `pkg/backend/snapshot.go`: what this operation made, in the order of completion, then
what it has not touched. That order is always valid, because a resource completes after everything that it needs.
Each change is handed to a listener, so that it can be journaled before it counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_conduit.testing.engine.aliases import renamed
from pulumi_conduit.testing.engine.states import State

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

__all__ = ["Snapshot"]


class Snapshot:
    """The resources of a stack during one operation."""

    def __init__(self, base: Iterable[State] = (), pending: Iterable[tuple[str, State]] = ()) -> None:
        """Start from what was recorded."""
        self.base = list(base)
        self.inherited_pending = list(pending)
        self._made: list[State] = []
        self._done: set[State] = set()
        self._numbered = list(self.base)
        self._numbers = {state: number for number, state in enumerate(self._numbered)}
        self._pending: dict[State, str] = {}
        self.listener: Callable[[dict[str, Any], bool], None] | None = None

    def resources(self) -> list[State]:
        """Return everything that is there now."""
        return [state for state in (*self._made, *self.base) if state not in self._done]

    def pending(self) -> list[tuple[str, State]]:
        """Return the operations that began and are not known to have ended.

        Creates that an earlier operation left pending stay, as in Pulumi: nobody knows whether they took place.
        """
        creates = [(kind, state) for kind, state in self.inherited_pending if kind == "creating"]
        return [(kind, state) for state, kind in self._pending.items()] + creates

    def begin(self, kind: str, state: State) -> None:
        """Record an intent before it is carried out."""
        self._pending[state] = kind
        self._tell({"begin": self._number(state), "kind": kind, "resource": state.to_json()})

    def end(
        self,
        about: State,
        *,
        made: State | None = None,
        done: Collection[State] = (),
        rewritten: Collection[State] = (),
        urgent: bool = True,
    ) -> None:
        """Record that an intent has ended: what it made, what is gone by it, what changed in place."""
        self._pending.pop(about, None)
        self._done.update(done)
        change: dict[str, Any] = {"end": self._number(about), "done": [self._number(state) for state in done]}
        change["rewritten"] = [[self._number(state), state.to_json()] for state in rewritten]
        if made is not None:
            self._made.append(made)
            change |= {"made": self._number(made), "resource": made.to_json()}
        self._tell(change, urgent=urgent)

    def fail(self, about: State) -> None:
        """Record that an intent has ended and changed nothing."""
        self._pending.pop(about, None)
        self._tell({"end": self._number(about), "done": [], "rewritten": []})

    def rewrite(self, state: State, *, urgent: bool = True) -> None:
        """Record that a state has changed in place."""
        self._tell({"rewritten": [[self._number(state), state.to_json()]]}, urgent=urgent)

    def rebase(self, resources: Iterable[State]) -> None:
        """Replace what was recorded before, as a refresh does."""
        self.base = list(resources)
        for state in self.base:
            self._number(state)

    def replay(self, change: dict[str, Any]) -> None:
        """Repeat a recorded change."""
        if "begin" in change:
            self._pending[self._recorded(change["begin"], change["resource"])] = change["kind"]
        if "made" in change:
            self._made.append(self._recorded(change["made"], change["resource"]))
        for number, record in change.get("rewritten", ()):
            self._recorded(number, record)
        if "end" in change:
            self._pending.pop(self._numbered[change["end"]], None)
            self._done.update(self._numbered[number] for number in change["done"])

    def _recorded(self, number: int, record: dict[str, Any]) -> State:
        """Return the state of that number as recorded; numbers are given in the order of first mention."""
        state = State.from_json(record)
        if number < len(self._numbered):
            self._numbered[number].__dict__.update(state.__dict__)
        else:
            self._number(state)
        return self._numbered[number]

    def _number(self, state: State) -> int:
        if state not in self._numbers:
            self._numbers[state] = len(self._numbered)
            self._numbered.append(state)
        return self._numbers[state]

    def _tell(self, change: dict[str, Any], *, urgent: bool = True) -> None:
        if self.listener is not None:
            self.listener(change, urgent)

    def to_json(self) -> dict[str, Any]:
        """Return the deployment's resources and pending operations, with every URN as it is called now."""
        resources = renamed([state.to_json() for state in self.resources()])
        pending = [{"resource": state.to_json(), "type": kind} for kind, state in self.pending()]
        return {"resources": resources} | ({"pending_operations": pending} if pending else {})
