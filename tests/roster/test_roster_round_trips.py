"""Any people, written in either format by the usual libraries, come back as they were."""

import csv
import io

import yaml
from hypothesis import given
from hypothesis import strategies as st
from roster_files import read

from pulumi_conduit.enums import UserConflict, UserDestroy, UserStatus, UserView
from pulumi_conduit.errors import is_invisible
from pulumi_conduit.resources.fields import composed
from pulumi_conduit.roster.csv_file import formula_in
from pulumi_conduit.roster.model import PERSON, AccessMode

ADDRESSES = st.from_regex(r"[a-zA-Z0-9][a-zA-Z0-9.!#'*_|~-]{0,8}@[a-z]{1,5}\.example", fullmatch=True)
VISIBLE = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), min_size=1, max_size=12)
NAMES = VISIBLE.map(composed).filter(lambda name: name and not formula_in(name) and not any(map(is_invisible, name)))
FLAGS = st.booleans()
PEOPLE = st.lists(
    st.fixed_dictionaries(
        {
            "email": ADDRESSES,
            "first_name": NAMES,
            "last_name": NAMES,
            "accounts": st.sets(st.integers(0, 2**53 - 1), min_size=1),
        },
        optional={
            "type": st.sampled_from(["READ_ONLY", "STANDARD"]),
            "view": st.sampled_from([*UserView.__members__]),
            "sso_access": FLAGS,
            "access": st.sampled_from([one.value for one in AccessMode]),
            "status": st.sampled_from([*UserStatus.__members__]),
            "send_email": FLAGS,
            "on_conflict": st.sampled_from([one.value for one in UserConflict]),
            "on_destroy": st.sampled_from([one.value for one in UserDestroy]),
        },
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda person: str(person["email"]).lower(),
)


def as_csv(people, delimiter):
    """Write people as a spreadsheet would."""
    file = io.StringIO()
    writer = csv.DictWriter(file, [*PERSON], delimiter=delimiter)
    writer.writeheader()
    for person in people:
        flags = {key: str(value).upper() for key, value in person.items() if isinstance(value, bool)}
        writer.writerow({**person, **flags, "accounts": "|".join(map(str, person["accounts"]))})
    return file.getvalue()


def as_yaml(people, style):
    """Write people as PyYAML would."""
    rows = [{**person, "accounts": [*person["accounts"]]} for person in people]
    return yaml.safe_dump({"people": rows}, allow_unicode=True, default_flow_style=style)


def declared(roster):
    """Return what a roster says of each person, without what it does not say."""
    return [{name: getattr(one, name) for name in PERSON if getattr(one, name) is not None} for one in roster.people]


def expected(people):
    """Return the same of what was written."""
    return [
        {"access": "additive", **one, "email": one["email"].lower(), "accounts": tuple(sorted(one["accounts"]))}
        for one in people
    ]


@given(PEOPLE, st.sampled_from(",;"))
def test_people_come_back_from_csv(people, delimiter):
    """Whatever their names hold."""
    assert expected(people) == declared(read(as_csv(people, delimiter)))


@given(PEOPLE, st.booleans())
def test_people_come_back_from_yaml(people, style):
    """In block and in flow style."""
    assert expected(people) == declared(read(as_yaml(people, style), "roster.yaml"))
