"""Lays the golden state of a release: `python tests/upgrades/golden.py` records what the installed version stores.

A state is laid once, at its release, and never again; the tests preview each of them with the code of the day.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from pathlib import Path

from pulumi_conduit.sandbox import Sandbox
from pulumi_conduit.testing.engine import run

HERE = Path(__file__).parent
STACK = "golden"
URL = "http://127.0.0.1:8787"
"""Stands in recorded states for the address of the sandbox, which differs each time."""


def seeded(sandbox):
    """Give a sandbox what the program expects to be there, and return it."""
    sandbox.link.put_company("SEEN", name="Seen")
    sandbox.conductor.put_user("known@acme.example", accounts=[1])
    sandbox.conductor.put_user("listed@acme.example", accounts=[6])
    return sandbox


def operate(operation, sandbox, state, launcher=None):
    """Run an operation on the program, and return its result."""
    return run(
        operation,
        program=HERE / "program",
        state=state,
        stack=STACK,
        environ=sandbox.environ(),
        launcher=launcher,
    )


def readdressed(text, old, new):
    """Return a state as it would be at another address, or at another moment."""
    return text.replace(old, new)


def lay(folder):
    """Record the state that the installed version makes of the program."""
    folder.mkdir()
    state = folder / "state.json"
    with Sandbox.start() as sandbox:
        result = operate("up", seeded(sandbox), state)
        if not result.succeeded:
            sys.exit("\n".join(result.errors))
        state.write_text(readdressed(state.read_text(encoding="utf-8"), sandbox.link_url, URL), encoding="utf-8")
    for other in folder.iterdir():
        if other != state:
            other.unlink()


def resources(text):
    """Return the resources of a state by URN, but for those of the engine itself."""
    held = json.loads(text)["deployment"]["resources"]
    return {one["urn"]: one for one in held if not one["type"].startswith("pulumi:")}


if __name__ == "__main__":
    lay(HERE / version("pulumi-conduit"))
