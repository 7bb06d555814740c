"""Fuzz: `python tests/conformance/fuzz.py --ops 100`, with `pulumi` on PATH; prints seeds and what differs, made small.

With `--against cli` both runners are the CLI: what differs then is chance, and the fuzzer's fault.
"""

import argparse
import secrets
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace

from differential.cli_runner import CliRunner
from differential.fuzzing.compare import MakeRunner, Verdict, compare_runners
from differential.fuzzing.courses import Course, random_course
from differential.fuzzing.shrink import shrink
from differential.scenario import Step

_LENGTH = 8


@dataclass(frozen=True)
class Found:
    """A seed whose course differed, and the smallest course that still does."""

    seed: int
    course: Course
    verdict: Verdict

    def __str__(self) -> str:
        """Return what a person needs to make a scenario of it."""
        steps = "\n".join(_readable(step) for step in self.course.steps())
        return f"seed {self.seed} differs\n{steps}\n" + "\n".join(self.verdict.differences)


def _readable(step: Step) -> str:
    extras = f" {step.events}{' --continue-on-error' if step.continue_on_error else ''}"
    body = step.source.partition("Toy\n\n")[2] if step.source else ""
    return f"--- {step.operation}{extras}\n{body}"


@dataclass
class Tally:
    """How many operations were compared, and what was found."""

    compared: int = 0
    found: tuple[Found, ...] = ()

    def __str__(self) -> str:
        """Return the number that may be quoted."""
        return f"{self.compared} operations compared, {len(self.found)} differed"


def fuzz(tried: MakeRunner, *, ops: int, seed: int, attempts: int) -> Iterator[str]:
    """Compare a runner with the CLI until enough operations were compared; yield lines to print, the tally last."""
    tally = Tally()
    while tally.compared < ops:
        yield f"seed {seed}"
        course = random_course(seed, min(_LENGTH, ops - tally.compared))
        verdict = compare_runners(course, CliRunner, tried)
        tally.compared += verdict.compared
        if verdict.differences:
            found = _small(seed, course, verdict, tried, attempts)
            tally.found += (found,)
            yield str(found)
        seed += 1
    yield str(tally)


def _small(seed: int, course: Course, verdict: Verdict, tried: MakeRunner, attempts: int) -> Found:
    course = replace(course, moves=course.moves[: verdict.compared])
    small = shrink(
        course, lambda smaller: bool(compare_runners(smaller, CliRunner, tried).differences), attempts=attempts
    )
    again = compare_runners(small, CliRunner, tried)
    return Found(seed, small, again if again.differences else verdict)


def fresh_seed() -> int:
    """Return a seed nobody has seen."""
    return secrets.randbelow(10**6) * 1000


def main() -> int:
    """Fuzz from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ops", type=int, default=50)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--attempts", type=int, default=60, help="how often to try to make a difference smaller")
    parser.add_argument("--against", choices=["embedded", "cli"], default="embedded")
    arguments = parser.parse_args()
    seed = fresh_seed() if arguments.seed is None else arguments.seed
    line = ""
    for line in fuzz(_runner(arguments.against), ops=arguments.ops, seed=seed, attempts=arguments.attempts):
        print(line, flush=True)  # noqa: T201 - this is a command
    return 0 if line.endswith(" 0 differed") else 1


def _runner(name: str) -> MakeRunner:
    if name == "cli":
        return CliRunner
    from differential.embedded_runner import EmbeddedRunner  # noqa: PLC0415 - the CLI can be fuzzed against itself without it

    return EmbeddedRunner


if __name__ == "__main__":
    sys.exit(main())
