"""What a program declares, without an engine: Pulumi's own mocks stand in for it."""

from typing import Any

import pulumi
import pytest
from pulumi.runtime import mocks

import pulumi_conduit as conduit
from pulumi_conduit.program import program_hooks
from pulumi_conduit.program.grant_owner import GrantOwner, find_user, link_options

PERSON: dict[str, Any] = {"first_name": "Ada", "last_name": "Lovelace", "initial_accounts": [1]}


class Recorder(mocks.Mocks):
    """Answers every registration with its inputs and remembers it."""

    def __init__(self):
        """Start empty."""
        self.inputs = {}

    def new_resource(self, args):
        """Record and echo."""
        self.inputs[args.name] = args.inputs
        return args.resource_id or f"{args.name}-id", args.inputs

    def call(self, args):
        """No function of the engine is used."""
        raise AssertionError(args.token)


@pytest.fixture
def recorder():
    """Stand in for the engine."""
    recording = Recorder()
    mocks.set_mocks(recording, preview=False)
    return recording


@pulumi.runtime.test
def test_names_are_camel_case_on_the_wire(recorder):
    """The state's names are the contract's; what is undeclared is not sent."""
    company = conduit.Company("acme", company_id="ACME", page_enabled=False)

    def check(_):
        sent = {name: value for name, value in recorder.inputs["acme"].items() if name != "__provider"}
        assert {"companyId": "ACME", "pageEnabled": False} == sent

    return company.urn.apply(check)


@pytest.mark.parametrize("name", ["resource", "email", "id"])
@pulumi.runtime.test
def test_a_grant_finds_its_user_by_itself_or_by_an_output(recorder, name):
    """The same object is the same user."""
    user = conduit.ConductorUser(f"user-{name}", email=f"{name}@example.com", **PERSON)

    assert user is find_user(user if name == "resource" else getattr(user, name), None)


@pulumi.runtime.test
def test_a_grant_finds_its_user_by_a_plain_address_in_the_same_profile(recorder):
    """An address that was declared before in this program names that user, however it is spelled."""
    user = conduit.ConductorUser("plain", email="Plain@Example.com", profile="b", **PERSON)

    assert user is find_user("plain@example.COM", "b")
    assert find_user("plain@example.com", None) is None
    assert find_user("other@example.com", "b") is None


@pytest.mark.parametrize(
    ("more", "is_tied"),
    [
        ({}, True),
        ({"on_destroy": "retain"}, False),
        ({"opts": pulumi.ResourceOptions(protect=True)}, False),
        ({"opts": pulumi.ResourceOptions(retain_on_delete=True)}, False),
    ],
)
@pulumi.runtime.test
async def test_only_a_user_that_is_really_deactivated_takes_its_grants_along(recorder, more, is_tied):
    """In every other case the access would stay in the API unmanaged."""
    user = conduit.ConductorUser("tied", email="tied@example.com", **PERSON, **more)

    assert is_tied is await takes_along(user)


@pytest.mark.parametrize(
    ("owned_by", "profile", "is_tied"),
    [(None, None, True), ("b", None, True), ("b", "b", True), (None, "b", False), ("b", "c", False)],
)
@pulumi.runtime.test
async def test_a_grant_of_another_profile_goes_on_its_own(recorder, owned_by, profile, is_tied):
    """Another profile may lead to another system, where no destroy of this user takes anything away."""
    user = conduit.ConductorUser("home", email="home@example.com", profile=owned_by, **PERSON)

    assert is_tied is await takes_along(user, profile)


@pulumi.runtime.test
async def test_of_profiles_that_are_not_known_yet_only_the_same_one_is_the_same(recorder):
    """Two Outputs may differ, whatever they turn out to be."""
    profile = pulumi.Output.from_input("b")
    user = conduit.ConductorUser("later", email="later@example.com", profile=profile, **PERSON)

    assert await takes_along(user, profile)
    assert not await takes_along(user, pulumi.Output.from_input("b"))
    assert not await takes_along(user, "b")


async def takes_along(user, profile=None, given=None, opts=None):
    """Say whether a grant to a user goes with it."""
    link = GrantOwner(given or user.email)
    options: Any = link_options(link, user, opts)
    grant = conduit.UserAccountAccess("asked", user=given or user, account_id=2, opts=opts)
    link.settle(grant, "asked", given or user.email, profile or user.given_profile)
    assert [user] == options.depends_on
    assert link is options.deleted_with
    return await user.urn.future() == await link.future()


