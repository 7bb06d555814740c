"""Each feature beside each other one: the outcome is the table's, and what must hold everywhere holds."""

import pytest
from known_faults import KNOWN_TO_FAIL
from pair_cell import play
from pair_driver import Embedded, furnish
from pair_features import cells
from pair_table import drawn, read, shortened
from sampling import sample


def _cases():
    for pair in sample(drawn(), 80):
        fault = KNOWN_TO_FAIL.get(pair)
        marks = [pytest.mark.xfail(reason=fault, strict=True)] if fault else []
        yield pytest.param(pair, id="-".join(pair), marks=marks)


def test_every_pair_has_a_row():
    """A new feature is crossed with all others, or the table says why not."""
    assert cells() == list(read())


def test_known_faults_are_pairs_that_meet():
    """A fault of a cell that is not there would never be seen to be mended."""
    assert KNOWN_TO_FAIL.keys() <= set(drawn())


@pytest.mark.parametrize("pair", list(_cases()))
def test_a_pair_comes_to_what_the_table_says(pair, running_sandbox, conduit_launcher, tmp_path, tried):
    """Status, type, accounts, warnings and refusals of the edit, of a plain run after it and of the destroy."""
    furnish(running_sandbox)
    driver = Embedded(running_sandbox, conduit_launcher, tmp_path)

    cell = play(driver, running_sandbox, driver.file, pair)

    tried("pairs")
    assert [] == cell.faults
    assert read()[pair].outcomes == [shortened(one) for one in cell.outcomes]
