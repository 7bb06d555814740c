"""Breaks the package in one small way at a time, and reports of each whether a command notices it.

The faults are drawn from those that mutmut makes, under a fixed seed: four in each package that decides something, the
rest from all of these packages together. Needs `pip install --group mutation`. A file is broken in place and put back.

    .venv/bin/python tests/mutation/faults.py                       # list the faults
    .venv/bin/python tests/mutation/faults.py -- make test          # run a command on each; exit code 0: not noticed
    .venv/bin/python tests/mutation/faults.py 3 17 -- make test     # the same, for two of them
"""

from __future__ import annotations

import difflib
import random
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mutmut.mutation.file_mutation import create_mutations, deep_replace

ROOT = Path(__file__).parents[2]
PACKAGES = ("api", "resources", "program", "server", "roster", "cli/report", "sandbox", "testing/engine")
SEED = 2611
FAULTS = 40
AT_LEAST = 4


@dataclass(frozen=True)
class Fault:
    """One file, and what it says when it is broken in one place."""

    path: Path
    broken: str

    def diff(self) -> str:
        """Return what differs, without context."""
        lines = difflib.unified_diff(self.path.read_text(encoding="utf-8").split("\n"), self.broken.split("\n"), n=0)
        return "\n".join(list(lines)[2:])


def drawn_faults() -> list[Fault]:
    """Draw the faults: the same ones as long as the code is the same."""
    chance = random.Random(SEED)  # noqa: S311 - repeatable, not secret
    pools = {package: _sites(package) for package in PACKAGES}
    chosen = [site for package in PACKAGES for site in chance.sample(pools[package], AT_LEAST)]
    rest = [site for package in PACKAGES for site in pools[package] if site not in set(chosen)]
    chosen += chance.sample(rest, FAULTS - len(chosen))
    return [_fault(path, number) for path, number in chosen]


def _sites(package: str) -> list[tuple[Path, int]]:
    """Return every mutation of a package as its file and its number there."""
    files = sorted((ROOT / "pulumi_conduit" / package).rglob("*.py"))
    return [(path, number) for path in files for number in range(len(_mutations(path)[1]))]


@cache
def _mutations(path: Path):
    """Return a file's syntax tree and what mutmut would change in it; it leaves alone what stands outside functions."""
    module, mutations, _, _ = create_mutations(str(path), path.read_text(encoding="utf-8"))
    return module, [one for one in mutations if one.contained_by_top_level_function]


def _fault(path: Path, number: int) -> Fault:
    module, mutations = _mutations(path)
    one = mutations[number]
    return Fault(path, deep_replace(module, one.original_node, one.mutated_node).code)


def is_noticed(fault: Fault, command: list[str]) -> bool:
    """Run a command with the fault in place, and put the file back whatever happens."""
    sound = fault.path.read_text(encoding="utf-8")
    fault.path.write_text(fault.broken, encoding="utf-8")
    try:
        return subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.DEVNULL).returncode != 0  # noqa: S603
    finally:
        fault.path.write_text(sound, encoding="utf-8")


def main(arguments: list[str]) -> None:
    """List the faults, or say of each whether the command notices it."""
    numbers, command = _split(arguments)
    for number, fault in enumerate(drawn_faults(), 1):
        if numbers and number not in numbers:
            continue
        verdict = ("noticed" if is_noticed(fault, command) else "NOT NOTICED") if command else ""
        sys.stdout.write(f"{number} {fault.path.relative_to(ROOT)} {verdict}\n")
        if not command or verdict != "noticed":
            sys.stdout.write(f"{fault.diff()}\n")
        sys.stdout.flush()


def _split(arguments: list[str]) -> tuple[set[int], list[str]]:
    at = arguments.index("--") if "--" in arguments else len(arguments)
    return {int(one) for one in arguments[:at]}, arguments[at + 1 :]


if __name__ == "__main__":
    main(sys.argv[1:])
