"""A roster in several stacks, on the embedded engine: who only moves between stacks keeps all access."""

import itertools
import subprocess
import sys

import pytest
from sampling import sample

from pulumi_conduit.roster.shards import bucket
from pulumi_conduit.testing.stack import OperationFailed

HEADER = "email,first_name,last_name,accounts,access,on_destroy,x_team,on_conflict"
PEOPLE = [f"user{number}@acme.example" for number in range(200)]
MOVER = next(one for one in PEOPLE if bucket(one, 21) == 20)
OLD = bucket(MOVER, 20)
STAYER = next(one for one in PEOPLE if bucket(one, 21) == OLD)
THIRD = next(one for one in PEOPLE if bucket(one, 21) == OLD and one != STAYER)
NEW_FIRST = pytest.mark.parametrize(
    "order", sample([("new", "old"), ("old", "new")], 2), ids=lambda order: f"{order[0]} first"
)
REFUSED = (
    f"shard {OLD}/20: the roster would be split into 21; that moves people, and must be done in all of its stacks:"
    " allow it in each (`pulumi config set conduit:reshardFrom '20'`) and run them all, or use"
    " `pulumi-conduit stacks up --reshard`"
)


TWO_OF_ONE_NAME = """
import pulumi
import pulumi_conduit as conduit

class Europe(pulumi.ComponentResource):
    def __init__(self):
        super().__init__("acme:index:Europe", "europe")
        conduit.Roster("team", "people.csv", pulumi.ResourceOptions(parent=self))

class America(pulumi.ComponentResource):
    def __init__(self):
        super().__init__("acme:index:America", "america")
        conduit.Roster("team", "america.csv", pulumi.ResourceOptions(parent=self))

Europe()
America()
"""


def row(email, accounts="1|2", access="", on_destroy="", team="navy", conflict=""):
    """Return a line of the file."""
    return f"{email},A,B,{accounts},{access},{on_destroy},{team},{conflict}"


def roster(*rows):
    """Return a file."""
    return "\n".join([HEADER, *rows]) + "\n"


def named(stack):
    """Return the recorded people and grants."""
    names = {one["urn"].rpartition("::")[2] for one in stack.resources() if "dynamic/conduit" in one["type"]}
    return names - {"team-shard"}


def with_grants(email):
    """Return the names of a person's resources."""
    return {f"team-{email}", f"team-{email}-1", f"team-{email}-2"}


def messages(result, code):
    """Return the warnings that begin with a code."""
    return [one.message for one in result.diagnostics if one.message.startswith(code)]


@pytest.fixture
def people(declare):
    """Give what writes the file."""
    return lambda *rows: declare(roster(*rows))


@pytest.fixture
def stacks(people, conduit_stack):
    """Give two of twenty stacks, `old` with two people, and `new`, which twenty have not got."""
    folder = people(row(MOVER), row(STAYER))
    old = conduit_stack(folder, name="old", config={"conduit:shard": f"{OLD}/20"})
    old.up()
    return {"old": old, "new": conduit_stack(folder, name="new", config={"conduit:shard": "20/21"})}


def test_each_row_is_in_one_stack_and_a_second_run_sends_no_request(people, conduit_stack, conduit_sandbox):
    """The stacks of a roster have all of it, together."""
    folder = people(*map(row, PEOPLE[:12]))
    three = [conduit_stack(folder, name=f"s{one}", config={"conduit:shard": f"{one}/3"}) for one in range(3)]
    for stack in three:
        stack.up()

    recorded = sorted(name for stack in three for name in named(stack))
    assert sorted(name for one in PEOPLE[:12] for name in with_grants(one)) == recorded
    conduit_sandbox.forget_requests()
    assert all(stack.up().is_unchanged for stack in three)
    assert [] == conduit_sandbox.requests


