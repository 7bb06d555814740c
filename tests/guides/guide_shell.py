"""A shell that does what a page asks for, in an empty folder, with a private backend and the settings of a sandbox.

Nothing is downloaded: `pip install` and `python3 -m venv` have stand-ins. Must not know Markdown or YAML.
"""

import os
import shlex
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

STAND_INS = Path(__file__).parent / "stand_ins"
_HIDDEN = ("CONDUIT_", "CONDUCTOR_", "PULUMI_", "PYTEST_", "VIRTUAL_ENV")
_LONGEST_S = 600
_MARK = "--- block at line "
_PYTHON = """#!/bin/sh
if [ "$1 $2" = "-m venv" ]; then exec {python} {venv} "$3"; fi
exec {python} "$@"
"""


@dataclass(frozen=True)
class Ran:
    """How a script ended, and what each of its blocks printed, by line."""

    code: int
    printed: dict[int, str]
    text: str


@dataclass(frozen=True)
class Shell:
    """Bash in a folder of its own."""

    folder: Path
    environ: dict[str, str]

    def run(self, blocks):
        """Run blocks, each with its line, in one shell that ends at the first command that fails."""
        lines = [f"printf '\\n%s%s\\n' '{_MARK}' {line}\n{text}" for line, text in blocks]
        script = "set -e -o pipefail\ntrap 'kill $(jobs -p) 2> /dev/null || :' EXIT\n" + "\n".join(lines)
        code, printed = self._bash(script)
        parts = (part.partition("\n") for part in printed.split(f"\n{_MARK}")[1:])
        return Ran(code, {int(line): text for line, _, text in parts}, printed)

    def _bash(self, script):
        """Run a script; return its exit code and what it printed, and leave nothing running."""
        with subprocess.Popen(  # noqa: S603 - the page under test
            ["bash", "-c", script],  # noqa: S607 - found on PATH, as its readers do
            cwd=self.folder,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                printed, _ = process.communicate(timeout=_LONGEST_S)
            finally:
                with suppress(ProcessLookupError):  # all are gone
                    os.killpg(process.pid, signal.SIGKILL)
        return process.returncode, printed


def written(name, text, *, is_added=False):
    """Return the shell's way to write a file."""
    folder = Path(name).parent
    return f"mkdir -p {shlex.quote(str(folder))}\nprintf %s {shlex.quote(text)} {'>>' if is_added else '>'} {name}\n"


def environment(tmp_path, settings):
    """Return the environment of a reader who has the CLI, a backend, and the settings of a sandbox."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(_HIDDEN)}
    found = [str(_commands(tmp_path)), str(Path(sys.executable).parent), os.environ["PATH"]]
    return {
        **ours,
        **settings,
        "PATH": os.pathsep.join(found),
        "PYTHONPATH": str(STAND_INS),
        "PULUMI_BACKEND_URL": f"file://{_folder(tmp_path / 'backend')}",
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }


def _commands(tmp_path):
    """Make a folder of stand-ins for commands that would download something."""
    folder, python = _folder(tmp_path / "commands"), shlex.quote(sys.executable)
    starting_python = _PYTHON.format(python=python, venv=shlex.quote(str(STAND_INS / "new_venv.py")))
    for name, text in {
        "pip": f'#!/bin/sh\nexec {python} -m pip "$@"\n',
        "python": starting_python,
        "python3": starting_python,
    }.items():
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o700)
    return folder


def _folder(path):
    path.mkdir(exist_ok=True)
    return path
