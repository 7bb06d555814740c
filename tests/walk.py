"""How far a reader walks: which files and how many calls of the package lie behind four everyday operations.

Run it: `python tests/walk.py`. Imports are left out, and comprehensions, which are no call from Python 3.12 on; a call
counts each time.

Aimed at are 25 files and 400 calls for the first user, 9 files for a later check and 14 for a row. What is beyond that
has reasons: a first create sends five requests (login, two lists, the user's own GET, the POST), each of some 80 calls
for its deadline, rate limit, retry rules and strict parsing, and the 404 adds the mapping of errors; a check reads
the program's run file, so that a delete knows what is declared; a row is read by six files of `roster`, one for each
step from bytes to a row, and its options are recorded as the engine will have them. Joining these would join ideas.
"""

from __future__ import annotations

import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path
from types import CodeType, FrameType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.runtime import mocks

import pulumi_conduit
from pulumi_conduit.roster import read_roster
from pulumi_conduit.sandbox import Sandbox

if TYPE_CHECKING:
    from typing_extensions import Self

PACKAGE = Path(pulumi_conduit.__file__).parent
LEFT_OUT = ("sandbox", "testing")
USER = {"firstName": "Ada", "lastName": "Lovelace", "initialAccounts": [1.0]}
ROSTER = """people:
  - {email: ada@acme.example, first_name: Ada, last_name: Lovelace, accounts: [1]}
"""


class Walk:
    """The calls of the package's own functions while this is entered, in all threads."""

    def __init__(self) -> None:
        """Start with none."""
        self._calls: Counter[CodeType] = Counter()

    def __enter__(self) -> Self:
        """Count from here on."""
        threading.setprofile(self._count)
        sys.setprofile(self._count)
        return self

    def __exit__(self, *_: object) -> None:
        """Count no more."""
        sys.setprofile(None)
        threading.setprofile(None)

    def _count(self, frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            self._calls[frame.f_code] += 1

    def _ours(self) -> dict[CodeType, int]:
        return {code: count for code, count in self._calls.items() if _is_ours(code)}

    @property
    def files(self) -> list[str]:
        """Return the files that were walked through."""
        return sorted({str(Path(code.co_filename).relative_to(PACKAGE)) for code in self._ours()})

    @property
    def calls(self) -> int:
        """Return how many calls there were."""
        return sum(self._ours().values())


_NO_CALLS = {"<module>", "__getattr__", "<listcomp>", "<dictcomp>", "<setcomp>", "<genexpr>"}


def _is_ours(code: CodeType) -> bool:
    path = Path(code.co_filename)
    is_body = code.co_name in _NO_CALLS or code.co_flags & 0x2 == 0  # of a module or a class
    return PACKAGE in path.parents and not is_body and path.relative_to(PACKAGE).parts[0] not in LEFT_OUT


def users(sandbox: Sandbox) -> tuple[Walk, Walk, Walk]:
    """Walk through configure, check and create of a first user, and through two later checks.

    One is of a new user, whom the list lacks, so that it sends a GET; the other of a user in the state.
    """
    import os  # noqa: PLC0415 - the settings of this process are the sandbox's for the walk

    from pulumi_conduit.server import dynamic_provider  # noqa: PLC0415 - imports do not count

    os.environ.update(sandbox.environ())
    with Walk() as first:
        dynamic_provider.configure(SimpleNamespace(get=lambda _: None))  # type: ignore[arg-type]
        checked = dynamic_provider.check("user", {}, {**USER, "email": "ada@acme.example"})
        dynamic_provider.create("user", checked.inputs)
    with Walk() as second:
        dynamic_provider.check("user", {}, {**USER, "email": "bob@acme.example"})
    with Walk() as third:
        dynamic_provider.check("user", checked.inputs, {**USER, "email": "ada@acme.example"})
    return first, second, third


class _Echo(mocks.Mocks):
    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[Any, Any]]:
        return args.name, args.inputs

    def call(self, _: mocks.MockCallArgs) -> tuple[dict[Any, Any], None]:
        return {}, None


def roster_row() -> Walk:
    """Walk from one row of a roster to its registration."""
    mocks.set_mocks(_Echo(), preview=False)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "team.yaml")
        path.write_text(ROSTER, encoding="utf-8")
        read_roster(path, list)  # what is loaded at the first use is loaded now
        pulumi_conduit.ConductorUser("other", email="o@a.example", first_name="O", last_name="O", initial_accounts=[1])

        @pulumi.runtime.test
        def program() -> None:
            pulumi_conduit.Roster("team", path)

        with Walk() as walk:
            program()
    return walk


def main() -> None:
    """Print what was walked."""
    row = roster_row()
    with Sandbox.start() as sandbox:
        first, second, third = users(sandbox)
    for title, walk in (
        ("configure, check and create of the first user", first),
        ("check of a second user, who is new", second),
        ("check of a user in the state", third),
        ("a roster's row to its registration", row),
    ):
        print(f"{title}: {len(walk.files)} files, {walk.calls} calls")  # noqa: T201 - what this is for
        print(f"  {', '.join(walk.files)}")  # noqa: T201 - likewise


if __name__ == "__main__":
    main()
