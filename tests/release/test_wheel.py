"""The wheel and the source archive, as they would be released: what is in them, and that their types reach a user."""

import re
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from email.parser import Parser
from importlib.metadata import version
from pathlib import Path

import pytest

import pulumi_conduit as conduit

ROOT = Path(__file__).resolve().parents[2]
CONSUMER = '''\
"""A program of a user, who checks types; each of the last three lines is a mistake."""

from collections.abc import Sequence

import pulumi
from typing_extensions import assert_type

import pulumi_conduit as conduit

acme = conduit.Company("acme", company_id="ACME", page_enabled=True)
ada = conduit.ConductorUser("ada", email="a@b.example", first_name="A", last_name="L", initial_accounts=[1])
conduit.UserAccountAccess("ada-travel", user=ada, account_id=conduit.get_account(name="Travel").account_id)

assert_type(acme.page_enabled, pulumi.Output[bool])
assert_type(ada.initial_accounts, pulumi.Output[Sequence[int]])
assert_type(conduit.get_account(name="Travel").account_id, int)
assert_type(conduit.__version__, str)

conduit.Company("mistaken", company_id=7)
conduit.Company("mistaken", company="ACME")
print(conduit.Compnay)
'''
_MYPY = re.compile(r"^program.py:\d+: error: .*\[([a-z-]+)\]$", re.MULTILINE)
_PYRIGHT = re.compile(r"\((report\w+)\)$", re.MULTILINE)


def run(*command, cwd=ROOT):
    """Run a command and return its exit code and what it printed."""
    done = subprocess.run([str(one) for one in command], cwd=cwd, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Build both archives, with the build backend of this environment."""
    folder = tmp_path_factory.mktemp("dist")
    code, printed = run(sys.executable, "-m", "hatchling", "build", "-d", folder)
    assert 0 == code, printed
    return folder


@pytest.fixture(scope="module")
def wheel(built):
    """Give the wheel."""
    return next(built.glob("*.whl"))


@pytest.fixture(scope="module")
def consumer(wheel, tmp_path_factory):
    """Give an environment in which the wheel is installed, and not this checkout, beside the packages that it needs."""
    folder = tmp_path_factory.mktemp("consumer")
    venv.create(folder / "venv", with_pip=False)
    site = next((folder / "venv" / "lib").glob("python*/site-packages"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)  # noqa: S202 - our own wheel
    # A plain line: the folder's own .pth files, and with them the editable checkout, are not read.
    (site / "needed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    (folder / "program.py").write_text(CONSUMER, encoding="utf-8")
    return folder


def names(wheel):
    """Return what the wheel installs beside its metadata."""
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def metadata(wheel):
    """Return the metadata of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return Parser().parsestr(archive.read(name).decode())


def test_the_version_is_that_of_the_package():
    """What is installed was built with it; after a change of it, `touch pyproject.toml` lets `make` install again."""
    assert conduit.__version__ == version("pulumi-conduit")


@pytest.mark.slow
def test_the_wheel_has_the_package_and_nothing_else(wheel):
    """Every tracked file of the package, the typed marker among them; no test, no benchmark, no example."""
    _, listed = run("git", "ls-files", "pulumi_conduit")

    assert set(listed.split()) == names(wheel)
    assert "pulumi_conduit/py.typed" in names(wheel)


@pytest.mark.slow
def test_the_metadata_names_version_licence_and_extras_and_no_invented_url(wheel):
    """What is not known, as where the project is hosted, is left out."""
    found = metadata(wheel)

    assert (conduit.__version__, "Apache-2.0") == (found["Version"], found["License-Expression"])
    assert ["all", "cli", "sandbox"] == sorted(found.get_all("Provides-Extra"))
    assert [] == found.get_all("Project-URL", [])


@pytest.mark.slow
def test_the_source_archive_has_what_its_tests_need(built):
    """It is the checkout: whoever packages it anew can run `make test` in it."""
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        there = {name.partition("/")[2] for name in archive.getnames()}
    _, listed = run("git", "ls-files")

    assert set() == set(listed.split()) - there


@pytest.mark.slow
def test_mypy_sees_the_types_of_the_installed_wheel(consumer):
    """Under --strict a correct line passes, and each mistake is an error."""
    command = [sys.executable, "-m", "mypy", "--strict", "--python-executable", consumer / "venv" / "bin" / "python"]

    code, printed = run(*command, "program.py", cwd=consumer)

    assert (1, ["arg-type", "call-arg", "attr-defined"]) == (code, _MYPY.findall(printed)), printed


@pytest.mark.slow
def test_pyright_sees_the_types_of_the_installed_wheel(consumer):
    """Likewise, where pyright is installed: `make package` installs it."""
    pyright = Path(sys.executable).with_name("pyright")
    if not pyright.exists():
        pytest.skip("pyright is not installed: `make package` installs it")

    code, printed = run(pyright, "--pythonpath", consumer / "venv" / "bin" / "python", "program.py", cwd=consumer)

    found = ["reportArgumentType", "reportCallIssue", "reportCallIssue", "reportAttributeAccessIssue"]
    assert (1, found) == (code, _PYRIGHT.findall(printed)), printed
