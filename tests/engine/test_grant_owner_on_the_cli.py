"""On the real engine a grant goes with its user exactly where the engine deactivates that user."""

import json
import os
import subprocess
import sys
import textwrap

import pytest

ADA, BOB = "ada@example.com", "bob@example.com"
USER = """
    ada = conduit.ConductorUser(
        "ada", email="ada@example.com", first_name="Ada", last_name="Lovelace", initial_accounts=[2]{more}
    )
"""
GRANT = """
    conduit.UserAccountAccess("travel", user={of}, account_id={account})
"""
TRANSFORMATION = """
    def changed(args):
        if args.type_.endswith("ConductorUser"):
            args.props["{name}"] = "{value}"
        return pulumi.ResourceTransformationResult(args.props, args.opts)
    pulumi.runtime.register_stack_transformation(changed)
"""
TRANSFORM = """
    def changed(args):
        if args.type_.endswith("ConductorUser"):
            args.props["{name}"] = "{value}"
        return pulumi.ResourceTransformResult(args.props, args.opts)
    pulumi.runtime.register_resource_transform(changed)
"""
ONE_CALL = {"PUT /users/{userEmail}/status": 1}


def user(more=""):
    """Return a user."""
    return USER.format(more=more)


def grant(of="ada", account=2):
    """Return a grant, of the user's only account if nothing else is said."""
    return GRANT.format(of=of, account=account)


def ignoring(name):
    """Return the option under which changes are ignored."""
    return f', opts=pulumi.ResourceOptions(ignore_changes=["{name}"])'


def brought_up(stack, text):
    """Bring a program up."""
    stack.program(text)
    ran = stack.up()
    assert ran.code == 0, ran.text


def held(sandbox, email=ADA):
    """Return what a user holds: its status and its accounts."""
    live = sandbox.conductor.user(email)
    return live["status"], sorted(live["accounts"])


@pytest.mark.parametrize(
    "programs",
    [
        [user(', on_destroy="retain"'), user(ignoring("on_destroy")) + grant(account=3)],
        [user(', on_destroy="retain"'), user(ignoring("*")) + grant(account=3)],
        [TRANSFORMATION.format(name="on_destroy", value="retain") + user() + grant(account=3)],
        [TRANSFORM.format(name="onDestroy", value="retain") + user() + grant(account=3)],
    ],
    ids=["ignored", "all ignored", "transformation", "transform"],
)
def test_a_grant_of_a_user_who_stays_is_removed(stack, programs):
    """Whoever has decided that the user stays, the access that the program gave goes."""
    for program in programs:
        brought_up(stack, program)
    given = held(stack.sandbox)

    ran = stack.destroy()

    assert 0 == ran.code, ran.text
    assert [("ACTIVE", [2, 3]), ("ACTIVE", [2])] == [given, held(stack.sandbox)]


@pytest.mark.parametrize(
    "programs",
    [
        [user() + grant("ada.email.apply(lambda email: email.lower())")],
        [user() + grant(f"pulumi.Output.secret({ADA!r})")],
        [user(), user(', on_destroy="retain"' + ignoring("on_destroy")) + grant()],
        [user(), user(ignoring("email")).replace(ADA, BOB) + grant()],
    ],
    ids=["derived", "secret", "the state deactivates", "the state has the address"],
)
def test_the_last_account_of_a_user_who_is_deactivated_is_not_taken_first(stack, programs):
    """Without it the user would be invisible, ACTIVE, and in the way of every later destroy."""
    for program in programs:
        brought_up(stack, program)

    ran = stack.destroy()

    assert (0, ONE_CALL) == (ran.code, ran.writes()), ran.text
    assert ("INACTIVE", [2]) == held(stack.sandbox)


@pytest.mark.parametrize(
    ("before", "after"),
    [("", ', on_destroy="retain"'), (', on_destroy="retain"', "")],
    ids=["to retain", "from retain"],
)
def test_another_policy_is_not_taken_in_a_run_that_leaves_grants_out(stack, before, after):
    """They would stay as the old policy had them; where they are taken in, a destroy goes by the new one."""
    brought_up(stack, user(before) + grant(account=3))
    stack.program(user(after) + grant(account=3))

    targeted = stack.up("--target", "**::ada")
    excluded = stack.up("--exclude", "**::travel")
    whole = stack.up("--target", "**::ada", "--target", "**::travel")
    destroyed = stack.destroy()

    assert [1, 1, 0, 0] == [one.code for one in (targeted, excluded, whole, destroyed)], whole.text
    for ran in (targeted, excluded):
        assert ran.lines(f"user {ADA}: on_destroy is not changed from"), ran.text
    assert (("ACTIVE", [2]) if after else ("INACTIVE", [2, 3])) == held(stack.sandbox)


