"""What somebody sees who does not know the commands yet: help with examples, completion, and no colour in a file."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from pulumi_conduit.cli.group import commands

COMMAND = str(Path(sys.executable).with_name("pulumi-conduit"))
NAMES = commands.list_commands(click.Context(commands))


def _complete(words, **environ):
    told = {"_PULUMI_CONDUIT_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    done = subprocess.run([COMMAND], env={**os.environ, **told}, capture_output=True, text=True, check=True)  # noqa: S603 - ours
    return done.stdout.splitlines()


def test_the_help_of_the_group_teaches(call):
    """It lists every command, how to complete them, and what exit codes mean."""
    shown = call("--help").output

    assert [] == [name for name in NAMES if f"\n  {name} " not in shown]
    assert 'eval "$(_PULUMI_CONDUIT_COMPLETE=bash_source pulumi-conduit)"' in shown
    assert "Exit codes: 0 fine, 1 found something, 2 wrong usage, 3 failed." in shown


@pytest.mark.parametrize("name", NAMES)
def test_the_help_of_a_command_has_examples_that_it_takes(name, call):
    """Each example has only options that the command knows."""
    shown = call(name, "--help").output
    examples = [line.split() for line in shown.splitlines() if line.strip().startswith(f"pulumi-conduit {name}")]
    command = commands.get_command(click.Context(commands), name)
    known = [command, *getattr(command, "commands", {}).values()]
    options = {option for each in known for one in each.params for option in one.opts}

    assert examples
    assert set() == {word for line in examples for word in line if word.startswith("--")} - options


def test_names_of_commands_and_options_are_completed():
    """A shell asks the command itself."""
    assert ["plain,sandbox"] == _complete("pulumi-conduit sand")
    assert "plain,--ready-file" in _complete("pulumi-conduit sandbox --rea")


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_the_line_for_the_shell_sets_completion_up():
    """What help and guide say to put into ~/.bashrc works in bash."""
    line = 'eval "$(_PULUMI_CONDUIT_COMPLETE=bash_source pulumi-conduit)"; complete -p pulumi-conduit'
    path = os.pathsep.join([str(Path(COMMAND).parent), os.environ["PATH"]])
    done = subprocess.run(["bash", "-c", line], env={"PATH": path}, capture_output=True, text=True, check=False)  # noqa: S603, S607 - ours

    assert (0, "") == (done.returncode, done.stderr)
    assert "pulumi-conduit" in done.stdout


@pytest.mark.parametrize("arguments", [["--help"], ["sandbox", "--help"], ["no-such-command"]])
def test_there_is_no_colour_outside_of_a_terminal(arguments, call):
    """What goes to a file or a pipe has no escape sequences."""
    assert "\x1b" not in call(*arguments).output
