"""Random programs do the same on the embedded engine as on the CLI.

`CONFORMANCE_OPS` and `CONFORMANCE_SEED` say how much and from which seed; by default it is little, on fresh seeds.
"""

import os

import pytest
from fuzz import fresh_seed, fuzz

pytestmark = pytest.mark.engine


def test_random_programs_do_the_same_on_both_engines(capsys):
    """Not one operation of random programs differs in exit status, plan, provider calls or state."""
    from differential.embedded_runner import EmbeddedRunner  # noqa: PLC0415 - a broken engine must not stop the collection

    ops = int(os.environ.get("CONFORMANCE_OPS", "8"))
    seed = int(os.environ.get("CONFORMANCE_SEED", fresh_seed()))
    lines = list(fuzz(EmbeddedRunner, ops=ops, seed=seed, attempts=ops))
    with capsys.disabled():
        print(f"\nconformance: from seed {seed}: {lines[-1]}")  # noqa: T201 - the number that may be quoted

    assert [] == [line for line in lines if "differs" in line]
