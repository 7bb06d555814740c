"""People in CSV, as spreadsheets and people write it."""

import codecs
import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from roster_files import ADA, HEADER, csv_of, problems_of, read

from pulumi_conduit.roster.csv_file import parse_csv
from pulumi_conduit.roster.nodes import Problems

FULL = """\
email,first_name,last_name,type,view,sso_access,accounts,access,status,send_email,on_conflict,on_destroy,x_team
Ada@acme.example,Ada,Lovelace,STANDARD,RESEARCH,TRUE,2|1,exclusive,INACTIVE,false,adopt,retain,navy
alan@acme.example,Alan,Turing,,,,Travel,,,,,,
"""


def test_every_column_is_read():
    """Cells become typed values, and empty ones leave the resource's default alone."""
    ada, alan = read(FULL).people

    assert ("ada@acme.example", "Ada", "Lovelace") == (ada.email, ada.first_name, ada.last_name)
    assert ("STANDARD", "RESEARCH", "INACTIVE") == (ada.type, ada.view, ada.status)
    assert (True, False) == (ada.sso_access, ada.send_email)
    assert ("adopt", "retain") == (ada.on_conflict, ada.on_destroy)
    assert (1, 2) == ada.accounts
    assert ada.is_exclusive
    assert {"x_team": "navy"} == ada.labels
    assert (2,) == alan.accounts
    assert not alan.is_exclusive
    assert {None} == {alan.type, alan.view, alan.sso_access, alan.status, alan.send_email, alan.on_conflict}
    assert {} == alan.labels


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(lambda text: text.replace(",", ";").encode(), id="semicolons"),
        pytest.param(lambda text: codecs.BOM_UTF8 + text.encode(), id="byte order mark"),
        pytest.param(lambda text: text.replace("\n", "\r\n").encode(), id="CRLF"),
        pytest.param(lambda text: text.replace("\n", "\r").encode(), id="CR"),
        pytest.param(lambda text: text.replace(",", " , ").encode(), id="spaces around cells"),
        pytest.param(lambda text: f"\n\n{text},,,,,,,,,,,,\n\n".encode(), id="blank rows"),
        pytest.param(lambda text: text.rstrip("\n").encode(), id="no last line end"),
        pytest.param(
            lambda text: codecs.BOM_UTF8 + text.replace(",", '";"').replace("\n", '"\r\n"').join('""').encode(),
            id="all quoted",
        ),
    ],
)
def test_how_a_spreadsheet_saves_makes_no_difference(written):
    """Delimiter, byte order mark, line ends, quotes and empty rows do not count."""
    expected = [(one.email, one.accounts, one.labels) for one in read(FULL).people]

    assert expected == [(one.email, one.accounts, one.labels) for one in read(written(FULL)).people]


def test_quotes_hold_what_separates():
    """A quoted cell may hold the delimiter and doubled quotes."""
    (ada,) = read(csv_of('ada@acme.example,"Ada ""Countess""","Lovelace, née Byron",1')).people

    assert ('Ada "Countess"', "Lovelace, née Byron") == (ada.first_name, ada.last_name)


