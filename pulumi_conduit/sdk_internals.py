"""The internals of Pulumi's SDK that this package needs to work, of programs and of its provider server.

With `sdk_hooks`, which only makes programs faster, the only place for them.

Known for SDK 3.216, 3.260 and 3.272. Each is looked for before it is used, and may be missing in another version:

| internal | where | used for | without it |
| --- | --- | --- | --- |
| `request` in the frame of a call | server | URN and `ignore_changes` of a resource | warnings have no resource |
| the thread pool in a frame | server | CONDUIT_WORKERS | 4 requests at a time |
| `traceback` in the server's module | server | errors in one line | errors with a traceback |
| the last argument of the command line | server | the engine's log, the run file | no log; partial runs refuse |
| `_target` of the engine's stub | program | the name of the run file | no run file; partial runs refuse |
| the task of `run_in_stack` | program | the end of the run file | likewise |
| `_transformations` of a resource | program | the last word on its options | the options as they are then |
| `pulumi.log._log` | program | warning codes are the provider's alone | a program can print them |
"""

from __future__ import annotations

import asyncio
import functools
import logging
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from queue import SimpleQueue
from types import FrameType
from typing import Any

__all__ = [
    "EngineLog",
    "calling_frames",
    "can_set_worker_threads",
    "current_ignore_changes",
    "current_urn",
    "is_server",
    "program_engine_address",
    "program_task",
    "server_engine_address",
    "set_worker_threads",
    "show_errors_in_one_line",
    "transformations_of",
    "worker_pool",
    "wrap_log",
]

_HANDLERS = {"Check", "Diff", "Create", "Read", "Update", "Delete"}
_LOG_TIMEOUT_S = 5
_PROGRAM = "run_in_stack"  # the coroutine in which the SDK runs a program, until the engine is done
_IS_WRAPPED = "_conduit_wraps"


def is_server() -> bool:
    """Return whether this process is the SDK's dynamic provider server."""
    return hasattr(sys.modules.get("__main__"), "_PROVIDER_CACHE")


def current_urn() -> str:
    """Return the URN of the resource that the calling thread serves, or an empty text.

    The server passes no URN to a provider, so it is read from the server's stack frame.
    """
    request = _current_request()
    return "" if request is None else str(request.urn)


def current_ignore_changes() -> frozenset[str]:
    """Return the stored names in the option `ignore_changes` of the resource that the calling thread serves.

    The engine sends them with a diff and an update, but the server does not pass them to a provider.
    """
    return frozenset(map(str, getattr(_current_request(), "ignoreChanges", ())))


def server_engine_address() -> str:
    """Return the engine's address, which the engine passes to the server as its last argument."""
    return sys.argv[-1]


def program_engine_address() -> str | None:
    """Return the engine's address, which the SDK of a program keeps in its connection only."""
    from pulumi.runtime.settings import get_engine  # noqa: PLC0415 - a bare import loads no Pulumi

    target = getattr(getattr(get_engine(), "Log", None), "_target", None)
    return target.decode() if isinstance(target, bytes) else None


def program_task() -> asyncio.Task[Any] | None:
    """Return the task of the program that runs in this thread."""
    try:
        tasks = asyncio.all_tasks()
    except RuntimeError:
        return None
    return next((task for task in tasks if getattr(task.get_coro(), "__name__", None) == _PROGRAM), None)


def transformations_of(resource: Any) -> list[Any] | None:
    """Return the very list of transformations that the SDK walks through for a resource, or None."""
    transformations = getattr(resource, "_transformations", None)
    return transformations if isinstance(transformations, list) else None


def wrap_log(change: Callable[[Any], Any]) -> None:
    """Change every message that the program logs from now on; once."""
    import pulumi  # noqa: PLC0415 - likewise

    log = getattr(pulumi.log, "_log", None)
    if log is None or hasattr(log, _IS_WRAPPED):
        return

    @functools.wraps(log)
    def changed(engine: Any, severity: Any, message: Any, *more: Any, **named: Any) -> Any:
        return log(engine, severity, change(message), *more, **named)

    setattr(changed, _IS_WRAPPED, True)
    pulumi.log._log = changed  # noqa: SLF001 - every message goes through it


def _current_request() -> Any:
    for frame in calling_frames():
        request = frame.f_locals.get("request") if frame.f_code.co_name in _HANDLERS else None
        if request is not None and hasattr(request, "urn"):
            return request
    return None


def calling_frames() -> Iterator[FrameType]:
    """Return the stack frames of the calling thread, the innermost first."""
    return (frame for frame, _ in traceback.walk_stack(sys._getframe(1)))  # noqa: SLF001 - the documented way to a frame


