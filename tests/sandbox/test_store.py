"""The SQLite file: what it keeps, who may read it, and who may not have it twice."""

from __future__ import annotations

import stat

import pytest

from pulumi_conduit.sandbox import MistakeError, Sandbox, Switches


def test_a_restart_keeps_state_switches_and_credentials(tmp_path):
    """Everything is there after a restart but the log, and the handshake shows another start."""
    file = tmp_path / "state.sqlite"
    with Sandbox.start(file=file, switches=Switches(read_lag=3, list_limit=None)) as sandbox:
        sandbox.conductor.put_user("ann@acme.example", accounts=[2, 1])
        sandbox.conductor.put_user("bob@acme.example")
        sandbox.conductor.remove_user("bob@acme.example")
        sandbox.link.put_company("Acme", name="Acmé", page_enabled=False, app="b")
        before, password, process = sandbox.dump(), sandbox.conductor.password(), sandbox.process_id

    with Sandbox.start(file=file) as sandbox:
        assert sandbox.dump() == before
        assert sandbox.conductor.password() == password
        assert sandbox.process_id != process


def test_a_restart_keeps_tokens_of_logins(tmp_path, connect):
    """A token from before the restart still opens the API."""
    with Sandbox.start(file=tmp_path / "s") as sandbox:
        credentials = {"username": "admin@sandbox.example", "password": sandbox.conductor.password()}
        token = connect(sandbox.conductor_url)("POST", "/login", credentials).json()["accessToken"]

    with Sandbox.start(file=tmp_path / "s") as sandbox:
        assert connect(sandbox.conductor_url, token)("GET", "/users").status_code == 200


def test_given_switches_win_over_those_of_the_file(tmp_path):
    """A start with switches has these, whatever was stored."""
    Sandbox.start(file=tmp_path / "s", switches=Switches(read_lag=3)).stop()

    with Sandbox.start(file=tmp_path / "s", switches=Switches(list_limit=1)) as sandbox:
        assert sandbox.switches == Switches(list_limit=1)


@pytest.mark.parametrize("existing", [False, True])
def test_the_file_is_for_its_owner_only(tmp_path, existing):
    """It holds passwords, so a file that others could read is closed to them."""
    file = tmp_path / "state.sqlite"
    if existing:
        file.touch(mode=0o644)

    with Sandbox.start(file=file):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_one_file_serves_one_sandbox(tmp_path):
    """A second sandbox on the same file is refused at once, and the first goes on."""
    with Sandbox.start(file=tmp_path / "s") as sandbox:
        with pytest.raises(MistakeError, match=r"cannot keep the sandbox's state in .*locked"):
            Sandbox.start(file=tmp_path / "s")
        sandbox.conductor.put_user("ann@acme.example")


def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path):
    """Somebody's other file is not overwritten."""
    file = tmp_path / "notes.txt"
    file.write_text("notes " * 100)

    with pytest.raises(MistakeError, match="not a database"):
        Sandbox.start(file=file)

    assert file.read_text() == "notes " * 100


def test_a_missing_directory_is_reported(tmp_path):
    """The error names the file."""
    with pytest.raises(MistakeError, match="nowhere"):
        Sandbox.start(file=tmp_path / "nowhere" / "s")
