"""What a provider process understands of a split roster: who is elsewhere, and when nobody can say so."""

import json
import os
import subprocess
import sys
import time

import pytest

from pulumi_conduit import run_file
from pulumi_conduit.errors import RefusedError
from pulumi_conduit.resources.declaration_registry import InOtherStack, Key, Kind
from pulumi_conduit.resources.provider_context import ProviderContext
from pulumi_conduit.resources.tenant import Tenant, link_tenant
from pulumi_conduit.run_file import RunFile
from pulumi_conduit.server.declared_resources import DeclaredShards
from pulumi_conduit.settings import Settings

ADDRESS, URL, LINK_URL = "127.0.0.1:1", "https://conductor.example", "https://link.example"
ENVIRON = {
    "CONDUCTOR_URL": URL,
    "CONDUCTOR_USERNAME": "a@b.example",
    "CONDUCTOR_PASSWORD": "pw",
    "CONDUCTOR_URL_C": "https://other.example",
    "CONDUCTOR_USERNAME_C": "a@b.example",
    "CONDUCTOR_PASSWORD_C": "pw",
    "CONDUIT_LINK_URL": LINK_URL,
    "CONDUIT_LINK_APP_TOKEN": "token",
}
STACK = "urn:pulumi:dev::test"
OLD = f"{STACK}::conduit:index:Roster$kind::team-ada@example.com"
SHARD = f"{STACK}::conduit:index:Roster$kind::team-shard"
HERE = Tenant(URL, "")
ADA = Key(HERE, Kind.USER, "ada@example.com")
PEOPLE = {"ada@example.com": ["3/20", [1, 2], False], "eve@example.com": ["4/20", [5], True]}
ELSEWHERE = {"people": PEOPLE, "companies": {"acme": "5/20"}}
TOO_EARLY = (
    "^user ada@example.com: not deleted: the program ended before the provider could read which other stack of its"
    " roster has it; run again$"
)
KILLED = """
import os, signal, sys
from pathlib import Path
from pulumi_conduit import run_file
home = Path(sys.argv.pop())
run_file.run_folders = lambda: [(home, home / "runs")]
file = run_file.RunFile.open("127.0.0.1:1")
file.keep_as_evidence()
file.append(sys.argv[1])
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Keep run files in a folder of the test's own."""
    monkeypatch.setattr(run_file, "run_folders", lambda: [(tmp_path, tmp_path / "runs")])
    monkeypatch.setattr(sys, "argv", ["server", ADDRESS])
    return tmp_path / "runs"


def opened(address=ADDRESS):
    """Return the file of a program that begins."""
    return RunFile.open(address)


@pytest.fixture
def file():
    """Be a program that runs beside this provider process."""
    running = opened()
    running.keep_as_evidence()
    yield running
    running.close()


@pytest.fixture
def keys():
    """Be a provider process."""
    return DeclaredShards(ProviderContext(Settings(ENVIRON, {})))


def shard_line(**other):
    """Return what a roster logs."""
    return json.dumps({"elsewhere": ELSEWHERE, "roster": "team-shard", "stack": STACK, "profile": None, **other})


def killed(tmp_path, text=None):
    """Be a program that logged, and was killed."""
    command = [sys.executable, "-c", KILLED, text or shard_line(), str(tmp_path)]
    done = subprocess.run(command, check=False)  # noqa: S603 - our own interpreter
    assert done.returncode < 0


@pytest.mark.parametrize(
    ("key", "shard", "accounts"),
    [
        (ADA, "3/20", {1, 2}),
        (Key(HERE, Kind.GRANT, "ada@example.com:2"), "3/20", {1, 2}),
        (Key(HERE, Kind.GRANT, "eve@example.com:5"), "4/20", {5}),
        (Key(HERE, Kind.GRANT_LIST, "eve@example.com"), "4/20", {5}),
        (Key(link_tenant(LINK_URL, "token"), Kind.COMPANY, "acme"), "5/20", set()),
    ],
)
def test_every_object_of_every_row_is_known(file, keys, key, shard, accounts):
    """A person, an account of theirs, a list, a company."""
    file.append(shard_line())

    assert InOtherStack(shard, frozenset(accounts)) == keys.other_stack(key, OLD)


@pytest.mark.parametrize(
    ("key", "other"),
    [
        (Key(HERE, Kind.USER, "bob@example.com"), {}),
        (Key(HERE, Kind.GRANT, "ada@example.com:3"), {}),
        (Key(HERE, Kind.GRANT_LIST, "ada@example.com"), {}),
        (ADA, {"stack": "urn:pulumi:prod::test"}),
        (ADA, {"stack": "urn:pulumi:dev::other"}),
        (ADA, {"profile": "c"}),
    ],
)
def test_what_no_row_gives_elsewhere_is_to_be_deleted(file, keys, key, other):
    """Nor does another stack's roster count, nor one of another system."""
    file.append(shard_line(**other))

    assert keys.other_stack(key, OLD) is None


