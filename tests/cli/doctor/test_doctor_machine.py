"""The CLI on PATH and the Python of the program, found as the engine finds it, and asked."""

import json
import os
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from pulumi_conduit.cli.doctor import machine as checks
from pulumi_conduit.cli.doctor.findings import Code, Examined

OURS = version("pulumi-conduit")
FINE = {"python": "3.12.1", "pulumi": "3.260.0", "ours": OURS, "is_importable": True, "can_set_worker_threads": True}


@pytest.fixture
def project(tmp_path):
    """Return a function that writes a project with a runtime, and returns its folder."""

    def write(runtime):
        (tmp_path / "Pulumi.yaml").write_text(json.dumps({"name": "p", "runtime": runtime}), encoding="utf-8")
        return tmp_path

    return write


def _script(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o700)
    return path


def _says(path, answer):
    """Put a Python there that answers so, whatever it is asked."""
    return _script(path, f"cat <<'END'\n{json.dumps(answer)}\nEND")


def _found(folder, **environ):
    environ = {**os.environ, **environ}
    return [(one.code, one.text) for one in checks.interpreter(Examined(environ, folder=folder))]


@pytest.mark.parametrize(
    ("printed", "code", "text"),
    [
        ("v3.260.0", Code.CLI, "the Pulumi CLI is v3.260.0"),
        ("v3.216.0-alpha", Code.CLI, "the Pulumi CLI is v3.216.0-alpha"),
        ("v3.215.9", Code.CLI_OLD, "the Pulumi CLI is 'v3.215.9', not 3.216 or later"),
        ("what?", Code.CLI_OLD, "the Pulumi CLI is 'what?', not 3.216 or later"),
    ],
)
def test_the_cli_on_path_is_named(tmp_path, monkeypatch, printed, code, text):
    """With its version, which must be new enough."""
    _script(tmp_path / "pulumi", f"echo '{printed}'")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    assert [(code, text)] == [(one.code, one.text) for one in checks.cli(Examined(os.environ))]


def test_a_missing_cli_is_a_warning(tmp_path, monkeypatch):
    """The test kit runs without."""
    monkeypatch.setenv("PATH", str(tmp_path))

    assert [Code.CLI_MISSING] == [one.code for one in checks.cli(Examined(os.environ))]


def test_a_cli_that_fails_is_a_problem(tmp_path, monkeypatch):
    """With what it said."""
    _script(tmp_path / "pulumi", "echo 'error: broken' >&2; exit 1")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    (finding,) = checks.cli(Examined(os.environ))

    assert (Code.CLI_OLD, "the Pulumi CLI is 'the version of the CLI cannot be read: broken', not 3.216 or later") == (
        finding.code,
        finding.text,
    )


def test_without_a_project_this_python_is_asked(tmp_path):
    """Really: it has the package, and an SDK whose server can be widened."""
    (missing, fine, workers) = _found(tmp_path)

    assert (Code.PROJECT_MISSING, Code.INTERPRETER, Code.WORKERS) == (missing[0], fine[0], workers[0])
    assert fine[1].startswith(f"{sys.executable} (of this command) has Python 3.")
    assert fine[1].endswith(f"pulumi {version('pulumi')}, pulumi-conduit {OURS}")


@pytest.mark.parametrize("runtime", ["python", {"name": "python"}, {"name": "python", "options": None}])
def test_python3_on_path_runs_a_project_that_names_none(project, tmp_path, monkeypatch, runtime):
    """As the language host chooses."""
    python = _says(tmp_path / "bin" / "python3", FINE)
    monkeypatch.setenv("PATH", str(python.parent), prepend=":")

    expected = f"{python} (python3 on PATH) has Python 3.12.1, pulumi 3.260.0, pulumi-conduit {OURS}"
    assert (Code.INTERPRETER, expected) == _found(project(runtime))[0]


def test_a_project_is_found_from_below(project, tmp_path, monkeypatch):
    """As the CLI looks for it."""
    below = project("python") / "src" / "deep"
    below.mkdir(parents=True)
    monkeypatch.setenv("PATH", str(_says(tmp_path / "bin" / "python3", FINE).parent), prepend=":")

    assert Code.INTERPRETER is _found(below)[0][0]


