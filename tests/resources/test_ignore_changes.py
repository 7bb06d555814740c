"""Under `ignore_changes` drift comes back as the declaration: what could not be declared passes, and is not written."""

import pytest
from declarations import ANN, PreviewFailedError, account_list, company, grant, lines, user

from pulumi_conduit.errors import ConduitError, RefusedError
from pulumi_conduit.resources.conductor_user.reactivation import Reactivation


def kept(name, reason):
    """Return the warning about a property that is kept."""
    return f"{name}: kept as recorded: {reason}, so it is not declared now, and nothing sets it"


@pytest.fixture
def drifted(sandbox, stack):
    """Bring a program up that ignores a property, let it drift, and refresh."""

    def drift(declaration, ignored, change):
        stack.up({"it": declaration})
        stack.ignored["it"] = [ignored]
        change()
        stack.refresh()
        sandbox.forget_requests()
        return {"it": declaration}

    return drift


@pytest.mark.parametrize("kind", ["ADMIN", "AUDITOR"])
def test_a_user_of_another_type_stops_no_other_resource(sandbox, stack, drifted, kind):
    """Who was promoted outside, to a type that no program can declare, is left, and the run goes on."""
    program = drifted(user(), "type", lambda: sandbox.conductor.edit_user(ANN, type="ADMIN"))
    if kind != "ADMIN":
        stack.held["it"].inputs["type"] = stack.held["it"].outputs["type"] = kind

    assert stack.preview(program) == [("same", "it")]
    assert [warning.startswith("type: kept as recorded: ") for warning in stack.warnings] == [True]
    assert stack.up({**program, "other": company("OTHER")}).errors == []
    assert lines(sandbox) == ["POST /link/company/"]


def test_a_stored_change_of_a_user_who_became_an_admin_is_stored(sandbox, stack, drifted):
    """What needs no request is done beside it."""
    drifted(user(), "type", lambda: sandbox.conductor.edit_user(ANN, type="ADMIN"))

    stack.up({"it": user(onConflict="adopt")})

    assert (stack.outputs("it")["onConflict"], stack.outputs("it")["type"]) == ("adopt", "ADMIN")
    assert lines(sandbox) == []


def test_an_admin_who_is_none_any_more_is_never_made_one(sandbox, stack, drifted):
    """A kept value is not written where the user has changed back since."""
    drifted(user(), "type", lambda: sandbox.conductor.edit_user(ANN, type="ADMIN", status="INACTIVE"))
    state, spec = stack.outputs("it"), {**stack.held["it"].inputs, "status": "ACTIVE"}
    sandbox.conductor.edit_user(ANN, type="READ_ONLY")
    stack.begin()
    spec = stack.handler("user", "it").spec(spec)

    with pytest.raises(RefusedError, match=rf"^user {ANN}: its type cannot be set to ADMIN; run `pulumi refresh`"):
        Reactivation(stack.writer(ANN), spec).run()

    assert sandbox.conductor.user(ANN)["type"] == state["type"].replace("ADMIN", "READ_ONLY")
    assert sandbox.conductor.user(ANN)["status"] == "INACTIVE"


def test_an_emptied_list_stops_no_other_resource(sandbox, stack, drifted, switch):
    """A list without an account is what drift has left, and takes nothing from anybody."""
    switch(unshared_user="visible")
    sandbox.conductor.put_user(ANN, accounts=[1])
    program = drifted(account_list(1, 2), "accountIds", lambda: sandbox.conductor.edit_user(ANN, accounts=[]))

    assert stack.preview(program) == [("same", "it")]
    assert stack.warnings == [kept("account_ids", "must name at least one account")]
    sandbox.conductor.edit_user(ANN, accounts=[1])
    stack.up(program)
    stack.run.reset_grants[stack.handler("user").key(stack.handler("user").spec(user_inputs()))] = frozenset({1})
    handler = stack.handler("list", "it")
    handler.update(handler.state(stack.outputs("it")), handler.spec(stack.held["it"].inputs))
    assert lines(sandbox) == []
    assert sandbox.conductor.user(ANN)["accounts"] == [1]


def user_inputs():
    """Return the declaration of a user in normal form."""
    named = {"view": "COMPLETE", "ssoAccess": False, "type": "READ_ONLY", "status": "ACTIVE", "sendEmail": False}
    return {**user()[1], **named, "onConflict": "error", "onDestroy": "retain"}


