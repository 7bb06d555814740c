"""The drill: a run is killed at some calls, and then exactly what `docs/operations.md` says is typed."""

from dataclasses import dataclass

from fault_proxy import wait_until
from kill_stack import kill

_LONGEST_S = 600
TORN = "failed to load checkpoint: EOF"
_LOCKED = "the stack is currently locked"
_CLEAR = ("refresh", "--yes", "--skip-preview", "--clear-pending-creates")


@dataclass(frozen=True)
class Crash:
    """Which command dies when these calls are on their way: before, inside or after them, and of whose death."""

    calls: tuple[str, ...]
    phase: str
    victim: str
    command: str = "up"


def kill_at(stack, proxy, environ, crash):
    """Run a command, kill, and return the hold: an orphan's calls that are held before their effect stay so."""
    hold = proxy.hold(crash.calls, is_after=crash.phase == "after")
    command = stack.begin(environ, crash.command, "--yes", "--skip-preview", "--parallel", "16")
    assert wait_until(lambda: hold.is_complete() or command.poll() is not None, _LONGEST_S)
    assert hold.is_complete(), stack.ended(command).text
    kill(command.pid if crash.victim == "cli" else stack.provider())
    if crash.victim == "provider" or crash.phase != "before":
        hold.open(is_lost=crash.phase == "before")
    ended = stack.ended(command)
    assert (-9 if crash.victim == "cli" else 1) == ended.code, ended.text
    return hold


def rerun(stack, environ, *command):
    """Type what the documentation says: the same command, and before it what the engine's refusals want."""
    ran = stack.run(environ, *command)
    if TORN in ran.text:
        stack.attributes.unlink()
        ran = stack.run(environ, *command)
    if _LOCKED in ran.text:
        cancelled = stack.run(environ, "cancel", "--yes")
        assert 0 == cancelled.code, cancelled.text
        ran = stack.run(environ, *command)
    assert 0 == ran.code, ran.text
    return ran


def clear(stack, environ):
    """Type what the documentation says against a warning of pending operations that stays."""
    if stack.pending():
        cleared = stack.run(environ, *_CLEAR)
        assert 0 == cleared.code, cleared.text
