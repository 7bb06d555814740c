"""The private file between a program and the provider process of its run: who is believed, and what is left behind."""

import os
import subprocess
import sys
import tempfile

import pytest

from pulumi_conduit.adapters import run_file
from pulumi_conduit.adapters.run_file import RunFile, read_run_file

ADDRESS = "127.0.0.1:1"
KILLED = """
import os, signal
from pulumi_conduit.adapters.run_file import RunFile
file = RunFile.open("127.0.0.1:1")
file.note("left behind")
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Keep run files in a folder of the test's own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path / f"pulumi-conduit-{os.geteuid()}"


@pytest.fixture
def running():
    """Be a program that runs."""
    file = RunFile.open(ADDRESS)
    yield file
    file.close()


def killed(tmp_path):
    """Be a program that was killed."""
    command = [sys.executable, "-c", KILLED]
    done = subprocess.run(command, env={**os.environ, "TMPDIR": str(tmp_path)}, check=False)  # noqa: S603 - our own interpreter
    assert done.returncode < 0


def test_what_a_program_notes_is_read_while_it_runs(running):
    """Each line is there as soon as it is noted."""
    running.note("one")
    first = read_run_file(ADDRESS)
    running.note("two")

    assert ["one\n", "one\ntwo\n"] == [first, read_run_file(ADDRESS)]


def test_a_program_that_has_ended_says_nothing_any_more(running, folder):
    """Its file goes with it, and a note that comes late goes nowhere."""
    running.note("one")
    running.close()
    running.note("two")
    running.close()

    assert not read_run_file(ADDRESS)
    assert [] == list(folder.iterdir())


def test_two_programs_at_once_do_not_hear_each_other(running):
    """Each engine has an address of its own."""
    other = RunFile.open("127.0.0.1:2")
    running.note("mine")
    other.note("theirs")

    assert ["mine\n", "theirs\n", ""] == [read_run_file(f"127.0.0.1:{port}") for port in (1, 2, 3)]
    other.close()


def test_a_killed_program_is_not_believed_by_whoever_gets_its_address(tmp_path, folder):
    """Its file stays until the next program removes it: a reader could take away a living one's."""
    killed(tmp_path)

    assert not read_run_file(ADDRESS)
    assert 1 == len(list(folder.iterdir()))


def test_the_next_program_removes_what_a_killed_one_has_left_and_nothing_else(tmp_path, folder, running):
    """Whatever its address; a program that runs keeps its file."""
    running.close()
    killed(tmp_path)
    alive = RunFile.open("127.0.0.1:2")
    alive.note("alive")

    following = RunFile.open("127.0.0.1:3")

    assert 2 == len(list(folder.iterdir()))
    assert "alive\n" == read_run_file("127.0.0.1:2")
    for file in (alive, following):
        file.close()


def test_a_program_takes_over_an_address_with_nothing_in_its_file(tmp_path):
    """What a killed program declared is not what this one declares."""
    killed(tmp_path)

    following = RunFile.open(ADDRESS)
    following.note("mine")

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
    running.note("one")
    change(folder)

    assert not read_run_file(ADDRESS)
    assert RunFile.open("127.0.0.1:2") is None


def test_a_folder_of_somebody_else_is_not_used(running, folder, monkeypatch):
    """Under its name anybody may make one."""
    running.note("one")
    me = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: me + 1)
    folder.rename(folder.with_name(f"pulumi-conduit-{me + 1}"))

    assert not read_run_file(ADDRESS)
    assert RunFile.open("127.0.0.1:2") is None


def linked_elsewhere(file):
    """Put a link in the file's place."""
    file.symlink_to(file.rename(file.with_name("elsewhere")))


@pytest.mark.parametrize("change", [lambda file: file.chmod(0o640), linked_elsewhere])
def test_a_file_that_is_not_private_is_not_believed(running, folder, change):
    """It is the program's own, or it is nothing."""
    running.note("one")
    (file,) = folder.iterdir()
    change(file)

    assert not read_run_file(ADDRESS)


def test_where_nothing_can_be_locked_nothing_is_noted(monkeypatch):
    """A program on such a system does as well as it did without."""
    monkeypatch.setitem(sys.modules, "fcntl", None)

    assert RunFile.open(ADDRESS) is None
    assert not read_run_file(ADDRESS)


def test_what_another_program_removes_at_this_moment_keeps_nobody_from_noting(running, folder):
    """A name without a file is no reason to note nothing."""
    (folder / "gone.run").symlink_to(folder / "nowhere")

    other = RunFile.open("127.0.0.1:2")
    other.note("noted")

    assert "noted\n" == read_run_file("127.0.0.1:2")
    other.close()


def test_a_name_that_has_gone_to_a_living_program_is_not_removed(tmp_path, folder, mocker):
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
    RunFile.open("127.0.0.1:2").close()

    assert [name] == list(folder.iterdir())


def test_a_file_that_cannot_be_locked_is_not_left_behind(running, folder, mocker):
    """A system that locks some files only would gather one with each run."""
    mocker.patch.object(run_file, "_lock", side_effect=OSError)

    assert RunFile.open("127.0.0.1:2") is None
    assert 1 == len(list(folder.iterdir()))


def test_a_full_disk_fails_no_program(running, mocker):
    """What cannot be noted is not known, and that is all."""
    mocker.patch("os.write", side_effect=OSError(28, "No space left on device"))

    running.note("one")

    assert not read_run_file(ADDRESS)
