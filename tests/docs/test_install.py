"""The lines with which README installs the package, run as they stand."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import pulumi_conduit as conduit

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def install_lines():
    """Return the commands under "Install", without comments."""
    block = README.partition("## Install\n")[2].partition("```sh\n")[2].partition("```")[0]
    return [line.partition("#")[0].strip() for line in block.splitlines()]


def test_the_wheels_in_the_documentation_have_the_version_of_the_package():
    """A release changes all of them."""
    pages = [
        README,
        *(page.read_text("utf-8") for name in ("docs", "templates") for page in (ROOT / name).rglob("*.md")),
    ]

    assert {conduit.__version__} == set(re.findall(r"pulumi_conduit-([\w.]+)-py3", "\n".join(pages)))


@pytest.mark.slow
def test_the_lines_of_the_readme_install_a_provider_with_its_commands(tmp_path):
    """In a copy of the checkout, into a new environment; the packages that it needs come from the index."""
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()  # noqa: S607 - ours
    for name in files:
        if name.startswith(("pulumi_conduit/", "pyproject", "README", "LICENSE", "Makefile")):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "program"], check=True)  # noqa: S603 - ours
    bin_folder = tmp_path / "program" / "bin"
    environ = {**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}", "PYTHONPATH": ""}

    for line in install_lines():
        subprocess.run(line, shell=True, cwd=tmp_path, env=environ, check=True)  # noqa: S602 - the lines under test

    told = subprocess.run(  # noqa: S603 - ours
        [bin_folder / "pulumi-conduit", "sandbox", "--help"], env=environ, capture_output=True, text=True, check=True
    )
    assert "stand-in" in told.stdout
    where = [bin_folder / "python", "-c", "import pulumi_conduit; print(pulumi_conduit.__file__)"]
    found = subprocess.run(where, cwd="/", env=environ, capture_output=True, text=True, check=True).stdout  # noqa: S603 - ours
    assert str(tmp_path / "program") in found