PROFILES: list[list[str | None]] = [[None, "b"], ["b", None]]


def namesakes(address, profiles):
    """Declare a user for each profile, all with one address; return them by profile."""
    return {one: conduit.ConductorUser(f"of-{one}", email=address, profile=one, **PERSON) for one in profiles}


@pytest.mark.parametrize("profiles", PROFILES, ids=["default first", "default last"])
@pytest.mark.parametrize("as_text", [True, False], ids=["text", "output"])
@pytest.mark.parametrize("profile", [None, "b"])
@pytest.mark.parametrize("of", [lambda mail: mail, lambda mail: mail.apply(str.lower)], ids=["it", "an output of it"])
@pytest.mark.usefixtures("recorder")
def test_a_grant_belongs_to_the_user_of_its_own_profile(profiles, as_text, profile, of):
    """Users of two tenants may have one address, by one output; the order of their declarations makes no difference."""

    @pulumi.runtime.test
    async def program():
        mail = pulumi.Output.from_input("same@example.com")
        users = namesakes(mail, profiles)
        given = "same@example.com" if as_text else of(mail)
        link = GrantOwner(given)
        grant = conduit.UserAccountAccess("asked", user=given, account_id=2, profile=profile)
        link.settle(grant, "asked", given, profile)
        assert await users[profile].urn.future() == await link.future()

    program()


@pulumi.runtime.test
def test_an_address_of_two_users_says_which_if_the_profile_is_of_one_of_them(recorder):
    """Else the grant would go to a tenant by chance."""
    mail = pulumi.Output.from_input("same@example.com")
    namesakes(mail, ["b", "c"])

    with pytest.raises(
        conduit.InvalidInputError,
        match=r"the address of several users, 'of-b', 'of-c', .*; declare the user first and pass it as `user=`$",
    ):
        conduit.UserAccountAccess("asked", user=mail, account_id=2)


def retained(args):
    """Set what keeps the engine from calling a delete."""
    kept = pulumi.ResourceOptions(retain_on_delete=True)
    return pulumi.ResourceTransformationResult(args.props, pulumi.ResourceOptions.merge(args.opts, kept))


@pulumi.runtime.test
async def test_a_transformation_that_retains_a_user_unties_its_grants(recorder):
    """What counts is how the options came out."""
    opts = pulumi.ResourceOptions(transformations=[retained])
    user = conduit.ConductorUser("changed", opts, email="changed@example.com", **PERSON)

    assert not await takes_along(user)


@pytest.mark.parametrize(
    ("above", "own", "is_tied"),
    [
        ({}, {}, True),
        ({"retain_on_delete": True}, {}, False),
        ({"retain_on_delete": True}, {"retain_on_delete": False}, True),
        ({"protect": True}, {}, False),
        ({"transformations": [retained]}, {}, False),
    ],
)
@pulumi.runtime.test
async def test_what_a_parent_hands_down_counts(recorder, above, own, is_tied):
    """The engine inherits from any parent, and only an option of one's own overrules it."""
    parent = conduit.Company("above", company_id="ACME", on_destroy="retain", opts=pulumi.ResourceOptions(**above))
    below = conduit.Company("between", company_id="B", on_destroy="retain", opts=pulumi.ResourceOptions(parent=parent))
    opts = pulumi.ResourceOptions(parent=below, **own)
    user = conduit.ConductorUser("below", opts, email="below@example.com", **PERSON)

    assert is_tied is await takes_along(user)


@pulumi.runtime.test
async def test_a_user_that_is_deleted_with_something_else_leaves_its_grants_untied(recorder):
    """The engine drops such a user without a call, so nothing would take its access away."""
    other = conduit.ConductorUser("first", email="first@example.com", **PERSON)
    opts = pulumi.ResourceOptions(deleted_with=other)
    user = conduit.ConductorUser("second", opts, email="second@example.com", **PERSON)

    assert not await takes_along(user)


