"""Build the site of the documentation as `make docs` does, from the files that it takes."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
FOLDERS = ("docs", "examples", "templates")
_FILES = ("LICENSE", "tests/pairs/outcomes.md", *(f"pulumi_conduit/{name}.py" for name in ("enums", "errors")))
_LIBRARIES = ("mkdocs", "material", "mkdocstrings", "mkdocs_click")


def build(folder: Path) -> Path:
    """Return the folder of a strict build; skip where `make docs` has never installed what it needs."""
    if missing := [name for name in _LIBRARIES if find_spec(name) is None]:
        pytest.skip(f"{', '.join(missing)} not installed: `make docs` installs them")
    _copy_sources(folder / "source")
    (folder / "mkdocs.yml").write_text(yaml.safe_dump(_settings()), encoding="utf-8")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
    environ = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}  # its advertisement
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    assert (0, "") == (done.returncode, done.stderr)
    return folder / "site"


def _copy_sources(target: Path) -> None:
    taken = [*ROOT.glob("*.md"), *(ROOT / name for name in _FILES), ROOT / "pulumi_conduit/program/company.py"]
    taken += [path for name in FOLDERS for path in (ROOT / name).rglob("*") if path.is_file()]
    for path in taken:
        copy = target / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())


def _settings() -> dict[str, object]:
    """Return the site's settings with folders of its own, and the package where it is."""
    made = {**SETTINGS, "docs_dir": "source", "site_dir": "site"}
    python = next(one for one in made["plugins"] if "mkdocstrings" in one)["mkdocstrings"]["handlers"]["python"]
    python["paths"] = [str(ROOT)]
    return made
