"""Make a course that shows a difference smaller, as long as it still shows one."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from .courses import Course, Move
from .program_parts import without

StillDiffers = Callable[[Course], bool]


def shrink(course: Course, still_differs: StillDiffers, *, attempts: int = 60) -> Course:
    """Return a smaller course that still differs; every attempt is a run of both runners, so they are limited."""
    while True:
        for smaller in _smaller(course):
            if attempts == 0:
                return course
            attempts -= 1
            if still_differs(smaller):
                course = smaller
                break
        else:
            return course


def _smaller(course: Course) -> Iterator[Course]:
    """Yield smaller courses, the smallest first."""
    for moves in (*_without_moves(course.moves), *_without_pieces(course.moves), *_plainer(course.moves)):
        yield replace(course, moves=tuple(moves))


def _without_moves(moves: tuple[Move, ...]) -> Iterator[tuple[Move, ...]]:
    for at in range(len(moves) - 1):
        yield moves[:at] + moves[at + 1 :]


def _without_pieces(moves: tuple[Move, ...]) -> Iterator[tuple[Move, ...]]:
    labels = dict.fromkeys(part.label for move in moves for part in move.parts)
    for label in labels:
        yield tuple(replace(move, parts=without(move.parts, label)) for move in moves)


def _plainer(moves: tuple[Move, ...]) -> Iterator[tuple[Move, ...]]:
    for at, move in enumerate(moves):
        for plainer in _plainer_moves(move):
            yield (*moves[:at], plainer, *moves[at + 1 :])
    for name in dict.fromkeys(name for move in moves for part in move.parts for name in part.traits()):
        yield tuple(replace(move, parts=tuple(part.without_trait(name) for part in move.parts)) for move in moves)


def _plainer_moves(move: Move) -> Iterator[Move]:
    if move.continue_on_error:
        yield replace(move, continue_on_error=False)
    for event in move.events:
        yield replace(move, events=tuple(one for one in move.events if one is not event))
