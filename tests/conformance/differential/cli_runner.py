"""The runner of the real Pulumi CLI, offline, on a backend of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from .runners import STACK, Raw, Workspace
from .scenario import Config, Hidden, Step

_TIMEOUT_S = 240
_FLAGS = {
    "preview": ["preview", "--json", "--show-sames", "--show-replacement-steps"],
    "up": ["up", "--yes", "--skip-preview"],
    "refresh": ["refresh", "--yes", "--skip-preview"],
    "destroy": ["destroy", "--yes", "--skip-preview"],
}


class CliRunner:
    """One stack of the real CLI."""

    def __init__(self, folder: Path) -> None:
        """Make an empty stack."""
        self.workspace = Workspace(folder)
        self._python = _without_pip(folder / "python")
        self._config: Config = {}
        self._must("stack", "init", STACK)

    def run(self, step: Step, config: Config) -> Raw:
        """Run one command, and export the state it left."""
        self._configure(config)
        done = self._pulumi(*_FLAGS[step.operation], *_options(step))
        if step.operation == "preview":
            return Raw(done.returncode == 0, _plan(done.stdout), {})
        return Raw(done.returncode == 0, [], self._deployment())

    def _configure(self, config: Config) -> None:
        if config == self._config:
            return
        for key in self._config.keys() - config.keys():
            self._must("config", "rm", key)
        for key, value in config.items():
            self._must("config", "set", key, *_setting(value))
        self._config = config

    def _deployment(self) -> dict[str, Any]:
        exported: dict[str, Any] = json.loads(self._must("stack", "export", "--show-secrets"))["deployment"]
        return exported

    def _must(self, *arguments: str) -> str:
        done = self._pulumi(*arguments)
        if done.returncode:
            raise RuntimeError(f"pulumi {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    def _pulumi(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(  # noqa: S603 - the CLI under test
            ["pulumi", *arguments, "--non-interactive", "--color=never"],  # noqa: S607 - found on PATH, as users do
            cwd=self.workspace.program,
            env=self._environ(),
            text=True,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
        )

    def _environ(self) -> dict[str, str]:
        own = {
            "PULUMI_BACKEND_URL": f"file://{self.workspace.folder}",
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_HOME": str(self.workspace.folder / "home"),
            "PULUMI_PYTHON_CMD": str(self._python),
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "PULUMI_SKIP_CHECKPOINTS": "true",  # the state is written once, at the end: several times faster here
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "1",
        }
        return {**os.environ, **own, **self.workspace.environ}


def _options(step: Step) -> list[str]:
    switches = {"--continue-on-error": step.continue_on_error, "--target-dependents": step.target_dependents}
    named = {"--target": step.target, "--exclude": step.exclude, "--replace": step.replace}
    return [name for name, is_on in switches.items() if is_on] + [
        f"{name}={urn}" for name, urns in named.items() for urn in urns
    ]


def _without_pip(script: Path) -> Path:
    """Write a Python that answers at once when the CLI asks which packages there are.

    It takes each package called `pulumi-...` for a plugin, and a plugin changes which default provider it chooses: what
    else is installed must not matter. And the true answers cost half of the time.
    """
    answers = '"-m pip --version") echo "pip 25.0 from here (python 3)";; "-m pip list"*) echo "[]";;'
    script.write_text(f'#!/bin/sh\ncase "$*" in {answers} *) exec "{sys.executable}" "$@";; esac\n', encoding="utf-8")
    script.chmod(0o700)
    return script


def _setting(value: "str | Hidden") -> list[str]:
    return ["--secret", value.value] if isinstance(value, Hidden) else ["--plaintext", value]


def _plan(printed: str) -> list[tuple[str, str]]:
    """Return the steps of a preview; a program that fails early leaves no JSON and thus no steps."""
    if not printed.strip():
        return []
    return [(step["op"], step["urn"]) for step in json.loads(printed).get("steps") or []]


def cli_version() -> str:
    """Return the version of the CLI on PATH."""
    done = subprocess.run(["pulumi", "version"], text=True, capture_output=True, check=True)  # noqa: S607 - as users do
    return done.stdout.strip().lstrip("v")
