"""A roster in several stacks, over the handlers: its part in state, and deletes of what the file gives elsewhere."""

from dataclasses import dataclass, field

import pytest
from declarations import ANN, BOB, PreviewFailedError, account_list, company, grant, lines, user

from pulumi_conduit.errors import RefusedError
from pulumi_conduit.resources.declaration_registry import InOtherStack, Kind
from pulumi_conduit.resources.lifecycle import Operation
from pulumi_conduit.resources.roster_shard import RosterShardHandler

PARENTS = "urn:pulumi:dev::test::conduit:index:Roster$"
SHARD = f"{PARENTS}pulumi-python:dynamic/conduit:RosterShard::team-shard"
UNHEARD = (
    "shard 3/20: the provider cannot read which users are in the roster's other stacks, and would deactivate those"
    " that move there; program and provider must run on one machine, as one user"
)
MOVES = (
    "shard 3/20: the roster would be split into {}; that moves people, and must be done in all of its stacks: allow it"
    " in each (`pulumi config set conduit:reshardFrom '20'`) and run them all, or use `pulumi-conduit stacks up"
    " --reshard`"
)


@dataclass
class Rosters:
    """What a program's rosters log."""

    homes: dict = field(default_factory=dict)
    is_told: bool = True

    def other_stack(self, key, urn):
        """Return which other stack has a key, for the stack of the test only."""
        assert urn.startswith("urn:pulumi:dev::test::")
        return self.homes.get((key.kind, key.id))

    def is_known(self, urn):
        """Return whether they have logged."""
        assert urn
        return self.is_told


def shard(index=3, count=20, **more):
    """Declare a part."""
    return ("shard", {"index": index, "count": count, **more})


@pytest.fixture
def told(stack):
    """Let the program of the stack log other stacks."""
    stack.rosters = Rosters()
    return stack.rosters


def test_a_part_is_recorded_without_a_call_and_without_its_consent(stack, told, sandbox):
    """What is allowed once is no fact; a part that is declared as recorded is no change."""
    stack.up({"it": shard(label="x_team", reshardFrom="7")})

    assert {"index": 3, "count": 20, "label": "x_team"} == stack.outputs("it") == stack.held["it"].inputs
    assert "3" == stack.held["it"].id
    assert [("same", "it")] == stack.preview({"it": shard(label="x_team")})
    stack.refresh().destroy()
    assert [] == sandbox.requests


@pytest.mark.parametrize(
    ("declared", "reason"),
    [
        (shard(count=21), MOVES.format("21")),
        (shard(label="x_team"), MOVES.format("20 by x_team")),
        (shard(count=21, reshardFrom="19"), MOVES.format("21")),
        (
            shard(4, reshardFrom="20"),
            "shard 3/20: this stack would become shard 4/20; a stack keeps its number, so correct it",
        ),
    ],
)
def test_a_change_without_consent_is_refused(stack, told, declared, reason):
    """In preview already."""
    stack.up({"it": shard()})

    with pytest.raises(PreviewFailedError) as caught:
        stack.preview({"it": declared})

    assert reason == str(caught.value)


def test_a_change_that_is_asked_for_is_recorded(stack, told):
    """The consent names the split that it comes from."""
    stack.up({"it": shard()})
    stack.up({"it": shard(count=21, label="x_team", reshardFrom="20")})

    assert {"index": 3, "count": 21, "label": "x_team"} == stack.outputs("it")
    stack.up({"it": shard(count=20, reshardFrom="21 by x_team")})
    assert {"index": 3, "count": 20} == stack.outputs("it")


@pytest.mark.parametrize("rosters", [None, Rosters(is_told=False)])
def test_a_shard_is_refused_where_the_other_stacks_are_unknown(stack, rosters):
    """Who has moved would look removed."""
    stack.rosters = rosters

    with pytest.raises(PreviewFailedError) as caught:
        stack.up({"it": shard()})

    assert UNHEARD == str(caught.value)


def test_a_part_cannot_be_read_from_elsewhere(stack):
    """There is nothing but the state of its own stack."""
    with pytest.raises(RefusedError, match=r"^a roster's shard is in its own state only and cannot be read$"):
        stack.get("shard", "3")


@pytest.mark.parametrize(
    ("sibling", "is_refused"),
    [
        (f"{PARENTS}kind::team-ann@acme.example", True),
        (f"{PARENTS}kind::crew-ann@acme.example", False),
        ("urn:pulumi:dev::test::kind::team-ann@acme.example", False),
        ("urn:pulumi:dev::test::other$kind::team-ann@acme.example", False),
    ],
)
def test_a_shard_is_not_removed_from_state_while_its_roster_is_declared(stack, told, sibling, is_refused):
    """Then the stack would claim everybody, and the other stacks would, too."""
    person = Operation(stack.run, sibling, stack.warnings.append, stack.messages.append)
    RosterShardHandler(person).check({}, shard()[1])
    handler = RosterShardHandler(Operation(stack.run, SHARD, stack.warnings.append, stack.messages.append))

    if not is_refused:
        handler.delete(handler.spec(shard()[1]))
        return
    with pytest.raises(RefusedError) as caught:
        handler.delete(handler.spec(shard()[1]))

    assert (
        "shard 3/20: its roster is not split any more, but this stack has only a part of it; to merge the stacks,"
        " declare shard 0/1 with '20' as the split that it comes from"
    ) == str(caught.value)