@pytest.mark.slow
@NEW_FIRST
def test_from_20_to_21_stacks_no_user_loses_access(stacks, conduit_sandbox, order):
    """Whichever stack is first: no status is set, nothing is revoked, and the move is said in both."""
    stacks["old"].config |= {"conduit:shard": f"{OLD}/21", "conduit:reshardFrom": "20"}
    conduit_sandbox.forget_requests()

    results = {name: stacks[name].up() for name in order}

    assert [] == conduit_sandbox.writes()
    assert [{MOVER}, {STAYER}] == [{*map(person, named(stacks[name]))} for name in ("new", "old")]
    assert with_grants(MOVER) == named(stacks["new"])
    moved = f"CONDUIT-MOVE: user {MOVER}: not deleted: the roster assigns it to shard 20/21"
    assert [moved] == messages(results["old"], "CONDUIT-MOVE")
    assert f"CONDUIT-ADOPT: user {MOVER} exists" in "\n".join(messages(results["new"], "CONDUIT-ADOPT"))
    stacks["old"].config.pop("conduit:reshardFrom")
    assert all(stack.up().is_unchanged for stack in stacks.values())


def test_a_user_deactivated_outside_is_not_reactivated_by_a_move(stacks, people, conduit_sandbox):
    """The stack that takes them over cannot know why; whoever does says so in the row."""
    conduit_sandbox.conductor.edit_user(MOVER, status="INACTIVE")

    with pytest.raises(OperationFailed, match=f"user {MOVER}: .*INACTIVE"):
        stacks["new"].up()

    assert "INACTIVE" == conduit_sandbox.conductor.user(MOVER)["status"]
    people(row(MOVER, conflict="reactivate_inactive"), row(STAYER))
    reactivated = messages(stacks["new"].up(), "CONDUIT-REACTIVATE")
    assert [True, True] == [MOVER in message for message in reactivated]  # what is done, and with which accounts
    assert "ACTIVE" == conduit_sandbox.conductor.user(MOVER)["status"]


@pytest.mark.slow
def test_two_rosters_of_one_name_below_two_components_keep_everybody(people, conduit_stack, conduit_sandbox):
    """Each is split for itself, and the second does not make the provider forget whom the first gives elsewhere."""
    folder = people(row(MOVER), row(STAYER))
    (folder / "america.csv").write_text(roster(row(THIRD)), encoding="utf-8")
    (folder / "__main__.py").write_text(TWO_OF_ONE_NAME, encoding="utf-8")
    old = conduit_stack(folder, name="old", config={"conduit:shard": f"{OLD}/20"})
    old.up()
    old.config |= {"conduit:shard": f"{OLD}/21", "conduit:reshardFrom": "20"}
    conduit_sandbox.forget_requests()

    result = old.up()

    assert [] == conduit_sandbox.writes()
    assert 1 == len(messages(result, "CONDUIT-MOVE"))


@pytest.mark.parametrize("name", sample(["hr::team", ":team", "a$b::c"], 3))
def test_a_split_roster_may_have_any_name(declare, conduit_stack, conduit_sandbox, name):
    """Its part knows its roster by the whole name, so that whoever moves away keeps all access."""
    folder = declare(roster(row(MOVER), row(STAYER)), name=name)
    old = conduit_stack(folder, name="old", config={"conduit:shard": f"{OLD}/20"})
    assert old.up().creates(f"{name}-{MOVER}")
    old.config |= {"conduit:shard": f"{OLD}/21", "conduit:reshardFrom": "20"}
    conduit_sandbox.forget_requests()

    result = old.up()

    assert ([], 1) == (conduit_sandbox.writes(), len(messages(result, "CONDUIT-MOVE")))
    assert result.deletes(f"{name}-{MOVER}")


def person(name):
    """Return whom a resource is about."""
    return name.removeprefix("team-").partition(".example")[0] + ".example"


