"""A shell for the pages and pipelines of this room."""

import pytest
from guide_shell import Shell, environment


@pytest.fixture
def shell(tmp_path, conduit_sandbox):
    """Give a shell in an empty folder, with the settings of a sandbox."""
    folder = tmp_path / "reader"
    folder.mkdir()
    return Shell(folder, environment(tmp_path, conduit_sandbox.environ()))
