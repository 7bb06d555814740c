"""Accounts of a roster by id, by group and by name."""

import pytest
from roster_files import ADA, Account, csv_of, person_in_yaml, problems_of, read

from pulumi_conduit.errors import SettingsError


class Lookups:
    """Accounts, and how often somebody asked for them."""

    def __init__(self, *accounts):
        """Own these."""
        self.accounts = accounts
        self.count = 0

    def __call__(self):
        """Answer."""
        self.count += 1
        return self.accounts


def unreachable():
    """Stand for an API without credentials."""
    raise SettingsError("CONDUCTOR_URL is not set, and this program needs it; set one of the two")


def test_ids_and_groups_of_ids_are_looked_up_nowhere():
    """A roster without names needs no API, and a group of one account gives a name an id."""
    lookups = Lookups()
    roster = "groups: {Travel: [2], all: [1, 2]}\n" + person_in_yaml(accounts="[Travel, all, 7]")

    (person,) = read(roster, "roster.yaml", lookups).people

    assert (1, 2, 7) == person.accounts
    assert 0 == lookups.count


def test_all_names_of_a_file_are_looked_up_at_once():
    """However many rows and groups name accounts."""
    lookups = Lookups(Account(1, "Retail"), Account(2, "Travel"))
    roster = "groups: {all: [Retail, Travel]}\n" + person_in_yaml(accounts="[all, Travel]")

    (person,) = read(roster, "roster.yaml", lookups).people

    assert (1, 2) == person.accounts
    assert 1 == lookups.count


def test_a_group_goes_before_an_account_of_the_same_name():
    """The file itself says what it means."""
    roster = "groups: {Retail: [9]}\n" + person_in_yaml(accounts="[Retail]")

    assert (9,) == read(roster, "roster.yaml").people[0].accounts


def test_a_group_whose_name_is_decomposed_by_an_escape_is_found():
    """A key is composed as the accounts are that name it."""
    roster = 'groups: {"Cafe\\u0301": [9]}\n' + person_in_yaml(accounts="[Caf\u00e9]")

    assert (9,) == read(roster, "roster.yaml").people[0].accounts


def test_a_group_within_a_group_is_a_problem_whatever_accounts_are_called():
    """The word means the group for people, so it must not mean an account to a group, whichever comes first."""
    roster = "groups: {more: [all], all: [1]}\n" + person_in_yaml(accounts="[more]")

    assert ["roster.yaml:1:17: accounts: 'all' is a group, and groups cannot be nested"] == problems_of(
        roster, "roster.yaml", lambda: [Account(2, "all")]
    )


def test_a_name_must_be_exact():
    """Case is not forgiven, nor a space at an end; the account that was meant is named."""
    (other_case,) = problems_of(person_in_yaml(accounts="[retail]"), "roster.yaml")
    (space,) = problems_of(person_in_yaml(accounts="[' Retail']"), "roster.yaml")

    assert other_case.endswith(
        "'retail' is neither a group nor an account that this identity owns; the nearest are 'Retail' (1)"
    )
    assert space.endswith("accounts: must not begin or end with a space")


def test_a_group_with_a_similar_name_is_a_candidate_too():
    """A slip in a group's name is found before that of an account."""
    roster = "groups: {analysts: [1]}\n" + person_in_yaml(accounts="[analyst]")

    assert problems_of(roster, "roster.yaml")[0].endswith("the nearest are 'analysts' (a group)")


def test_among_many_accounts_some_are_named():
    """A list of hundreds would help nobody."""
    accounts = [Account(number, f"Account {number}") for number in range(1, 10)]

    (problem,) = problems_of(person_in_yaml(accounts="[zzz]"), "roster.yaml", lambda: accounts)

    assert problem.endswith("there are, among others, " + ", ".join(f"'Account {one}' ({one})" for one in range(1, 6)))


def test_an_identity_without_accounts_has_no_candidates():
    """Nothing is left to propose."""
    (problem,) = problems_of(person_in_yaml(accounts="[zzz]"), "roster.yaml", list)

    assert problem.endswith("'zzz' is neither a group nor an account that this identity owns")


def test_a_repeated_mistake_is_reported_at_each_position():
    """Each of them has to be corrected."""
    problems = problems_of(csv_of(ADA.replace(",1", ",Travl"), "b@c.example,A,B,Travl"))

    assert ["people.csv:2:31", "people.csv:3:17"] == [one.partition(": ")[0] for one in problems]
    assert 1 == len({one.partition(": ")[2] for one in problems})


def test_after_a_hundred_wrong_names_there_are_no_more_proposals():
    """To compare each name with all would take minutes in a large file."""
    rows = [f"a{number}@b.example,A,B,Retali{number:03}" for number in range(102)]

    problems = problems_of(csv_of(*rows))

    assert [100, 2] == [
        sum("the nearest are" in one for one in problems),
        sum("there are '" in one for one in problems),
    ]


def test_where_names_cannot_be_looked_up_the_rest_of_the_file_is_still_judged():
    """It is said once, at the first name, beside everything else."""
    rows = csv_of(ADA.replace(",1", ",Retail|Travel"), "b@c.example,,x,Retail")

    not_set = "CONDUCTOR_URL is not set, and this program needs it; set one of the two"
    assert [
        f"people.csv:2:31: accounts: the account 'Retail' cannot be looked up: {not_set}",
        "people.csv:3:1: first_name: is required",
    ] == problems_of(rows, accounts=unreachable)


@pytest.mark.parametrize("name", ["x|y", "7"])
def test_a_name_that_csv_cannot_express_is_written_as_its_id(name):
    """The separator separates, and digits are ids."""
    accounts = [Account(5, name)]

    assert (5,) == read(csv_of(ADA.replace(",1", ",5")), accounts=lambda: accounts).people[0].accounts
    (person,) = read(person_in_yaml(accounts="['x|y']"), "r.yaml", lambda: [Account(5, "x|y")]).people
    assert (5,) == person.accounts
