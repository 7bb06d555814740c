"""constraints.txt: what development installs, with versions and hashes, and from no place in particular."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINES = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
PINNED = {found[1]: found[2] for line in LINES if (found := re.match(r"([a-z0-9.-]+)==([^ ;]+)", line))}
_GROUPS = ("dev", "docs", "package")


def _name(requirement):
    return re.split(r"[\[<>=;! ]", requirement)[0].lower().replace("_", "-")


def test_every_line_is_a_version_or_a_hash():
    """No host, no address of an index, and no option that could name one."""
    other = [line for line in LINES if not re.match(r"[a-z0-9.-]+==|    --hash=sha256:[0-9a-f]{64}( \\)?$|#", line)]

    assert [] == other
    assert "://" not in "".join(LINES)


def test_everything_that_development_names_is_pinned():
    """A dependency that was added since fails: `make constraints` writes the file anew."""
    tomllib = pytest.importorskip("tomllib")  # from Python 3.11 on
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    named = {_name(one) for one in project["project"]["dependencies"]}
    named |= {_name(one) for group in _GROUPS for one in project["dependency-groups"][group]}

    assert set() == named - PINNED.keys()
