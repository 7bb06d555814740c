"""Which part of a program the engine is confined to."""

import ast
import subprocess
import sys

import pytest

from pulumi_conduit.server import engine_command
from pulumi_conduit.server.engine_command import Selection

ADA = "urn:pulumi:dev::test::pulumi-python:dynamic/conduit:ConductorUser::ada"
GRANT = "urn:pulumi:dev::test::pulumi-python:dynamic/conduit:UserAccountAccess::travel"
ASKED = f"""
import subprocess, sys
asked = "from pulumi_conduit.server import engine_command; print(tuple(engine_command.selection()))"
subprocess.run([{sys.executable!r}, "-c", asked], check=True)
"""


def asked(*words, name="pulumi"):
    """Return what a child of a command finds."""
    command = [name, "-c", ASKED, *words]
    done = subprocess.run(command, executable=sys.executable, capture_output=True, text=True, check=True)  # noqa: S603 - our own interpreter
    return Selection(*ast.literal_eval(done.stdout))


@pytest.mark.parametrize(
    ("words", "targets", "excludes", "has_dependents"),
    [
        (["up", "--yes"], [], [], False),
        (["up", "--target", "**::ada", "--yes"], ["**::ada"], [], False),
        (["up", "-t", "**::ada", "--target=**::bob"], ["**::ada", "**::bob"], [], False),
        (["up", "-t**::ada", "--target-dependents"], ["**::ada"], [], True),
        (["up", "--target-replace", "**::ada"], ["**::ada"], [], False),
        (["up", "--exclude", "**::ada", "--exclude=**::bob"], [], ["**::ada", "**::bob"], False),
        (["up", "--target"], [""], [], False),
    ],
)
def test_a_command_says_what_it_selects(words, targets, excludes, has_dependents):
    """However an option is written."""
    assert Selection(tuple(targets), tuple(excludes), has_dependents) == asked(*words)


def test_a_process_that_no_such_command_has_started_has_left_nothing_out():
    """A test kit, or an engine that cannot be looked at."""
    assert Selection() == asked("up", "--target", "**::ada", name="another")


@pytest.mark.parametrize("output", ["", "x", "7 pulumi up --target **::ada"])
def test_where_processes_are_no_files_the_system_is_asked(mocker, output):
    """On macOS a command says it, if it can."""
    mocker.patch.object(engine_command, "_GENERATIONS", 1)
    mocker.patch.object(engine_command.Path, "read_text", side_effect=OSError)
    mocker.patch("subprocess.run", return_value=subprocess.CompletedProcess([], 0, stdout=output))

    assert (Selection(("**::ada",)) if "pulumi" in output else Selection()) == engine_command.selection()


@pytest.mark.parametrize(
    ("selection", "is_left_out"),
    [
        (Selection(), False),
        (Selection((ADA,)), True),
        (Selection((ADA,), (), True), False),  # noqa: FBT003 - a tuple's place
        (Selection((ADA, GRANT)), False),
        (Selection(("**::travel",)), False),
        (Selection(("urn:pulumi:dev::test::*::travel",)), True),
        (Selection(("**:UserAccountAccess::tr*l",)), False),
        (Selection((), (GRANT,)), True),
        (Selection((), (ADA,)), False),
        (Selection(("**",), ("**::travel",)), True),
    ],
)
def test_a_resource_is_left_out_as_the_engine_matches_it(selection, is_left_out):
    """Two stars stand for anything, one for a part of a name."""
    assert is_left_out is selection.leaves_out(GRANT)