@pytest.mark.parametrize(
    ("declared", "is_refused"),
    [
        (["team-eu-shard", "team-eu-ann@acme.example"], False),
        (["team-eu-shard", "team-eu-ann@acme.example", "team-ann@acme.example"], True),
        (["team-shard"], True),
    ],
)
def test_a_shard_is_removed_from_state_beside_a_split_roster_of_a_longer_name(stack, told, declared, is_refused):
    """What belongs to `team-eu` does not belong to `team`."""
    for name in declared:
        kind = "pulumi-python:dynamic/conduit:RosterShard" if name.endswith("-shard") else "kind"
        one = Operation(stack.run, f"{PARENTS}{kind}::{name}", stack.warnings.append, stack.messages.append)
        RosterShardHandler(one).check({}, shard()[1])
    handler = RosterShardHandler(Operation(stack.run, SHARD, stack.warnings.append, stack.messages.append))

    if not is_refused:
        handler.delete(handler.spec(shard()[1]))
        return
    with pytest.raises(RefusedError, match="its roster is not split any more"):
        handler.delete(handler.spec(shard()[1]))


@pytest.mark.parametrize("roster", ["hr::team", "::", "a$b"])
def test_a_shard_of_a_roster_of_any_name_is_not_removed_from_state(stack, told, roster):
    """The roster's name ends where the part's own ending begins, whatever stands in it."""
    shard_urn = f"{PARENTS}pulumi-python:dynamic/conduit:RosterShard::{roster}-shard"
    sibling = f"{PARENTS}kind::{roster}-ann@acme.example"
    person = Operation(stack.run, sibling, stack.warnings.append, stack.messages.append)
    RosterShardHandler(person).check({}, shard()[1])
    handler = RosterShardHandler(Operation(stack.run, shard_urn, stack.warnings.append, stack.messages.append))

    with pytest.raises(RefusedError, match="its roster is not split any more"):
        handler.delete(handler.spec(shard()[1]))


def test_what_the_file_gives_elsewhere_is_not_touched(stack, told, sandbox):
    """People, lists, single grants and companies; each says which stack has it."""
    program = {
        "acme": company(onDestroy="disable_page"),
        "ann": user(onDestroy="retain"),
        "one": grant(1),
        "bob": user(BOB, onDestroy="retain"),
        "all": account_list(1, 3, email=BOB),
    }
    stack.up(program)
    here = InOtherStack("4/21", frozenset({1, 3}))
    told.homes = {
        (Kind.COMPANY, "acme"): InOtherStack("4/21"),
        (Kind.USER, ANN): here,
        (Kind.GRANT, f"{ANN}:1"): here,
        (Kind.USER, BOB): here,
        (Kind.GRANT_LIST, BOB): here,
    }
    sandbox.forget_requests()

    stack.up({})

    assert [] == lines(sandbox)
    assert {} == stack.held
    names = ["account list of user bob@acme.example", "user bob@acme.example"]
    names += ["access of user ann@acme.example to account 1", "user ann@acme.example", "company 'ACME'"]
    moved = [f"CONDUIT-MOVE: {one}: not deleted: the roster assigns it to shard 4/21" for one in names]
    assert moved == [one for one in stack.warnings if one.startswith("CONDUIT-MOVE")]


def test_an_account_that_goes_while_its_person_moves_is_said(stack, told, sandbox):
    """The engine never calls the delete of a linked grant."""
    stack.up({"ann": user(accounts=(1, 2)), "one": grant(1), "two": grant(2)})
    told.homes = {(Kind.USER, ANN): InOtherStack("4/21", frozenset({1}))}
    sandbox.forget_requests()

    stack.up({})

    assert [] == lines(sandbox)
    held = [one for one in stack.warnings if "holds accounts that no grant of this program declares" in one]
    assert [f"user {ANN}: holds accounts that no grant of this program declares: 'Travel' (2)"] == held


def test_what_is_declared_here_is_judged_here(stack, told):
    """Whatever a file says of other stacks."""
    stack.up({"ann": user()})
    told.homes = {(Kind.USER, ANN): InOtherStack("4/21")}

    stack.up({"new": user()})

    assert [f"user {ANN}: not deleted: resource 'new' declares the same object now"] == [
        one for one in stack.warnings if "not deleted" in one
    ]
