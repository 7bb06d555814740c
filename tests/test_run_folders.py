"""Where a run file may be: in folders that are the user's own."""

import os
import pwd
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from pulumi_conduit import run_file

USER = os.geteuid()
SHARED = Path(f"/tmp/pulumi-conduit-{USER}")  # noqa: S108 - named, not used
RUNTIME = Path(f"/run/user/{USER}/pulumi-conduit")


@pytest.fixture
def home(monkeypatch, tmp_path):
    """Be a user of Linux with a home."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(pwd, "getpwuid", lambda _: SimpleNamespace(pw_dir=str(tmp_path)))
    return tmp_path


def folders():
    """Return the folders, best first."""
    return [folder for _, folder in run_file.run_folders()]


def test_the_user_s_own_come_first(home):
    """The last one is where others may be first."""
    assert [RUNTIME, home / ".local/state/pulumi-conduit", SHARED] == folders()


def test_a_user_without_a_name_has_no_home(home, monkeypatch):
    """A container may run under any number."""

    def unknown(_):
        raise KeyError

    monkeypatch.setattr(pwd, "getpwuid", unknown)

    assert [RUNTIME, SHARED] == folders()


def test_a_system_without_users_has_no_folder(monkeypatch):
    """Nothing would be private there."""
    monkeypatch.delattr(os, "geteuid")

    assert [[], "on Linux and macOS only"] == [folders(), run_file.describe_folders()]


def test_what_is_made_is_private_and_what_must_be_there_is_not_made(tmp_path):
    """A runtime folder that the system has not made is none."""
    folder = run_file.create_folder(tmp_path, tmp_path / "a" / "b")

    assert [0o700, 0o700] == [one.stat().st_mode & 0o777 for one in (folder, folder.parent)]
    with pytest.raises(FileNotFoundError):
        run_file.create_folder(tmp_path / "missing", tmp_path / "missing" / "a")
    assert not (tmp_path / "missing").exists()
