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
from differential.scenario import with_hooks

pytestmark = pytest.mark.engine
NAMES = sorted(SCENARIOS)[:: int(os.environ.get("CONFORMANCE_SHARE", "8"))]


@pytest.mark.parametrize("name", NAMES)
def test_cli_does_what_was_recorded(name, tmp_path):
    """Exit status, plan, provider calls and state are the recorded ones after every step."""
    seen = play(SCENARIOS[name], CliRunner(tmp_path / "stack"))

    assert [] == differences(load(name), seen)


@pytest.mark.parametrize("name", NAMES)
def test_the_sdk_hooks_change_nothing(name, tmp_path):
    """With the hooks in the program, the CLI does what was recorded on the SDK as it is."""
    seen = play(with_hooks(SCENARIOS[name]), CliRunner(tmp_path / "stack"))

    assert [] == differences(load(name), seen)
