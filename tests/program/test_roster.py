"""A roster in a program: what is reachable, what reaches the children, and what is refused."""

import json

import pytest

from pulumi_conduit.program.roster import CanonicalMapping
from pulumi_conduit.testing.stack import OperationFailed

WITH_A_COMPANY = """\
people:
- {email: Ada@acme.example, first_name: Ada, last_name: Lovelace, accounts: [2, 1]}
- {email: alan@acme.example, first_name: Alan, last_name: Turing, accounts: [3], access: exclusive}
companies:
- {company_id: ACME, name: Acme, on_destroy: retain}
"""
SHOW = """
pulumi.export("users", list(everybody.users))
pulumi.export("grants", [list(key) for key in everybody.grants])
pulumi.export("lists", list(everybody.access_lists))
pulumi.export("companies", list(everybody.companies))
pulumi.export("ada", everybody.users["ADA@acme.example"].email)
pulumi.export("two", everybody.grants["Ada@ACME.example", 2].account_id)
pulumi.export("alan", everybody.access_lists["Alan@acme.example"].account_ids)
pulumi.export("acme", everybody.companies["Acme"].id)
"""


def recorded(stack):
    """Return the recorded resources by name and type."""
    return {
        (one["urn"].split("::")[-1], one["type"].rpartition(":")[2]): one
        for one in stack.resources()
        if one["type"].startswith("pulumi-python:dynamic/")
    }


def test_every_child_is_reachable_and_named_by_its_key(declare, conduit_stack):
    """By email, by email and account id, and by company id, each in any spelling; below the component."""
    stack = conduit_stack(declare(WITH_A_COMPANY, file="roster.yaml", after=SHOW))

    outputs = stack.up().outputs

    assert {
        "users": ["ada@acme.example", "alan@acme.example"],
        "grants": [["ada@acme.example", 1], ["ada@acme.example", 2]],
        "lists": ["alan@acme.example"],
        "companies": ["acme"],
        "ada": "ada@acme.example",
        "two": 2,
        "alan": [3],
        "acme": "acme",
    } == outputs
    children = recorded(stack)
    assert {
        ("team-ada@acme.example", "ConductorUser"),
        ("team-ada@acme.example-1", "UserAccountAccess"),
        ("team-ada@acme.example-2", "UserAccountAccess"),
        ("team-alan@acme.example", "ConductorUser"),
        ("team-alan@acme.example-accounts", "UserAccountAccessExclusive"),
        ("team-acme", "Company"),
    } == {*children}
    assert {"conduit:index:Roster"} == {one["parent"].split("::")[2].rpartition("$")[2] for one in children.values()}


def test_grants_go_with_their_users_and_companies_are_protected_by_default(declare, conduit_stack):
    """As they are when each is declared by itself."""
    roster = WITH_A_COMPANY.replace(", on_destroy: retain", "")
    stack = conduit_stack(declare(roster, file="roster.yaml"))
    stack.up()

    children = recorded(stack)
    ada = children["team-ada@acme.example", "ConductorUser"]["urn"]
    assert ada == children["team-ada@acme.example-1", "UserAccountAccess"]["deletedWith"]
    assert {("team-acme", "Company")} == {key for key, one in children.items() if one.get("protect")}


def test_what_the_roster_depends_on_comes_before_everybody(declare, conduit_stack):
    """Pulumi itself does not hand that option down."""
    first = 'first = conduit.Company("first", company_id="FIRST", on_destroy="retain")'
    stack = conduit_stack(
        declare(WITH_A_COMPANY, file="r.yaml", before=first, more="pulumi.ResourceOptions(depends_on=[first])")
    )
    stack.up()

    children = recorded(stack)
    urn = children["first", "Company"]["urn"]
    assert {"team-ada@acme.example", "team-alan@acme.example", "team-acme"} == {
        name for (name, _), one in children.items() if urn in one.get("dependencies", [])
    }


def test_transformations_reach_everybody(declare, conduit_stack):
    """Also those that change what is declared."""
    transform = """
def demoted(args):
    if "email" in args.props:
        return pulumi.ResourceTransformationResult({**args.props, "type": "READ_ONLY"}, args.opts)
"""
    stack = conduit_stack(declare(before=transform, more="pulumi.ResourceOptions(transformations=[demoted])"))
    stack.up()

    assert "READ_ONLY" == recorded(stack)["team-ada@acme.example", "ConductorUser"]["inputs"]["type"]


def test_the_profile_reaches_everybody(declare, conduit_stack, conduit_sandbox):
    """People, grants and companies alike go where it leads, and so do look-ups."""
    settings = conduit_sandbox.environ(profile="b")
    roster = WITH_A_COMPANY.replace("[2, 1]", "[Travel, 1]")
    keys = {
        "CONDUIT_LINK_APP_TOKEN_B": "linkAppToken",
        "CONDUIT_LINK_URL_B": "linkUrl",
        "CONDUCTOR_URL_B": "conductorUrl",
        "CONDUCTOR_USERNAME_B": "conductorUsername",
        "CONDUCTOR_PASSWORD_B": "conductorPassword",
    }
    config = {"conduit:profiles": json.dumps({"b": {keys[name]: text for name, text in settings.items()}})}
    stack = conduit_stack(declare(roster, file="r.yaml", more='profile="b"'), config=config)
    stack.up()

    assert {"b"} == {one["inputs"]["profile"] for one in recorded(stack).values()}


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        (
            'pulumi.ResourceOptions(provider=pulumi.ProviderResource("pulumi-python", "b", {}))',
            "team: an explicit provider is not supported",
        ),
        (
            'profile=pulumi.Output.from_input("b")',
            "the account 'Travel' cannot be looked up: team: profile must be a plain value, not an Output",
        ),
    ],
)
def test_what_could_lead_elsewhere_unseen_is_refused(declare, conduit_stack, conduit_sandbox, more, reason):
    """In one line, before anything is declared."""
    stack = conduit_stack(declare(WITH_A_COMPANY.replace("[2, 1]", "[Travel]"), file="r.yaml", more=more))

    with pytest.raises(OperationFailed, match=reason):
        stack.preview()

    assert [] == conduit_sandbox.requests


def test_a_look_up_without_credentials_says_so(declare, conduit_stack):
    """The settings that are missing are named beside the tenant in the file."""
    stack = conduit_stack(declare(WITH_A_COMPANY.replace("[3]", "[Travel]"), file="r.yaml", more='profile="b"'))

    with pytest.raises(
        OperationFailed, match=r"r\.yaml:3:78: accounts: the account 'Travel' cannot be looked up: CONDUCTOR_"
    ):
        stack.preview()


ONE = CanonicalMapping({"acme": 1, "b2": 2}, str.lower)


@pytest.mark.parametrize("key", ["acme", "ACME", "Acme"])
def test_any_spelling_finds_the_one(key):
    """The file's spelling and the canonical one are the same key."""
    assert 1 == ONE[key]
    assert key in ONE


def test_it_lists_canonical_keys_in_their_order():
    """It is a dictionary otherwise."""
    assert {"acme": 1, "b2": 2} == dict(ONE)
    assert ["acme", "b2"] == list(ONE)
    assert 2 == len(ONE)


def test_a_key_that_is_not_there_is_named_as_it_was_asked_for():
    """The canonical spelling would be news to whoever asked."""
    with pytest.raises(KeyError, match=r"^'NoOne'$"):
        ONE["NoOne"]
    assert ONE.get("NoOne") is None
