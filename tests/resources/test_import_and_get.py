"""`import_` and `X.get`: what reads, compares and never writes."""

from typing import Any

import pytest
from declarations import ANN, PreviewFailedError, account_list, company, grant, lines, user

from pulumi_conduit.errors import ConduitError, NotFoundError, RefusedError
from pulumi_conduit.resources.fields import to_properties

LIVE = {
    "company": company(name="Acme", importId="ACME"),
    "user": user(importId=ANN),
    "grant": grant(1, importId=f"{ANN}:1"),
    "list": account_list(1, importId=ANN),
}


@pytest.fixture
def alive(sandbox):
    """Put what the declarations above name."""
    sandbox.link.put_company("ACME", name="Acme")
    sandbox.conductor.put_user(ANN, accounts=[1])


def refusal(stack, declaration):
    """Return what both the preview and an update whose preview was offline say."""
    with pytest.raises(PreviewFailedError, match="import_") as previewed:
        stack.preview({"it": declaration})
    stack.environ["CONDUIT_PREVIEW"] = "offline"
    with pytest.raises(ConduitError) as caught:
        stack.up({"it": declaration})
    assert str(previewed.value) == str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("kind", LIVE)
def test_an_import_never_writes(sandbox, stack, alive, kind):
    """An object that is as declared is recorded without a write, and silently: it was asked for."""
    stack.up({"it": LIVE[kind]})

    assert lines(sandbox) == []
    assert stack.warnings == []


@pytest.mark.parametrize(
    ("kind", "resource_id"), [("company", "acme"), ("user", ANN), ("grant", f"{ANN}:1"), ("list", ANN)]
)
def test_ids_are_canonical_and_stay(stack, alive, kind, resource_id):
    """The engine knows an object by its canonical id, from the create on and after a refresh."""
    stack.up({"it": LIVE[kind]})
    created = stack.held["it"].id

    assert created == stack.refresh().held["it"].id == resource_id


@pytest.mark.parametrize("kind", LIVE)
@pytest.mark.parametrize("edit", ["left", "removed"])
def test_an_import_that_is_left_or_removed_later_is_no_change(sandbox, stack, alive, kind, edit):
    """`import_` has done its work after the first `up`."""
    stack.up({"it": LIVE[kind]})
    kind_, properties = LIVE[kind]
    if edit == "removed":
        properties = {name: value for name, value in properties.items() if name != "importId"}

    stack.up({"it": (kind_, properties)})
    stack.up({"it": (kind_, properties)})

    assert stack.operations == [("same", "it")]


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [
        (LIVE["company"], company(name="New", importId="ACME"), {"name": "New"}),
        (LIVE["user"], user(type="STANDARD", importId=ANN), {"type": "STANDARD"}),
        (LIVE["list"], account_list(1, 2, importId=ANN), {"accountIds": [1, 2]}),
    ],
)
def test_an_import_that_is_left_does_not_hinder_an_edit(stack, alive, before, after, field):
    """After the import an edit is an edit, whether or not `import_` is still there."""
    stack.up({"it": before})

    stack.up({"it": after})

    assert stack.outputs("it").items() >= field.items()


@pytest.mark.parametrize(
    ("declaration", "told"),
    [
        (company(importId="OTHER"), "company 'ACME': import_='OTHER' does not match the declared company_id 'ACME'"),
        (
            user(importId="bob@acme.example"),
            f"user {ANN}: import_='bob@acme.example' does not match the declared email '{ANN}'",
        ),
        (
            grant(1, importId=f"{ANN}:2"),
            (
                f"access of user {ANN} to account 1: import_='{ANN}:2' does not match the declared user and account_id,"
                f" '{ANN}:1'"
            ),
        ),
        (
            account_list(1, importId="bob@acme.example"),
            f"account list of user {ANN}: import_='bob@acme.example' does not match the declared user '{ANN}'",
        ),
    ],
)
def test_the_imported_id_must_be_the_declared_key(sandbox, stack, alive, declaration, told):
    """Whoever imports one thing and declares another is stopped in preview."""
    assert refusal(stack, declaration) == told
    assert lines(sandbox) == []


@pytest.mark.parametrize(
    ("declaration", "told"),
    [
        (LIVE["company"], "company 'ACME': import_ names it, but it is not found; remove import_ to create it"),
        (
            LIVE["user"],
            f"user {ANN}: import_ names it, but this identity sees no such user; remove import_ to create it",
        ),
    ],
)
def test_an_import_of_what_is_not_there_fails(sandbox, stack, declaration, told):
    """A missing object is not created."""
    assert refusal(stack, declaration) == told
    assert lines(sandbox) == []