def test_problems_of_a_file_are_told_by_line_and_column():
    """Columns count characters, whatever the quotes before them."""
    rows = csv_of('"a@b.example","Ü","x",oops', 'c@d.example,"two\nlines",y,1', "c@d.example,x,y,99999999999999999999")

    neither = "is neither a group nor an account that this identity owns"
    owned = "'Double' (3, 4), 'Retail' (1), 'Travel' (2)"
    assert [
        f"people.csv:2:23: accounts: 'oops' {neither}; there are {owned}",
        "people.csv:3:13: first_name: must not hold control, bidi or zero-width characters",
        "people.csv:5:1: email: 'c@d.example' is declared twice; first at people.csv:3:1",
        "people.csv:5:17: accounts: must be a whole number from 0 to 9007199254740991",
    ] == problems_of(rows)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "1:1: is empty; its first line names the columns"),
        (b"\n\n", "1:1: is empty; its first line names the columns"),
        (f"{HEADER}\n".encode(), "1:1: declares no person; to remove all people, remove the Roster from the program"),
        (csv_of("Ä".encode().decode() + ADA).encode("latin-1"), "2:1: is not UTF-8"),
        (codecs.BOM_UTF16_LE + HEADER.encode("utf-16-le"), "1:1: is UTF-16, not UTF-8"),
        (csv_of(ADA.replace("Ada", "A\0da")).encode(), "2:19: U+0000 is not allowed"),
        (csv_of(ADA.replace("Ada", '"Ada')).encode(), "2:18: a quote is opened here and never closed"),
        (csv_of(ADA.replace("Ada", 'A"d"a')).encode(), "2:18: a quote inside a cell; put the whole cell into quotes"),
        (csv_of(ADA.replace("Ada", '"Ad"a')).encode(), "2:18: a quote inside a cell; put the whole cell into quotes"),
        (csv_of(f"{ADA},1").encode(), "2:1: has 5 cells, where the first line has 4"),
        (csv_of("ada@acme.example,Ada").encode(), "2:1: has 2 cells, where the first line has 4"),
        (
            csv_of(ADA, header=HEADER.replace("email", "E-Mail")).encode(),
            "1:1: 'E-Mail' is not a column; did you mean 'email'?",
        ),
        (csv_of(ADA, header="email,last_name").encode(), "1:1: the columns lack first_name, accounts"),
        (csv_of(f"{ADA},2", header=f"{HEADER},email").encode(), "1:37: the column 'email' is there twice"),
        (csv_of(ADA.replace(",1", ",")).encode(), "2:1: accounts: is required"),
        (csv_of(ADA.replace(",1", ",1||2")).encode(), "2:31: accounts: has no value; omit it, or give one"),
        (csv_of(ADA.replace(",1", ',"1;2"')).encode(), "2:31: accounts: several accounts are separated by |"),
        (csv_of(ADA.replace(",1", ",010")).encode(), "2:31: accounts: an account id has no leading zero"),
    ],
)
def test_what_is_wrong_is_said_in_a_clear_line(content, problem):
    """Each kind of damage has a line of its own, at its place."""
    assert 1 == sum(line.startswith(f"people.csv:{problem}") for line in problems_of(content))


@pytest.mark.parametrize("start", "=+-@")
def test_what_a_spreadsheet_would_run_is_refused(start):
    """A formula could leave the house by the next person who opens the file."""
    rows = csv_of(f"ada@acme.example,{start}cmd|'/C calc'!A0,Lovelace,1", f'b@c.example,x," {start}1",1')

    assert ["people.csv:2:18", "people.csv:3:15"] == [
        line.partition(f": a cell starts with '{start}', which a spreadsheet reads as a formula")[0]
        for line in problems_of(rows)
    ]


def test_one_bad_row_hides_no_other():
    """Every problem comes in one go, ordered by place."""
    rows = csv_of("x,,", 'a"b', "a@b.example,,y,", "a@b.example,x,y,Nowhere", ADA)

    assert [2, 3, 4, 4, 5, 5] == [int(line.split(":")[1]) for line in problems_of(rows)]


def test_an_account_that_comes_twice_counts_once():
    """Groups overlap, so that a repeat is no mistake."""
    (ada,) = read(csv_of(ADA.replace(",1", ",2|1|Travel|2"))).people

    assert (1, 2) == ada.accounts


TEXTS = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=12)
DELIMITERS = st.sampled_from(",;")
TABLES = st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(TEXTS, min_size=width, max_size=width), max_size=5))


def cells_of(text):
    """Return the cells that the reader finds, and demand that it finds no fault but formulas."""
    problems = Problems()
    rows = [[cell.text for cell in row] for row in parse_csv(text, "x.csv", problems)]
    assert all("formula" in reason for _, reason in problems._found)
    return rows


@given(TABLES, DELIMITERS, st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), st.sampled_from(["\n", "\r\n"]))
def test_what_the_standard_library_writes_is_read_back(table, delimiter, quoting, line_end):
    """Any writer of RFC 4180 is understood, but for blank rows and spaces around cells."""
    header = [f"x{number}" for number in range(2)]
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter, quoting=quoting, lineterminator=line_end).writerows([header, *table])
    stripped = [[cell.strip(" ") for cell in row] for row in table]

    assert [header, *(row for row in stripped if any(row))] == cells_of(file.getvalue().replace("\r\n", "\n"))


@given(st.text(st.sampled_from('a",;\n é'), max_size=40))
def test_any_text_is_read_to_its_end(text):
    """Whatever quotes do, each cell and each problem stands where the text has it."""
    problems, lines = Problems(), text.split("\n")
    for row in parse_csv(text, "x.csv", problems):
        for cell in row:
            first = cell.text.replace('"', "")[:1]
            assert first.strip("\n") in lines[cell.at.line - 1][cell.at.column - 1 :]
    for at, _ in problems._found:
        assert at.line <= len(lines)
        assert at.column <= len(lines[at.line - 1]) + 1