@pytest.mark.slow
@NEW_FIRST
def test_a_moved_label_revokes_no_access(people, conduit_stack, conduit_sandbox, order):
    """Another value of the column is another stack, without a reshard."""
    labels = {bucket(one, 20): one for one in (f"team{number}" for number in range(200))}
    folder = people(row(MOVER, team=labels[3]), row(STAYER, team=labels[3]))
    parts = {"old": "3/20 by x_team", "new": "4/20 by x_team"}
    stacks = {one: conduit_stack(folder, name=one, config={"conduit:shard": text}) for one, text in parts.items()}
    stacks["old"].up()
    stacks["new"].up()
    people(row(MOVER, team=labels[4]), row(STAYER, team=labels[3]))
    conduit_sandbox.forget_requests()

    for name in order:
        stacks[name].up()

    assert [] == conduit_sandbox.writes()
    assert [with_grants(STAYER), with_grants(MOVER)] == [named(stacks[name]) for name in ("old", "new")]


@pytest.mark.parametrize("reshard", [True, False], ids=["while it moves", "in an ordinary run"])
def test_who_leaves_the_file_is_deactivated_by_the_stack_that_had_them(stacks, people, conduit_sandbox, reshard):
    """To be in no stack is to be removed, whatever else moves."""
    people(row(STAYER))
    if reshard:
        stacks["old"].config |= {"conduit:shard": f"{OLD}/21", "conduit:reshardFrom": "20"}

    stacks["old"].up()

    status = {one: conduit_sandbox.conductor.user(one)["status"] for one in (MOVER, STAYER)}
    assert {MOVER: "INACTIVE", STAYER: "ACTIVE"} == status


def test_a_grant_that_leaves_a_row_is_revoked(stacks, people, conduit_sandbox):
    """The person is here, and the account is given to nobody elsewhere."""
    people(row(MOVER), row(STAYER, "1"))

    stacks["old"].up()

    assert [1] == conduit_sandbox.conductor.user(STAYER)["accounts"]


@pytest.mark.slow
@NEW_FIRST
def test_an_account_that_goes_while_a_retained_person_moves_is_revoked(people, conduit_stack, conduit_sandbox, order):
    """Grants of a retained person are deleted one by one: those that the other stack declares stay."""
    folder = people(row(MOVER, on_destroy="retain"), row(STAYER))
    old = conduit_stack(folder, name="old", config={"conduit:shard": f"{OLD}/20"})
    new = conduit_stack(folder, name="new", config={"conduit:shard": "20/21"})
    old.up()
    people(row(MOVER, "1", on_destroy="retain"), row(STAYER))
    old.config |= {"conduit:shard": f"{OLD}/21", "conduit:reshardFrom": "20"}

    for name in order:
        {"old": old, "new": new}[name].up()

    user = conduit_sandbox.conductor.user(MOVER)
    assert ("ACTIVE", [1]) == (user["status"], user["accounts"])


@pytest.mark.slow
@NEW_FIRST
def test_a_list_moves_as_its_person_does(people, conduit_stack, conduit_sandbox, order):
    """Exclusive access is known elsewhere, too, by the list and by each of its accounts."""
    exclusive = {"access": "exclusive", "on_destroy": "retain"}
    folder = people(row(MOVER, **exclusive), row(STAYER))
    old = conduit_stack(folder, name="old", config={"conduit:shard": f"{OLD}/20"})
    new = conduit_stack(folder, name="new", config={"conduit:shard": "20/21"})
    old.up()
    old.config |= {"conduit:shard": f"{OLD}/21", "conduit:reshardFrom": "20"}
    conduit_sandbox.forget_requests()

    for name in order:
        {"old": old, "new": new}[name].up()

    assert [] == conduit_sandbox.writes()
    assert {f"team-{MOVER}", f"team-{MOVER}-accounts"} == named(new)