@pulumi.runtime.test
def test_a_parent_whose_options_were_not_recorded_has_no_child(recorder):
    """It may retain all that is below it, and nobody knows by which name the engine would know the child."""
    unseen = pulumi.ComponentResource("test:index:Team", "unseen")
    program_hooks._OPTIONS.pop(unseen, None)
    opts = pulumi.ResourceOptions(parent=unseen)

    with pytest.raises(conduit.InvalidInputError, match=r"^child: its parent was declared before pulumi_conduit was"):
        conduit.ConductorUser("child", opts, email="child@example.com", **PERSON)


@pulumi.runtime.test
def test_an_own_deleted_with_is_kept(recorder):
    """What the program says about an option stands."""
    user = conduit.ConductorUser("kept", email="kept@example.com", **PERSON)
    other = conduit.ConductorUser("other", email="other-kept@example.com", **PERSON)

    options = link_options(GrantOwner(user.email), user, pulumi.ResourceOptions(deleted_with=other))
    assert options
    assert other is options.deleted_with


@pytest.mark.parametrize(
    ("policy", "protect"), [(None, True), ("error", True), ("retain", None), ("disable_page", None)]
)
@pulumi.runtime.test
def test_a_company_that_cannot_be_destroyed_is_protected(recorder, policy, protect):
    """The engine itself refuses, in preview, what the API cannot do."""
    company = conduit.Company(f"c-{policy}", company_id="ACME", on_destroy=policy)

    assert protect is company._protect


@pulumi.runtime.test
def test_an_own_protect_is_kept(recorder):
    """Who says `protect=False` means it."""
    company = conduit.Company("free", company_id="ACME", opts=pulumi.ResourceOptions(protect=False))

    assert company._protect is False


@pytest.mark.parametrize("kind", [conduit.Company, conduit.ConductorUser])
@pulumi.runtime.test
def test_a_policy_of_destruction_must_be_plain(recorder, kind):
    """It decides about options before anything is known."""
    arguments = {"company_id": "ACME"} if kind is conduit.Company else {"email": "a@example.com", **PERSON}

    with pytest.raises(conduit.InvalidInputError, match=r"^x: on_destroy must be a plain value, not an Output$"):
        kind("x", on_destroy=pulumi.Output.from_input("retain"), **arguments)


@pulumi.runtime.test
def test_import_becomes_a_look_of_the_provider(recorder):
    """The SDK's server cannot import, so the id travels as an input."""
    company = conduit.Company("acme", company_id="ACME", opts=pulumi.ResourceOptions(import_="acme"))

    return company.urn.apply(lambda _: recorder.inputs["acme"]["importId"] == "acme" or pytest.fail("not sent"))


def policy(word):
    """Return a transformation that sets the policy of destruction."""

    def changed(args):
        return pulumi.ResourceTransformationResult({**args.props, "onDestroy": word}, args.opts)

    return changed


@pytest.mark.parametrize(
    ("declared", "opts", "protect"),
    [
        ("retain", {"ignore_changes": ["on_destroy"]}, True),
        ("retain", {"ignore_changes": ["onDestroy"]}, True),
        ("retain", {"ignore_changes": ["*"]}, True),
        ("retain", {"ignore_changes": ["on_destroy"], "protect": False}, False),
        ("retain", {"ignore_changes": ["name"]}, None),
        ("retain", {"transformations": [policy("error")]}, True),
        (None, {"transformations": [policy("retain")]}, None),
        ("retain", {"transformations": [policy("error"), policy("disable_page")]}, None),
    ],
)
@pulumi.runtime.test
def test_a_company_is_protected_by_what_the_engine_may_have(recorder, declared, opts, protect):
    """A removal that the provider will refuse must fail in preview."""
    company = conduit.Company("kept", pulumi.ResourceOptions(**opts), company_id="ACME", on_destroy=declared)

    assert protect is company._protect


@pytest.mark.parametrize(
    "kind",
    [conduit.Company, conduit.ConductorUser, conduit.UserAccountAccess, conduit.UserAccountAccessExclusive],
    ids=lambda kind: kind.__name__,
)
def test_a_class_below_one_of_ours_has_its_type(kind):
    """A report knows what it must show by the type, whatever the user's own class is called."""
    below: Any = type("Employee", (type("Person", (kind,), {}),), {})

    assert f"pulumi-python:dynamic/conduit:{kind.__name__}" == kind.type_token() == below.type_token()
