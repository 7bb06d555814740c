"""The CLI at hand does what was recorded, so that recordings cannot rot.

`CONFORMANCE_SHARE` says that every n-th scenario is played: 1 is all of them, which takes a quarter of an hour.
"""

import os

import pytest
from differential.catalog import SCENARIOS
from differential.cli_runner import CliRunner
from differential.comparison import differences
from differential.recording import load
from differential.runners import play
from differential.scenario import as_it_is, with_hooks

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("hooked", [as_it_is, with_hooks])
@pytest.mark.parametrize("name", sorted(SCENARIOS)[:: int(os.environ.get("CONFORMANCE_SHARE", "8"))])
def test_cli_does_what_was_recorded(name, hooked, tmp_path):
    """Exit status, plan, provider calls and state are the recorded ones after every step; the SDK hooks change none."""
    seen = play(hooked(SCENARIOS[name]), CliRunner(tmp_path / "stack"))

    assert [] == differences(load(name), seen)