@pytest.mark.parametrize(
    ("options", "place", "named_by"),
    [
        ({"virtualenv": "venv"}, "venv/bin/python", "`virtualenv` in Pulumi.yaml"),
        ({"toolchain": "uv"}, ".venv/bin/python", "`toolchain: uv` in Pulumi.yaml"),
        ({"toolchain": "uv", "virtualenv": "v"}, "v/bin/python", "`virtualenv` in Pulumi.yaml"),
    ],
)
def test_the_environment_that_a_project_names_is_asked(project, options, place, named_by, tmp_path, monkeypatch):
    """Relative to the project."""
    _script(tmp_path / "tools" / "uv", "")
    monkeypatch.setenv("PATH", str(tmp_path / "tools"), prepend=":")
    folder = project({"name": "python", "options": options})
    _says(folder / place, FINE)

    assert _found(folder)[0][1].startswith(f"{folder / place} ({named_by}) has ")


def test_a_variable_names_the_python_of_a_project_that_does_not(project, tmp_path):
    """As the language host reads it."""
    python = _says(tmp_path / "own" / "py", FINE)

    assert _found(project("python"), PULUMI_PYTHON_CMD=str(python))[0][1].startswith(
        f"{python} (PULUMI_PYTHON_CMD) has"
    )


def test_where_poetry_keeps_its_python_is_not_known(project, tmp_path, monkeypatch):
    """And not guessed."""
    _script(tmp_path / "tools" / "poetry", "")
    monkeypatch.setenv("PATH", str(tmp_path / "tools"), prepend=":")
    ((code, text),) = _found(project({"name": "python", "options": {"toolchain": "poetry"}}))

    assert Code.INTERPRETER_UNKNOWN is code
    assert text.startswith("Pulumi.yaml says `toolchain: poetry`")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ('\ufeff{\n\t"name": "p", "runtime": "go"}', "the project is not a Python program: its runtime is 'go'"),
        ("{name: p}", "Pulumi.json is not JSON, line 1: Expecting property name enclosed in double quotes"),
    ],
)
def test_a_project_in_json_goes_before_one_in_yaml(tmp_path, content, text):
    """The CLI looks for `Pulumi.json` first, and reads it as JSON, with a byte order mark or tabs."""
    (tmp_path / "Pulumi.yaml").write_text("{name: p, runtime: python}", encoding="utf-8")
    (tmp_path / "Pulumi.json").write_text(content, encoding="utf-8")

    assert [text] == [found for _, found in _found(tmp_path)]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("{name: p, runtime: nodejs}", "the project is not a Python program: its runtime is 'nodejs'"),
        ("{name: p, runtime: {name: go}}", "the project is not a Python program: its runtime is 'go'"),
    ],
)
def test_a_project_of_another_kind_is_only_noted(tmp_path, content, text):
    """Nothing of ours runs in it."""
    (tmp_path / "Pulumi.yaml").write_text(content, encoding="utf-8")

    assert [(Code.PROJECT_OTHER, text)] == _found(tmp_path)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"{", "Pulumi.yaml is not YAML, line 1: expected the node content, but found '<stream end>'"),
        (
            b"name: p\nruntime: python\n  x: y: z\n",
            "Pulumi.yaml is not YAML, line 3: mapping values are not allowed here",
        ),
        (b"[]", "Pulumi.yaml is not a map"),
        (b"", "Pulumi.yaml is not a map"),
        (b"name: p\n", "Pulumi.yaml lacks runtime"),
        (b"description: x\n", "Pulumi.yaml lacks name and runtime"),
        (b"name: \xff\n", "Pulumi.yaml is not UTF-8"),
    ],
)
def test_a_project_that_no_cli_can_read_is_a_problem(tmp_path, content, text):
    """With the line; nothing else about the program can be found out."""
    (tmp_path / "Pulumi.yaml").write_bytes(content)

    (finding,) = checks.interpreter(Examined(os.environ, folder=tmp_path))

    assert (Code.PROJECT_UNREADABLE, text) == (finding.code, finding.text)
    assert finding.level.counts


