"""Nobody keeps access that the state has forgotten, and nobody loses any to a plan that did not say so."""

import pytest

from pulumi_conduit.sandbox import Sandbox

OTHER = "b@sandbox.example"
ADA = """
    ada = conduit.ConductorUser(
        "ada", email="ada@example.com", first_name="Ada", last_name="Lovelace", initial_accounts=[1]{more}
    )
"""
GRANT = """
    conduit.UserAccountAccess("{name}", user=ada, account_id={account}{more})
"""


def ada(more=""):
    """Return a program of one user, with more arguments."""
    return ADA.format(more=more)


def grant(account=2, more="", name="travel"):
    """Return a grant to that user, with more arguments."""
    return GRANT.format(name=name, account=account, more=more)


def brought_up(stack, text):
    """Bring a program up."""
    stack.program(text)
    ran = stack.up()
    assert ran.code == 0, ran.text
    return ran


def access(sandbox):
    """Return what the user holds: its status and its accounts."""
    live = sandbox.conductor.user("ada@example.com")
    return live["status"], sorted(live["accounts"])


def with_profile(stack, elsewhere=None):
    """Give the stack a profile `b`: another identity that owns the same accounts, or another system."""
    if elsewhere is None:
        stack.sandbox.conductor.add_identity(OTHER, "pw", [1, 2, 3])
        stack.environ |= stack.sandbox.environ(identity=OTHER, profile="b")
    else:
        stack.environ |= elsewhere.environ(profile="b")


def test_up_with_refresh_really_takes_away_what_was_removed(stack):
    """A refresh in the same run is no reason to believe that somebody else holds what is to go."""
    brought_up(stack, ada() + grant() + grant(3, name="hotels"))
    stack.program(ada() + grant())

    without_a_grant = stack.up("--refresh")
    after_a_grant = access(stack.sandbox)
    stack.program("")
    without_the_user = stack.up("--refresh")

    assert [0, 0] == [without_a_grant.code, without_the_user.code], without_a_grant.text + without_the_user.text
    assert ("ACTIVE", [1, 2]) == after_a_grant
    assert "INACTIVE" == access(stack.sandbox)[0]


def test_destroy_with_refresh_really_takes_everything_away(stack):
    """The user is deactivated, a grant to somebody who stays is revoked, and the company's page is closed."""
    stack.sandbox.conductor.put_user("eve@example.com", first_name="Eve", last_name="E", accounts=[1])
    text = """
    conduit.UserAccountAccess("eve-travel", user="eve@example.com", account_id=2)
    conduit.Company("acme", company_id="ACME", on_destroy="disable_page")
"""
    brought_up(stack, ada() + grant() + text)

    ran = stack.destroy("--refresh")

    assert 0 == ran.code, ran.text
    assert "INACTIVE" == access(stack.sandbox)[0]
    assert [1] == stack.sandbox.conductor.user("eve@example.com")["accounts"]
    assert stack.sandbox.link.company("ACME")["page_enabled"] is False


def test_moving_a_user_to_another_identity_of_the_same_system_changes_no_user(stack):
    """It is the same person, so the delete that the engine makes of a replacement must not deactivate her."""
    with_profile(stack)
    brought_up(stack, ada() + grant())

    moved = brought_up(stack, ada(', profile="b"') + grant())
    again = stack.up("--expect-no-changes")

    assert {} == moved.writes()
    assert (0, {}) == (again.code, again.calls), again.text
    assert ("ACTIVE", [1, 2]) == access(stack.sandbox)
    assert 1 == len(stack.resources("ConductorUser"))


def test_a_rename_under_settings_that_point_elsewhere_fails_and_keeps_the_old_state(stack):
    """Success at one system is no reason to forget somebody at another."""
    brought_up(stack, ada())
    stack.program(ada().replace('"ada",', '"ada-renamed",'))
    with Sandbox.start() as other:
        ran = stack.up(**other.environ())

    kept = [one["urn"].rpartition("::")[2] for one in stack.resources("ConductorUser")]
    assert 1 == ran.code
    assert "ada" in kept
    assert ("ACTIVE", [1]) == access(stack.sandbox)


def test_a_grant_at_another_system_is_revoked_and_not_dropped_with_its_user(stack):
    """Deactivating a user here takes nothing away there."""
    with Sandbox.start() as other:
        with_profile(stack, other)
        other.conductor.put_user("ada@example.com", first_name="Ada", last_name="Lovelace", accounts=[1])
        brought_up(stack, ada() + grant(more=', profile="b"'))
        given = access(other)

        ran = stack.destroy()

        assert 0 == ran.code, ran.text
        assert [("ACTIVE", [1, 2]), ("ACTIVE", [1])] == [given, access(other)]
    assert "INACTIVE" == access(stack.sandbox)[0]


TEAM = """
    team = pulumi.ComponentResource("test:index:Team", "team"{more})
"""
IN_TEAM = ", opts=pulumi.ResourceOptions(parent=team)"
RETAIN = """
    def retained(args):
        if args.type_.endswith("ConductorUser"):
            args.opts.retain_on_delete = True
        return pulumi.ResourceTransformationResult(args.props, args.opts)
"""
STACK_WIDE = "    pulumi.runtime.register_stack_transformation(retained)\n"
OWN = ", opts=pulumi.ResourceOptions(transformations=[retained])"


@pytest.mark.parametrize(
    "text",
    [
        TEAM.format(more=", opts=pulumi.ResourceOptions(retain_on_delete=True)") + ada(IN_TEAM),
        RETAIN + STACK_WIDE + ada(),
        RETAIN + ada(OWN),
    ],
    ids=["component", "stack transformation", "transformation"],
)
def test_a_grant_of_a_user_that_is_retained_by_others_is_revoked(stack, text):
    """Whoever made the engine keep the user, its grants go one by one, and no access is forgotten."""
    brought_up(stack, text + grant())
    user = stack.resources("ConductorUser")[0]

    ran = stack.destroy()

    assert 0 == ran.code, ran.text
    assert user["retainOnDelete"] is True
    assert ("ACTIVE", [1]) == access(stack.sandbox)


@pytest.mark.parametrize(
    ("team", "user"),
    [
        ("", IN_TEAM),
        (
            ", opts=pulumi.ResourceOptions(retain_on_delete=True)",
            ", opts=pulumi.ResourceOptions(parent=team, retain_on_delete=False)",
        ),
    ],
    ids=["plain", "overruled"],
)
def test_a_grant_goes_with_a_user_whose_component_retains_nothing_of_it(stack, team, user):
    """A component by itself costs no call: destroying a user and its grants is one."""
    brought_up(stack, TEAM.format(more=team) + ada(user) + grant())

    ran = stack.destroy()

    assert 0 == ran.code, ran.text
    assert {"PUT /users/{userEmail}/status": 1} == ran.writes()
