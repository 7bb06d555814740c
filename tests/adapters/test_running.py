"""What the package does to a program that is running, from its import on."""

import subprocess
import sys

import pytest

from pulumi_conduit.adapters import running

PROGRAM = """
import sys
import pulumi
from pulumi.runtime import mocks

class Echo(mocks.Mocks):
    def new_resource(self, args):
        return args.name, args.inputs

    def call(self, args):
        raise AssertionError(args.token)
"""
BEGIN = "mocks.set_mocks(Echo(), preview=False)"
IMPORT = "import pulumi_conduit as conduit"
TEAM = 'team = pulumi.ComponentResource("test:index:Team", "team")'
USER = """
ada = {"email": "ada@example.com", "first_name": "Ada", "last_name": "Lovelace", "initial_accounts": [1]}
user = conduit.ConductorUser("ada", opts=pulumi.ResourceOptions(parent=team), **ada)
"""
GET = 'conduit.ConductorUser.get("ada", "ada@example.com")'
IS_QUIET = "print(sys.excepthook is not sys.__excepthook__)"
IS_TIED = "print(user.is_deactivated_by_destroy)"


def printed(*lines):
    """Return what a program in a process of its own prints."""
    code = "\n".join((PROGRAM, *lines))
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603 - our own interpreter


def test_what_is_declared_after_the_import_is_seen_before_anything_of_ours_is_used():
    """A parent of which nobody knows the options would untie all grants below it."""
    assert "True" == printed(BEGIN, IMPORT, TEAM, USER, IS_TIED)


def test_what_is_declared_before_the_import_may_have_any_options():
    """Nobody saw it, so grants below it are taken away one by one."""
    assert "False" == printed(BEGIN, TEAM, IMPORT, USER, IS_TIED)


def test_a_program_that_is_running_ends_quietly_from_the_import_on():
    """The engine may interrupt it as soon as it waits."""
    assert "True" == printed(BEGIN, IMPORT, IS_QUIET)


@pytest.mark.parametrize("declare", [TEAM + USER, GET], ids=["declared", "read"])
def test_a_program_that_began_after_the_import_ends_quietly_from_its_first_resource_on(declare):
    """One process may import the package first and run a program then."""
    assert "False\nTrue" == printed(IMPORT, BEGIN, IS_QUIET, declare, IS_QUIET)


def test_an_import_where_no_program_runs_sets_no_hook():
    """The hook of a process that is no program is none of our business."""
    assert "False" == printed(IMPORT, "for name in conduit.__all__: getattr(conduit, name)", IS_QUIET)


def test_only_an_interrupt_ends_in_silence(mocker):
    """Every other uncaught exception reaches the hook that was there before."""
    previous = mocker.patch.object(sys, "excepthook")
    running.exit_quietly()

    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert [] == previous.mock_calls

    error = ValueError("seen")
    sys.excepthook(ValueError, error, None)
    previous.assert_called_once_with(ValueError, error, None)


def test_a_hook_is_set_once(mocker):
    """A process that runs one program after another must not pile them up."""
    mocker.patch.object(sys, "excepthook")
    running.exit_quietly()
    first = sys.excepthook

    running.exit_quietly()

    assert first is sys.excepthook
