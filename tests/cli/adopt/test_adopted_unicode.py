"""Unicode spaces and forms from a roster into Conductor, out again by `adopt`, and back into a roster.

What the first roster declares is what the last one declares, and what exists needs no write; or a line says otherwise.
"""

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sampling import amount

from pulumi_conduit.api.deadline import operation
from pulumi_conduit.cli.adopt.files import roster_text
from pulumi_conduit.cli.adopt.inventory import Inventory
from pulumi_conduit.cli.adopt.people import Choice, PeopleReader
from pulumi_conduit.errors import InvalidInputError, RefusedError, is_invisible
from pulumi_conduit.resources.conductor_user.handler import ConductorUserHandler
from pulumi_conduit.resources.fields import composed
from pulumi_conduit.resources.lifecycle import Operation
from pulumi_conduit.resources.provider_context import ProviderContext
from pulumi_conduit.roster import read_roster
from pulumi_conduit.roster.csv_file import formula_in
from pulumi_conduit.roster.model import PERSON
from pulumi_conduit.sandbox import Switches
from pulumi_conduit.settings import Settings

SPACES = " \t\xa0\u1680\u2000\u2003\u2007\u2009\u202f\u205f\u3000"
LETTERS = ["a", "E\u0301", "\xe9", "A\u030a", "\u212b", "\u1e9b\u0323", "\u0344", "\uac00", "\u1100\u1161", "\ufb01"]
ODD = ["\u3164", "\u200b", "\ufeff", "\uff1d", "'", '"', "\u2028"]
ENDS = st.just("") | st.just("") | st.text(SPACES, max_size=2)
INSIDE = st.text(st.sampled_from([*"aeO", *SPACES[2:]]), max_size=3)
NAMES = st.tuples(
    ENDS,
    st.lists(st.sampled_from(LETTERS), min_size=1, max_size=3).map("".join),
    INSIDE,
    st.sampled_from(LETTERS) | st.sampled_from(LETTERS) | st.sampled_from(ODD),
    ENDS,
).map("".join)
PEOPLE = st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=2)
FORMS = st.sampled_from(["NFC", "NFD", None])
KEPT = st.sampled_from(["kept", "trimmed", "composed", "decomposed"])
TRIED = settings(max_examples=amount(8, 100))


class Round:
    """One way round, in a sandbox of its own state."""

    def __init__(self, sandbox, folder, names):
        """Begin without a person of an earlier round, and with an API that keeps names in a form."""
        for email in sandbox.conductor.users().keys() & {"p0@acme.example", "p1@acme.example"}:
            sandbox.conductor.remove_user(email)
        sandbox.switches = replace(Switches(), names=names)
        self.sandbox = sandbox
        self.folder = folder
        self.warnings = []

    def context(self):
        """Return what a new provider process, or command, begins with."""
        return ProviderContext(Settings(self.sandbox.environ(), {}))

    def read(self, text, suffix):
        """Return the people of a roster without their places in the file."""
        file = self.folder / f"roster{suffix}"
        file.write_text(text, encoding="utf-8", newline="")
        people = read_roster(file, lambda: pytest.fail("an account was looked up")).people
        return [{name: getattr(one, name) for name in PERSON if name != "access"} for one in people]

    def create(self, people):
        """Create people, or adopt them, as an update does."""
        context = self.context()
        for one in people:
            urn = f"urn:pulumi:dev::test::user::{one['email']}"
            handler = ConductorUserHandler(Operation(context, urn, self.warnings.append, lambda _: None))
            given_ = {"email": one["email"], "firstName": one["first_name"], "lastName": one["last_name"]}
            with operation(30):
                checked = handler.check({}, {**given_, "initialAccounts": list(one["accounts"])})
                assert [] == checked.reasons
                handler.create(handler.spec(checked.inputs))

    def adopt(self, suffix):
        """Return the roster that `adopt` writes, and what it leaves out."""
        reader = PeopleReader(self.context().sessions.conductor(None), None)
        reader.read(Choice(emails=("*@acme.example",)))
        found = Inventory(tuple(reader.found), left_out=tuple(reader.left_out))
        return (roster_text(found, is_csv=suffix == ".csv") if reader.found else None), reader.left_out


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Give a folder for all examples."""
    return tmp_path_factory.mktemp("rosters")


def csv_of(people, form):
    """Return a roster as a spreadsheet saves it, in a form of Unicode or as typed."""
    quoted = [[cell.replace('"', '""') for cell in one] for one in people]
    rows = (f'p{number}@acme.example,"{first}","{last}",1\n' for number, (first, last) in enumerate(quoted))
    return _in_form("email,first_name,last_name,accounts\n" + "".join(rows), form)


def yaml_of(people, form):
    """Return the same people in YAML, where spaces at the ends of quoted text are meant."""
    quoted = [[cell.replace("'", "''") for cell in one] for one in people]
    rows = (
        f"- {{email: p{number}@acme.example, first_name: '{first}', last_name: '{last}', accounts: [1]}}\n"
        for number, (first, last) in enumerate(quoted)
    )
    return _in_form("people:\n" + "".join(rows), form)


def _in_form(text, form):
    return unicodedata.normalize(form, text) if form else text


def refused(kind, act):
    """Return what an act returns, or the text of its refusal."""
    try:
        return act(), ""
    except kind as error:
        return None, str(error)


def assert_shows_everything(message):
    """Assert that a message has no character that cannot be seen, and no space but the usual one."""
    assert [] == [one for one in message if one != "\n" and (is_invisible(one) or (one.isspace() and one != " "))]


def is_hidden(names):
    """Say whether one of a person's names holds what cannot be seen, at its ends, too, but for spaces."""
    return any(is_invisible(letter) for one in names for letter in one.strip("".join(SPACES)))


