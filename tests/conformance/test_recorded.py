"""The embedded engine does what the real CLI was recorded to do; no CLI is needed."""

import pytest
from differential.catalog import SCENARIOS
from differential.comparison import differences
from differential.recording import load, recorded_names
from differential.runners import play
from differential.scenario import as_it_is, with_hooks
from sampling import sample


def test_every_scenario_is_recorded():
    """A scenario without a recording would be compared with nothing, and a recording without a scenario never."""
    assert sorted(SCENARIOS) == recorded_names()


@pytest.mark.parametrize("hooked", [as_it_is, with_hooks])
@pytest.mark.parametrize("name", sample(sorted(SCENARIOS), 40))
def test_embedded_engine_does_what_the_cli_did(name, hooked, tmp_path, conduit_launcher):
    """Exit status, plan, provider calls and state are those of the CLI after every step; the SDK hooks change none."""
    from differential.embedded_runner import EmbeddedRunner  # noqa: PLC0415 - a broken engine must not stop the collection

    seen = play(hooked(SCENARIOS[name]), EmbeddedRunner(tmp_path / "stack", conduit_launcher))

    assert [] == differences(load(name), seen)
