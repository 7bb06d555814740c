"""A replacement names what forces it: those arguments that changed, and no others."""

import pytest
from declarations import ANN, BOB, account_list, company, grant, user

KINDS = {
    "company": company(onDestroy="retain"),
    "user": user(),
    "grant": grant(2),
    "list": account_list(1, 2),
}
IDENTITY = {"company": "companyId", "user": "email", "grant": "user", "list": "user"}


@pytest.fixture
def plan(sandbox, stack):
    """Return a way to compare an existing resource with a declaration: the changed names, and those that replace."""
    other = "other@sandbox.example"
    stack.environ |= sandbox.environ(link_app="b", profile="b")
    stack.environ |= {"CONDUCTOR_USERNAME_B": other, "CONDUCTOR_PASSWORD_B": sandbox.conductor.password(other)}
    for email in (ANN, BOB):
        sandbox.conductor.put_user(email, first_name="First", last_name="Last", accounts=[1])

    def compare(kind, **changes):
        stack.up({"it": KINDS[kind]})
        stack.begin()
        stack.environ["CONDUIT_PREVIEW"] = "offline"
        handler = stack.handler(kind)
        new = handler.check(stack.held["it"].inputs, {**KINDS[kind][1], **changes}).inputs
        found = handler.diff(handler.state(stack.outputs("it")), new)
        return list(found.changed), list(found.replaces)

    return compare


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_replaces_what_is_as_declared(plan, kind):
    """The same declaration changes nothing."""
    assert ([], []) == plan(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_another_object_replaces_by_its_name_alone(plan, kind):
    """A profile that stayed is not blamed for a change of the id."""
    name = IDENTITY[kind]

    assert ([name], [name]) == plan(kind, **{name: "OTHER" if kind == "company" else BOB})


@pytest.mark.parametrize("kind", KINDS)
def test_another_tenant_replaces_by_its_profile_alone(plan, kind):
    """An id that stayed is not blamed for a change of the profile."""
    assert (["profile"], ["profile"]) == plan(kind, profile="b")


@pytest.mark.parametrize("kind", KINDS)
def test_another_object_in_another_tenant_replaces_by_both(plan, kind):
    """Both reasons are named, each once."""
    name = IDENTITY[kind]

    changed, replaces = plan(kind, profile="b", **{name: "OTHER" if kind == "company" else BOB})

    assert [sorted([name, "profile"])] * 2 == [sorted(changed), sorted(replaces)]


def test_another_account_replaces_a_grant(plan):
    """A grant is its user and its account."""
    assert (["accountId"], ["accountId"]) == plan("grant", accountId=3)