def is_formula(names):
    """Say whether one of a person's names cannot be in CSV."""
    return any(formula_in(composed(one)) for one in names)


def is_padded(names):
    """Say whether one of a person's names begins or ends with a space, of whatever kind."""
    return any(one != one.strip() for one in names)


@pytest.mark.parametrize("write", [csv_of, yaml_of])
@TRIED
@given(people=PEOPLE, form=FORMS, names=KEPT)
def test_what_a_roster_declares_comes_back_by_adopt(running_sandbox, folder, write, people, form, names):
    """The same people, in composed and trimmed text, whatever form the file and the API keep."""
    suffix = ".csv" if write is csv_of else ".yaml"
    tour = Round(running_sandbox, folder, names)
    declared, refusal = refused(InvalidInputError, lambda: tour.read(write(people, form), suffix))
    unfit = is_formula if write is csv_of else is_padded
    assert any(is_hidden(one) or unfit(one) for one in people) == (declared is None), refusal
    assert_shows_everything(refusal)
    if declared is None:
        return

    tour.create(declared)
    text, left_out = tour.adopt(suffix)

    assert ([], []) == (left_out, tour.warnings)
    again = tour.read(text, suffix)
    assert [[composed(first), composed(last)] for first, last in people] == [
        [one["first_name"], one["last_name"]] for one in declared
    ]
    assert declared == again
    tour.sandbox.forget_requests()
    tour.create(again)
    assert [] == tour.sandbox.writes()


@pytest.mark.parametrize("suffix", [".csv", ".yaml"])
@TRIED
@given(people=PEOPLE, form=FORMS)
def test_what_others_made_is_adopted_in_text_that_reads_back_or_is_left_out(
    running_sandbox, folder, suffix, people, form
):
    """Names with spaces at their ends, and in any form, become composed text that is no change; others get a reason."""
    tour = Round(running_sandbox, folder, "kept")
    for number, names in enumerate(people):
        first, last = (_in_form(one, form) for one in names)
        tour.sandbox.conductor.put_user(f"p{number}@acme.example", first_name=first, last_name=last, accounts=[1])
    found, refusal = refused(RefusedError, lambda: tour.adopt(suffix))
    made = {f"p{number}@acme.example": names for number, names in enumerate(people)}
    fit = {email: [*map(composed, names)] for email, names in made.items() if not is_hidden(map(composed, names))}
    if suffix == ".csv" and any(map(is_formula, fit.values())):
        assert "CSV cannot hold" in refusal
        return

    text, left_out = found
    adopted = tour.read(text, suffix) if text else []

    assert fit == {one["email"]: [one["first_name"], one["last_name"]] for one in adopted}
    assert made.keys() - fit.keys() == {one.what.removeprefix("user ") for one in left_out}
    for one in left_out:
        assert_shows_everything(str(one))
    tour.sandbox.forget_requests()
    tour.create(adopted)
    assert [] == tour.sandbox.writes()
