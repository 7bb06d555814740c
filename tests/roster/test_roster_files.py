"""Files as a whole: what can be opened, how large they are, how many rows they have."""

import re
from pathlib import Path

import pytest
from roster_files import ACCOUNTS, ADA, csv_of, person_in_yaml, problems_of

from pulumi_conduit.errors import InvalidInputError
from pulumi_conduit.roster import read_roster, rows, source


def failure(path):
    """Return why a file cannot be read."""
    with pytest.raises(InvalidInputError) as caught:
        read_roster(Path(path), lambda: ACCOUNTS)
    return str(caught.value)


@pytest.mark.parametrize("name", ["people.txt", "people", "people.csv.gz", "people.json"])
def test_the_file_name_decides_the_format(name):
    """Any other ending is refused, before a look at the file."""
    assert f"{name}: the name of a roster ends in .csv, .yaml or .yml" == failure(name)


@pytest.mark.parametrize("name", ["gone.csv", "gone.yaml"])
def test_a_file_that_is_not_there_is_one_line(name, tmp_path):
    """It says which one, and why."""
    path = tmp_path / name

    assert f"{path}:1:1: '{path}' cannot be read: No such file or directory" == failure(path)


def test_a_folder_and_a_name_that_no_file_can_have_are_one_line(tmp_path):
    """Whatever the system says against a path is reported."""
    (tmp_path / "folder.csv").mkdir()

    assert failure(tmp_path / "folder.csv").endswith("cannot be read: Is a directory")
    assert re.search(r"cannot be read: embedded null (byte|character)", failure("a\0.csv"))


def test_a_file_that_is_too_large_is_not_parsed(monkeypatch):
    """The limit is on bytes, so that nothing is read beyond it."""
    monkeypatch.setattr(source, "MAX_BYTES", 2 * 1024**2)

    assert ["people.csv:1:1: is larger than 2 MiB; split the roster"] == problems_of("x" * (2 * 1024**2 + 1))


@pytest.mark.parametrize("name", ["people.csv", "roster.yaml"])
def test_a_file_with_too_many_rows_is_refused(name, monkeypatch):
    """The first row too many is named."""
    monkeypatch.setattr(rows, "MAX_ROWS", 1)
    roster = csv_of(ADA, ADA) if name.endswith("csv") else person_in_yaml() + "- x\n"

    (problem,) = problems_of(roster, name)

    assert f"{name}:{3 if name.endswith('csv') else 6}:" in problem
    assert problem.endswith("there are more than 1 rows; split the roster")


def test_thousands_of_problems_are_counted_and_not_all_shown():
    """What an engine prints has a limit, and nobody reads so much."""
    problems = problems_of(csv_of(*["x,A,B,1"] * 1500))

    assert 1001 == len(problems)
    assert "and 500 problems more" == problems[-1]


def test_a_file_of_nothing_but_problems_does_not_fill_the_memory():
    """Of a flood some thousand are kept, and nobody counts the rest."""
    assert "and at least 19000 problems more" == problems_of(csv_of("\x01" * 30_000))[-1]
