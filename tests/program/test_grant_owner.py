"""Which grants go with their user, as the engine has it, on the embedded engine."""

import textwrap

import pytest
from sampling import sample

from pulumi_conduit.testing.stack import OperationFailed

ADA, BOB = "ada@example.com", "bob@example.com"
USER = """
{name} = conduit.ConductorUser("{name}", email="{name}@example.com", first_name="Ada", last_name="Lovelace",
    initial_accounts=[1]{more})
"""
GRANT = """
conduit.UserAccountAccess("travel", user={user}, account_id=2{more})
"""
CHANGED = """
def changed(args):
    if args.type_.endswith("{kind}"):
        args.props.update({props})
    return pulumi.ResourceTransformationResult(args.props, args.opts)
pulumi.runtime.register_stack_transformation(changed)
"""


def user(name="ada", more=""):
    """Return a user."""
    return USER.format(name=name, more=more)


def grant(of="ada", more=""):
    """Return a grant."""
    return GRANT.format(user=of, more=more)


def changed(kind="ConductorUser", **props):
    """Return a transformation of the whole stack."""
    return CHANGED.format(kind=kind, props=props)


def ignoring(*names):
    """Return the option under which changes are ignored."""
    return f", opts=pulumi.ResourceOptions(ignore_changes={list(names)})"


class Project:
    """A program that can be replaced, and its stack."""

    def __init__(self, folder, make_stack):
        """Begin with an empty program."""
        self.folder = folder
        folder.mkdir()
        (folder / "Pulumi.yaml").write_text("name: testing\nruntime: python\n", encoding="utf-8")
        self.program("")
        self.stack = make_stack(folder)

    def program(self, text):
        """Replace the program."""
        header = "import pulumi\nimport pulumi_conduit as conduit\n"
        (self.folder / "__main__.py").write_text(header + textwrap.dedent(text), encoding="utf-8")

    def up(self, text):
        """Bring a program up."""
        self.program(text)
        self.stack.up()


@pytest.fixture
def project(tmp_path, conduit_stack):
    """Give a program and its stack."""
    return Project(tmp_path / "project", conduit_stack)


@pytest.fixture
def writes(project, conduit_sandbox):
    """Destroy, and give the calls that changed something."""

    def destroyed():
        conduit_sandbox.forget_requests()
        project.stack.destroy()
        return [(one["method"], one["path"].removeprefix("/conductor")) for one in conduit_sandbox.writes()]

    return destroyed


def held(sandbox, name="ada"):
    """Return what a user holds: its status and its accounts."""
    live = sandbox.conductor.user(f"{name}@example.com")
    return live["status"], sorted(live["accounts"])


@pytest.mark.parametrize(
    "of",
    sample(
        [
            "ada",
            "ada.email",
            "ada.id",
            f"{ADA!r}",
            "ada.email.apply(lambda email: email)",
            "ada.email.apply(str.upper)",
            'ada.first_name.apply(lambda name: f"{name}@example.com".lower())',
            'pulumi.Output.concat("ada", "@example.com")',
            f"pulumi.Output.secret({ADA!r})",
        ],
        3,
    ),
)
def test_a_grant_goes_with_its_user_however_it_names_it(project, writes, conduit_sandbox, of):
    """Its removal would be a call of its own, and the last one would leave the user invisible and ACTIVE."""
    project.up(user() + grant(of))
    given = held(conduit_sandbox)

    removed = writes()

    assert ("ACTIVE", [1, 2]) == given
    assert ["INACTIVE", 1] == [held(conduit_sandbox)[0], len(removed)]


@pytest.mark.parametrize(
    "program",
    [
        changed(on_destroy="retain") + user() + grant(),
        changed(onDestroy="retain") + user() + grant(),
        changed("UserAccountAccess", user=BOB) + user() + user("bob", ', on_destroy="retain"') + grant(),
        user() + user("bob", ', on_destroy="retain"') + grant("pulumi.Output.from_input(bob.email)"),
    ],
    ids=["on_destroy", "as stored", "another user", "derived"],
)
def test_a_grant_of_a_user_who_is_retained_in_the_end_is_removed(project, writes, conduit_sandbox, program):
    """A transformation has the last word, on the user and on the grant."""
    project.up(program)
    name = "bob" if "bob" in program else "ada"
    given = held(conduit_sandbox, name)

    writes()

    assert [("ACTIVE", [1, 2]), ("ACTIVE", [1])] == [given, held(conduit_sandbox, name)]


