"""Prints what cells do now: `python tests/pairs/observe_pairs.py [feature [feature] | 1/2]`; without names, all."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from pair_cell import play
from pair_driver import Embedded, furnish
from pair_features import cells
from pair_table import FILE, read, shortened

from pulumi_conduit.sandbox import Sandbox
from pulumi_conduit.testing.engine import fork_launcher


def main() -> None:
    """Play the cells, and print a row of the table for each; what must hold everywhere and does not comes below it."""
    wanted = {one for one in sys.argv[1:] if "/" not in one}
    rows = read() if FILE.exists() else {}
    number, _, parts = next((one for one in sys.argv[1:] if "/" in one), "1/1").partition("/")
    launcher = fork_launcher("pulumi_conduit.api.factory", "pulumi_conduit.resources.conductor_user.handler")
    with Sandbox.start() as sandbox:
        for pair in cells()[int(number) - 1 :: int(parts)]:
            if (pair in rows and rows[pair].why_not) or not (wanted <= set(pair)):
                continue
            furnish(sandbox)
            with tempfile.TemporaryDirectory() as folder:
                driver = Embedded(sandbox, launcher, Path(folder))
                cell = play(driver, sandbox, driver.file, pair)
            print("|", " | ".join([*pair, *map(shortened, cell.outcomes)]), "|", flush=True)  # noqa: T201 - this is a command
            for fault in cell.faults:
                print("    !", fault, flush=True)  # noqa: T201 - likewise
    launcher.close()


if __name__ == "__main__":
    main()
