"""An object that exists may have what none can be created with: adopted or imported, it can be declared as it is."""

import pytest
from declarations import ANN, PreviewFailedError, company, grant, lines, user

from pulumi_conduit.errors import InvalidInputError, RefusedError

ODD_USERS = [
    {"lastName": ""},
    {"firstName": " "},
    {"firstName": "A\u202enn"},
    {"lastName": "x" * 1025},
    {"view": "NEW_VIEW"},
    {"view": "NEW_VIEW", "lastName": "", "firstName": "\u200b"},
]
PYTHON = {"firstName": "first_name", "lastName": "last_name", "view": "view"}
ODD_NAMES = ["A\u202ecme", "A\ncme", " "]


def put(sandbox, odd, **edits):
    """Have a user who is as `user()` declares, but for these odd values."""
    values = {PYTHON[name]: value for name, value in odd.items()}
    sandbox.conductor.put_user(ANN, **{"first_name": "First", "last_name": "Last", "accounts": [1], **values, **edits})


@pytest.fixture
def odd_view(sandbox):
    """Have the API answer with a view that the sandbox does not let anybody have."""

    def answer(view="NEW_VIEW", last_name="Last"):
        body = {"email": ANN, "firstname": "First", "lastname": last_name, "sso_access": False, "type": "READ_ONLY"}
        body |= {"view": view, "status": "ACTIVE", "accounts": [1]}
        sandbox.faults.add("GET /users", status=200, body=[body], times=None)
        sandbox.faults.add("GET /users/{userEmail}", status=200, body=body, times=None)

    return answer


def let_be(sandbox, odd, odd_view):
    """Have the user, by an answer of the API where the sandbox refuses to have it so."""
    if "view" in odd:
        odd_view(odd["view"], odd.get("lastName", "Last"))
    else:
        put(sandbox, odd)


USERS = [odd for odd in ODD_USERS if len(odd) == 1] + [{"view": "NEW_VIEW", "lastName": ""}]


@pytest.mark.parametrize("odd", USERS)
@pytest.mark.parametrize("how", [{"onConflict": "adopt"}, {"importId": ANN}])
def test_a_user_is_managed_as_it_is(sandbox, stack, odd_view, odd, how):
    """What the user has can be declared, costs no write, and goes on as any other declaration."""
    let_be(sandbox, odd, odd_view)
    program = {"ann": user(**odd, **how), "two": grant(2)}

    assert stack.preview({"ann": program["ann"]}) == [("create", "ann")]
    stack.up({"ann": program["ann"]})
    assert lines(sandbox) == []
    assert stack.preview({"ann": program["ann"]}) == [("same", "ann")]
    stack.refresh()
    assert stack.preview({"ann": program["ann"]}) == [("same", "ann")]
    assert stack.preview({"ann": user(**odd)}) in ([("same", "ann")], [("update", "ann")])


@pytest.mark.parametrize("odd", ODD_USERS)
def test_the_conflict_says_how_to_declare_it(sandbox, stack, odd_view, odd):
    """The advice can be followed: it names the policy that lets such values through."""
    let_be(sandbox, odd, odd_view)

    with pytest.raises(
        PreviewFailedError, match=r"set each to the value in Conductor, with on_conflict='adopt' or import_$"
    ):
        stack.preview({"ann": user()})


@pytest.mark.parametrize("preview", ["online", "offline"])
@pytest.mark.parametrize("odd", ODD_USERS)
def test_no_user_is_created_so(sandbox, stack, odd, preview):
    """A missing user is refused in the preview, or if that was offline in the update, before anything is written."""
    stack.environ["CONDUIT_PREVIEW"] = preview

    with pytest.raises((PreviewFailedError, InvalidInputError)) as caught:
        stack.up({"ann": user(onConflict="adopt", **odd)})

    assert str(caught.value).startswith(f"user {ANN}: not found, and cannot be created: ")
    assert lines(sandbox) == []


@pytest.mark.parametrize("preview", ["online", "offline"])
def test_another_user_than_the_declared_one_is_refused(sandbox, stack, preview):
    """An odd value is accepted where the user has exactly it."""
    put(sandbox, {"lastName": ""})
    stack.environ["CONDUIT_PREVIEW"] = preview

    with pytest.raises((PreviewFailedError, RefusedError), match="last_name is '' in Conductor but"):
        stack.up({"ann": user(onConflict="adopt", lastName=" ")})

    assert lines(sandbox) == []


