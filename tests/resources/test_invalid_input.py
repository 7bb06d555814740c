"""What a declaration must not say: every reason at once, in the preview, without a request."""

import pytest
from declarations import OWNED, account_list, company, grant, user

from pulumi_conduit.resources.fields import UNKNOWN, snake_case

INVISIBLE = "must not hold control, bidi, zero-width or other invisible characters"
NO_EMAIL = "must be an email address in ASCII"
NO_COMPANY_ID = "must be 1 to 1024 characters out of A-Z, a-z and 0-9"
NO_ACCOUNT = "must be a whole number from 0 to 9007199254740991"
NO_FLAG = "must be true or false"
NO_PROFILE = "must be a lower-case letter followed by lower-case letters or digits"
VIEWS = "CONTENT_MARKETING, SEARCH_MARKETING, EXECUTIVE_ESSENTIALS, PAID_SEARCH, RESEARCH, COMPLETE"

BAD = [
    (company, "companyId", None, "is required"),
    (company, "companyId", "", NO_COMPANY_ID),
    (company, "companyId", "A-B", NO_COMPANY_ID),
    (company, "companyId", "É", NO_COMPANY_ID),
    (company, "companyId", "A" * 1025, NO_COMPANY_ID),
    (company, "companyId", 7, NO_COMPANY_ID),
    (company, "name", "", "must have 1 to 1024 characters, has 0"),
    (company, "name", "x" * 1025, "must have 1 to 1024 characters, has 1025"),
    (company, "name", 7, "must be text"),
    (company, "name", " ", "must not be blank"),
    (company, "name", "a\u202eb", INVISIBLE),
    (company, "name", "a\u200bb", INVISIBLE),
    (company, "name", "a\nb", INVISIBLE),
    (company, "pageEnabled", "yes", NO_FLAG),
    (company, "pageEnabled", 1, NO_FLAG),
    (company, "onConflict", "maybe", "must be one of error, adopt"),
    (company, "onDestroy", "delete", "must be one of error, retain, disable_page"),
    (company, "profile", "B", NO_PROFILE),
    (user, "email", None, "is required"),
    (user, "email", "ann", NO_EMAIL),
    (user, "email", "ann@@acme.example", NO_EMAIL),
    (user, "email", "änn@acme.example", NO_EMAIL),
    (user, "email", "ann@acme.example\n", NO_EMAIL),
    (user, "email", "a" * 250 + "@b.example", NO_EMAIL),
    (user, "email", 7, NO_EMAIL),
    (user, "firstName", None, "is required"),
    (user, "firstName", "a\u2066", INVISIBLE),
    (user, "lastName", None, "is required"),
    (user, "view", "ALL", f"must be one of {VIEWS}"),
    (user, "ssoAccess", 0, NO_FLAG),
    (user, "type", "admin", "must be one of READ_ONLY, STANDARD"),
    (
        user,
        "type",
        "ADMIN",
        "an ADMIN can neither be created nor managed by this API; declare READ_ONLY or STANDARD",
    ),
    (user, "status", "DELETED", "must be one of ACTIVE, INACTIVE"),
    (user, "status", ["ACTIVE"], "must be one of ACTIVE, INACTIVE"),
    (
        user,
        "initialAccounts",
        None,
        "is required: name the first account here, and declare a UserAccountAccess for each other one",
    ),
    (user, "initialAccounts", [], "must name at least one account"),
    (user, "initialAccounts", "12", "must be a list of account ids"),
    (user, "initialAccounts", 12, "must be a list of account ids"),
    (user, "initialAccounts", {"1": 1}, "must be a list of account ids"),
    (user, "initialAccounts", [-1], NO_ACCOUNT),
    (user, "sendEmail", "true", NO_FLAG),
    (user, "onConflict", "maybe", "must be one of error, reactivate_inactive, adopt"),
    (user, "onDestroy", "delete", "must be one of deactivate, retain"),
    (grant, "user", None, "is required"),
    (grant, "user", "ann", NO_EMAIL),
    (grant, "accountId", None, "is required"),
    (grant, "accountId", -1, NO_ACCOUNT),
    (grant, "accountId", 2**53, NO_ACCOUNT),
    (grant, "accountId", 1.5, NO_ACCOUNT),
    (grant, "accountId", True, NO_ACCOUNT),
    (grant, "accountId", "1", NO_ACCOUNT),
    (grant, "profile", "", NO_PROFILE),
    (account_list, "user", "@", NO_EMAIL),
    (account_list, "accountIds", [], "must name at least one account"),
    (account_list, "accountIds", [1, "2"], NO_ACCOUNT),
]


def declare(factory, **properties):
    """Return a declaration that is good but for these properties."""
    accounts = (1,) if factory in (grant, account_list) else ()
    kind, good = factory(*accounts)
    return kind, {**good, **properties}


