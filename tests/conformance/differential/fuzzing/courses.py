"""A random course of operations: what the program says each time, and what happens behind its back."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from differential.scenario import Break, Drift, Event, Mend, Operation, Step, Vanish

from .changes import FOUND, Author
from .program_parts import ProgramParts, written

_OPERATIONS: dict[Operation, int] = {"up": 55, "preview": 15, "refresh": 22, "destroy": 4}


@dataclass(frozen=True)
class Move:
    """One operation of a course."""

    operation: Operation
    parts: ProgramParts
    events: tuple[Event, ...] = ()
    continue_on_error: bool = False


@dataclass(frozen=True)
class Course:
    """Moves, and whether their programs force the order of everything."""

    moves: tuple[Move, ...]
    is_linear: bool

    def steps(self) -> tuple[Step, ...]:
        """Return the course as the steps of a scenario."""
        return tuple(
            Step(
                move.operation,
                written(move.parts, is_linear=self.is_linear),
                events=move.events,
                continue_on_error=move.continue_on_error,
            )
            for move in self.moves
        )


def random_course(seed: int, length: int) -> Course:
    """Return a course that a seed decides.

    What had begun when something failed is chance unless the order is forced. So a course is either linear, and then
    anything may fail, or free, and then failures leave the rest running.
    """
    random = Random(seed)  # noqa: S311 - a reproducible choice, not a secret
    is_linear = random.random() < 0.6
    return Course(tuple(_Course(random, Author(random, is_linear)).moves(length)), is_linear)


@dataclass
class _Course:
    """What is known on the way."""

    random: Random
    author: Author
    parts: ProgramParts = ()
    broken: frozenset[str] = frozenset()

    def moves(self, length: int) -> Iterator[Move]:
        for _ in range(self.random.randint(3, 6)):
            self.parts = self.author.add(self.parts)
        yield Move("up", self.parts, tuple(Drift(key, {"name": key, "serial": f"{key}#0"}) for key in FOUND))
        for _ in range(length - 1):
            yield self._move()

    def _move(self) -> Move:
        operation = self.random.choices(list(_OPERATIONS), list(_OPERATIONS.values()))[0]
        for _ in range(self.random.choice([0, 1, 2, 2, 3, 4]) if operation in ("up", "preview") else 0):
            self.parts = self.author.change(self.parts)
        events = tuple(self._events(operation))
        return Move(operation, self.parts, events, self._goes_on(operation))

    def _goes_on(self, operation: Operation) -> bool:
        if operation not in ("up", "destroy"):
            return False
        must = bool(self.broken) and (not self.author.is_linear or "delete" in self.broken)
        return must or self.random.random() < 0.2

    def _events(self, operation: Operation) -> Iterator[Event]:
        if self.broken and (operation == "refresh" or self.random.random() < 0.6):
            self.broken = frozenset()
            yield Mend()
        keys = [part.key for part in self.parts if part.key]
        if keys and self.random.random() < 0.3:
            yield self._surprise(self.random.choice(keys))
        if keys and operation in ("up", "destroy") and self.random.random() < 0.25:
            yield self._fault(self.random.choice(keys))

    def _surprise(self, key: str) -> Event:
        drifts = [Drift(key, {"size": 7}), Drift(key, {"serial": "drifted"}), Drift(key, {"new": [1]})]
        ways: list[Event] = [Vanish(key), *drifts]
        return self.random.choice(ways)

    def _fault(self, key: str) -> Event:
        verbs = ["create", "update", "delete"] + (["check", "reject", "diff"] if self.author.is_linear else [])
        verb = self.random.choice(verbs)
        self.broken |= {verb}
        return Break(verb, key)