class _OneLine:
    """Replaces the `traceback` module in the server: our errors in one line, all others unchanged."""

    def __init__(self, is_debug: Callable[[], bool]) -> None:
        self._is_debug = is_debug

    def __getattr__(self, name: str) -> Any:
        return getattr(traceback, name)

    def format_exc(self, *args: Any, **kwargs: Any) -> str:
        error = sys.exc_info()[1]
        return str(error) if _is_ours(error) and not self._wants_traceback() else traceback.format_exc(*args, **kwargs)

    def _wants_traceback(self) -> bool:
        from pulumi.errors import RunError  # noqa: PLC0415 - a bare import loads no Pulumi

        try:
            return self._is_debug()
        except RunError:  # as every error of ours is
            return False  # a setting that cannot be read is an error of its own, in one line


def show_errors_in_one_line(is_debug: Callable[[], bool]) -> None:
    """Make the server report our errors by message only, unless CONDUIT_DEBUG is set."""
    server = sys.modules["__main__"]
    if is_server() and getattr(server, "traceback", None) is traceback:
        server.traceback = _OneLine(is_debug)  # type: ignore[attr-defined]
    # SDKs before 3.260 leave the error to gRPC, which reports its message, but logs the traceback beside it.
    logging.getLogger("grpc._server").addFilter(
        lambda record: is_debug() or not _is_ours((record.exc_info or (None, None))[1])
    )


def _is_ours(error: BaseException | None) -> bool:
    from pulumi_conduit.errors import ConduitError  # noqa: PLC0415 - it loads Pulumi

    return isinstance(error, ConduitError)


def set_worker_threads(workers: int) -> int | None:
    """Let the server serve up to `workers` calls at once; return that number, or None if it cannot be changed.

    It starts with 4 threads and has no setting.
    """
    pool = worker_pool()
    if pool is None:
        return None
    pool._max_workers = workers  # noqa: SLF001 - see above
    _start_threads(pool, workers)
    return workers


def worker_pool() -> ThreadPoolExecutor | None:
    """Return the pool of the calling thread, found in its stack frames, or None if there is none of a known form."""
    for frame in calling_frames():
        reference = frame.f_locals.get("executor_reference")
        pool = reference() if callable(reference) else None
        if isinstance(pool, ThreadPoolExecutor) and _is_known(pool):
            return pool
    return None


def _is_known(pool: ThreadPoolExecutor) -> bool:
    return isinstance(getattr(pool, "_max_workers", None), int) and isinstance(getattr(pool, "_threads", None), set)


def _start_threads(pool: ThreadPoolExecutor, workers: int) -> None:
    """Start the threads now: before Python 3.12 a pool counts each ended call as an idle thread, and starts none."""
    is_full = threading.Event()
    while len(pool._threads) < workers:  # noqa: SLF001 - see above
        pool.submit(is_full.wait)
    is_full.set()


def can_set_worker_threads() -> bool:
    """Return whether `set_worker_threads` works with the installed SDK."""
    found = find_spec("pulumi.dynamic.__main__")
    source = Path(found.origin).read_text(encoding="utf-8") if found and found.origin else ""
    with ThreadPoolExecutor(1) as pool:
        return "ThreadPoolExecutor(" in source and pool.submit(set_worker_threads, 2).result() == 2


class EngineLog:
    """The engine's log, which shows a message with its resource."""

    def __init__(self) -> None:
        """Connect at the first message."""
        self._lock = threading.Lock()
        self._stub: Any = None
        self._lines: SimpleQueue[str] = SimpleQueue()
        self._has_writer = False

    def warn(self, urn: str, message: str) -> None:
        """Log a warning of a resource."""
        if not self._send("WARNING", urn, message):
            sys.stderr.write(f"warning: {message}\n")

    def info(self, urn: str, message: str) -> None:
        """Log what was done to a resource."""
        if not self._send("INFO", urn, message):
            sys.stderr.write(f"{message}\n")

    def debug(self, message: str) -> None:
        """Write a line into the debug log, asynchronously; it may be lost."""
        if is_server():
            self._lines.put(message)
            with self._lock:
                has_writer, self._has_writer = self._has_writer, True
            if not has_writer:
                threading.Thread(target=self._write_lines, name="conduit-debug-log", daemon=True).start()

    def _write_lines(self) -> None:
        while True:
            self._send("DEBUG", "", self._lines.get())

    def _send(self, severity: str, urn: str, message: str) -> bool:
        if not is_server():
            return False
        import grpc  # noqa: PLC0415 - a program does not need it
        from pulumi.runtime.proto import engine_pb2  # noqa: PLC0415 - likewise

        request = engine_pb2.LogRequest(severity=engine_pb2.LogSeverity.Value(severity), urn=urn, message=message)
        try:
            self._engine().Log(request, timeout=_LOG_TIMEOUT_S)
        except grpc.RpcError:
            return False
        return True

    def _engine(self) -> Any:
        import grpc  # noqa: PLC0415 - a program does not need it
        from pulumi.runtime.proto import engine_pb2_grpc  # noqa: PLC0415 - likewise

        with self._lock:
            if self._stub is None:
                # The engine's address is the last argument of the server's command line.
                self._stub = engine_pb2_grpc.EngineStub(grpc.insecure_channel(server_engine_address()))
            return self._stub