@pytest.mark.parametrize("name", ["A\u202ecme", "A\ncme", "\u200b", " "])
def test_a_company_name_that_none_could_declare_stops_no_other_resource(sandbox, stack, drifted, name):
    """A name from outside is left as it is, also by an edit of the page."""
    declaration = company(name="Acme", pageEnabled=True)
    program = drifted(declaration, "name", lambda: sandbox.link.edit_company("ACME", name=name))

    assert stack.preview(program) == [("same", "it")]
    stack.up({"it": company(name="Acme", pageEnabled=False)})

    found = sandbox.link.company("ACME")
    assert (found["name"], found["page_enabled"]) == (name, False)


def test_a_kept_name_that_was_changed_once_more_stops_no_other_resource(sandbox, stack, drifted):
    """An edit of the page finds yet another name, leaves it, and the next plan goes on."""
    drifted(company(name="Acme", pageEnabled=True), "name", lambda: sandbox.link.edit_company("ACME", name=" "))
    sandbox.link.edit_company("ACME", name="Theirs")
    closed = {"it": company(name="Acme", pageEnabled=False)}

    stack.up(closed)

    assert stack.preview(closed) == [("same", "it")]
    assert (sandbox.link.company("ACME")["name"], sandbox.link.company("ACME")["page_enabled"]) == ("Theirs", False)


PROGRAM = """
import pulumi
import pulumi_conduit as conduit

conduit.ConductorUser(
    "ann", email="ann@acme.example", first_name="Ann", last_name="Lee", initial_accounts=[1],
    opts=pulumi.ResourceOptions(ignore_changes=["type"]),
)
"""


def test_a_promoted_user_stops_no_run_of_an_engine(conduit_stack, conduit_sandbox, tmp_path):
    """Through a whole engine, too, whoever became an ADMIN is kept, said and left."""
    folder = tmp_path / "one"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: one\nruntime: python\n", encoding="utf-8")
    (folder / "__main__.py").write_text(PROGRAM, encoding="utf-8")
    made = conduit_stack(folder)
    made.up()
    conduit_sandbox.conductor.edit_user(ANN, type="ADMIN")
    made.refresh()
    conduit_sandbox.forget_requests()

    ran = made.up()

    assert "type: kept as recorded: an ADMIN can neither be created" in str(ran.diagnostics)
    assert lines(conduit_sandbox) == []


@pytest.mark.parametrize(
    ("declaration", "name", "value"),
    [
        (user(), "type", "ADMIN"),
        (user(), "lastName", ""),
        (user(), "view", "NEW_VIEW"),
        (user(), "initialAccounts", []),
        (company(), "name", "\u202e"),
        (account_list(1), "accountIds", []),
    ],
)
def test_the_same_value_is_refused_where_it_is_not_the_recorded_one(stack, declaration, name, value):
    """Only what equals the old input is not declared; an edit to it, and a new resource with it, are refused."""
    kind, properties = declaration
    new = {**properties, name: value}
    other = {**properties, name: [1] if isinstance(value, list) else "Other"}

    for old in ({}, properties, other):
        stack.begin()
        assert len(stack.handler(kind).check(old, new).reasons) == 1
    stack.begin()
    assert not stack.handler(kind).check(new, new).reasons


def test_one_is_not_true(stack):
    """A value of another type is another declaration, although Python takes them for equal."""
    kind, properties = company(pageEnabled=True)

    stack.begin()

    assert stack.handler(kind).check(properties, {**properties, "pageEnabled": 1}).reasons == [
        "page_enabled: must be true or false"
    ]


def test_a_replacement_takes_no_kept_value_along(sandbox, stack, drifted):
    """Another user cannot be created as an ADMIN, whatever the old one has become."""
    drifted(user(), "type", lambda: sandbox.conductor.edit_user(ANN, type="ADMIN"))

    with pytest.raises((PreviewFailedError, ConduitError)):
        stack.handler("user", "it").spec(stack.check("user", {**stack.held["it"].inputs, "email": "bob@acme.example"}))


def test_drift_without_the_option_is_repaired_as_ever(sandbox, stack):
    """Nothing is kept of what the program declares."""
    program = {"ann": user(), "two": grant(2), "acme": company(name="Acme")}
    stack.up(program)
    sandbox.link.edit_company("ACME", name="\u202e")

    stack.refresh().up(program)

    assert (sandbox.link.company("ACME")["name"], stack.warnings) == ("Acme", [])
