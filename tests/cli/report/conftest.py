"""What the tests of reports share: plans, recorded and made by hand."""

import json
from pathlib import Path

import pytest
from plan_builder import plan

from pulumi_conduit.cli.report.report import read_report


@pytest.fixture
def recorded():
    """Return a function that returns the text of a recorded plan."""
    return lambda name: (Path(__file__).parent / "previews" / f"{name.replace(' ', '-')}.json").read_text("utf-8")


@pytest.fixture
def told():
    """Return a function that reads a plan made by hand."""
    return lambda *steps, **more: read_report(json.dumps(plan(*steps, **more)), is_unverified_allowed=True)
