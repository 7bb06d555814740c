"""The small parts that the walks through the engine's calls do not reach."""

import pytest

from pulumi_conduit.enums import UserType
from pulumi_conduit.errors import ConduitError, InvalidInputError, RefusedError
from pulumi_conduit.resources import fields
from pulumi_conduit.resources.company.model import CompanySpec, CompanyState
from pulumi_conduit.resources.declaration_registry import DeclarationRegistry, Key, Kind
from pulumi_conduit.resources.declared_access import LoggedAccess
from pulumi_conduit.resources.fields import UNKNOWN, camel_case, from_properties, is_unknown, to_properties
from pulumi_conduit.resources.provider_context import ProviderContext
from pulumi_conduit.resources.tenant import Tenant, conductor_tenant, guard_delete, guard_url, link_tenant
from pulumi_conduit.settings import Settings

HERE = Tenant("https://conductor.example/api", "admin@acme.example")
ANN = "ann@acme.example"


@pytest.mark.parametrize(
    ("given", "parsed"), [([3, 1, 3], [1, 3]), ((2.0,), [2]), ({0}, [0]), ([2**53 - 1], [2**53 - 1])]
)
def test_account_ids_are_a_set_in_order(given, parsed):
    """Order and repeats make no difference, and whole floats are what the engine sends."""
    assert fields.account_ids(given) == parsed
    assert all(isinstance(one, int) for one in fields.account_ids(given))


def test_enums_and_plain_strings_are_the_same_word():
    """Whatever a program writes, the API's word is stored."""
    parse = fields.choice(UserType)

    assert parse(UserType.STANDARD) == parse("STANDARD") == "STANDARD"
    assert type(parse(UserType.STANDARD)) is str


@pytest.mark.parametrize("address", ["Ann.O'Neil+test@Acme-2.Example.COM", "a@b", "x@xn--bcher-kva.example"])
def test_emails_are_lowered_in_ascii(address):
    """What the APIs may take for one address is one address."""
    assert fields.email(address) == address.lower()


def test_the_canonical_form_lowers_ascii_only():
    """Another alphabet's case is none of our business: it would make two people one."""
    assert fields.canonical_email("İA@x") == "İa@x"


def test_a_malformed_id_is_shown_escaped():
    """Text from outside cannot reorder a message."""
    with pytest.raises(InvalidInputError, match=r"^'a\\u202eb' is no id of a user: must be an email address in ASCII$"):
        fields.resource_id(fields.email, "a\u202eb", "a user")


@pytest.mark.parametrize(
    ("value", "expected"),
    [(UNKNOWN, True), ([1, UNKNOWN], True), ({"a": {"b": UNKNOWN}}, True), ("UNKNOWN", False), (None, False)],
)
def test_unknown_values_are_found_in_any_part(value, expected):
    """A list with one unknown element is not known."""
    assert is_unknown(value) is expected


def test_an_unknown_value_names_itself():
    """A failing test shows what it met."""
    assert repr(UNKNOWN) == "UNKNOWN"


@pytest.mark.parametrize(
    ("name", "stored"), [("id", "id"), ("company_id", "companyId"), ("link_page_url", "linkPageUrl")]
)
def test_stored_names_are_camel_case(name, stored):
    """The stored-state format never changes."""
    assert camel_case(name) == stored


def test_what_is_stored_reads_back_as_it_was():
    """A state survives the engine, with its tuples and without its empty values."""
    state = CompanyState("ACME", page_enabled=False, created_at="2024", tenant=str(HERE), undeclared=("name",))

    assert "name" not in to_properties(state)
    assert to_properties(state)["undeclared"] == ["name"]
    assert from_properties(CompanyState, to_properties(state), "company") == state


def test_a_stored_property_that_lacks_is_an_error():
    """A mutilated state is never filled with defaults."""
    with pytest.raises(
        ConduitError, match=r"^company: the stored properties lack onConflict, onDestroy; restore the st"
    ):
        from_properties(CompanySpec, {"companyId": "ACME"}, "company")


@pytest.mark.parametrize(
    ("kind", "what"),
    [("company", "company"), ("user", "user"), ("grant", "grant"), ("list", "account list"), ("shard", "shard")],
)
def test_a_stored_property_that_lacks_is_reported_with_what_it_is_of(stack, kind, what):
    """There is no key to name it by."""
    with pytest.raises(ConduitError, match=f"^{what}: the stored properties lack"):
        stack.handler(kind).spec({})


def test_properties_that_are_not_known_are_ignored():
    """State that a later version wrote can be read by this one."""
    stored = {"companyId": "A", "onConflict": "error", "onDestroy": "error", "added": 1}

    assert from_properties(CompanySpec, stored, "company") == CompanySpec("A", "error", "error")


def test_a_tenant_survives_being_stored():
    """URL and tenant come back, also where the tenant holds the separator."""
    for tenant in (HERE, Tenant("https://x.example", "a#b")):
        assert Tenant.parse(str(tenant)) == tenant


def test_an_identity_is_one_in_any_case():
    """Two spellings of one username are one tenant."""
    assert conductor_tenant("https://x.example", "Admin@Acme.example") == conductor_tenant(
        "https://x.example", "admin@acme.example"
    )


