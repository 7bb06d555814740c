"""What another user has put where a file will be: no link is followed, no mode widened, no journal believed."""

import os
import stat
from pathlib import Path

import pytest

from pulumi_conduit.cli.adopt.companies import Progress
from pulumi_conduit.cli.files import write_atomically
from pulumi_conduit.errors import RefusedError
from pulumi_conduit.testing.engine import EngineError
from pulumi_conduit.testing.engine.files import StateFile


@pytest.fixture
def treasure(tmp_path):
    """Give a file that nobody may touch."""
    file = tmp_path / "treasure"
    file.write_text("mine", encoding="utf-8")
    return file


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644])
def test_a_file_that_is_replaced_keeps_its_mode(tmp_path, mode):
    """At no moment is it wider."""
    file = tmp_path / "team.yaml"
    file.touch()
    file.chmod(mode)

    write_atomically({file: "new"})

    assert ("new", mode) == (file.read_text(encoding="utf-8"), stat.S_IMODE(file.stat().st_mode))


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o027])
def test_a_new_file_has_the_mode_that_the_user_wants(tmp_path, umask):
    """As every program's."""
    before = os.umask(umask)
    try:
        write_atomically({tmp_path / "team.yaml": "new"})
        assert umask == os.umask(umask)
    finally:
        os.umask(before)

    assert 0o666 & ~umask == stat.S_IMODE((tmp_path / "team.yaml").stat().st_mode)


def test_a_draft_follows_no_link(tmp_path, treasure):
    """Whatever name it could be foretold to have."""
    for pid in range(os.getpid() - 2, os.getpid() + 3):
        (tmp_path / f".team.yaml.{pid}").symlink_to(treasure)

    write_atomically({tmp_path / "team.yaml": "new"})

    assert ("mine", "new") == (
        treasure.read_text(encoding="utf-8"),
        (tmp_path / "team.yaml").read_text(encoding="utf-8"),
    )
    assert 7 == len(list(tmp_path.iterdir()))


@pytest.mark.parametrize("target", ["treasure", "nowhere"])
def test_progress_through_a_link_is_refused(tmp_path, treasure, target):
    """It is neither read nor written."""
    (tmp_path / "out.progress").symlink_to(tmp_path / target)

    with pytest.raises(RefusedError, match="is a link, or another user's file"):
        Progress(tmp_path / "out.progress", "tenant")

    assert "mine" == treasure.read_text(encoding="utf-8")
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("kind", ["progress", "journal"])
def test_another_users_file_is_refused(tmp_path, mocker, kind):
    """What it says would decide what is read again, or what a state holds."""
    progress, journal = tmp_path / "out.progress", tmp_path / "state.json.journal"
    progress.write_text('{"tenant": "tenant"}', encoding="utf-8")
    journal.write_text("{}", encoding="utf-8")
    mocker.patch("os.getuid", return_value=os.getuid() + 1)

    if kind == "progress":
        with pytest.raises(RefusedError, match="another user's file"):
            Progress(progress, "tenant")
    else:
        with pytest.raises(EngineError, match="belongs to another user"):
            StateFile(tmp_path / "state.json")


def test_a_journal_that_is_a_link_is_refused(tmp_path, treasure):
    """It would be truncated."""
    Path(tmp_path, "state.json.journal").symlink_to(treasure)

    with pytest.raises(EngineError, match="is a link; remove it"):
        StateFile(tmp_path / "state.json")

    assert "mine" == treasure.read_text(encoding="utf-8")
