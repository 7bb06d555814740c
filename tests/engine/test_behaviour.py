"""What the contract promises and only the real engine can show."""

import json

import pytest

from pulumi_conduit.sandbox import Sandbox

ADA = """
    ada = conduit.ConductorUser(
        "ada", email="Ada@Example.com", first_name="Ada", last_name="Lovelace", initial_accounts=[1]{more}
    )
"""
TRAVEL = """
    conduit.UserAccountAccess("travel", user={user}, account_id=2)
"""


def ada(more=""):
    """Return a program of one user, with more arguments."""
    return ADA.format(more=more)


def brought_up(stack, text):
    """Bring a program up."""
    stack.program(text)
    ran = stack.up()
    assert ran.code == 0, ran.text
    return ran


@pytest.mark.parametrize("change", ['conduit.Company("b", company_id="acme")', ""])
def test_the_engine_refuses_in_preview_to_rename_or_remove_a_company_by_default(stack, change):
    """A company cannot be deleted, so under the default policy the plan itself fails."""
    brought_up(stack, 'conduit.Company("a", company_id="ACME")')
    stack.program(change)

    ran = stack.preview()

    assert (1, {}) == (ran.code, ran.calls)
    assert "because it is protected" in ran.text


def test_what_pulumi_advises_for_a_protected_company_does_not_remove_it(stack):
    """The flag is not in the program; without it the delete itself is refused, and the company stays in the state."""
    brought_up(stack, 'conduit.Company("a", company_id="ACME")')
    (company,) = stack.resources("Company")
    assert stack.run("state", "unprotect", company["urn"], "--yes").code == 0
    stack.program("")

    ran = stack.up()

    assert (ran.code != 0, ran.writes()) == (True, {})
    assert "a company cannot be deleted; keep it in the program, or set on_destroy='retain'" in ran.text
    assert [company["urn"]] == [one["urn"] for one in stack.resources("Company")]


def test_a_company_may_be_renamed_with_an_alias_or_once_it_is_retained(stack):
    """Both ways out of the protection work as the error names them."""
    brought_up(stack, 'conduit.Company("a", company_id="ACME")')
    brought_up(
        stack, 'conduit.Company("b", company_id="ACME", opts=pulumi.ResourceOptions(aliases=[pulumi.Alias("a")]))'
    )
    brought_up(stack, 'conduit.Company("b", company_id="ACME", on_destroy="retain")')

    ran = brought_up(stack, 'conduit.Company("c", company_id="acme", on_destroy="retain")')

    assert {} == ran.writes()
    assert ["c"] == [one["urn"].rpartition("::")[2] for one in stack.resources("Company")]


@pytest.mark.parametrize("user", ["ada", "ada.email", "ada.id", '"ada@example.com"'])
def test_a_grant_is_linked_however_its_user_is_named(stack, user):
    """Destroying a user and its grants is one call, and nobody is left ACTIVE without an account."""
    brought_up(stack, ada() + TRAVEL.format(user=user))
    linked = stack.resources("UserAccountAccess")[0]["deletedWith"]

    ran = stack.destroy()

    assert linked.endswith("ConductorUser::ada")
    assert {"PUT /users/{userEmail}/status": 1} == ran.writes()


@pytest.mark.parametrize("more", [', on_destroy="retain"', ", opts=pulumi.ResourceOptions(retain_on_delete=True)"])
def test_a_grant_of_a_user_that_stays_is_not_linked(stack, more):
    """A user that is only forgotten keeps no grant of this program."""
    brought_up(stack, ada(more) + TRAVEL.format(user="ada"))

    ran = stack.destroy()

    assert 0 == ran.code, ran.text
    assert {"PUT /users/{userEmail}/accounts": 1} == ran.writes()
    assert [1] == stack.sandbox.conductor.user("ada@example.com")["accounts"]
    assert "ACTIVE" == stack.sandbox.conductor.user("ada@example.com")["status"]


def test_outputs_are_typed_and_stored_names_are_camel_case(stack):
    """Whole numbers come back as `int`, and the state holds the names of the contract."""
    brought_up(
        stack,
        ada()
        + """
    grant = conduit.UserAccountAccess("travel", user=ada, account_id=2)
    company = conduit.Company("acme", company_id="ACME")
    def kind(value):
        return f"{type(value).__name__}:{value}"
    pulumi.export("account", grant.account_id.apply(kind))
    pulumi.export("initial", ada.initial_accounts.apply(lambda ids: [kind(one) for one in ids]))
    pulumi.export("page", company.page_enabled.apply(kind))
    pulumi.export("url", company.link_page_url.apply(kind))
    pulumi.export("id", company.id)
""",
    )
    outputs = json.loads(stack.run("stack", "output", "--json").text)
    user = stack.resources("ConductorUser")[0]

    assert "int:2" == outputs["account"]
    assert ["int:1"] == outputs["initial"]
    assert "bool:True" == outputs["page"]
    assert outputs["url"].startswith("str:https://")
    assert "acme" == outputs["id"]
    assert "ada@example.com" == user["id"]
    assert {"email", "firstName", "lastName", "ssoAccess", "initialAccounts", "tenant"} <= user["outputs"].keys()


