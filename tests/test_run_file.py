"""The private file between a program and the provider process of its run: who is believed, and what is left behind."""

import os
import subprocess
import sys
import tempfile
from types import SimpleNamespace

import pytest

from pulumi_conduit import run_file
from pulumi_conduit.run_file import RunFile, RunFileContent, read_run_file

ADDRESS = "127.0.0.1:1"
RUN_FOLDERS = run_file.run_folders
FOLDERS = RUN_FOLDERS()
KILLED = """
import os, signal, sys
from pathlib import Path
from pulumi_conduit import run_file
home = Path(sys.argv.pop())
run_file.run_folders = lambda: [(home, home / "runs")]
file = run_file.RunFile.open("127.0.0.1:1")
file.append("left behind")
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Keep run files in a folder of the test's own."""
    monkeypatch.setattr(run_file, "run_folders", lambda: [(tmp_path, tmp_path / "runs")])
    return tmp_path / "runs"


@pytest.fixture
def running():
    """Be a program that runs."""
    file = opened()
    yield file
    file.close()


def opened(address=ADDRESS):
    """Return the file of a program that begins."""
    return RunFile.open(address)


def killed(tmp_path):
    """Be a program that was killed."""
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    done = subprocess.run(command, check=False)  # noqa: S603 - our own interpreter
    assert done.returncode < 0


def test_what_a_program_notes_is_read_while_it_runs(running):
    """Each line is there as soon as it is noted."""
    running.append("one")
    first = read_run_file(ADDRESS)
    running.append("two")

    assert ["one\n", "one\ntwo\n"] == [first, read_run_file(ADDRESS)]


def test_a_program_that_has_ended_says_nothing_any_more(running, folder):
    """Its file goes with it, and a note that comes late goes nowhere."""
    running.append("one")
    running.close()
    running.append("two")
    running.close()

    assert not read_run_file(ADDRESS)
    assert [] == list(folder.iterdir())


def test_two_programs_at_once_do_not_hear_each_other(running):
    """Each engine has an address of its own."""
    other = opened("127.0.0.1:2")
    running.append("mine")
    other.append("theirs")

    assert ["mine\n", "theirs\n", ""] == [read_run_file(f"127.0.0.1:{port}") for port in (1, 2, 3)]
    other.close()


def test_a_killed_program_is_not_believed_by_the_next_with_its_address(tmp_path, folder):
    """Its file stays until the next program removes it: a reader could take away a running one's."""
    killed(tmp_path)

    assert not read_run_file(ADDRESS)
    assert 1 == len(list(folder.iterdir()))


def test_the_next_program_removes_what_a_killed_one_has_left_and_nothing_else(tmp_path, folder, running):
    """Whatever its address; a program that runs keeps its file."""
    running.close()
    killed(tmp_path)
    alive = opened("127.0.0.1:2")
    alive.append("alive")

    following = opened("127.0.0.1:3")

    assert 2 == len(list(folder.iterdir()))
    assert "alive\n" == read_run_file("127.0.0.1:2")
    for file in (alive, following):
        file.close()


def test_a_program_takes_over_an_address_with_nothing_in_its_file(tmp_path):
    """What a killed program declared is not what this one declares."""
    killed(tmp_path)

    following = opened()
    following.append("mine")

    assert "mine\n" == read_run_file(ADDRESS)
    following.close()


def opened_to_others(folder):
    """Let others into the folder."""
    folder.chmod(0o755)


def replaced_by_a_link(folder):
    """Put a link in the folder's place."""
    moved = folder.rename(folder.with_name("elsewhere"))
    folder.symlink_to(moved)


def replaced_by_a_file(folder):
    """Put a file in the folder's place."""
    folder.rename(folder.with_name("elsewhere"))
    folder.touch(0o700)


@pytest.mark.parametrize("change", [opened_to_others, replaced_by_a_link, replaced_by_a_file])
def test_a_folder_that_is_not_private_is_not_used(running, folder, change):
    """Others could write there what keeps a delete from being made."""
    running.append("one")
    change(folder)

    assert not read_run_file(ADDRESS)
    assert RunFile.open("127.0.0.1:2") is None


def test_a_folder_of_another_user_is_not_used(running, folder, monkeypatch):
    """Under its name anybody may make one."""
    running.append("one")
    me = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: me + 1)

    assert not read_run_file(ADDRESS)
    assert RunFile.open("127.0.0.1:2") is None


def linked_elsewhere(file):
    """Put a link in the file's place."""
    file.symlink_to(file.rename(file.with_name("elsewhere")))