def test_an_account_that_goes_while_its_person_moves_is_said(stacks, people, conduit_sandbox):
    """The engine never calls the delete of a linked grant, so that nobody could revoke it."""
    people(row(MOVER, "1"), row(STAYER))
    stacks["old"].config |= {"conduit:shard": f"{OLD}/21", "conduit:reshardFrom": "20"}

    result = stacks["old"].up()

    said = messages(result, f"user {MOVER}: holds accounts that no grant of this program declares")
    assert 1 == len(said)
    assert "(2)" in said[0] or "2" in said[0].rpartition(":")[2]
    assert "ACTIVE" == conduit_sandbox.conductor.user(MOVER)["status"]


@pytest.mark.parametrize(
    ("operation", "allowed"), sample(itertools.product(["preview", "up"], [None, "19", "20 by x_team"]), 3)
)
def test_another_count_is_refused_unless_it_is_asked_for(stacks, conduit_sandbox, operation, allowed):
    """The consent names the split that it is about, so that an old one allows nothing later."""
    stacks["old"].config["conduit:shard"] = f"{OLD}/21"
    if allowed:
        stacks["old"].config["conduit:reshardFrom"] = allowed
    conduit_sandbox.forget_requests()

    with pytest.raises(OperationFailed) as caught:
        getattr(stacks["old"], operation)()

    assert REFUSED in str(caught.value)
    assert [] == conduit_sandbox.writes()
    assert with_grants(MOVER) <= named(stacks["old"])


def test_another_label_is_refused_unless_it_is_asked_for(stacks, conduit_sandbox):
    """So is splitting by a label at all."""
    stacks["old"].config["conduit:shard"] = f"{OLD}/20 by x_team"

    with pytest.raises(OperationFailed, match=rf"shard {OLD}/20: the roster would be split into 20 by x_team; that "):
        stacks["old"].preview()

    stacks["old"].config["conduit:reshardFrom"] = "20"
    conduit_sandbox.forget_requests()
    stacks["old"].up()
    assert [] == conduit_sandbox.writes()


def test_a_stack_keeps_its_number(stacks, conduit_sandbox):
    """A number from another stack's settings would exchange two parts, whatever is allowed."""
    other = (OLD + 1) % 20
    stacks["old"].config |= {"conduit:shard": f"{other}/20", "conduit:reshardFrom": "20"}
    conduit_sandbox.forget_requests()

    with pytest.raises(OperationFailed, match=rf"shard {OLD}/20: this stack would become shard {other}/20; a stack"):
        stacks["old"].up()

    assert [] == conduit_sandbox.writes()


@pytest.mark.slow
def test_a_stack_that_fewer_stacks_leave_over_lets_everybody_go(stacks, conduit_sandbox):
    """It holds nobody, and deactivates nobody."""
    stacks["old"].config |= {"conduit:shard": f"{OLD}/21", "conduit:reshardFrom": "20"}
    for stack in stacks.values():
        stack.up()
    conduit_sandbox.forget_requests()

    stacks["new"].config |= {"conduit:shard": "20/20", "conduit:reshardFrom": "21"}
    stacks["old"].config |= {"conduit:shard": f"{OLD}/20", "conduit:reshardFrom": "21"}
    stacks["new"].up()
    stacks["old"].up()

    assert [] == conduit_sandbox.writes()
    assert [set(), with_grants(MOVER) | with_grants(STAYER)] == [named(stacks["new"]), named(stacks["old"])]


def test_a_split_roster_is_removed_beside_one_whose_name_goes_on(declare, conduit_stack):
    """Names of the other one's resources begin with its own name, too."""
    folder = declare(roster(row(MOVER)), after="conduit.Roster('team-eu', 'eu.csv')")
    (folder / "eu.csv").write_text(roster(row(STAYER)), encoding="utf-8")
    stack = conduit_stack(folder, name="old", config={"conduit:shard": f"{OLD}/20"})
    assert stack.up().creates("team-shard")
    declare(roster(row(STAYER)), file="eu.csv", name="team-eu")

    result = stack.up()

    assert result.deletes("team-shard")
    assert {f"team-eu-{STAYER}", f"team-eu-{STAYER}-1", f"team-eu-{STAYER}-2", "team-eu-shard"} == named(stack)


