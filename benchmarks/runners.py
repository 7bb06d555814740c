"""How each kind of peer is run: the command for a workload, and what must be there before the first one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from benchmarks.peer import Kind, Peer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.declared import Declared

__all__ = ["Runner", "as_users", "engine_label", "has_pulumi", "runner_for", "versions"]

ROOT = Path(__file__).resolve().parent.parent
_OPERATIONS = {"no-op": "up", "change": "up", "preview-change": "preview"}
_OPERATIONS_OF_TERRAFORM = {"preview": "plan", "preview-change": "plan", "destroy": "destroy"}
_OURS = ("CONDUIT_", "CONDUCTOR_", "BENCHMARK_", "PULUMI_", "TF_")
_UNCOMPILED = "PYTHONDONTWRITEBYTECODE"
_AT_ONCE = 16  # Pulumi takes 4 per core otherwise, Terraform 10


class Runner(Protocol):
    """Runs one peer in one folder."""

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment of the commands."""

    def prepare(self) -> None:
        """Do what is not measured."""

    def command(self, workload: str, declared: Declared) -> list[str]:
        """Return what is."""


def has_pulumi() -> bool:
    """Say whether the real engine is on PATH."""
    return shutil.which("pulumi") is not None


def runner_for(
    peer: Peer, folder: Path, settings: Mapping[str, str], *, checkpoints: bool, is_embedded: bool
) -> Runner:
    """Return what runs a peer in an empty folder."""
    environ = {**as_users(os.environ), **settings, **peer.environ, "PYTHONPATH": str(ROOT)}
    if peer.kind is Kind.SCRIPT:
        return Script(peer, folder, environ)
    if peer.kind is Kind.TERRAFORM:
        return Terraform(peer, folder, environ)
    if is_embedded:
        return Embedded(peer, folder, environ)
    return PulumiCli(peer, folder, environ, checkpoints=checkpoints)


def as_users(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without settings, and with compiled modules, as those of an installed package are."""
    return {name: value for name, value in environ.items() if not name.startswith((*_OURS, _UNCOMPILED))}


def engine_label() -> str:
    """Say which engine runs the Pulumi peers."""
    return "the Pulumi CLI" if has_pulumi() else "the embedded engine of the test kit, NOT Pulumi"


def versions() -> dict[str, str]:
    """Return the versions of the engines that are on PATH."""
    found = {}
    if pulumi := shutil.which("pulumi"):
        found["Pulumi CLI"] = _output([pulumi, "version"]).lstrip("v")
    if terraform := shutil.which("terraform"):
        found["Terraform"] = str(json.loads(_output([terraform, "version", "-json"]))["terraform_version"])
    return found


class Script:
    """A module that is run with the name of the workload."""

    def __init__(self, peer: Peer, _folder: Path, environ: Mapping[str, str]) -> None:
        """Run it as it is."""
        self._peer, self.environ = peer, environ

    def prepare(self) -> None:
        """Do nothing."""

    def command(self, workload: str, _declared: Declared) -> list[str]:
        """Return the script's command."""
        return [sys.executable, "-m", self._peer.module, workload]


class PulumiCli:
    """A stack on the real engine, with a backend of its own in the folder."""

    def __init__(self, peer: Peer, folder: Path, environ: Mapping[str, str], *, checkpoints: bool) -> None:
        """Write a program that declares what the peer declares."""
        _write_program(peer, folder)
        self._folder = folder
        self.environ = {
            **environ,
            "PULUMI_BACKEND_URL": folder.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_PARALLEL": str(_AT_ONCE),
            "PULUMI_PYTHON_CMD": sys.executable,
            "PULUMI_SKIP_CHECKPOINTS": "false" if checkpoints else "true",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }

    def prepare(self) -> None:
        """Make the stack."""
        _quietly(["pulumi", "stack", "init", "bench", "--non-interactive"], self._folder, self.environ)

    def command(self, workload: str, _declared: Declared) -> list[str]:
        """Return the CLI's command, without a preview in front of it unless it is one."""
        operation = _OPERATIONS.get(workload, workload)
        unasked = [] if operation == "preview" else ["--yes", "--skip-preview"]
        return ["pulumi", operation, *unasked, "--stack", "bench", "--non-interactive"]


class Embedded:
    """The engine of the test kit, where there is no CLI: it shows that the benchmark works, and no speed of Pulumi."""

    def __init__(self, peer: Peer, folder: Path, environ: Mapping[str, str]) -> None:
        """Write a program that declares what the peer declares."""
        _write_program(peer, folder)
        self.environ = environ

    def prepare(self) -> None:
        """Do nothing."""

    def command(self, workload: str, _declared: Declared) -> list[str]:
        """Return the test kit's command."""
        operation = _OPERATIONS.get(workload, workload)
        return [sys.executable, "-m", "pulumi_conduit.testing", operation, "--state", "state.json"]


class Terraform:
    """A configuration of resources that call nobody."""

    def __init__(self, peer: Peer, folder: Path, environ: Mapping[str, str]) -> None:
        """Write the configuration, and leave the user's own settings out."""
        (folder / "main.tf").write_text(peer.source, encoding="utf-8")
        (folder / "terraform.rc").write_text("", encoding="utf-8")
        self._folder = folder
        self.environ = {
            **environ,
            "CHECKPOINT_DISABLE": "1",
            "TF_CLI_CONFIG_FILE": str(folder / "terraform.rc"),
            "TF_IN_AUTOMATION": "1",
        }

    def prepare(self) -> None:
        """Initialise; the one provider that is used is built in."""
        _quietly(["terraform", "init", "-input=false"], self._folder, self.environ)

    def command(self, workload: str, declared: Declared) -> list[str]:
        """Return Terraform's command, which has its plan within it."""
        operation = _OPERATIONS_OF_TERRAFORM.get(workload, "apply")
        command = ["terraform", operation, "-input=false", "-no-color"]
        command += [] if operation == "plan" else ["-auto-approve"]
        command += ["-refresh-only"] if workload == "refresh" else []
        return [*command, f"-var=size={declared.size}", f"-var=changed={declared.changed}"]


def _write_program(peer: Peer, folder: Path) -> None:
    (folder / "Pulumi.yaml").write_text("name: bench\nruntime: python\n", encoding="utf-8")
    text = f"from {peer.module} import declare\n\ndeclare()\n"
    (folder / "__main__.py").write_text(text, encoding="utf-8")


def _quietly(command: list[str], folder: Path, environ: Mapping[str, str]) -> None:
    subprocess.run(command, cwd=folder, env=dict(environ), capture_output=True, check=True)  # noqa: S603 - an engine


def _output(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()  # noqa: S603 - an engine