def reasons(stack, kind, properties):
    """Return every reason against a new declaration, without access to the APIs."""
    return list(stack.handler(kind).check({}, properties).reasons)


@pytest.mark.parametrize(("factory", "name", "value", "reason"), BAD)
def test_bad_input_is_refused_by_name_and_never_quoted(sandbox, stack, factory, name, value, reason):
    """The reason names the property and the rule, and calls nobody."""
    assert reasons(stack, *declare(factory, **{name: value})) == [f"{snake_case(name)}: {reason}"]
    assert sandbox.counts() == {}


@pytest.mark.parametrize("factory", [company, user, grant, account_list])
def test_every_reason_is_given_at_once(stack, factory):
    """Three mistakes are three reasons."""
    kind, properties = declare(factory, profile="B", importId=7, pageenabled=True)

    assert reasons(stack, kind, properties) == [
        "`pageenabled` is not a property of this resource",
        f"profile: {NO_PROFILE}",
        "import_id: must be text",
    ]


@pytest.mark.parametrize("address", ["ann@gmail.com", "ann@googlemail.com", "Ann@GMail.com"])
def test_public_mail_is_refused_in_preview(stack, address):
    """The API would answer 400, so nobody gets as far as the update."""
    assert reasons(stack, *user(address)) == [
        f"user {address.lower()}: the API refuses addresses of public mail providers"
    ]


def test_initial_accounts_that_are_not_owned_are_refused_in_preview(stack):
    """Each of them is named."""
    assert reasons(stack, *user(accounts=[99, 1, 98])) == [
        f"initial_accounts: account 98 is not one that this identity owns; {OWNED}",
        f"initial_accounts: account 99 is not one that this identity owns; {OWNED}",
    ]


@pytest.mark.parametrize(
    ("factory", "name"),
    [
        *((company, name) for name in ("companyId", "name", "pageEnabled", "onConflict", "profile")),
        *((user, name) for name in ("email", "firstName", "view", "type", "status", "initialAccounts", "profile")),
        *((grant, name) for name in ("user", "accountId", "profile")),
        *((account_list, name) for name in ("user", "accountIds", "profile")),
    ],
)
@pytest.mark.parametrize("wrap", ["whole", "part"])
def test_an_unknown_value_passes_check_untouched_and_counts_as_a_change(stack, factory, name, wrap):
    """What is not known yet is never compared, formatted or sent; a plan over it shows a change."""
    value = [1, UNKNOWN] if wrap == "part" else UNKNOWN
    kind, properties = declare(factory, **{name: value})
    stack.environ["CONDUIT_PREVIEW"] = "offline"
    stack.begin()

    checked = stack.handler(kind).check({}, properties)

    assert checked.inputs[name] is value
    assert list(checked.reasons) == []


@pytest.mark.parametrize(
    ("factory", "name", "replaces"),
    [
        (company, "companyId", True),
        (company, "name", False),
        (company, "profile", True),
        (user, "email", True),
        (user, "firstName", False),
        (user, "type", False),
        (user, "status", False),
        (user, "initialAccounts", False),
        (user, "profile", True),
        (grant, "user", True),
        (grant, "accountId", True),
        (grant, "profile", True),
        (account_list, "user", True),
        (account_list, "accountIds", False),
        (account_list, "profile", True),
    ],
)
def test_an_unknown_value_plans_a_change(sandbox, stack, factory, name, replaces):
    """What is not known yet may be anything, so the plan shows an update or a replacement."""
    if factory in (grant, account_list):
        sandbox.conductor.put_user("ann@acme.example")
    good = declare(factory, **({"onDestroy": "retain"} if factory is company else {}))
    stack.up({"it": good})
    kind, properties = good

    stack.preview({"it": (kind, {**properties, name: UNKNOWN})})

    assert stack.operations == [("replace" if replaces else "update", "it")]


def test_an_import_of_an_unknown_object_is_left_to_the_update(sandbox, stack):
    """With something unknown an import is not compared in preview."""
    stack.preview({"it": company(importId="ACME", name=UNKNOWN), "ann": user(importId="x", firstName=UNKNOWN)})

    assert sandbox.count("GET /link/company/{id}/") == 0


def test_an_unknown_account_is_no_reason_against_a_new_user(sandbox, stack):
    """The rest of the look goes on: a user that exists is not judged before all is known."""
    sandbox.conductor.put_user("ann@acme.example", type="ADMIN")

    assert reasons(stack, *declare(user, initialAccounts=UNKNOWN)) == []


@pytest.mark.parametrize("name", ["Retail", "Caf\u00e9 1", "x"])
def test_a_name_where_an_id_belongs_names_the_function_that_finds_it(stack, name):
    """Account ids look like names in the product; the value is not shown, since it may be a secret."""
    (reason,) = reasons(stack, *grant(name))

    assert reason.endswith("; get_account(name=...).account_id is the id of an account by its name")
