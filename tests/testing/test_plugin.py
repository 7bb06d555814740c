"""What users get: the fixture, and an import that says what is missing."""

from __future__ import annotations

import os
import subprocess
import sys


def test_the_fixture_is_a_fresh_sandbox(conduit_sandbox):
    """The fixture comes with the package, and holds the seed."""
    assert sorted(conduit_sandbox.conductor.users()) == ["admin@sandbox.example", "other@sandbox.example"]
    conduit_sandbox.conductor.put_user("ann@acme.example")


def test_the_fixture_is_fresh_for_every_test(conduit_sandbox):
    """What another test put is not there."""
    assert "ann@acme.example" not in conduit_sandbox.conductor.users()


def test_the_fixture_sets_no_environment(conduit_sandbox):
    """Settings are the test's own to set."""
    assert conduit_sandbox.environ().keys() & os.environ.keys() == set()


def test_the_plugin_is_cheap_to_import():
    """Every start of pytest loads it, so that it brings nothing heavy beyond what the package itself imports."""
    code = "import sys, pytest, pulumi_conduit as _; before = {*sys.modules}; import pulumi_conduit.testing.plugin; "
    show = "print(*{*sys.modules} - before)"
    run = subprocess.run([sys.executable, "-c", code + show], capture_output=True, text=True, check=True)  # noqa: S603 - our own interpreter

    assert {*run.stdout.split()} == {"pulumi_conduit.testing", "pulumi_conduit.testing.plugin"}


def test_an_import_without_the_extra_says_what_to_install():
    """One line names the extra."""
    code = "import sys; sys.modules['fastapi'] = None; import pulumi_conduit.sandbox"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603 - our own interpreter

    assert run.stderr.splitlines()[-1] == (
        "ModuleNotFoundError: the sandbox needs its extra: pip install 'pulumi-conduit[sandbox]'"
    )
