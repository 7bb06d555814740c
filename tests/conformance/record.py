"""Record what the real CLI does: `python tests/conformance/record.py [scenario ...]`, with `pulumi` on PATH."""

import argparse
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

from differential.catalog import SCENARIOS
from differential.cli_runner import CliRunner, cli_version
from differential.comparison import Observed
from differential.recording import file_of, files, save
from differential.runners import play

_ERROR = "ERROR"


def record(name: str) -> str:
    """Play one scenario on the CLI, write its recording, and say whether it changed."""
    before = file_of(name).read_bytes() if file_of(name).exists() else None
    with tempfile.TemporaryDirectory() as folder:
        steps = play(SCENARIOS[name], CliRunner(Path(folder) / "stack"))
    save(name, SCENARIOS[name].sentence, {"cli": cli_version(), "sdk": version("pulumi")}, steps)
    verdict = "new" if before is None else "same" if before == file_of(name).read_bytes() else "CHANGED"
    return f"{verdict:8}{_outcomes(steps)} {name}"


def _attempt(name: str) -> str:
    """Record one scenario; one that cannot be played must not cost the others."""
    try:
        return record(name)
    except (RuntimeError, ValueError) as error:
        return f"{_ERROR:8}{name}: {str(error).splitlines()[-1]}"


def _shown(line: str) -> str:
    print(line, flush=True)  # noqa: T201 - this is a command
    return line


def _outcomes(steps: list[Observed]) -> str:
    """Return a sign per step, for an eye to see whether what failed was meant to."""
    return "".join("+" if step["ok"] else "-" for step in steps).ljust(12)


def main() -> int:
    """Record the named scenarios, or all of them, and drop recordings that have no scenario."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="scenario", help="default: all")
    parser.add_argument("--jobs", type=int, default=2, help="how many scenarios at once")
    arguments = parser.parse_args()
    for file in files():
        if file.stem not in SCENARIOS:
            file.unlink()
    with ThreadPoolExecutor(arguments.jobs) as pool:
        lines = [_shown(line) for line in pool.map(_attempt, arguments.names or SCENARIOS)]
    return int(any(line.startswith(_ERROR) for line in lines))


if __name__ == "__main__":
    sys.exit(main())
