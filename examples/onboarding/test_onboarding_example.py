"""Tests of the roster beside this file. They need no credential, no Pulumi CLI and no network."""

import shutil
from pathlib import Path

import pytest

EXPECTED = {"ada": [1, 2, 3, 4], "grace": [1, 2, 3], "alan": [1], "katherine": [3], "edsger": [1]}


@pytest.fixture
def program(tmp_path):
    """Give a copy of the program, whose roster a test may edit."""
    return Path(shutil.copytree(Path(__file__).parent, tmp_path / "onboarding"))


def test_everybody_gets_their_accounts(program, conduit_stack, conduit_sandbox):
    """Groups, names and ids of accounts come to what the APIs know."""
    up = conduit_stack(program).up()

    accounts = {name: conduit_sandbox.conductor.user(f"{name}@acme.example")["accounts"] for name in EXPECTED}
    assert accounts == EXPECTED
    assert up.outputs["page"].startswith("http")


def test_who_leaves_the_file_is_deactivated(program, conduit_stack, conduit_sandbox):
    """One line less is one person less, and the plan says so."""
    stack = conduit_stack(program)
    stack.up()
    people = program / "people.csv"
    staying = [line for line in people.read_text().splitlines(keepends=True) if "alan@" not in line]
    people.write_text("".join(staying))

    assert stack.preview().deletes("team-alan@acme.example")
    stack.up()

    assert conduit_sandbox.conductor.user("alan@acme.example")["status"] == "INACTIVE"