@pytest.mark.parametrize(
    ("declaration", "told"),
    [
        (
            company(name="B", pageEnabled=False, onConflict="adopt", importId="acme"),
            (
                "company 'ACME': import_ never writes, and name is 'Acme' in Conduit Link but 'B' in the program;"
                " page_enabled is true in Conduit Link but false in the program: set each to the value in Conduit Link"
            ),
        ),
        (
            user(firstName="A", type="STANDARD", status="INACTIVE", onConflict="adopt", importId=ANN),
            (
                f"user {ANN}: import_ never writes, and first_name is 'First' in Conductor but 'A' in the program;"
                " type is 'READ_ONLY' in Conductor but 'STANDARD' in the program; status is 'ACTIVE' in Conductor but"
                " 'INACTIVE' in the program: set each to the value in Conductor"
            ),
        ),
        (
            grant(2, importId=f"{ANN}:2"),
            f"access of user {ANN} to account 2: import_ names it, but the user does not hold the account",
        ),
        (
            account_list(1, 2, importId=ANN),
            (
                f"account list of user {ANN}: import_ never writes, and account_ids is 'Retail' (1) in Conductor but"
                " 'Retail' (1), 'Travel' (2) in the program: set it to the value in Conductor"
            ),
        ),
    ],
)
def test_an_import_lists_every_difference_whatever_the_policy(sandbox, stack, alive, declaration, told):
    """An object that differs is not changed into what is declared."""
    assert refusal(stack, declaration) == told
    assert lines(sandbox) == []


def test_the_import_of_a_user_that_the_list_lacks_asks_for_it(sandbox, stack, alive, switch):
    """A short list does not make an import fail."""
    sandbox.conductor.edit_identity("admin@sandbox.example", accounts=[1])
    switch(list_limit=1)

    assert stack.preview({"it": LIVE["user"]}) == [("create", "it")]


GOT: dict[str, tuple[str, dict[str, Any]]] = {
    "company": ("acme", {"companyId": "ACME", "name": "Acme", "pageEnabled": True}),
    "user": ("ANN@acme.example", {"email": ANN, "type": "READ_ONLY", "status": "ACTIVE", "firstName": "First"}),
    "grant": (f"{ANN}:1", {"user": ANN, "accountId": 1}),
    "list": (ANN, {"user": ANN, "accountIds": [1]}),
}


@pytest.mark.parametrize("kind", GOT)
def test_get_reads_and_never_writes(sandbox, stack, alive, kind):
    """`X.get` returns the actual state, with its tenant, by an id in any case."""
    resource_id, expected = GOT[kind]

    outputs = to_properties(stack.get(kind, resource_id))

    assert outputs.items() >= expected.items()
    assert outputs["tenant"].startswith(sandbox.conductor_url if kind != "company" else sandbox.link_url)
    assert lines(sandbox) == []


def test_get_of_a_list_leaves_out_what_is_not_owned(sandbox, stack):
    """Accounts of other identities are nothing that this one could declare."""
    sandbox.conductor.put_user(ANN, accounts=[1, 99])

    assert stack.get("list", ANN).account_ids == (1,)


@pytest.mark.parametrize(
    ("kind", "resource_id", "error", "told"),
    [
        ("company", "NONE", NotFoundError, "404"),
        ("user", ANN, RefusedError, f"^user {ANN}: this identity sees no such user$"),
        ("grant", f"{ANN}:1", RefusedError, f"^access of user {ANN} to account 1: this identity sees no such access$"),
        ("list", ANN, RefusedError, f"^account list of user {ANN}: this identity sees no such user$"),
    ],
)
def test_get_of_what_is_missing_is_an_error(stack, kind, resource_id, error, told):
    """`X.get` of an object that is not there fails."""
    with pytest.raises(error, match=told):
        stack.get(kind, resource_id)


@pytest.mark.parametrize(
    ("kind", "resource_id", "told"),
    [
        ("company", "a/b", "'a/b' is no id of a company: must be 1 to 1024 characters out of A-Z, a-z and 0-9"),
        ("user", "ann", "'ann' is no id of a user: must be an email address in ASCII"),
        ("grant", ANN, f"'{ANN}' is no id of a grant: must be an email address, a colon and an account id"),
        ("grant", f"{ANN}:-1", f"'{ANN}:-1' is no id of a grant: must be an email address, a colon and an account id"),
        ("list", "ann", "'ann' is no id of an account list: must be an email address in ASCII"),
    ],
)
def test_get_of_a_malformed_id_is_an_error_in_one_line(stack, kind, resource_id, told):
    """An id that cannot be is refused without a request, and without a traceback."""
    with pytest.raises(ConduitError) as caught:
        stack.get(kind, resource_id)

    assert str(caught.value) == told
