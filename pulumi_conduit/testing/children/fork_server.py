"""Forks the engine's children from an interpreter that has the SDK loaded already, which saves most of their start.

The engine asks over a Unix socket (its number is the first argument) with one JSON message per child, and sends the
child's standard streams and a pipe along. Into the pipe go the child's process id and, when it has ended, its exit
code, each in a line. Each child costs one fork, and there is no thread: SIGCHLD wakes the loop that reports exit codes.
What is loaded here is the same for every child: the SDK and the modules named as further arguments. The user's modules
are not among them.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Any

ALONE = b"alone"
_LARGEST_REQUEST = 4 * 1024 * 1024
_SDK = (
    "pulumi.runtime",
    "pulumi.dynamic.dynamic",
    "pulumi.runtime.proto.engine_pb2_grpc",
    "pulumi.runtime.proto.provider_pb2_grpc",
    "pulumi.runtime.proto.resource_pb2_grpc",
    "grpc._channel",  # which grpc loads with the first channel
)


def main() -> None:
    """Load, then fork a child for every request, until the engine ends."""
    control = socket.socket(fileno=int(sys.argv[1]))
    for module in (*_SDK, *sys.argv[2:]):
        importlib.import_module(module)
    # A fork has only the thread that forked: what the others held stays locked for ever.
    threads = sum(1 for _ in Path("/proc/self/task").iterdir())
    gc.freeze()  # what is loaded now is shared by all children; a collection would copy it into each
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the engine may be killed
        control.send(ALONE if threads == 1 else b"in company")
        _serve(control)


def _serve(control: socket.socket) -> None:
    """Fork a child for every request, and report each child's end."""
    ended, wakes = socket.socketpair()
    for end in (ended, wakes):
        end.setblocking(False)  # noqa: FBT003 - the name and the order are Python's
    signal.signal(signal.SIGCHLD, lambda *_: None)  # a signal without a handler would write nothing
    signal.set_wakeup_fd(wakes.fileno(), warn_on_full_buffer=False)
    reports: dict[int, int] = {}
    while True:
        ready, _, _ = select.select([control, ended], [], [])
        if ended in ready:
            ended.recv(_LARGEST_REQUEST)
            _report_ends(reports)
        if control in ready and not _fork_one(control, (ended, wakes), reports):
            return


def _fork_one(control: socket.socket, waking: tuple[socket.socket, ...], reports: dict[int, int]) -> bool:
    """Fork the requested child; return whether there was a request."""
    request, descriptors, _, _ = socket.recv_fds(control, _LARGEST_REQUEST, 4)
    if not request:
        return False
    *streams, report = descriptors
    child = os.fork()
    if child == 0:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for inherited in (control, *waking):
            inherited.close()
        for other in (report, *reports.values()):
            os.close(other)
        _become(json.loads(request), streams)
    for stream in streams:
        os.close(stream)
    reports[child] = report
    _tell(report, child)
    return True


def _report_ends(reports: dict[int, int]) -> None:
    """Report the exit code of every child that has ended: one signal may stand for several."""
    while reports:
        child, status = os.waitpid(-1, os.WNOHANG)
        if child == 0:
            return
        report = reports.pop(child, None)  # None: a process that a preloaded module has started
        if report is not None:
            _tell(report, os.waitstatus_to_exitcode(status))
            os.close(report)


def _tell(report: int, number: int) -> None:
    with contextlib.suppress(BrokenPipeError):  # the engine may have ended
        os.write(report, f"{number}\n".encode())


def _become(request: dict[str, Any], streams: list[int]) -> None:
    """Turn into a fresh interpreter that runs one module, as far as that can be done."""
    os.setsid()  # a group of its own: what it starts ends with it
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environ"])
    sys.path[0] = request["cwd"]
    sys.argv = [request["module"], *request["arguments"]]
    os._exit(_run_to_the_end(request["module"]))


def _run_to_the_end(module: str) -> int:
    """Run a module, and do what an interpreter does at its end, but for freeing what the system frees faster."""
    code = 0
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        code = _exit_code(ended.code)
    except BaseException:  # noqa: BLE001 - as an interpreter reports it
        sys.excepthook(*sys.exc_info())
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001 - waits for the program's threads
    atexit._run_exitfuncs()  # noqa: SLF001 - there is no public name for it
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def _exit_code(given: object) -> int:
    if given is None or isinstance(given, int):
        return given or 0
    sys.stderr.write(f"{given}\n")
    return 1


if __name__ == "__main__":
    main()
