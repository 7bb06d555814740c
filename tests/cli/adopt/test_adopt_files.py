"""What a roster and a program say, what they leave unsaid, and what a roster cannot hold."""

from dataclasses import replace

import pytest
from adopted_samples import ADA, OPEN

from pulumi_conduit.cli.adopt.files import company_arguments, person_arguments, program_text, roster_text
from pulumi_conduit.cli.adopt.inventory import Inventory
from pulumi_conduit.errors import RefusedError
from pulumi_conduit.resources.company.model import CompanyState
from pulumi_conduit.roster import read_roster

LOST = "a spreadsheet takes it for a formula ('='); use a name that ends in .yaml"


def test_a_profile_is_passed_to_everybody_but_to_linked_grants():
    """A grant takes the profile of its user."""
    text = program_text(Inventory((ADA,), (CompanyState("ACME", **OPEN),), profile="b"))

    assert 2 == text.count("    profile='b',\n")


def test_a_hostile_account_name_stays_a_comment(tmp_path):
    """It neither ends its line nor passes for an instruction to an editor, and the reader has nothing against it."""
    hostile = "yaml-language-server: $schema=https://evil.example\npeople: []\u202e\ufdd0"
    text = roster_text(Inventory((ADA,), account_names=((1, hostile), (2, "-*- coding: utf-7 -*-"))), is_csv=False)

    expected = "#   1 = 'yaml-language-server: $schema=https://evil.example\\npeople: []\\u202e\\ufdd0'"
    assert expected == text.splitlines()[2]
    (tmp_path / "roster.yaml").write_text(text, encoding="utf-8")
    assert ["ada@acme.example"] == [one.email for one in read_roster(tmp_path / "roster.yaml", lambda: ()).people]


@pytest.mark.parametrize(
    ("tenant", "is_csv", "expected"),
    [
        (
            Inventory(companies=(CompanyState("ACME", **OPEN),)),
            False,
            "no people found, and a roster needs one; write a program: --format program",
        ),
        (
            Inventory((ADA,), (CompanyState("ACME", **OPEN),)),
            True,
            "a roster in CSV holds people only; give --roster a name that ends in .yaml",
        ),
        (
            Inventory((replace(ADA, email="=a@b.example"),)),
            True,
            f"user =a@b.example: CSV cannot hold '=a@b.example': {LOST}",
        ),
        (
            Inventory((ADA,) * 100_001),
            False,
            "a roster holds at most 100000 people and 100000 companies; choose by --email",
        ),
    ],
)
def test_what_a_roster_cannot_hold_is_one_line(tenant, is_csv, expected):
    """With the way out."""
    with pytest.raises(RefusedError) as caught:
        roster_text(tenant, is_csv=is_csv)

    assert expected == str(caught.value)


def test_a_file_that_the_reader_would_find_too_large_is_not_written(mocker):
    """The limit in bytes is the reader's, too."""
    mocker.patch("pulumi_conduit.cli.adopt.files.MAX_BYTES", 2**20)

    with pytest.raises(RefusedError, match=r"^a roster is at most 1 MiB; choose by --email$"):
        roster_text(Inventory((replace(ADA, last_name="é" * 1000),) * 600), is_csv=True)


def test_what_equals_a_default_is_left_unsaid():
    """A person in the shortest form is three lines and the accounts."""
    assert {"email", "first_name", "last_name", "initial_accounts"} == person_arguments(ADA).keys()
    assert {"company_id", "page_enabled"} == company_arguments(CompanyState("ACME", **OPEN)).keys()
