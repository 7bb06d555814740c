"""The audit of dependencies: what nobody could be asked about is never called safe."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

verdict = runpy.run_path(str(Path(__file__).resolve().parents[2] / ".ci" / "audit.py"))["verdict"]
SAFE = {"name": "requests", "version": "2.34.2", "vulns": []}
BAD = {"name": "urllib3", "version": "1.23", "vulns": [{"id": "CVE-1"}, {"id": "CVE-2"}]}
UNASKED = {"name": "pydantic", "skip_reason": "Dependency not found on PyPI"}
OURSELVES = {"name": "pulumi-conduit", "skip_reason": "Dependency not found on PyPI"}
NOT_AUDITED = "NOT AUDITED: no index of vulnerabilities answered for"


@pytest.mark.parametrize(
    ("dependencies", "is_required", "expected"),
    [
        ([SAFE, OURSELVES], False, (0, ["nothing known is wrong; packages audited: 1"])),
        ([SAFE, BAD], False, (1, ["known to be vulnerable:", "urllib3 1.23: CVE-1", "urllib3 1.23: CVE-2"])),
        ([UNASKED, BAD], True, (1, ["known to be vulnerable:", "urllib3 1.23: CVE-1", "urllib3 1.23: CVE-2"])),
        ([SAFE, UNASKED], False, (0, [f"{NOT_AUDITED} 1 of 2 packages"])),
        ([SAFE, UNASKED], True, (3, [f"{NOT_AUDITED} 1 of 2 packages"])),
        ([], False, (0, [f"{NOT_AUDITED} anything"])),
        ([OURSELVES], True, (3, [f"{NOT_AUDITED} anything"])),
    ],
)
def test_the_verdict_says_what_was_asked(dependencies, is_required, expected):
    """A known vulnerability fails, silence is called silence, and only answers make a clean bill."""
    assert expected == verdict(dependencies, is_required=is_required)
