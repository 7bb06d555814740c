"""Checks of the Pulumi CLI, the program's Python, and the size of the stack."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pulumi_conduit import __version__
from pulumi_conduit.cli.doctor.findings import Code, Finding
from pulumi_conduit.cli.pulumi_project import INSTALL, LEAST_CLI, find_project, pulumi, read_project, stack_export
from pulumi_conduit.cli.stack_export import Export, read_export
from pulumi_conduit.errors import ConduitError, escaped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pulumi_conduit.cli.doctor.findings import Examined

__all__ = ["cli", "interpreter", "size"]

_TIMEOUT_S = 60
_NUMBERS = re.compile(r"v?([0-9]+)\.([0-9]+)")
_PROJECT = "Pulumi.yaml"
_TOOLCHAINS = ("pip", "uv", "poetry")
_ASK = """
import json, platform
from importlib.metadata import PackageNotFoundError, version
def installed(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return None
found = {"python": platform.python_version(), "pulumi": installed("pulumi"), "ours": installed("pulumi-conduit")}
try:
    import pulumi_conduit.provider
    found["is_importable"] = True
    from pulumi_conduit.sdk_internals import can_set_worker_threads
    found["can_set_worker_threads"] = can_set_worker_threads()
except Exception as error:
    found["error"] = f"{type(error).__name__}: {error}"
print(json.dumps(found))
"""


def cli(subject: Examined) -> Iterator[Finding]:
    """Check the Pulumi CLI on PATH."""
    if not shutil.which("pulumi"):
        advice = f"install it ({INSTALL}); without it only the test kit can run a program"
        yield Finding(Code.CLI_MISSING, "there is no `pulumi` on PATH", advice)
        return
    try:
        printed = pulumi("version", folder=subject.folder, what="the version of the CLI", instead="").strip()
    except ConduitError as error:
        printed = str(error)
    if _numbers(printed) >= LEAST_CLI:
        yield Finding(Code.CLI, f"the Pulumi CLI is {escaped(printed, 40)}")
    else:
        yield Finding(
            Code.CLI_OLD, f"the Pulumi CLI is '{escaped(printed)}', not 3.216 or later", f"update it: {INSTALL}"
        )


def interpreter(subject: Examined) -> Iterator[Finding]:
    """Check the packages of the program's Python; without a project, of this command's."""
    project = find_project(subject.folder)
    if project is None:
        text = f"there is no {_PROJECT} here or above, so the Python of this command is checked"
        yield Finding(Code.PROJECT_MISSING, text, "name the folder of the project with --cwd DIR")
        yield from _check_python(Path(sys.executable), "of this command", subject)
        return
    try:
        read = read_project(project)
    except ValueError as error:
        yield Finding(Code.PROJECT_UNREADABLE, str(error), f"fix {project.name}: the CLI reads it first")
        return
    try:
        options = _options(read)
    except ValueError as error:
        yield Finding(Code.PROJECT_OTHER, str(error))
        return
    yield from _toolchain(options)
    python, named_by = _find_python(project, options, subject)
    if python is None:
        yield Finding(Code.INTERPRETER_UNKNOWN, f"{named_by}, so the Python of the program was not checked")
    else:
        yield from _check_python(python, named_by, replace(subject, folder=project.parent))


def _check_python(python: Path, named_by: str, subject: Examined) -> Iterator[Finding]:
    shown = f"{escaped(str(python))} ({named_by})"
    try:
        found = _query_python(python, subject)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
        advice = "create the virtual environment and install the program's dependencies: `pulumi install`"
        yield Finding(Code.INTERPRETER_FAILS, f"{shown} does not run: {escaped(reason)}", advice)
        return
    yield from _check_versions(shown, found)


def _check_versions(shown: str, found: Mapping[str, Any]) -> Iterator[Finding]:
    sdk, ours = found["pulumi"], found["ours"]
    if not found.get("is_importable"):
        reason = escaped(found.get("error", ""))
        advice = "install it there: `pip install pulumi-conduit` with that Python, or name another in Pulumi.yaml"
        yield Finding(Code.PACKAGE_MISSING, f"{shown} cannot import pulumi-conduit: {reason}", advice)
        return
    has = f"Python {found['python']}, pulumi {sdk}, pulumi-conduit {ours}"
    yield Finding(Code.INTERPRETER, f"{shown} has {escaped(has)}")
    if _numbers(str(sdk)) < LEAST_CLI:
        yield Finding(Code.SDK_OLD, f"its pulumi is {sdk}, not 3.216 or later", "`pip install --upgrade pulumi` there")
    if ours != __version__:
        text = f"its pulumi-conduit is {ours}, and this command is of {__version__}"
        yield Finding(Code.PACKAGE_OTHER, escaped(text), "install one version in both places")
    if found.get("can_set_worker_threads"):
        yield Finding(Code.WORKERS, "its provider runs as many operations at a time as CONDUIT_WORKERS says")
    else:
        text = "its provider runs four operations at a time: this SDK version is not known"
        yield Finding(Code.WORKERS_FOUR, text, "it is only slower; look for a newer pulumi-conduit")


def _find_python(project: Path, options: Mapping[str, Any], subject: Examined) -> tuple[Path | None, str]:
    """Return the interpreter that the engine would choose, and the setting that names it."""
    if isinstance(environment := options.get("virtualenv"), str):
        return project.parent / environment / "bin" / "python", f"`virtualenv` in {_PROJECT}"
    if options.get("toolchain") == "uv":
        return project.parent / ".venv" / "bin" / "python", f"`toolchain: uv` in {_PROJECT}"
    if options.get("toolchain") == "poetry":
        return None, f"{_PROJECT} says `toolchain: poetry`"
    if named := subject.environ.get("PULUMI_PYTHON_CMD"):
        return Path(shutil.which(named) or named), "PULUMI_PYTHON_CMD"
    found = shutil.which("python3") or shutil.which("python")
    return (Path(found), "python3 on PATH") if found else (None, "there is no python3 on PATH")


def _options(project: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the options of a Python runtime; ValueError for another language."""
    runtime = project["runtime"]
    named = runtime.get("name") if isinstance(runtime, dict) else runtime
    if named != "python":
        raise ValueError(f"the project is not a Python program: its runtime is '{escaped(str(named), 40)}'")
    options = runtime.get("options") if isinstance(runtime, dict) else None
    return options if isinstance(options, dict) else {}


def _toolchain(options: Mapping[str, Any]) -> Iterator[Finding]:
    """Report an unknown or missing toolchain, without which the CLI runs no program."""
    name = options.get("toolchain")
    if name not in (None, *_TOOLCHAINS):
        known = ", ".join(_TOOLCHAINS)
        text = f"{_PROJECT} says `toolchain: {escaped(str(name), 40)}`, which Pulumi does not know"
        yield Finding(Code.TOOLCHAIN_MISSING, text, f"write one of {known}, or leave it out")
    elif name in ("uv", "poetry") and not shutil.which(name):
        text = f"{_PROJECT} says `toolchain: {name}`, and there is no `{name}` on PATH, so that no program can run"
        yield Finding(Code.TOOLCHAIN_MISSING, text, f"install {name}, or write `toolchain: pip` with a `virtualenv`")


def _query_python(python: Path, subject: Examined) -> Mapping[str, Any]:
    ours = ("CONDUIT_", "CONDUCTOR_")
    environ = {name: value for name, value in subject.environ.items() if not name.startswith(ours)}
    done = subprocess.run(  # noqa: S603 - the interpreter that `pulumi up` would start in this folder
        [str(python.absolute()), "-c", _ASK],
        cwd=subject.folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=True,
    )
    found = json.loads(done.stdout)
    if not isinstance(found, dict):
        raise ValueError("its output is not JSON")  # noqa: TRY004 - one kind of error for all invalid output
    return found


def _numbers(text: str) -> tuple[int, int]:
    found = _NUMBERS.match(text)
    return (int(found[1]), int(found[2])) if found else (0, 0)


_MANY = 200
_TOO_MANY = 3000
_SKIP = "PULUMI_SKIP_CHECKPOINTS"
_TRUE = ("1", "true", "t")


def size(subject: Examined) -> Iterator[Finding]:
    """Count a stack's resources, and advise on checkpoints and on the number of stacks."""
    if subject.stack is None:
        return
    try:
        export = read_export(stack_export(subject.stack, subject.folder), f"stack {subject.stack}")
        scheme = _backend(subject)
    except ConduitError as error:
        yield Finding(Code.SIZE_UNKNOWN, str(error), "make `pulumi stack export` work, then run this again")
        return
    yield Finding(Code.SIZE, f"{escaped(export.stack)} has {_count_kinds(export)}; its backend is {scheme}")
    if scheme not in ("https", "http"):
        yield from _checkpoints(export, subject.environ.get(_SKIP, "").lower() in _TRUE)
    if len(export.ours) >= _TOO_MANY:
        text = f"{len(export.ours)} resources in one stack: each run reads and writes them all"
        yield Finding(Code.SEVERAL_STACKS, text, "split the people into several stacks")


def _backend(subject: Examined) -> str:
    """Return the scheme of the backend's URL; the URL itself may hold a password."""
    printed = pulumi("whoami", "--json", folder=subject.folder, what="the backend", instead="")
    try:
        if scheme := urlsplit(str(json.loads(printed)["url"])).scheme:
            return escaped(scheme, 20)
    except (ValueError, TypeError, KeyError):
        pass
    raise ConduitError("`pulumi whoami` does not say which backend it uses")


def _count_kinds(export: Export) -> str:
    kinds = Counter(one.kind.value for one in export.ours)
    ours = ", ".join(f"{count} of kind {kind}" for kind, count in sorted(kinds.items()))
    return f"{len(export.ours)} resources of ours{f' ({ours})' if ours else ''} and {export.others} of others"


def _checkpoints(export: Export, is_skipping: bool) -> Iterator[Finding]:  # noqa: FBT001 - there is one flag
    if is_skipping and export.others:
        text = f"{_SKIP} is set, and the stack has {export.others} resources of other providers"
        advice = "unset it for this stack: a killed run would create those twice. Or move them to a stack of their own"
        yield Finding(Code.CHECKPOINTS_UNSAFE, text, advice)
    elif is_skipping:
        yield Finding(Code.CHECKPOINTS_SKIPPED, f"{_SKIP} is set, and safe: the stack has resources of ours only")
    elif len(export.ours) >= _MANY and export.others:
        text = (
            f"a large run mostly writes checkpoints, which cannot be skipped with {export.others} resources of others"
        )
        yield Finding(Code.CHECKPOINTS, text, f"give ours a stack of their own, and set {_SKIP}=true for that one")
    elif len(export.ours) >= _MANY:
        text = "most of a run with many changes is spent on checkpoints, and this stack can do without"
        yield Finding(Code.CHECKPOINTS, text, f"set {_SKIP}=true; after a kill run the same program again")