def test_the_tenant_of_a_token_separates_tokens_and_urls_and_reveals_nothing():
    """The digest is short, differs, and holds no part of the token."""
    tenants = {
        link_tenant(url, token).identity for url in ("https://a", "https://b") for token in ("secret-1", "secret-2")
    }

    assert len(tenants) == 4
    assert {len(tenant) for tenant in tenants} == {6}


def test_a_move_is_allowed_in_one_direction_only():
    """The old URL's state may be read at the new one, and not the other way round."""
    old = Tenant("https://old.example", "admin")
    moves = {"https://old.example": HERE.url}

    guard_url("it", str(old), HERE, moves)
    with pytest.raises(
        RefusedError, match=r"set CONDUIT_ALLOW_MOVE='https://conductor\.example/api=>https://old\.exam"
    ):
        guard_url("it", str(HERE), old, moves)


@pytest.mark.parametrize("stored", [None, "", "https://old.example#admin"])
def test_a_delete_needs_its_own_tenant(stored):
    """No move is allowed for a delete."""
    with pytest.raises(RefusedError, match=r"^it: "):
        guard_delete("it", stored, HERE)


@pytest.fixture
def registry():
    """Return a registry that knows two grants and a list."""
    registry = DeclarationRegistry()
    for account in (1, 2):
        registry.declare(Key(HERE, Kind.GRANT, f"{ANN}:{account}"), f"urn:{account}", [account])
    registry.declare(Key(HERE, Kind.GRANT_LIST, "bob@acme.example"), "urn:bob", [3])
    return registry


def test_a_resource_that_is_checked_twice_is_one_resource(registry):
    """The engine checks a replacement twice; that is no double declaration."""
    key = Key(HERE, Kind.USER, ANN)

    assert registry.declare(key, "urn:a") is None
    assert registry.declare(key, "urn:a") is None
    assert "urn:a" == registry.declare(key, "urn:b")


def test_declared_and_owned_are_two_things(registry):
    """Only a success of a resource that this run has checked makes an owner, and a new check asks for a new one."""
    key = Key(HERE, Kind.GRANT, f"{ANN}:1")

    assert (registry.is_declared(key), registry.owner(key)) == (True, None)
    registry.succeed(key, "urn:refreshed")
    assert registry.owner(key) is None
    registry.succeed(key, "urn:1")
    assert registry.owner(key) == "urn:1"
    registry.declare(key, "urn:1")
    assert registry.owner(key) is None


def test_the_accounts_of_a_user_are_those_of_both_kinds_at_one_tenant(registry):
    """Other users and other tenants do not count."""
    assert registry.declared_accounts(HERE, ANN) == {1, 2}
    assert registry.declared_accounts(HERE, "bob@acme.example") == {3}
    assert registry.declared_accounts(Tenant("https://x.example", "admin"), ANN) == frozenset()


def test_single_grants_are_kept_apart_from_lists(registry):
    """A list is no single grant."""
    assert registry.has_single_grants(HERE, ANN) is True
    assert registry.has_single_grants(HERE, "bob@acme.example") is False


def test_a_user_whom_no_resource_declares_has_no_accounts_at_all(registry):
    """No declaration is not the same as an empty one."""
    assert registry.accounts(Key(HERE, Kind.USER, ANN)) is None


def test_the_view_lists_users_by_canonical_email(sandbox, stack):
    """Data functions find a user whatever the spelling of the API is."""
    sandbox.conductor.put_user("Ann@Acme.example")

    assert stack.run.sessions.conductor(None).cache.users()[ANN].email == "Ann@Acme.example"


def test_names_of_accounts_are_shown_with_their_ids(sandbox, stack):
    """Owned accounts by name, others by id alone."""
    assert stack.run.sessions.conductor(None).cache.names([99, 2, 1]) == "'Retail' (1), 'Travel' (2), 99"


def test_one_failed_list_is_not_the_answer_for_good(sandbox, stack):
    """The next one who asks gets a list of its own."""
    view = stack.run.sessions.conductor(None).cache
    sandbox.faults.add("GET /accounts", status=400)
    with pytest.raises(ConduitError):
        view.accounts()

    assert set(view.accounts()) == set(range(1, 11))


def test_a_change_of_a_user_that_is_not_known_is_not_invented(sandbox, stack):
    """A note about nobody adds nobody."""
    view = stack.run.sessions.conductor(None).cache

    view.record_change(ANN, accounts=frozenset({1}))

    assert view.from_cache(ANN) is None


@pytest.mark.parametrize(("left_s", "expected"), [(None, 1.6), (2.0, 1.6), (0.5, 0.5), (-1.0, 0.0)])
def test_no_wait_between_looks_goes_beyond_the_deadline(mocker, left_s, expected):
    """A wait that would end too late ends with the operation, whose next request says so."""
    mocker.patch("pulumi_conduit.resources.provider_context.remaining_s", return_value=left_s)
    sleep = mocker.patch("time.sleep")

    ProviderContext(Settings({}, {})).sleep(1.6)

    assert sleep.call_args.args == (expected,)


def test_a_run_without_a_program_has_an_empty_log():
    """A refresh or a destroy runs no program: nothing is known of what it declares."""
    key = Key(HERE, Kind.USER, ANN)

    assert ProviderContext(Settings({}, {})).declaration_log.access_of(key, "") == LoggedAccess()