@pytest.mark.parametrize(
    ("program", "why"),
    [
        (grant(f"{ADA!r}") + user(), "travel: it has the address of user 'ada' and is declared before that user"),
        (
            TRANSFORM.format(name="email", value=BOB) + user() + grant(f"{ADA!r}"),
            f"travel: its user 'ada' is {ADA} in the program but {BOB} in the engine",
        ),
        (
            user()
            + user().replace("ada", "bob").replace("Ada", "Bob")
            + grant("pulumi.Output.all(ada.email, bob.email).apply(lambda both: both[0])"),
            "travel: its `user` depends on several users, 'ada', 'bob'",
        ),
    ],
    ids=["before", "transform", "two users"],
)
def test_a_grant_that_no_user_can_be_linked_to_fails_the_preview(stack, program, why):
    """One line says what to do, and nothing is done."""
    stack.sandbox.conductor.put_user(ADA, first_name="Ada", last_name="Lovelace", accounts=[2])
    stack.program(program)

    ran = stack.preview()

    assert 1 == ran.code
    assert ran.lines(why), ran.text
    assert {} == ran.writes()


def test_removing_a_company_whose_policy_the_state_keeps_fails_the_preview(stack):
    """The program says that it may be forgotten, and the engine keeps that it may not."""
    company = '    conduit.Company("acme", company_id="ACME"{more})\n'
    brought_up(stack, company.format(more=""))
    brought_up(stack, company.format(more=', on_destroy="retain"' + ignoring("on_destroy")))
    stack.program("")

    ran = stack.preview()

    assert 1 == ran.code, ran.text
    assert {} == ran.writes()


HOST = """
import json
import sys
{imports}

def program():
    team = pulumi.ComponentResource("test:index:Team", "team"{team})
    {first}
    ada = conduit.ConductorUser(
        "ada", email="ada@example.com", first_name="Ada", last_name="Lovelace", initial_accounts=[2],
        opts=pulumi.ResourceOptions(parent=team),
    )
    conduit.UserAccountAccess("travel", user=ada, account_id=2)

hook = sys.excepthook
stack = auto.create_or_select_stack(
    "inline", "onboarding", program, opts=auto.LocalWorkspaceOptions(env_vars=json.loads(sys.argv[1]))
)
for operation in sys.argv[2:]:
    getattr(stack, operation)()
print("the hook is", "as it was" if sys.excepthook is hook else "another")
"""
IMPORTS = ["import pulumi\nfrom pulumi import automation as auto\nimport pulumi_conduit as conduit"]
IMPORTS.append("import pulumi_conduit as conduit\nimport pulumi\nfrom pulumi import automation as auto")


@pytest.fixture
def hosted(stack, tmp_path):
    """Run an inline program of the Automation API; the settings are in the workspace's variables only."""

    def run(imports, *operations, team="", first="pass"):
        host = tmp_path / "host.py"
        host.write_text(textwrap.dedent(HOST).format(imports=imports, team=team, first=first), encoding="utf-8")
        ours = {name: value for name, value in stack.environ.items() if name.startswith(("CONDUIT_", "CONDUCTOR_"))}
        environ = {**os.environ, **{name: value for name, value in stack.environ.items() if name not in ours}}
        command = [sys.executable, str(host), json.dumps(ours), *operations]
        stack.sandbox.forget_requests()
        return subprocess.run(  # noqa: S603 - our own interpreter
            command, env=environ, cwd=tmp_path, text=True, capture_output=True, timeout=600, check=False
        )

    return run


@pytest.mark.parametrize("imports", IMPORTS, ids=["Pulumi first", "Pulumi last"])
def test_an_inline_program_may_declare_a_component_first(hosted, stack, imports):
    """Its host has imported everything before, so that nothing of ours runs until the component is there."""
    up = hosted(imports, "up")
    given = held(stack.sandbox)
    destroyed = hosted(imports, "destroy")

    assert [0, 0] == [up.returncode, destroyed.returncode], up.stderr + destroyed.stderr
    assert [("ACTIVE", [2]), ("INACTIVE", [2])] == [given, held(stack.sandbox)]
    assert "the hook is as it was" in up.stdout


def test_a_component_that_an_inline_program_declares_first_may_retain_all_below_it(hosted, stack):
    """Then the grants go one by one."""
    retaining = ", opts=pulumi.ResourceOptions(retain_on_delete=True)"
    up = hosted(IMPORTS[0], "up", team=retaining)
    given = held(stack.sandbox)
    destroyed = hosted(IMPORTS[0], "destroy", team=retaining)

    assert [0, 0] == [up.returncode, destroyed.returncode], up.stderr + destroyed.stderr
    assert [("ACTIVE", [2]), ("ACTIVE", [])] == [given, held(stack.sandbox)]


def test_an_inline_program_that_looks_up_without_settings_says_where_they_must_be(hosted, stack):
    """The variables of its workspace reach the engine's processes and not its own."""
    ran = hosted(IMPORTS[0], "preview", first="conduit.get_accounts()")

    assert 0 != ran.returncode
    assert "does not have the env_vars of its workspace: set them in os.environ, or use stack config" in ran.stderr
    assert {} == dict(stack.sandbox.counts())
