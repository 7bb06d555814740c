"""A roster in several stacks on the real engine: who moves between them keeps all access, whatever a run leaves out."""

import json

import pytest

from pulumi_conduit.roster.shards import bucket

PEOPLE = [f"user{number}@acme.example" for number in range(200)]
MOVER = next(one for one in PEOPLE if bucket(one, 21) == 20)
OLD = bucket(MOVER, 20)
STAYER, GONE = [one for one in PEOPLE if bucket(one, 21) == OLD][:2]
MOVE = f"warning: CONDUIT-MOVE: user {MOVER}: not deleted: the roster assigns it to shard 20/21"


class Shards:
    """Stacks of one program, each with its part."""

    def __init__(self, stack):
        """Take the folder of an engine's stack."""
        self.stack = stack
        stack.program('    conduit.Roster("team", "people.csv")\n')

    def roster(self, *emails):
        """Write the file."""
        rows = [f"{one},A,B,1|2" for one in emails]
        text = "\n".join(["email,first_name,last_name,accounts", *rows])
        (self.stack.folder / "people.csv").write_text(text, encoding="utf-8")

    def make(self, name, **config):
        """Make a stack."""
        assert self.stack.run("stack", "init", name).code == 0
        self.configure(name, **config)

    def configure(self, name, **config):
        """Say which part a stack has."""
        path = self.stack.folder / f"Pulumi.{name}.yaml"
        salt = path.read_text("utf-8").splitlines()[0]
        lines = [f"  conduit:{key}: {value}" for key, value in config.items()]
        path.write_text("\n".join([salt, "config:", *lines]), encoding="utf-8")

    def people(self, name):
        """Return whom a stack's state has."""
        text = self.stack.run("stack", "export", "--stack", name).text
        found = json.loads(text)["deployment"].get("resources", [])
        return {one["id"] for one in found if one["type"].endswith("conduit:ConductorUser")}

    def status(self, *emails):
        """Return whether people have access."""
        return [self.stack.sandbox.conductor.user(one)["status"] for one in emails]


@pytest.fixture
def shards(stack):
    """Give one of twenty stacks with three people."""
    made = Shards(stack)
    made.roster(MOVER, STAYER, GONE)
    made.make("old", shard=f"{OLD}/20")
    assert stack.up("--stack", "old").code == 0
    return made


def said_to_move(ran):
    """Return the warnings of who moves."""
    return [line for line in ran.lines("CONDUIT-MOVE") if line.startswith("warning")]


def test_one_stack_more_revokes_no_access_and_who_leaves_the_file_loses_it(shards):
    """Refused at first; then, asked for, without a write but for who left, also where the engine checks no shard."""
    shards.roster(MOVER, STAYER)
    shards.make("new", shard="20/21")
    shards.configure("old", shard=f"{OLD}/21")
    refused = shards.stack.preview("--stack", "old")
    shards.configure("old", shard=f"{OLD}/21", reshardFrom=20)

    targeted = shards.stack.up("--stack", "old", "--target", f"**::team-{MOVER}", "--target-dependents")
    taken_over = shards.stack.up("--stack", "new")
    whole = shards.stack.up("--stack", "old")

    assert refused.code != 0
    assert f"shard {OLD}/20: the roster would be split into 21; that moves people" in refused.text
    assert (0, [MOVE], {}) == (targeted.code, said_to_move(targeted), targeted.writes()), targeted.text
    assert (0, {}) == (taken_over.code, taken_over.writes()), taken_over.text
    assert (0, 1) == (whole.code, sum(whole.writes().values())), whole.text
    assert [{MOVER}, {STAYER}] == [shards.people("new"), shards.people("old")]
    assert ["ACTIVE", "ACTIVE", "INACTIVE"] == shards.status(MOVER, STAYER, GONE)


def test_a_destroy_is_real_and_one_that_runs_its_program_spares_whom_it_gives_away(shards):
    """Without the program nothing is known of other stacks."""
    shards.configure("old", shard=f"{OLD}/21", reshardFrom=20)
    half = ("--target", f"**::team-{MOVER}", "--target-dependents")

    spared = shards.stack.destroy("--stack", "old", "--run-program", *half)
    real = shards.stack.destroy("--stack", "old")

    assert (0, [MOVE], {}) == (spared.code, said_to_move(spared), spared.writes()), spared.text
    assert 0 == real.code, real.text
    assert ["ACTIVE", "INACTIVE", "INACTIVE"] == shards.status(MOVER, STAYER, GONE)
