"""Where the engine leaves a part of the program out, nobody loses what that part declares; what is removed does go."""

import json

import pytest

from pulumi_conduit.sandbox import Sandbox

USER = """
    {variable} = conduit.ConductorUser(
        "{name}", email="{email}", first_name="Ada", last_name="Lovelace", initial_accounts=[1]{more}
    )
"""
GRANT = """
    conduit.UserAccountAccess("{name}", user={user}, account_id={account}{more})
"""
TEAM = """
    team = pulumi.ComponentResource("test:index:Team", "team")
"""
IN_TEAM = ", opts=pulumi.ResourceOptions(parent=team)"
FIRST = "delete_before_replace=True"
ADA, BOB = "ada@example.com", "bob@example.com"
WAY_OUT = "run without --target, --exclude and delete_before_replace (a destroy: without --run-program)"


def user(name="ada", email=ADA, more="", variable="ada"):
    """Return a program of one user."""
    return USER.format(name=name, email=email, more=more, variable=variable)


def grant(name="travel", account=2, more="", user="ada"):
    """Return a grant."""
    return GRANT.format(name=name, account=account, more=more, user=user)


def brought_up(stack, text):
    """Bring a program up."""
    stack.program(text)
    ran = stack.up()
    assert ran.code == 0, ran.text
    return ran


def access(stack, email=ADA):
    """Return what a user holds: its status and its accounts."""
    live = stack.sandbox.conductor.user(email)
    return live["status"], sorted(live["accounts"])


def names(stack, kind="ConductorUser"):
    """Return the names under which resources are recorded."""
    return {one["urn"].rpartition("::")[2] for one in stack.resources(kind)}


def refusal(what, urn):
    """Return the line that says why nothing was deleted."""
    name = urn.rpartition("::")[2]
    return f"{what}: not deleted: resource '{name}' declares the same object and is not part of this run; {WAY_OUT}"


def urn_of(name, kind="ConductorUser", parents=""):
    """Return the URN that the engine gives a resource."""
    return f"urn:pulumi:dev::onboarding::{parents}pulumi-python:dynamic/conduit:{kind}::{name}"


def assert_refused(ran, what, urn):
    """Say that a run failed over this delete, and changed nothing by it."""
    assert 1 == ran.code, ran.text
    assert [f"error: {refusal(what, urn)}"] == [line for line in ran.lines("not deleted") if line.startswith("error")]
    assert {} == ran.writes()


def opts(*options):
    """Return resource options as an argument."""
    return f", opts=pulumi.ResourceOptions({', '.join(options)})"


@pytest.mark.parametrize(
    "left_out", [("--target", "**::ada"), ("--exclude", "**::countess")], ids=["target", "exclude"]
)
def test_a_rename_that_is_half_left_out_changes_no_user(stack, left_out):
    """The program still declares the person, under a name that this run has not come to."""
    brought_up(stack, user())
    stack.program(user("countess"))

    ran = stack.up(*left_out)
    kept = names(stack)
    whole = stack.up()

    assert_refused(ran, f"user {ADA}", urn_of("countess"))
    assert {"ada"} == kept
    assert (0, {}) == (whole.code, whole.writes()), whole.text
    assert {"countess"} == names(stack)
    assert ("ACTIVE", [1]) == access(stack)


def test_a_move_into_a_component_that_is_half_left_out_changes_no_user(stack):
    """Name and type are the same, so only the parent distinguishes the new resource from the old one."""
    brought_up(stack, user())
    stack.program(TEAM + user(more=IN_TEAM))

    ran = stack.up("--target", urn_of("ada"))

    assert_refused(ran, f"user {ADA}", urn_of("ada", parents="test:index:Team$"))
    assert ("ACTIVE", [1]) == access(stack)


@pytest.mark.parametrize(
    ("later", "urn"),
    [
        (grant("flights"), urn_of("flights", "UserAccountAccess")),
        (
            '    conduit.UserAccountAccessExclusive("all", user=ada, account_ids=[1, 2])\n',
            urn_of("all", "UserAccountAccessExclusive"),
        ),
    ],
    ids=["single", "exclusive"],
)
def test_a_grant_that_another_one_declares_is_not_revoked_under_target(stack, later, urn):
    """What declares the account may be of either kind, and names its user by the user itself."""
    brought_up(stack, user() + grant())
    stack.program(user() + later)

    ran = stack.up("--target", "**::travel")

    assert_refused(ran, f"access of user {ADA} to account 2", urn)
    assert ("ACTIVE", [1, 2]) == access(stack)


