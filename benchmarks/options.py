"""The command line: which sizes, latencies, workloads and peers, how often, and where the results go."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.matrix import Matrix
from benchmarks.peer import PEERS, WORKLOADS
from benchmarks.runners import has_pulumi

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Options", "names", "parsed"]

_RESULTS = Path(__file__).resolve().parent / "results"
_SMALLEST = 10  # below, there would be no company


@dataclass(frozen=True)
class Options:
    """What was asked for."""

    matrix: Matrix
    out: Path
    is_appending: bool
    startup_repetitions: int


def parsed(arguments: Sequence[str] | None = None) -> Options:
    """Return the options, or end with 2."""
    given = _parser().parse_args(arguments)
    sizes = given.sizes or ((100, 300, 1000) if given.full else (100,))
    latencies = given.latencies or ((0, 50, 200) if given.full else (50,))
    checkpoints_at = given.checkpoints_at if given.checkpoints_at is not None else (300 if given.full else sizes[0])
    asked = (sizes, latencies, given.workloads, given.peers, given.runs, checkpoints_at)
    matrix = Matrix(*asked, is_embedded=not has_pulumi())
    return Options(matrix, given.out, given.append, given.startup)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--full", action="store_true", help="the whole table: 100, 300, 1000 users; 0, 50, 200 ms; hours"
    )
    parser.add_argument("--sizes", type=_numbers(_SMALLEST), help="numbers of users, by commas (default: 100)")
    parser.add_argument("--latencies", type=_numbers(0), help="milliseconds per request, by commas (default: 50)")
    parser.add_argument(
        "--runs", type=int, default=5, help="rounds, in each of which every peer lives once (default: 5)"
    )
    parser.add_argument("--workloads", type=names(WORKLOADS), default=WORKLOADS, help=f"of {', '.join(WORKLOADS)}")
    parser.add_argument("--peers", type=names(tuple(PEERS)), default=tuple(PEERS), help=f"of {', '.join(PEERS)}")
    parser.add_argument("--checkpoints-at", type=int, help="the size whose `up` also runs with checkpoints; 0: none")
    parser.add_argument("--startup", type=int, default=15, help="repetitions of the start's measurement; 0: none")
    parser.add_argument("--append", action="store_true", help="add to what is in --out, from the same machine")
    parser.add_argument("--out", type=Path, default=_RESULTS, help="the folder of the results")
    return parser


def _numbers(least: int) -> Callable[[str], tuple[int, ...]]:
    def numbers(text: str) -> tuple[int, ...]:
        found = tuple(int(one) for one in text.split(","))
        if min(found) < least:
            raise argparse.ArgumentTypeError(f"{min(found)} is less than {least}")
        return found

    return numbers


def names(known: tuple[str, ...]) -> Callable[[str], tuple[str, ...]]:
    """Return what reads some of the known names, by commas, in their own order."""

    def read(text: str) -> tuple[str, ...]:
        found = tuple(text.split(","))
        if strangers := set(found) - set(known):
            raise argparse.ArgumentTypeError(f"{', '.join(sorted(strangers))}: not one of {', '.join(known)}")
        return tuple(one for one in known if one in found)

    return read
