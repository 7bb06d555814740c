"""A real PostgreSQL server on loopback, for one test: Debian's binaries, its own folder, a user who is not root."""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

_DEBIAN = Path("/usr/lib/postgresql")
_NOBODY = 65534
_TIMEOUT_S = 60


def binaries():
    """Return the folder with the server's commands, or None where there is none."""
    found = [one.parent for one in sorted(_DEBIAN.glob("*/bin/initdb"))]
    on_path = shutil.which("initdb")
    return found[-1] if found else Path(on_path).parent if on_path else None


@contextmanager
def running():
    """Run a server, and give the URL of a database that is empty."""
    folder = Path(tempfile.mkdtemp(prefix="conduit-postgres-"))
    user = {"user": _NOBODY, "group": _NOBODY} if os.geteuid() == 0 else {}  # the server refuses to run as root
    if user:
        os.chown(folder, _NOBODY, _NOBODY)
    try:
        password = secrets.token_urlsafe(12)
        (folder / "password").write_text(password, encoding="utf-8")
        (folder / "password").chmod(0o644)
        port = _free_port()
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        _run(user, folder, "initdb", "-U", "pulumi", "-A", "scram-sha-256", "--pwfile", folder / "password", "data")
        _run(user, folder, "pg_ctl", "-D", "data", "-w", "-l", "log", "-o", options, "start")
        try:
            yield f"postgres://pulumi:{password}@127.0.0.1:{port}/postgres?sslmode=disable"
        finally:
            _run(user, folder, "pg_ctl", "-D", "data", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


def _run(user, folder, command, *arguments):
    subprocess.run(  # noqa: S603 - Debian's own
        [binaries() / command, *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "HOME": str(folder), "LC_ALL": "C"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        timeout=_TIMEOUT_S,
        check=True,
        **user,
    )


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
