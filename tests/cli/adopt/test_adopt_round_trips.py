"""Whatever an API may hold in a name: the roster reads back to what was adopted, and the program runs to it."""

import types

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_conduit.cli.adopt.files import program_text, roster_program_text, roster_text
from pulumi_conduit.cli.adopt.inventory import Inventory
from pulumi_conduit.enums import UserView
from pulumi_conduit.errors import RefusedError
from pulumi_conduit.resources import fields
from pulumi_conduit.resources.company.handler import CompanyHandler
from pulumi_conduit.resources.company.model import CompanyState
from pulumi_conduit.resources.conductor_user.handler import ConductorUserHandler
from pulumi_conduit.resources.conductor_user.model import ConductorUserState
from pulumi_conduit.resources.fields import camel_case, normal_form
from pulumi_conduit.roster import read_roster
from pulumi_conduit.roster.model import COMPANY, PERSON

SPITEFUL = [
    '"""\nimport os',
    "'); raise SystemExit #",
    "\\",
    "#",
    "- x",
    "a: b",
    "{a}",
    "~",
    "no",
    "010",
    "1:30",
    "2026-11-26",
    "!!python/object:os.system",
    "*a",
    "&a",
    "|",
    ">",
    "%",
    "@x",
    "`x`",
    "=HYPERLINK(1)",
    "+1",
    "-1",
    " x",
    "x ",
    "a,b",
    'a"b',
    "a;b",
    "a|b",
    "\xa0x",
    "🙂",
    "ﬁ",
    "' 'x",
]


def is_declarable(name):
    """Say whether a name may stand in a declaration at all; others never come this far."""
    try:
        return fields.text()(name) == name
    except ValueError:
        return False


NAMES = st.one_of(st.sampled_from(SPITEFUL), st.text(min_size=1, max_size=12)).filter(is_declarable)
ADDRESSES = st.from_regex(r"[=a-z0-9.!#'*_|~+-]{1,8}@[a-z]{1,5}\.example", fullmatch=True)
PEOPLE = st.lists(
    st.builds(
        ConductorUserState,
        email=ADDRESSES,
        first_name=NAMES,
        last_name=NAMES,
        view=st.sampled_from([*UserView.__members__]),
        sso_access=st.booleans(),
        type=st.sampled_from(["READ_ONLY", "STANDARD"]),
        status=st.sampled_from(["ACTIVE", "INACTIVE"]),
        initial_accounts=st.sets(st.integers(0, 2**53 - 1), min_size=1, max_size=3).map(lambda ids: tuple(sorted(ids))),
        send_email=st.just(False),  # noqa: FBT003 - the value
        on_conflict=st.just("reactivate_inactive"),
        on_destroy=st.just("deactivate"),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda person: person.email,
)
COMPANIES = st.lists(
    st.builds(
        CompanyState,
        company_id=st.from_regex(r"[A-Za-z0-9]{1,6}", fullmatch=True),
        page_enabled=st.booleans(),
        created_at=st.just("2026-01-01T00:00:00Z"),
        name=st.none() | NAMES,
        on_conflict=st.just("error"),
        on_destroy=st.just("error"),
    ),
    max_size=2,
    unique_by=lambda company: company.id,
)
ACCOUNT_NAMES = st.lists(st.tuples(st.integers(0, 99), st.sampled_from(SPITEFUL) | st.text(max_size=12)), max_size=2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Give a folder for all examples."""
    return tmp_path_factory.mktemp("rosters")


def read(folder, text, name):
    """Return what the reader of rosters makes of a text; it must not look anything up."""
    (folder / name).write_text(text, encoding="utf-8", newline="")
    return read_roster(folder / name, lambda: pytest.fail("an account was looked up"))


def inputs_of(handler, columns, row):
    """Return the normal form of a row, as `check` makes it of what a Roster passes on."""
    said = {name: getattr(row, name) for name in columns if getattr(row, name) is not None and name != "access"}
    if "accounts" in said:
        said["initial_accounts"] = said.pop("accounts")
    normal = normal_form(handler.properties, {camel_case(name): value for name, value in said.items()})
    assert [] == normal.reasons
    return normal.inputs


def everybody(roster):
    """Return the inputs of everything that a roster declares."""
    return [
        *(inputs_of(ConductorUserHandler, PERSON, one) for one in roster.people),
        *(inputs_of(CompanyHandler, COMPANY, one) for one in roster.companies),
    ]


def recorded(tenant):
    """Return the inputs that the import file has."""
    return [one.inputs() for one in (*tenant.people, *tenant.companies)]


def run(text):
    """Run a program with classes that only remember, and return what was declared."""
    declared, grants = [], []

    class ConductorUser:
        def __init__(self, name, /, **arguments):
            assert name == arguments["email"]
            self.email = name
            declared.append(_inputs(ConductorUserHandler, arguments))

    def company(name, /, **arguments):
        assert name == arguments["company_id"].lower()
        declared.append(_inputs(CompanyHandler, arguments))

    def access(name, *, user, account_id):
        assert name == f"{user.email}-{account_id}"
        grants.append((user.email, account_id))

    fake = types.SimpleNamespace(ConductorUser=ConductorUser, Company=company, UserAccountAccess=access)
    names = {"__builtins__": {"__import__": lambda *_: fake}}
    exec(compile(text, "__main__.py", "exec"), names)  # noqa: S102 - what is written is to be run
    assert names.keys() <= {"__builtins__", "__doc__", "conduit", "person"}
    return declared, grants


def _inputs(handler, arguments):
    normal = normal_form(handler.properties, {camel_case(name): value for name, value in arguments.items()})
    assert [] == normal.reasons
    return normal.inputs


@given(PEOPLE, COMPANIES, ACCOUNT_NAMES)
def test_a_yaml_roster_reads_back_to_what_was_adopted(folder, people, companies, names):
    """Every value, in the same order, whatever the names of people, companies and accounts hold."""
    tenant = Inventory(tuple(people), tuple(companies), tuple(names))

    assert recorded(tenant) == everybody(read(folder, roster_text(tenant, is_csv=False), "roster.yaml"))


@given(PEOPLE)
def test_a_csv_roster_reads_back_or_is_refused(folder, people):
    """What CSV cannot hold is an error, never another value."""
    tenant = Inventory(tuple(people))
    cells = [cell for one in people for cell in (one.email, one.first_name, one.last_name)]
    if any(cell.startswith(("=", "+", "-", "@")) or cell != cell.strip(" ") for cell in cells):
        with pytest.raises(RefusedError, match="CSV cannot hold"):
            roster_text(tenant, is_csv=True)
        return

    assert recorded(tenant) == everybody(read(folder, roster_text(tenant, is_csv=True), "roster.csv"))


@given(PEOPLE, COMPANIES, ACCOUNT_NAMES)
def test_a_program_declares_what_was_adopted_and_does_nothing_else(people, companies, names):
    """It runs without any builtin but the import, so that no name has become code."""
    tenant = Inventory(tuple(people), tuple(companies), tuple(names))

    declared, grants = run(program_text(tenant))

    assert recorded(tenant) == declared
    assert [(one.email, account) for one in people for account in one.initial_accounts] == grants


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_the_name_of_a_file_is_a_literal(path):
    """Whatever it holds."""
    seen = []
    fake = types.SimpleNamespace(Roster=lambda *given, **more: seen.append((given, more)))
    text = roster_program_text("team", path, "b")
    exec(compile(text, "__main__.py", "exec"), {"__builtins__": {"__import__": lambda *_: fake}})  # noqa: S102 - likewise

    assert [(("team", path), {"profile": "b"})] == seen