def test_what_the_program_no_longer_declares_goes_under_target(stack):
    """The rest of the program is no reason to keep it."""
    text = user() + user("bob", BOB, variable="bob") + grant() + grant("hotels", 3)
    brought_up(stack, text)
    stack.program(user() + grant("hotels", 3))

    ran = stack.up("--target", "**::travel", "--target", "**::bob")

    assert 0 == ran.code, ran.text
    assert [] == ran.lines("not deleted")
    assert ("ACTIVE", [1, 3]) == access(stack)
    assert "INACTIVE" == access(stack, BOB)[0]


def test_a_company_that_moves_under_target_keeps_its_page(stack):
    """Its id is compared without case."""
    company = '    conduit.Company("{name}", company_id="{id}", on_destroy="disable_page")\n'
    brought_up(stack, company.format(name="acme", id="ACME"))
    stack.program(company.format(name="renamed", id="acme"))

    ran = stack.up("--target", "**::acme")

    assert_refused(ran, "company 'ACME'", urn_of("renamed", "Company"))
    assert stack.sandbox.link.company("ACME")["page_enabled"] is True


def test_another_identity_of_the_same_system_declares_the_same_person(stack):
    """A profile is compared by where it leads, and one that leads elsewhere is no reason to keep anybody."""
    stack.sandbox.conductor.add_identity("b@sandbox.example", "pw", [1, 2, 3])
    stack.environ |= stack.sandbox.environ(identity="b@sandbox.example", profile="b")
    brought_up(stack, user())
    stack.program(user("countess", more=', profile="b"'))

    same = stack.up("--target", "**::ada")
    with Sandbox.start() as other:
        elsewhere = stack.up("--target", "**::ada", **other.environ(profile="b"))

    assert_refused(same, f"user {ADA}", urn_of("countess"))
    assert 0 == elsewhere.code, elsewhere.text
    assert "INACTIVE" == access(stack)[0]


def test_what_is_known_only_later_is_declared_all_the_same(stack):
    """An address may be another resource's output, and a transformation may have the last word."""
    brought_up(stack, user() + grant(user="ada.id") + grant("hotels", 3))
    shouted = """
    def shouted(args):
        return pulumi.ResourceTransformationResult({**args.props, "user": "ADA@example.com"}, args.opts)
"""
    text = grant("flights", user='ada.first_name.apply(lambda name: f"{name}@example.com")')
    changed = grant("inns", 3, ", opts=pulumi.ResourceOptions(transformations=[shouted])", '"eve@example.com"')
    stack.program(user() + text + shouted + changed)

    later = stack.up("--target", "**::travel")
    by_transformation = stack.up("--target", "**::hotels")

    kind = "UserAccountAccess"
    assert_refused(later, f"access of user {ADA} to account 2", urn_of("flights", kind))
    assert_refused(by_transformation, f"access of user {ADA} to account 3", urn_of("inns", kind))
    assert ("ACTIVE", [1, 2, 3]) == access(stack)


def test_swapping_two_people_deletes_no_user_first(stack):
    """Deleted before the other resource is checked, a person would lose access that the program still declares."""
    brought_up(stack, user() + user("bob", BOB, variable="bob"))
    swapped = user(email=BOB, more="{first}") + user("bob", ADA, opts("depends_on=[ada]"), "bob")
    stack.program(swapped.format(first=opts(FIRST)))

    first = stack.up()
    stack.program(swapped.format(first=""))
    then = stack.up()

    assert_refused(first, f"user {ADA}", urn_of("bob"))
    assert (0, {}) == (then.code, then.writes()), then.text
    assert [("ACTIVE", [1])] * 2 == [access(stack), access(stack, BOB)]


