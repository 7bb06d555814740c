"""Record what the Pulumi CLI on PATH says of every case: `python tests/cli/report/recorder.py [NAME…]`.

What differs from run to run and from machine to machine is taken out, so that a new recording shows what is new in the
CLI and nothing else.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plan_cases import PLAN_CASES

from pulumi_conduit.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from plan_case import PlanCase

__all__ = ["PREVIEWS", "RecordingStack", "file_of", "played", "previewed"]

PREVIEWS = Path(__file__).parent / "previews"
_TIMEOUT_S = 240
_FIXED = {
    "linkPageUrl": "https://link.example/page",
    "created": "2026-01-01T00:00:00Z",
    "modified": "2026-01-01T00:00:00Z",
    "createdAt": "2026-01-01T00:00:00.000Z",
    "duration": 1000000000,
    "__provider": "gASV",
    "tenant": "https://conductor.example#acme@example.com",
}
_OF_THE_MACHINE = {"sourcePosition", "stackTrace"}
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_TEXTS = {
    r"(https?://)127\.0\.0\.1:\d+": r"\1conductor.example",
    r'File \\?"[^"]*/': 'File "',
    rf"(?!{_UNKNOWN})[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}": "00000000-0000-4000-8000-000000000000",
}


def file_of(name: str) -> Path:
    """Return where a case's recording is."""
    return PREVIEWS / f"{name.replace(' ', '-')}.json"


@dataclass(frozen=True)
class RecordingStack:
    """A stack of its own against a sandbox of its own, with a case played up to its edit."""

    sandbox: Sandbox
    folder: Path
    environ: dict[str, str]

    def pulumi(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run the CLI."""
        return subprocess.run(  # noqa: S603 - the CLI that is recorded
            ["pulumi", *arguments, "--non-interactive", "--color=never"],  # noqa: S607 - found on PATH, as users do
            cwd=self.folder,
            env={**os.environ, **self.environ, **environ},
            text=True,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
        )

    def must(self, *arguments: str) -> None:
        """Run the CLI, and fail if it does."""
        done = self.pulumi(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr

    def write(self, program: str, files: Mapping[str, str]) -> None:
        """Replace the program and the files beside it."""
        for name, text in {"__main__.py": program, **files}.items():
            (self.folder / name).write_text(text, encoding="utf-8")


@contextmanager
def played(case: PlanCase, folder: Path) -> Iterator[RecordingStack]:
    """Play a case up to its edit, which is not previewed yet."""
    with Sandbox.start() as sandbox:
        stack = RecordingStack(sandbox, folder, _environ(sandbox, folder))
        (folder / "Pulumi.yaml").write_text("name: onboarding\nruntime: python\n", encoding="utf-8")
        stack.must("stack", "init", "dev")
        case.seed(sandbox)
        stack.write(case.program(case.before), case.files_before)
        if case.before:
            stack.must("up", "--yes", "--skip-preview")
        case.outside(sandbox)
        stack.write(case.program(case.after), case.files_after)
        if case.failed:
            case.failed(sandbox)
            assert stack.pulumi("up", "--yes", "--skip-preview").returncode != 0
            sandbox.faults.clear()
        yield stack


def previewed(case: PlanCase, stack: RecordingStack) -> dict[str, Any]:
    """Return the plan of a case, without what is never the same."""
    return _anonymous(json.loads(stack.pulumi(*case.command, "--json", **case.environ).stdout))


def _environ(sandbox: Sandbox, folder: Path) -> dict[str, str]:
    return {
        **sandbox.environ(),
        "PULUMI_BACKEND_URL": f"file://{folder}",
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_PYTHON_CMD": sys.executable,
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "PULUMI_SKIP_CHECKPOINTS": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "1",
    }


def _anonymous(value: Any, name: str = "") -> Any:
    if name in _FIXED and isinstance(value, str | int):
        return _FIXED[name]
    if isinstance(value, dict):
        return {key: _anonymous(part, key) for key, part in value.items() if key not in _OF_THE_MACHINE}
    if isinstance(value, list):
        return [_anonymous(part) for part in value]
    return _anonymous_text(value) if isinstance(value, str) else value


def _anonymous_text(text: str) -> str:
    for pattern, replacement in _TEXTS.items():
        text = re.sub(pattern, replacement, text)
    return text


def main(names: list[str]) -> None:
    """Record the named cases, or all of them."""
    PREVIEWS.mkdir(exist_ok=True)
    for name in names or PLAN_CASES:
        with tempfile.TemporaryDirectory() as folder, played(PLAN_CASES[name], Path(folder)) as stack:
            plan = previewed(PLAN_CASES[name], stack)
        file_of(name).write_text(json.dumps(plan, indent=1, ensure_ascii=True) + "\n", encoding="utf-8")
        print(name, plan.get("changeSummary"))  # noqa: T201 - what the script is for


if __name__ == "__main__":
    main(sys.argv[1:])