def test_get_reads_and_never_writes_and_a_missing_object_is_an_error(stack):
    """What a program only looks at is not managed by it."""
    stack.sandbox.link.put_company("ACME", name="Acme", page_enabled=False)
    text = """
    acme = conduit.Company.get("acme", "acme")
    admin = conduit.ConductorUser.get("admin", "admin@sandbox.example")
    pulumi.export("name", acme.name)
    pulumi.export("type", admin.type)
"""
    ran = brought_up(stack, text)
    refreshed = stack.refresh("--expect-no-changes")
    gone = stack.destroy()
    stack.program('conduit.Company.get("nobody", "nobody")')
    missing = stack.preview()

    assert [{}, {}, {}] == [ran.writes(), refreshed.writes(), gone.writes()]
    assert [0, 0, 0, 1] == [ran.code, refreshed.code, gone.code, missing.code]
    assert "404" in missing.text


def test_import_looks_and_never_writes(stack):
    """An import takes what equals the declaration and fails in preview over every difference."""
    stack.sandbox.conductor.put_user(
        "ada@example.com", first_name="Ada", last_name="Byron", type="STANDARD", accounts=[1]
    )
    option = ', on_conflict="adopt", opts=pulumi.ResourceOptions(import_="ada@example.com")'
    stack.program(ada(option))
    refused = stack.preview()
    stack.sandbox.conductor.edit_user("ada@example.com", last_name="Lovelace", type="READ_ONLY")

    taken = brought_up(stack, ada(option))
    without = brought_up(stack, ada(', on_conflict="adopt"'))

    assert 1 == refused.code
    assert "last_name is 'Byron'" in refused.text
    assert "type is 'STANDARD'" in refused.text
    assert {} == taken.writes()
    assert {} == without.calls


def test_a_secret_input_stays_secret_and_ignore_changes_works(stack):
    """The engine's own options keep their meaning."""
    brought_up(stack, ada().replace('"Lovelace"', 'pulumi.Output.secret("Lovelace")'))
    exported = json.dumps(stack.state())
    stack.program(ada(', opts=pulumi.ResourceOptions(ignore_changes=["last_name"])').replace("Lovelace", "Byron"))

    ran = stack.up("--expect-no-changes")

    assert "Lovelace" not in exported
    assert (0, {}) == (ran.code, ran.calls), ran.text


def test_two_declarations_of_one_user_are_refused_in_preview(stack):
    """Two resources would fight over one object."""
    stack.program(ada() + ada().replace('"ada", email="Ada@', '"ada-again", email="ada@'))

    ran = stack.preview()

    assert 1 == ran.code
    assert "user ada@example.com is declared by two resources" in ran.text


def test_an_explicit_provider_is_refused(stack):
    """It would move state between tenants without a word."""
    stack.program(
        """
    other = pulumi.ProviderResource("pulumi-python", "other", {})
    team = pulumi.ComponentResource("test:index:Team", "team", opts=pulumi.ResourceOptions(providers=[other]))
    conduit.Company("acme", company_id="ACME", opts=pulumi.ResourceOptions(parent=team))
"""
    )

    ran = stack.preview()

    assert 1 == ran.code
    assert "use profile= to select other credentials" in ran.text


def test_state_of_one_base_url_is_never_touched_at_another(stack):
    """Settings that point elsewhere forget nobody and write to nobody."""
    brought_up(stack, ada() + TRAVEL.format(user="ada"))
    with Sandbox.start() as other:
        elsewhere = other.environ()
        runs = [operation(**elsewhere) for operation in (stack.refresh, stack.up, stack.destroy)]
        seen = other.counts()

    assert [1, 1, 1] == [ran.code for ran in runs]
    assert all("CONDUIT_ALLOW_MOVE" in ran.text for ran in runs)
    assert not [route for route in seen if not route.startswith(("GET", "POST /login"))]
    assert "ACTIVE" == stack.sandbox.conductor.user("ada@example.com")["status"]
    assert 1 == len(stack.resources("ConductorUser"))


def test_an_identity_that_sees_no_user_removes_no_user_from_state(stack):
    """Another identity's 404 proves nothing."""
    brought_up(stack, ada() + TRAVEL.format(user="ada"))
    blind = stack.sandbox.environ(identity="other@sandbox.example")

    runs = [operation(**blind) for operation in (stack.refresh, stack.destroy)]

    assert [1, 1] == [ran.code for ran in runs]
    assert [{}] == [ran.writes() for ran in runs[:1]]
    assert "ACTIVE" == stack.sandbox.conductor.user("ada@example.com")["status"]
    assert 1 == len(stack.resources("ConductorUser"))


def test_a_failing_run_shows_no_interrupt(stack):
    """The engine interrupts the waiting program; that must not bury the error."""
    waiting = "\n".join(f"    conduit.Company('c{n}', company_id='C{n}')" for n in range(20))
    stack.program(ada(', type="ADMIN"') + waiting)

    for _ in range(4):
        ran = stack.preview()
        assert 1 == ran.code
        assert "KeyboardInterrupt" not in ran.text
        assert "Traceback" not in ran.text