def test_an_account_that_moves_between_grants_is_not_revoked_first(stack):
    """What nobody else declares is still deleted before it is replaced."""
    brought_up(stack, user() + "    first = " + grant().lstrip())
    moved = "    first = " + grant(account=3, more=opts(FIRST)).lstrip()
    taken = grant("flights", more=opts("depends_on=[first]"))
    stack.program(user() + moved + taken)

    refused = stack.up()
    stack.program(user() + moved)
    free = stack.up()

    assert_refused(refused, f"access of user {ADA} to account 2", urn_of("flights", "UserAccountAccess"))
    assert 0 == free.code, free.text
    assert ("ACTIVE", [1, 3]) == access(stack)


def test_a_destroy_is_real_but_for_what_its_program_declares_under_another_name(stack):
    """Without the program nothing is known of it, so what is destroyed is what was asked for."""
    text = user("bob", BOB, variable="bob") + grant() + grant("eve", 2, user='"eve@example.com"')
    stack.sandbox.conductor.put_user("eve@example.com", first_name="Eve", last_name="E", accounts=[1])
    brought_up(stack, user() + text)
    stack.program(user("countess") + text)

    renamed = stack.destroy("--run-program", "--target", "**::ada", "--target-dependents")
    whole = stack.destroy("--run-program")
    left = [access(stack), access(stack, BOB)[0], access(stack, "eve@example.com")]
    plain = stack.destroy()

    assert_refused(renamed, f"user {ADA}", urn_of("countess"))
    assert 1 == whole.code
    assert [("ACTIVE", [1, 2]), "INACTIVE", ("ACTIVE", [1])] == left
    assert 0 == plain.code, plain.text
    assert "INACTIVE" == access(stack)[0]


def test_a_destroy_that_runs_its_program_destroys_what_the_program_declares(stack):
    """A resource's own declaration is no reason to keep it."""
    brought_up(stack, user() + grant() + '    conduit.Company("acme", company_id="ACME", on_destroy="disable_page")\n')

    ran = stack.destroy("--run-program")

    assert 0 == ran.code, ran.text
    assert "INACTIVE" == access(stack)[0]
    assert stack.sandbox.link.company("ACME")["page_enabled"] is False


def test_a_whole_run_goes_by_what_was_checked(stack):
    """What the engine changes of a declaration is not in the program, and must not keep a removal from being one."""
    ignored = opts('ignore_changes=["email"]')
    brought_up(stack, user() + user("bob", BOB, variable="bob"))
    stack.program(user("bob", ADA, ignored, "bob"))

    ran = stack.up()

    assert 0 == ran.code, ran.text
    assert ["INACTIVE", "ACTIVE"] == [access(stack)[0], access(stack, BOB)[0]]


NOSY = """
    import os, pathlib
    from pulumi_conduit import run_file
    home = pathlib.Path(os.environ["RUNS"])
    run_file.run_folders = lambda: [(home, home / "runs")]
    files = lambda: list((home / "runs").glob("*"))
    {program}
    pulumi.log.warn(f"files: {{len(files())}} in {{'a preview' if pulumi.runtime.is_dry_run() else 'an update'}}")
    for file in files():
        modes = [f"{{one.stat().st_mode & 0o777:o}}" for one in (file.parent, file)]
        for line in file.read_text().splitlines():
            pulumi.log.warn(f"noted {{modes}} {{line}}")
"""


def test_what_a_program_notes_is_private_names_objects_only_and_goes_with_it(stack, tmp_path):
    """No credential is in it, and nothing is left of it."""
    stack.environ["RUNS"] = str(tmp_path)
    stack.program(NOSY.format(program=(user() + grant()).strip()))

    ran = stack.run("up", "--yes")

    private = "warning: noted ['700', '600'] "
    noted = [json.loads(line[len(private) :]) for line in ran.lines(private) if line.startswith(private)]
    assert 0 == ran.code, ran.text
    assert "files: 1 in an update" in ran.text
    assert [
        {"email": ADA, "urn": urn_of("ada")},
        {"user": ADA, "account_id": 2, "urn": urn_of("travel", "UserAccountAccess")},
    ] == noted
    assert [] == list((tmp_path / "runs").glob("*"))


