"""`pulumi-conduit sandbox`: the stand-in of both APIs in the foreground, until it is interrupted.

Knows the sandbox's Python handle only; without the extra it prints what to install.
"""

from __future__ import annotations

import errno
import json
import os
import shlex
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pulumi_conduit.cli.exit_codes import FailedError, one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pulumi_conduit.sandbox import Sandbox

__all__ = ["command"]

_EXTRA = {"fastapi", "uvicorn"}
_ANY_PORT = "; --port 0 takes one that is free"
_STOPPING = (signal.SIGINT, signal.SIGTERM)
_FILE = click.Path(dir_okay=False, path_type=Path)

_EPILOG = """\b
Examples:
  pulumi-conduit sandbox                            in the foreground; copy the lines to another shell
  pulumi-conduit sandbox --file team.sqlite         the same state and credentials after a restart
  pulumi-conduit sandbox --switch read_lag=2        two reads after a write are out of date
  pulumi-conduit sandbox --port 0 > settings.sh &   in the background; then `. ./settings.sh`
"""


@click.command("sandbox", epilog=_EPILOG)
@click.option("--port", default=8787, show_default=True, type=click.IntRange(0, 65535), help="0: any that is free.")
@click.option("--file", type=_FILE, help="Keep the state in this SQLite file; without it, in memory.")
@click.option("--switch", "settings", multiple=True, metavar="NAME=VALUE", help="Choose undocumented API behaviour.")
@click.option("--json", "as_json", is_flag=True, help="Print the settings as JSON instead of `export` lines.")
@click.option("--ready-file", type=_FILE, help="Write the settings here as JSON, for its owner only, once it is up.")
def command(port: int, file: Path | None, settings: Sequence[str], *, as_json: bool, ready_file: Path | None) -> None:
    """Run a stand-in of both APIs on this machine.

    It prints the settings for the provider, and runs until it is interrupted.
    """
    stop = threading.Event()
    for number in _STOPPING:
        signal.signal(number, lambda *_: stop.set())
    with _start(port, file, settings) as sandbox:
        environ = sandbox.environ()
        click.echo(json.dumps(environ) if as_json else _exports(environ))
        click.echo(f"console: {sandbox.link_url}/", err=True)  # beside the settings, which a script may read
        if ready_file:
            _write_for_owner(ready_file, json.dumps(environ))
        stop.wait()


def _start(port: int, file: Path | None, settings: Sequence[str]) -> Sandbox:
    try:
        from pulumi_conduit.sandbox import MistakeError, Sandbox  # noqa: PLC0415 - an extra, and may be absent
        from pulumi_conduit.sandbox.switches import parse  # noqa: PLC0415 - likewise
    except ModuleNotFoundError as error:
        if error.name not in _EXTRA:
            raise
        raise FailedError(one_line(error)) from None
    try:
        switches = parse(settings) if settings else None
    except MistakeError as error:
        raise click.UsageError(one_line(error)) from None
    try:
        return Sandbox.start(switches=switches, file=file, port=port)
    except MistakeError as error:
        cause = error.__cause__
        is_taken = isinstance(cause, OSError) and cause.errno == errno.EADDRINUSE
        raise FailedError(f"{one_line(error)}{_ANY_PORT if is_taken else ''}") from None


def _exports(environ: dict[str, str]) -> str:
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in environ.items())


def _write_for_owner(path: Path, text: str) -> None:
    # Complete from the first moment that a waiting script can see it, and never readable by others.
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as stream:
        stream.write(text)
    draft.replace(path)
