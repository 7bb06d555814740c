"""Forty cells of the matrix of pairs, drawn under a fixed seed, on the real CLI; see `tests/pairs`."""

import json
import re
import shutil
from dataclasses import dataclass
from typing import Any

import pytest
from known_faults import KNOWN_TO_FAIL
from pair_cell import Ran, play
from pair_driver import PROGRAM, environ, furnish
from pair_table import drawn, read, shortened

COUNT = 40
COUNTED = re.compile(r"^\s*[-+~=]*\s*(\d+) (?:to )?(create|update|replace|delete|import)d?\b", re.MULTILINE)
THE_ENGINES_OWN = {"update failed", "preview failed", "destroy failed", "refresh failed"}
TOLD_BY_THE_COMMAND = {
    ("target", "on-destroy"): ["refused (grants left out): ACTIVE READ_ONLY 1,2,3", "", "INACTIVE READ_ONLY 1,2,3"],
}
"""Pairs that come to something else here: the provider reads from the CLI's command what a run leaves out."""


@dataclass
class OnTheCli:
    """One stack on the real CLI."""

    stack: Any

    def run(self, operation, **options):
        """Run an operation; its plan is how many resources are created, updated, replaced and deleted."""
        flags = [f"--{name}={pattern}" for name, patterns in options.items() for pattern in patterns]
        ran = getattr(self.stack, operation)(*flags)
        errors = [one for one in self._messages(ran.text, "error") if one not in THE_ENGINES_OWN]
        counts = sorted((verb, count) for count, verb in COUNTED.findall(ran.text))
        return Ran(ran.code == 0, errors, self._messages(ran.text, "warning"), counts)

    @staticmethod
    def _messages(text, severity):
        lines = (line.strip() for line in text.splitlines())
        found = [line.removeprefix(f"{severity}: ") for line in lines if line.startswith(f"{severity}: ")]
        return list(dict.fromkeys(found))

    def resources(self):
        """Return what the state records."""
        return self.stack.state().get("resources", [])

    def forget(self):
        """Empty the state."""
        for one in reversed(self.resources()):
            if "conduit:" in one["type"]:
                self.stack.run("state", "delete", one["urn"], "--yes", "--force", "--target-dependents")

    def keep(self):
        """Return the state as text."""
        return self.stack.run("stack", "export").text

    def restore(self, kept):
        """Put a state back."""
        file = self.stack.folder / "kept.json"
        file.write_text(kept, encoding="utf-8")
        assert self.stack.run("stack", "import", "--file", str(file)).code == 0


def _cases():
    for pair in drawn(COUNT):
        fault = KNOWN_TO_FAIL.get(pair)
        yield pytest.param(
            pair, id="-".join(pair), marks=[pytest.mark.xfail(reason=fault, strict=True)] if fault else []
        )


def test_forty_pairs_are_drawn():
    """The draw is as large as it is said to be."""
    assert COUNT == len(set(drawn(COUNT)))


@pytest.mark.parametrize("pair", list(_cases()))
def test_a_pair_comes_to_what_the_table_says_on_the_cli(pair, stack, sandbox, tmp_path):
    """The same program, edits and options come to the same on the engine itself."""
    furnish(sandbox)
    file = tmp_path / "program.json"
    shutil.copy(PROGRAM / "__main__.py", stack.folder / "__main__.py")
    stack.environ.update(environ(sandbox, file))

    cell = play(OnTheCli(stack), sandbox, file, pair)

    assert [] == cell.faults, json.dumps(cell.outcomes, indent=1)
    expected = TOLD_BY_THE_COMMAND.get(pair, read()[pair].outcomes)
    assert expected == [shortened(one) for one in cell.outcomes]