def test_a_roster_that_is_split_no_more_is_refused(stacks, conduit_sandbox):
    """Its other stacks still have people whom it would claim as well."""
    stacks["old"].config.clear()

    with pytest.raises(
        OperationFailed, match=rf"shard {OLD}/20: its roster is not split any more, but this stack has only"
    ):
        stacks["old"].up()

    assert "ACTIVE" == conduit_sandbox.conductor.user(MOVER)["status"]


@pytest.mark.slow
def test_several_stacks_may_become_one(people, conduit_stack, conduit_sandbox):
    """By the same explicit change; the others remove it from state only."""
    folder = people(*map(row, PEOPLE[:6]))
    both = [conduit_stack(folder, name=f"s{one}", config={"conduit:shard": f"{one}/2"}) for one in range(2)]
    for stack in both:
        stack.up()
    conduit_sandbox.forget_requests()

    for index, stack in enumerate(both):
        stack.config = {"conduit:shard": f"{index}/1", "conduit:reshardFrom": "2"}
        stack.up()

    assert [] == conduit_sandbox.writes()
    assert [{name for one in PEOPLE[:6] for name in with_grants(one)}, set()] == [*map(named, both)]


def test_to_destroy_a_stack_is_real(stacks, conduit_sandbox):
    """No program runs, so nothing is known of other stacks, and what is destroyed is what was asked for."""
    stacks["old"].config |= {"conduit:shard": f"{OLD}/21", "conduit:reshardFrom": "20"}

    stacks["old"].destroy()

    assert {"INACTIVE"} == {conduit_sandbox.conductor.user(one)["status"] for one in (MOVER, STAYER)}


def test_a_person_whom_the_program_declared_itself_may_move_into_another_stacks_part(
    declare, conduit_stack, conduit_sandbox
):
    """What counts is whom a delete is about, not which resource it was."""
    by_hand = f'conduit.ConductorUser("m", email="{MOVER}", first_name="A", last_name="B", initial_accounts=[1, 2])'
    stack = conduit_stack(declare(roster(row(STAYER)), after=by_hand), config={"conduit:shard": f"{OLD}/21"})
    stack.up()
    declare(roster(row(STAYER), row(MOVER)))

    stack.up()

    assert "ACTIVE" == conduit_sandbox.conductor.user(MOVER)["status"]


@pytest.mark.parametrize("operation", sample(["preview", "up"], 2))
def test_where_the_provider_cannot_hear_the_program_nothing_is_done(declare, stacks, conduit_sandbox, operation):
    """A program that writes elsewhere would not learn of any move."""
    moved = "run_file.run_folders = lambda: [(Path.cwd(), Path.cwd() / 'runs')]"
    before = f"from pathlib import Path; from pulumi_conduit import run_file; {moved}"
    declare(roster(row(STAYER), row(MOVER)), before=before)
    stacks["old"].config |= {"conduit:shard": f"{OLD}/21", "conduit:reshardFrom": "20"}
    conduit_sandbox.forget_requests()

    with pytest.raises(OperationFailed, match="the provider cannot read which users are in the roster's other stacks"):
        getattr(stacks["old"], operation)()

    assert [] == conduit_sandbox.writes()


@pytest.mark.parametrize("operation", sample(["preview", "up"], 2))
def test_where_nothing_can_be_noted_the_program_ends(declare, stacks, conduit_sandbox, operation):
    """A folder that cannot be written is known at once."""
    before = "from pulumi_conduit.run_file import RunFile; RunFile.open = classmethod(lambda *_: None)"
    declare(roster(row(STAYER), row(MOVER)), before=before)

    with pytest.raises(OperationFailed, match="this program: the run file for its declarations cannot be written"):
        getattr(stacks["old"], operation)()

    assert "ACTIVE" == conduit_sandbox.conductor.user(MOVER)["status"]


