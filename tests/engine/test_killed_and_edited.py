"""What `docs/operations.md` says of a killed run and an edit before the re-run, and of providers that do not look."""

from contextlib import closing
from pathlib import Path

import pytest
from kill_proxy import KillProxy
from kill_recovery import TORN, Crash, clear, kill_at, rerun
from kill_stack import KillableStack

pytestmark = [
    pytest.mark.kill,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are found by /proc"),
]

ADA = "ada@example.com"
NOBODY = "import pulumi\nimport pulumi_conduit as conduit\n"
NOTE = """
import os
from pathlib import Path
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

class Notes(ResourceProvider):
    def create(self, props):
        with Path(os.environ["NOTES"]).open("a") as notes:
            notes.write("a new object\\n")
        return CreateResult("note", props)

class Note(Resource, module="notes", name="Note"):
    pass

note = Note(Notes(), "note", {})
"""

with_checkpoints = pytest.mark.parametrize("checkpoints", ["on"])
either_way = pytest.mark.parametrize("checkpoints", ["on", "off"])


def ada(more=""):
    """Return a program that declares one user, with more arguments."""
    fixed = f'"ada", email="{ADA}", first_name="Ada", last_name="Lovelace", initial_accounts=[1]'
    return f"{NOBODY}conduit.ConductorUser({fixed}{more})\n"


class Play:
    """One stack, its sandbox, and the proxy before it."""

    def __init__(self, stack, sandbox, proxy, notes):
        """Begin with nothing."""
        self.stack, self.sandbox, self.proxy, self.notes = stack, sandbox, proxy, notes
        self.environ = stack.environ(sandbox, NOTES=str(notes))
        assert 0 == stack.run(self.environ, "stack", "init", "dev").code

    def up(self, program, *arguments):
        """Bring a program up, as after a crash where there was one."""
        self.stack.write(program)
        return rerun(self.stack, self.environ, "up", "--yes", *arguments)

    def killed(self, program, victim, call):
        """Kill an update to a program between the effect of a call and its answer, and wait for the orphan's end."""
        self.stack.write(program)
        kill_at(self.stack, self.proxy, self.environ, Crash((call,), "after", victim))
        assert self.stack.has_no_provider()

    @property
    def user(self):
        """Return the user as it is in the API."""
        return self.sandbox.conductor.user(ADA)


@pytest.fixture
def play(checkpoints, tmp_path):
    """Give a stack behind a proxy."""
    with closing(KillProxy()) as proxy:
        stack = KillableStack.built(tmp_path / "stack", proxy.url, checkpoints=checkpoints == "on")
        with stack.sandbox(proxy) as sandbox:
            yield Play(stack, sandbox, proxy, tmp_path / "notes")


@pytest.mark.parametrize(("victim", "checkpoints"), [("provider", "on"), ("cli", "off")])
def test_a_promotion_that_was_reverted_is_undone_by_a_refresh(play, victim):
    """The state knows nothing of what the killed run changed in place, but the refresh sees it."""
    play.up(ada())
    play.killed(ada(', type="STANDARD"'), victim, f"PUT /users/{ADA}/type STANDARD")
    assert "STANDARD" == play.user["type"]

    play.up(ada(), "--refresh")

    assert "READ_ONLY" == play.user["type"]


@with_checkpoints
def test_a_deactivation_that_was_reverted_stays_until_it_is_declared(play):
    """Nobody can know who switched the person off: the warning says what to do, and that works."""
    play.up(ada())
    play.killed(ada(', status="INACTIVE"'), "cli", f"PUT /users/{ADA}/status INACTIVE")

    reverted = play.up(ada(), "--refresh")
    status = play.user["status"]
    play.up(ada(', status="INACTIVE"'))
    play.up(ada())

    assert ("INACTIVE", True) == (status, "was deactivated outside of Pulumi" in reverted.text)
    assert "ACTIVE" == play.user["status"]


@either_way
def test_a_user_that_the_edit_removed_is_left_alone_until_it_is_put_back(play):
    """What a killed run made and no state records is nobody's; declared again, it is adopted and can be removed."""
    play.killed(ada(), "cli", f"POST /users {ADA}")

    play.up(NOBODY, "--refresh")
    unmanaged = play.user["status"]
    again = play.up(ada())
    play.up(NOBODY)
    clear(play.stack, play.environ)

    assert ("ACTIVE", True) == (unmanaged, "CONDUIT-ADOPT" in again.text)
    assert "INACTIVE" == play.user["status"]


@pytest.mark.parametrize(("checkpoints", "objects"), [("on", 1), ("off", 2)])
def test_a_provider_that_does_not_look_makes_everything_twice_without_checkpoints(play, objects):
    """The reason not to skip checkpoints in a stack with other providers: a killed CLI forgets their objects."""
    program = ada(", opts=pulumi.ResourceOptions(depends_on=[note])").replace(NOBODY, NOBODY + NOTE)
    play.killed(program, "cli", f"POST /users {ADA}")

    play.up(program)

    assert objects == len(play.notes.read_text(encoding="utf-8").splitlines())


@with_checkpoints
def test_an_outsider_whose_last_access_a_killed_run_removed_is_removed_from_state(play):
    """Who has no account is not visible any more: GET, list and removal of the re-run find nobody."""
    play.sandbox.conductor.put_user(ADA, accounts=[2])
    play.up(f'{NOBODY}conduit.UserAccountAccess("ada", user="{ADA}", account_id=2)\n')
    play.killed(NOBODY, "provider", f"PUT /users/{ADA}/accounts -2")

    again = play.stack.run(play.environ, "up", "--yes")
    play.up(NOBODY, "--expect-no-changes")

    assert (0, True) == (again.code, "not found (404, and in no list)" in again.text)
    assert [] == play.user["accounts"]


@with_checkpoints
def test_a_cli_that_was_killed_while_it_wrote_its_state_leaves_it_whole(play):
    """What is torn is the file of attributes beside it: the engine refuses until that is deleted, and then goes on."""
    play.up(ada())
    play.stack.attributes.write_text("")

    refused = play.stack.run(play.environ, "up", "--yes")
    play.up(ada(), "--expect-no-changes")

    assert (True, True) == (refused.code != 0, TORN in refused.text)