def test_a_user_that_the_list_lacks_is_asked_for(sandbox, stack):
    """A list that is short proves nothing: the user's own GET decides."""
    put(sandbox, {"lastName": ""})
    sandbox.faults.add("GET /users", status=200, body=[], times=None)

    stack.up({"ann": user(onConflict="adopt", lastName="")})

    assert lines(sandbox) == []
    assert stack.warnings == [f"CONDUIT-ADOPT: user {ANN} exists and is adopted without a write"]


def test_drift_can_be_declared(sandbox, stack):
    """A value that a user was given outside is declared in an edit, and only that one."""
    stack.up({"ann": user(onConflict="adopt")})
    sandbox.conductor.edit_user(ANN, last_name="")
    stack.refresh()

    with pytest.raises(InvalidInputError, match="last_name"):
        stack.preview({"ann": user(onConflict="adopt", lastName=" ")})
    stack.up({"ann": user(onConflict="adopt", lastName="")})

    assert stack.preview({"ann": user(lastName="")}) == [("update", "ann")]
    assert stack.operations == [("update", "ann")]


@pytest.mark.parametrize("value", [7, ["x"], "x" * 16_385])
def test_what_no_api_answers_is_refused_all_the_same(stack, value):
    """Adopted text is text, and of a length that a state can bear."""
    stack.begin()

    assert stack.handler("user").check({}, user(onConflict="adopt", lastName=value)[1]).reasons == [
        "last_name: must be text of at most 16384 characters"
    ]


def test_a_type_that_cannot_be_managed_stays_refused(stack):
    """An ADMIN exists, too, and yet no policy lets one be declared."""
    stack.begin()

    assert len(stack.handler("user").check({}, user(onConflict="adopt", type="ADMIN")[1]).reasons) == 1


@pytest.mark.parametrize("name", ODD_NAMES)
@pytest.mark.parametrize("how", [{"onConflict": "adopt"}, {"importId": "ACME"}])
def test_a_company_is_managed_as_it_is(sandbox, stack, name, how):
    """Its name can be declared, and its page edited, without a write to the name."""
    sandbox.link.put_company("ACME", name=name)
    program = {"acme": company(name=name, pageEnabled=True, **how)}

    assert stack.preview(program) == [("create", "acme")]
    stack.up(program)
    assert lines(sandbox) == []
    assert stack.preview(program) == [("same", "acme")]
    stack.up({"acme": company(name=name, pageEnabled=False, **how)})

    found = sandbox.link.company("ACME")
    assert (found["name"], found["page_enabled"]) == (name, False)


@pytest.mark.parametrize("preview", ["online", "offline"])
@pytest.mark.parametrize(
    ("there", "found"), [(None, "it is not found"), ("Theirs", "its name is 'Theirs'"), (" ", "its name is ' '")]
)
def test_no_company_is_named_so(sandbox, stack, preview, there, found):
    """Neither a new one nor one of another name, in preview and, where that was offline, in the update."""
    if there:
        sandbox.link.put_company("ACME", name=there)
    stack.environ["CONDUIT_PREVIEW"] = preview

    with pytest.raises((PreviewFailedError, InvalidInputError)) as caught:
        stack.up({"acme": company(name="A\u202ecme", onConflict="adopt")})

    assert str(caught.value) == (
        f"company 'ACME': {found}, and the declared name cannot be set: name: must not hold control, bidi, zero-width"
        " or other invisible characters"
    )
    assert lines(sandbox) == []


def test_a_company_is_not_renamed_so(sandbox, stack):
    """An edit to such a name fails in the plan; one that the company got outside since may be declared."""
    stack.up({"acme": company(name="Acme", onConflict="adopt")})
    renamed = {"acme": company(name=" ", onConflict="adopt")}

    with pytest.raises(InvalidInputError, match=r"^company 'ACME': its name is 'Acme', and the declared name cannot"):
        stack.preview(renamed)
    sandbox.link.edit_company("ACME", name=" ")
    stack.refresh().up(renamed)

    assert stack.outputs("acme")["name"] == " "
    assert lines(sandbox) == ["POST /link/company/"]


def test_a_company_whose_odd_name_was_changed_before_the_update_is_left(sandbox, stack):
    """The plan was right, and the update looks again before it writes."""
    stack.up({"acme": company(name="Acme", onConflict="adopt")})
    handler = stack.handler("company", "acme")
    spec = handler.spec({**stack.held["acme"].inputs, "name": " "})

    with pytest.raises(InvalidInputError, match="its name is 'Acme', and the declared name cannot be set"):
        handler.update(handler.state(stack.outputs("acme")), spec)

    assert lines(sandbox) == ["POST /link/company/"]
