"""The Pulumi CLI for the Automation API, with graceful interrupts and one-line errors."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import threading
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, Any

from pulumi.automation import CommandError, CommandResult, PulumiCommand

from pulumi_conduit.errors import escaped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

__all__ = ["CLI_ERRORS", "NO_OUTPUT", "InterruptedRunError", "Interruptible", "WithOptions", "error_lines"]

CLI_ERRORS = (CommandError, RuntimeError, ValueError)
"""What the Automation API raises: a failed command, missing events, output that is not JSON."""

NO_OUTPUT = "no output"
"""The reason of a command that fails and prints nothing."""

_LONGEST = 2000  # a message may name a URN and a path
_WRAPPING = re.compile(r"^(code|stdout|stderr): ?")
_MOST_OTHERS = 3


def error_lines(error: BaseException) -> list[str]:
    """Return the reasons, each on a line of its own."""
    if isinstance(error, json.JSONDecodeError):
        begin = escaped(" ".join(error.doc.split()), 100) or "nothing"
        return [f"the Pulumi CLI was asked for JSON and printed: {begin}; is `pulumi` on PATH the Pulumi CLI?"]
    if isinstance(error, CommandError):
        return _reasons(str(error))
    return [escaped(" ".join(str(error).split()), _LONGEST) or type(error).__name__]


def _reasons(text: str) -> list[str]:
    """Return the texts after `error:`, else the last lines that are not empty."""
    lines = [_WRAPPING.sub("", line.strip()) for line in text.splitlines() if not line.strip().startswith("code:")]
    entry = [line for line in lines if line]
    wanted = [line[line.index("error:") :].removeprefix("error: ") for line in entry if "error:" in line]
    return [escaped(line, _LONGEST) for line in dict.fromkeys(wanted or entry[-_MOST_OTHERS:])] or [NO_OUTPUT]


class InterruptedRunError(Exception):
    """The run was interrupted; nothing more is started."""


class Interruptible(PulumiCommand):
    """Runs CLI processes that can be interrupted."""

    def __init__(self) -> None:
        """Find the CLI on PATH, of any version: this package checks it, more strictly than the Automation API."""
        super().__init__(skip_version_check=True)
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[str]] = set()
        self._is_interrupted = False

    def is_interrupted(self) -> bool:
        """Return whether the run was interrupted."""
        return self._is_interrupted

    def resume(self) -> None:
        """Allow commands again after an interrupt, to undo what was written."""
        self._is_interrupted = False

    def interrupt(self) -> None:
        """Start nothing more, and interrupt the running CLIs: gracefully at first, at once the second time."""
        with self._lock:
            self._is_interrupted = True
            for process in self._running:
                with suppress(ProcessLookupError):
                    process.send_signal(signal.SIGINT)

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: Callable[[str], Any] | None = None,
        on_error: Callable[[str], Any] | None = None,
    ) -> CommandResult:
        """Run a command as the Automation API does; CommandError where it fails."""
        environ = {**os.environ, **additional_env, "PULUMI_AUTOMATION_API": "true"}
        with self._start_process([self.command, "--non-interactive", *args], cwd, environ) as process:
            errors: list[str] = []
            reader = threading.Thread(target=_read, args=(process.stderr, errors, on_error))
            reader.start()
            output: list[str] = []
            _read(process.stdout, output, on_output)
            reader.join()
            code = process.wait()
        result = CommandResult(stdout="\n".join(output), stderr="\n".join(errors), code=code)
        if code:
            raise CommandError(result)
        return result

    @contextmanager
    def _start_process(
        self, command: list[str], cwd: str, environ: Mapping[str, str]
    ) -> Iterator[subprocess.Popen[str]]:
        with self._lock:
            if self._is_interrupted:
                raise InterruptedRunError
            process = subprocess.Popen(  # noqa: S603 - the CLI, without a shell
                command,
                cwd=cwd,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
            )
            self._running.add(process)
        try:
            with process:
                yield process
        finally:
            with self._lock:
                self._running.discard(process)


class WithOptions(PulumiCommand):
    """Adds options to one command of the CLI that the Automation API cannot pass."""

    def __init__(self, command: Interruptible, verb: str, options: Sequence[str]) -> None:
        """Take the command to wrap."""
        self.command, self.version = command.command, command.version
        self._inner, self._verb, self._options = command, verb, list(options)

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: Callable[[str], Any] | None = None,
        on_error: Callable[[str], Any] | None = None,
    ) -> CommandResult:
        """Run a command; the named one with the options."""
        more = self._options if args[:1] == [self._verb] else []
        return self._inner.run([*args, *more], cwd, additional_env, on_output, on_error)


def _read(stream: IO[str] | None, into: list[str], callback: Callable[[str], Any] | None) -> None:
    for line in stream or ():
        into.append(line.rstrip())
        if callback:
            callback(line.rstrip())