@pytest.mark.parametrize("name", ["uv", "poetry"])
def test_a_toolchain_that_is_not_on_path_is_a_problem(project, tmp_path, monkeypatch, name):
    """The CLI looks for it although the Python is there and has everything."""
    folder = project({"name": "python", "options": {"toolchain": name}})
    _says(folder / ".venv/bin/python", FINE)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")

    missing, *_ = checks.interpreter(Examined(os.environ, folder=folder))

    assert Code.TOOLCHAIN_MISSING is missing.code
    expected = f"Pulumi.yaml says `toolchain: {name}`, and there is no `{name}` on PATH, so that no program can run"
    assert expected == missing.text
    _script(tmp_path / "tools" / name, "")
    monkeypatch.setenv("PATH", str(tmp_path / "tools"), prepend=":")
    assert Code.TOOLCHAIN_MISSING not in [code for code, _ in _found(folder)]


def test_a_toolchain_that_pulumi_does_not_know_is_a_problem(project):
    """A word that is mistyped runs nothing, either."""
    folder = project({"name": "python", "options": {"toolchain": "conda", "virtualenv": "venv"}})
    _says(folder / "venv/bin/python", FINE)

    assert (
        Code.TOOLCHAIN_MISSING,
        "Pulumi.yaml says `toolchain: conda`, which Pulumi does not know",
    ) == _found(folder)[0]


@pytest.mark.parametrize(
    ("answer", "codes"),
    [
        (FINE, [Code.INTERPRETER, Code.WORKERS]),
        ({**FINE, "can_set_worker_threads": False}, [Code.INTERPRETER, Code.WORKERS_FOUR]),
        ({**FINE, "pulumi": "3.100.0"}, [Code.INTERPRETER, Code.SDK_OLD, Code.WORKERS]),
        ({**FINE, "ours": "0.0.1"}, [Code.INTERPRETER, Code.PACKAGE_OTHER, Code.WORKERS]),
        ({**FINE, "is_importable": False, "error": "ModuleNotFoundError: x"}, [Code.PACKAGE_MISSING]),
        ([], [Code.INTERPRETER_FAILS]),
    ],
)
def test_what_the_interpreter_has_is_judged(project, answer, codes):
    """Each part by itself."""
    folder = project({"name": "python", "options": {"virtualenv": "venv"}})
    _says(folder / "venv/bin/python", answer)

    assert codes == [code for code, _ in _found(folder)]


@pytest.mark.parametrize(
    ("script", "reason"),
    [(None, "No such file or directory"), ("exit 1", "CalledProcessError"), ("echo x", "JSONDecodeError")],
)
def test_an_interpreter_that_does_not_run_is_a_problem(project, script, reason):
    """As when the environment was never made."""
    folder = project({"name": "python", "options": {"virtualenv": "venv"}})
    if script:
        _script(folder / "venv/bin/python", script)

    ((code, text),) = _found(folder)

    assert (Code.INTERPRETER_FAILS, True) == (code, text.endswith(f" does not run: {reason}"))


def test_a_real_interpreter_without_the_package_says_so(project, tmp_path):
    """What it would say when the program starts."""
    python = _script(tmp_path / "bare", f'exec "{Path(sys.executable).resolve()}" -I -S "$@"')

    ((code, text),) = _found(project("python"), PULUMI_PYTHON_CMD=str(python))

    assert Code.PACKAGE_MISSING is code
    assert text.endswith("cannot import pulumi-conduit: ModuleNotFoundError: No module named 'pulumi_conduit'")


def test_no_setting_reaches_the_interpreter(project, tmp_path):
    """It needs none to answer, and it may be anything."""
    python = _script(tmp_path / "py", f"env > {tmp_path / 'seen'}")

    _found(project("python"), PULUMI_PYTHON_CMD=str(python), CONDUCTOR_PASSWORD="hunter2", CONDUIT_LINK_URL="x")

    seen = (tmp_path / "seen").read_text(encoding="utf-8")
    assert "PULUMI_PYTHON_CMD" in seen
    assert not [line for line in seen.splitlines() if line.startswith(("CONDUIT_", "CONDUCTOR_"))]
