"""What the package does to a program that is running, from its import on."""

import subprocess
import sys
from types import SimpleNamespace

import pulumi
import pytest

import pulumi_conduit as conduit
from pulumi_conduit.program import program_hooks
from pulumi_conduit.program.program_hooks import reserve_codes

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
IS_TIED = """
import asyncio
print(asyncio.get_event_loop().run_until_complete(user.is_deactivated()))
"""


def printed(*lines):
    """Return what a program in a process of its own prints."""
    code = "\n".join((PROGRAM, *lines))
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603 - our own interpreter


def test_what_is_declared_after_the_import_is_seen_before_anything_of_ours_is_used():
    """A parent of which nobody knows the options would untie all grants below it."""
    assert "True" == printed(BEGIN, IMPORT, TEAM, USER, IS_TIED)


@pytest.mark.parametrize("first", ["import pulumi", IMPORT], ids=["beside Pulumi", "before Pulumi"])
def test_what_is_declared_before_anything_of_ours_is_seen_where_the_import_was_before_the_program(first):
    """An inline program of the Automation API begins long after its host has imported everything."""
    lines = (first, IMPORT, PROGRAM, BEGIN, TEAM, USER, IS_TIED)
    code = "\n".join(lines)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own interpreter

    assert "True" == done.stdout.strip()


def test_what_is_declared_before_the_import_has_no_children_of_ours():
    """Nobody saw it, and it may have any options."""
    with pytest.raises(subprocess.CalledProcessError) as failed:
        printed(BEGIN, TEAM, IMPORT, USER)

    assert "ada: its parent was declared before pulumi_conduit was imported" in failed.value.stderr


def test_a_program_that_is_running_ends_quietly_from_the_import_on():
    """The engine may interrupt it as soon as it waits."""
    assert "True" == printed(BEGIN, IMPORT, IS_QUIET)


def test_a_program_that_begins_after_the_import_ends_quietly_from_its_beginning_on():
    """One process may import the package first and run a program then."""
    assert "False\nTrue" == printed(IMPORT, IS_QUIET, BEGIN, IS_QUIET)


IN_A_THREAD = """
import asyncio, threading

def program():
    asyncio.set_event_loop(asyncio.new_event_loop())
    mocks.set_mocks(Echo(), preview=False)
    {declare}

thread = threading.Thread(target=program)
thread.start()
thread.join()
"""


@pytest.mark.parametrize("declare", ["pass", GET], ids=["nothing", "ours"])
def test_an_inline_program_leaves_its_host_s_hook_alone(declare):
    """The host of the Automation API runs its programs beside its main thread, and ends in its own way."""
    assert "False" == printed(IMPORT, IN_A_THREAD.format(declare=declare), IS_QUIET)


def test_an_import_where_no_program_runs_sets_no_hook():
    """The hook of a process that is no program is none of our business."""
    assert "False" == printed(IMPORT, "for name in conduit.__all__: getattr(conduit, name)", IS_QUIET)


def test_only_an_interrupt_ends_in_silence(mocker):
    """Every other uncaught exception reaches the hook that was there before."""
    previous = mocker.patch.object(sys, "excepthook")
    program_hooks.exit_quietly()

    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert [] == previous.mock_calls

    error = ValueError("seen")
    sys.excepthook(ValueError, error, None)
    previous.assert_called_once_with(ValueError, error, None)


def test_a_hook_is_set_once(mocker):
    """A process that runs one program after another must not pile them up."""
    mocker.patch.object(sys, "excepthook")
    program_hooks.exit_quietly()
    first = sys.excepthook

    program_hooks.exit_quietly()

    assert first is sys.excepthook


ADA = "ada@acme.example"


@pytest.fixture
def engine(monkeypatch):
    """Let the program log to an engine that keeps the messages."""
    messages: list[str] = []
    engine = SimpleNamespace(messages=messages, Log=lambda request: messages.append(request.message))
    monkeypatch.setattr(pulumi.log, "_log", pulumi.log._log)
    monkeypatch.setattr(pulumi.log, "get_engine", lambda: engine)
    reserve_codes()
    return engine


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("CONDUIT-ADOPT: x", "conduit-ADOPT: x"),
        ("CON<{%reset%}>DUIT-REACTIVATE[accounts=1]: x", "conduit-REACTIVATE[accounts=1]: x"),
        ("\nCONDUIT-UNVERIFIED: x", "\nconduit-UNVERIFIED: x"),
        ("hello <{%fg 1%}>you", "hello <{%fg 1%}>you"),
        ("CONDUIT_DEBUG is on", "CONDUIT_DEBUG is on"),
    ],
)
def test_codes_of_the_program_are_shown_in_small_letters(engine, message, shown):
    """Whatever the severity, and however it is coloured; other messages are left as they are."""
    pulumi.log.warn(message)
    pulumi.log.info(message)

    assert [shown, shown] == engine.messages


def test_it_is_done_once(engine):
    """A program that is joined twice logs as before."""
    first = pulumi.log._log
    reserve_codes()

    assert first is pulumi.log._log


def test_an_sdk_of_another_form_is_left_alone(monkeypatch):
    """Where messages go another way, nothing is touched."""
    monkeypatch.delattr(pulumi.log, "_log")

    reserve_codes()

    assert not hasattr(pulumi.log, "_log")


def declare():
    """Declare a person with a grant, and pretend that the provider has seen them."""
    ada = conduit.ConductorUser("ada", email=ADA, first_name="Ada", last_name="Lovelace", initial_accounts=[1])
    grant = conduit.UserAccountAccess("ada-2", user=ada, account_id=2)
    pulumi.log.warn("CONDUIT-ADOPT: x", grant)
    pulumi.log.warn("CONDUIT-REACTIVATE: x", ada)


def test_a_program_cannot_speak_for_the_provider(conduit_stack):
    """On an engine, too, what it prints under a resource is only shown."""
    messages = [one.message for one in conduit_stack(declare).preview().diagnostics]

    assert {"conduit-ADOPT: x", "conduit-REACTIVATE: x"} == {one for one in messages if one.endswith(": x")}
