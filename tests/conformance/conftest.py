"""Where the CLI's lane may run, and the lanes as fixtures."""

import shutil
from pathlib import Path

import pytest

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    """Skip, by name, what needs the CLI where there is none."""
    for item in items:
        if item.path.parent == _HERE and item.get_closest_marker("engine") and shutil.which("pulumi") is None:
            item.add_marker(pytest.mark.skip(reason="the Pulumi CLI is not on PATH"))