@pytest.mark.parametrize("line", ["", '{"elsewhere"', '{"elsewhere": 7}', '["elsewhere"]', shard_line()[:-9]])
def test_an_incomplete_line_is_ignored(file, keys, line):
    """A disk may have been full: then the shard's check refuses the run."""
    file.append(line)

    assert not keys.is_known(SHARD)


def test_a_shard_is_read_for_its_own_roster_only(file, keys):
    """Two rosters of a program are split each for itself."""
    file.append(shard_line())

    assert [True, False] == [keys.is_known(one) for one in (SHARD, SHARD.replace("team", "crew"))]


def test_rosters_of_one_name_below_two_components_are_both_believed(file, keys):
    """The name of a roster is one below its parent only; neither takes back what the other has logged."""
    file.append(shard_line())
    file.append(shard_line(elsewhere={"people": {}, "companies": {}}))

    assert InOtherStack("3/20", frozenset({1, 2})) == keys.other_stack(ADA, OLD)


def test_what_a_roster_logs_after_another_was_read_counts(file, keys):
    """A run that leaves one of two shards out reads its roster at the delete."""
    file.append(shard_line(roster="crew-shard", elsewhere={"people": {}, "companies": {}}))
    assert keys.is_known(SHARD.replace("team", "crew"))

    file.append(shard_line())

    assert InOtherStack("3/20", frozenset({1, 2})) == keys.other_stack(ADA, OLD)


def test_what_was_read_at_the_check_outlives_the_program(file, keys, folder):
    """A program that is killed between the check and the delete costs nobody access."""
    file.append(shard_line())
    assert keys.is_known(SHARD)
    file.close()

    assert [] == list(folder.iterdir())
    assert InOtherStack("3/20", frozenset({1, 2})) == keys.other_stack(ADA, OLD)


def test_nothing_is_deleted_where_the_log_of_a_killed_program_was_not_read(tmp_path, keys):
    """A run that leaves the shard out asks at the delete only."""
    killed(tmp_path)

    for key in (ADA, Key(HERE, Kind.USER, "bob@example.com")):
        with pytest.raises(RefusedError, match="not deleted: the program ended before the provider could read"):
            keys.other_stack(key, OLD)
    with pytest.raises(RefusedError, match=TOO_EARLY):
        keys.other_stack(ADA, OLD)


def test_the_log_of_an_interrupted_program_counts(file, keys):
    """It ends in its own way, and not because the engine had no more to do."""
    file.append(shard_line())
    file.abandon()

    with pytest.raises(RefusedError, match=TOO_EARLY):
        keys.other_stack(ADA, OLD)


def test_what_other_programs_begin_meanwhile_does_not_take_the_evidence_away(tmp_path, keys):
    """The stacks of a roster run side by side, in one folder."""
    killed(tmp_path)
    opened("127.0.0.1:2").close()

    with pytest.raises(RefusedError, match=TOO_EARLY):
        keys.other_stack(ADA, OLD)


def test_evidence_is_removed_when_no_engine_can_be_at_work_any_more(tmp_path, folder, mocker):
    """Nothing is left behind for good."""
    killed(tmp_path)
    now = time.time()
    mocker.patch.object(time, "time", return_value=now + 3601)

    opened("127.0.0.1:2").close()

    assert [] == list(folder.iterdir())


def test_a_program_that_ended_as_it_should_is_no_reason_to_refuse(file, keys):
    """Its engine has no more to do; whoever gets its address, a destroy without a program, deletes for real."""
    file.append(shard_line())
    file.close()

    assert keys.other_stack(ADA, OLD) is None


def test_evidence_of_another_stack_is_none(tmp_path, keys):
    """An address may be used again."""
    killed(tmp_path, shard_line(stack="urn:pulumi:prod::test"))

    assert keys.other_stack(ADA, OLD) is None


def test_a_note_that_does_not_fit_on_the_disk_is_not_there(file, mocker):
    """Half of it would be a roster with half of its people."""
    mocker.patch.object(os, "write", side_effect=OSError(28, "No space left on device"))

    assert not file.append(shard_line())


def test_a_note_that_is_written_in_pieces_is_whole(file, keys, mocker):
    """The system may take less than it is given."""
    write = os.write
    mocker.patch.object(os, "write", lambda descriptor, line: write(descriptor, line[:100]))

    assert file.append(shard_line())
    assert keys.is_known(SHARD)