ELSEWHERE = """
    import os, tempfile
    tempfile.tempdir = tempfile.mkdtemp()
    os.environ.update(TMPDIR=tempfile.tempdir, HOME=tempfile.tempdir, XDG_RUNTIME_DIR=tempfile.tempdir)
"""


def test_a_program_that_moves_its_temporary_folder_is_read(stack):
    """Where a program keeps other files is no reason to believe that it declares nothing."""
    brought_up(stack, user() + grant())
    stack.program(ELSEWHERE + user() + grant("flights"))

    ran = stack.up("--target", "**::travel")

    assert_refused(ran, f"access of user {ADA} to account 2", urn_of("flights", "UserAccountAccess"))
    assert ("ACTIVE", [1, 2]) == access(stack)


def test_a_secret_address_is_noted_nowhere_and_counts_as_any(stack):
    """A grant whose user nobody may know could be the one that is to go; of another account it cannot be."""
    secret = f"pulumi.Output.secret({ADA!r})"
    brought_up(stack, user() + grant() + grant("hotels", 3))
    stack.program(user() + grant("flights", user=secret))

    refused = stack.up("--target", "**::travel")
    of_another_account = stack.up("--target", "**::hotels")

    assert_refused(refused, f"access of user {ADA} to account 2", urn_of("flights", "UserAccountAccess"))
    assert 0 == of_another_account.code, of_another_account.text
    assert ("ACTIVE", [1, 2]) == access(stack)


TAKEN = """
    from pathlib import Path
    from pulumi_conduit import run_file
    run_file.run_folders = lambda: [(Path("/nowhere"), Path("/nowhere/runs"))]
"""


def test_a_program_that_can_note_nothing_changes_nothing(stack):
    """One line names the folders, and nobody loses access to a run that cannot read its program's log."""
    brought_up(stack, user() + grant())
    stack.program(TAKEN + user() + grant("flights"))

    ran = stack.up("--target", "**::travel")

    assert 1 == ran.code
    assert ran.lines("the run file for its declarations cannot be written"), ran.text
    assert {} == ran.writes()
    assert ("ACTIVE", [1, 2]) == access(stack)


def test_a_program_that_writes_where_the_provider_does_not_look_loses_no_access(stack, tmp_path):
    """A delete of which nobody knows whether the program declares it is refused."""
    brought_up(stack, user() + grant())
    home = f"Path({str(tmp_path)!r})"
    other = TAKEN.replace('Path("/nowhere")', home).replace('Path("/nowhere/runs")', f'{home} / "runs"')
    stack.program(other + user(more=', status="ACTIVE"') + grant("flights"))

    ran = stack.up("--target", "**::travel", "--target", "**::ada")

    assert 1 == ran.code
    assert ran.lines(f"grant {ADA}:2: not deleted: the program's run file cannot be read"), ran.text
    assert ("ACTIVE", [1, 2]) == access(stack)


@pytest.mark.parametrize(
    "access_of_ada",
    [grant(), '    conduit.UserAccountAccessExclusive("all", user=ada, account_ids=[1, 2])\n'],
    ids=["single", "exclusive"],
)
def test_a_user_replaced_alone_is_not_reported_with_undeclared_access(stack, access_of_ada):
    """With --target-replace the grants are no part of the run, but part of the program."""
    brought_up(stack, user() + access_of_ada)

    ran = stack.up("--target-replace", urn_of("ada"))

    assert (0, {}) == (ran.code, ran.writes()), ran.text
    assert [] == ran.lines("no grant of this program declares")
    assert [] == ran.lines("renamed")
    assert ("ACTIVE", [1, 2]) == access(stack)


def test_another_policy_is_refused_where_dependents_are_excluded(stack):
    """The grant of another policy would leave the state without a removal."""
    acme = '    acme = conduit.Company("acme", company_id="ACME", name="Acme", on_destroy="retain")\n'
    text = acme + user() + grant(more=opts("depends_on=[acme]"))
    brought_up(stack, text)
    stack.program(text.replace("initial_accounts", 'on_destroy="retain", initial_accounts'))

    ran = stack.up("--exclude", "**::acme", "--exclude-dependents")

    assert 1 == ran.code, ran.text
    assert ran.lines("on_destroy is not changed from deactivate, because this run leaves out its grants travel")