@pytest.mark.parametrize("names", sample([["on_destroy"], ["onDestroy"], ["*"], ['["onDestroy"]']], 4), ids=str)
def test_a_user_whom_the_state_retains_takes_no_grant_along(project, writes, conduit_sandbox, names):
    """The program says that a destroy deactivates, and the engine keeps what it had."""
    project.up(user(more=', on_destroy="retain"'))
    project.up(user(more=ignoring(*names)) + grant())

    writes()

    assert ("ACTIVE", [1]) == held(conduit_sandbox)


def test_a_user_whom_the_state_deactivates_takes_its_last_account_along(project, writes, conduit_sandbox):
    """Taken first, it would leave somebody whom this identity cannot see, and who stays ACTIVE."""
    project.up(user())
    project.up(user(more=', on_destroy="retain"' + ignoring("on_destroy")) + grant())
    conduit_sandbox.conductor.put_user(ADA, first_name="Ada", last_name="Lovelace", accounts=[2])

    writes()

    assert ("INACTIVE", [2]) == held(conduit_sandbox)


def test_a_grant_for_an_address_that_the_engine_does_not_take_is_another_s(project, writes, conduit_sandbox):
    """The user keeps the old address, so that its deactivation takes nothing from the new one."""
    conduit_sandbox.conductor.put_user(BOB, first_name="Bob", last_name="B", accounts=[1])
    project.up(user())
    project.up(user(more=ignoring("email")).replace(ADA, BOB) + grant(f"{BOB!r}"))
    given = held(conduit_sandbox, "bob")

    writes()

    assert [("ACTIVE", [1, 2]), ("ACTIVE", [1])] == [given, held(conduit_sandbox, "bob")]
    assert "INACTIVE" == held(conduit_sandbox)[0]


def test_a_grant_for_the_address_that_the_engine_keeps_goes_with_its_user(project, writes, conduit_sandbox):
    """What is declared of the user is another address."""
    project.up(user())
    project.up(user(more=ignoring("email")).replace(ADA, BOB) + grant(f"{ADA!r}"))
    given = held(conduit_sandbox)

    removed = writes()

    assert [("ACTIVE", [1, 2]), 1] == [given, len(removed)]
    assert "INACTIVE" == held(conduit_sandbox)[0]


@pytest.mark.parametrize("name", sample(["user", "*"], 2))
def test_a_grant_that_keeps_another_user_does_not_go_with_the_declared_one(project, writes, conduit_sandbox, name):
    """The engine keeps whose grant it was."""
    conduit_sandbox.conductor.put_user(BOB, first_name="Bob", last_name="B", accounts=[1])
    project.up(grant(f"{BOB!r}"))
    project.up(user() + grant("ada", ignoring(name)))

    writes()

    assert ["INACTIVE", ("ACTIVE", [1])] == [held(conduit_sandbox)[0], held(conduit_sandbox, "bob")]


LATE = (
    r"(it has the address of user 'ada' and is|not found in Conductor and not) declared before.*"
    r" pass it as `user=`"
)


@pytest.mark.parametrize(
    ("program", "why"),
    [
        (grant(f"{ADA!r}") + user(), LATE),
        (grant("'Ada@Example.com'") + user(), LATE),
        (grant(f"{BOB!r}") + changed(email=BOB) + user(), LATE),
        (grant(f"pulumi.Output.from_input({ADA!r})") + user(), LATE),
        (grant(f"{ADA!r}") + user().replace(f'"{ADA}"', f"pulumi.Output.from_input({ADA!r})"), LATE),
        (
            user() + user("bob") + grant("pulumi.Output.all(ada.email, bob.email).apply(lambda both: both[0])"),
            r"travel: its `user` depends on several users, 'ada', 'bob', .* pass it as `user=`",
        ),
    ],
    ids=["by text", "spelled otherwise", "by a transformation", "by an output", "of an output", "of two"],
)
@pytest.mark.parametrize("operation", sample(["preview", "up"], 2))
def test_a_grant_whose_user_cannot_be_determined_is_refused(project, conduit_sandbox, program, why, operation):
    """A destroy would take the last account of somebody first, who could then never be deactivated."""
    conduit_sandbox.conductor.put_user(BOB, first_name="Ada", last_name="Lovelace", accounts=[1])
    project.program(program)

    with pytest.raises(OperationFailed, match=why):
        getattr(project.stack, operation)()