def test_the_part_may_be_said_in_the_program(declare, conduit_stack):
    """For stacks whose names say which part they have."""
    folder = declare(roster(row(MOVER), row(STAYER)), more=f"shard=conduit.Shard({OLD}, 21)")
    stack = conduit_stack(folder)

    stack.up()

    assert with_grants(STAYER) == named(stack)


def test_companies_that_could_not_move_are_refused_all_at_once(declare, conduit_stack):
    """A protected one would stop the stack that it leaves, in preview, with everybody else's move."""
    people = "people:\n- {email: ada@acme.example, first_name: A, last_name: B, accounts: [1]}\n"
    companies = "companies:\n- {company_id: A}\n- {company_id: B, on_destroy: retain}\n- {company_id: C}\n"
    stack = conduit_stack(declare(people + companies, file="r.yaml"), config={"conduit:shard": "0/2"})

    with pytest.raises(OperationFailed) as caught:
        stack.preview()

    reason = "on_destroy: must be retain or disable_page where a roster is split into several stacks"
    assert [4, 6] == [line for line in range(1, 9) if f"r.yaml:{line}:3: {reason}" in str(caught.value)]


def test_a_company_moves_with_its_page_as_it_is(declare, conduit_stack, conduit_sandbox):
    """Its page would be closed by a delete."""
    company = next(f"C{number}" for number in range(99) if bucket(f"c{number}", 21) == 20)
    text = (
        "people:\n- {email: ada@acme.example, first_name: A, last_name: B, accounts: [1]}\n"
        f"companies:\n- {{company_id: {company}, on_destroy: disable_page}}\n"
    )
    index = bucket(company.lower(), 20)
    stack = conduit_stack(declare(text, file="r.yaml"), config={"conduit:shard": f"{index}/20"})
    stack.up()
    stack.config = {"conduit:shard": f"{index}/21", "conduit:reshardFrom": "20"}

    stack.up()

    assert conduit_sandbox.link.company(company)["page_enabled"] is True
    assert f"team-{company.lower()}" not in named(stack)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("3", "'3' is not a shard; write 3/20, or 3/20 by x_team"),
        ("x/20", "'x/20' is not a shard"),
        ("20/20", "shard 20 of 20: shards count from 0"),
        ("3/many", "'many' is not a split; write 20, or 20 by x_team"),
        ("3/20 by team", "'team' is not a label; label columns begin with x_"),
    ],
)
def test_a_part_that_cannot_be_is_refused(people, conduit_stack, text, reason):
    """It is a person's typing."""
    stack = conduit_stack(people(row(STAYER)), config={"conduit:shard": text})

    with pytest.raises(OperationFailed) as caught:
        stack.preview()

    assert reason in str(caught.value)


MOCKED = """
import pulumi
from pulumi.runtime import mocks

class Mocks(mocks.Mocks):
    def new_resource(self, args):
        made.append(args.name)
        return args.resource_id or args.name, args.inputs

    def call(self, args):
        return {}

made = []
pulumi.runtime.set_mocks(Mocks())
import pulumi_conduit as conduit

@pulumi.runtime.test
def declare():
    conduit.Roster("team", "people.csv", shard=conduit.Shard(0, 1))

declare()
assert {"team", "team-shard", "team-ada@acme.example", "team-ada@acme.example-1"} == set(made), made
"""


def test_a_users_own_test_may_mock_the_engine(people):
    """There nothing is deleted, so it does not matter who is in another stack."""
    folder = people(row("ada@acme.example", "1"))

    done = subprocess.run([sys.executable, "-c", MOCKED], cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - our own interpreter

    assert 0 == done.returncode, done.stderr
