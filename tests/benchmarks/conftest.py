"""One sandbox for all that the benchmarks' tests measure; each life begins with an empty one."""

import pytest

from benchmarks.service import Service


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """Run the sandbox as the benchmark does."""
    with Service(tmp_path_factory.mktemp("service")) as running:
        yield running