@pytest.mark.parametrize("change", [lambda file: file.chmod(0o640), linked_elsewhere])
def test_a_file_that_is_not_private_is_not_believed(running, folder, change):
    """It is the program's own, or it is nothing."""
    running.append("one")
    (file,) = folder.iterdir()
    change(file)

    assert not read_run_file(ADDRESS)


def test_where_nothing_can_be_locked_nothing_is_noted(monkeypatch):
    """A program on such a system does as well as it did without."""
    monkeypatch.setitem(sys.modules, "fcntl", None)

    assert RunFile.open(ADDRESS) is None
    assert not read_run_file(ADDRESS)


def test_what_another_program_removes_at_this_moment_keeps_no_program_from_recording(running, folder):
    """A name without a file is no reason to note nothing."""
    (folder / "gone.run").symlink_to(folder / "nowhere")

    other = opened("127.0.0.1:2")
    other.append("noted")

    assert "noted\n" == read_run_file("127.0.0.1:2")
    other.close()


def test_a_file_name_reused_by_a_running_program_is_not_removed(tmp_path, folder, mocker):
    """Between the look at a dead program's file and its removal, another program may get its address."""
    killed(tmp_path)
    (name,) = folder.iterdir()
    alive = folder / "alive"
    alive.touch(0o600)
    is_dead = run_file._is_dead

    def then_replaced(file):
        found = is_dead(file)
        alive.replace(name)
        return found

    mocker.patch.object(run_file, "_is_dead", then_replaced)
    opened("127.0.0.1:2").close()

    assert [name] == list(folder.iterdir())


def test_a_file_that_cannot_be_locked_is_not_left_behind(running, folder, mocker):
    """A system that locks some files only would gather one with each run."""
    mocker.patch.object(run_file, "_lock", side_effect=OSError)

    assert RunFile.open("127.0.0.1:2") is None
    assert 1 == len(list(folder.iterdir()))


def test_a_file_that_lacks_a_line_is_not_believed_any_more(running, mocker):
    """What was on a full disk would be taken for all that there is."""
    heard = RunFileContent.find(ADDRESS)
    assert heard
    noted = running.append("one")
    mocker.patch("os.write", side_effect=OSError(28, "No space left on device"))

    lost = running.append("two")

    assert [True, False] == [noted, lost]
    assert heard.text() is None
    assert not read_run_file(ADDRESS)


def test_what_was_read_from_a_running_program_stays_known_when_it_has_ended(running):
    """Its engine may still be at work, and may leave a part of it out."""
    running.append("one")
    heard = RunFileContent.find(ADDRESS)
    assert heard
    running.append("two")
    running.close()

    assert "one\ntwo\n" == heard.text()
    assert not read_run_file(ADDRESS)


@pytest.fixture
def two_folders(tmp_path, monkeypatch):
    """Give a program two folders, the better of which it cannot use."""
    better, worse = tmp_path / "better", tmp_path / "worse"
    worse.mkdir()
    monkeypatch.setattr(run_file, "run_folders", lambda: [(better, better / "runs"), (worse, worse / "runs")])
    return better, worse


def missing(better):
    """Leave out what must be there."""


def taken(better):
    """Be somebody who has made the folder first, and lets everybody in."""
    (better / "runs").mkdir(parents=True)
    (better / "runs").chmod(0o777)


def occupied(better):
    """Put a file in the folder's place."""
    better.touch()


@pytest.mark.parametrize("spoil", [missing, taken, occupied])
def test_a_folder_that_cannot_be_used_is_passed_over_by_both(two_folders, spoil):
    """Nobody can silence a program by being first, and the provider looks wherever the program may have written."""
    better, worse = two_folders
    spoil(better)

    file = opened()
    file.append("one")

    assert "one\n" == read_run_file(ADDRESS)
    assert 1 == len(list((worse / "runs").iterdir()))
    file.close()


def test_what_the_program_changes_of_its_environment_moves_no_file(running, tmp_path, monkeypatch):
    """Program and provider would not find each other; a temporary folder is none of either's business."""
    running.append("one")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "elsewhere"))
    for name in ("TMPDIR", "HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "elsewhere"))

    assert "one\n" == read_run_file(ADDRESS)
    assert FOLDERS == RUN_FOLDERS()


def test_machines_that_share_a_home_do_not_hear_each_other(running, mocker):
    """An engine's address is one within a machine only."""
    running.append("one")
    name = os.uname()
    mocker.patch.object(os, "uname", return_value=SimpleNamespace(nodename=f"not-{name.nodename}"))

    assert not read_run_file(ADDRESS)
