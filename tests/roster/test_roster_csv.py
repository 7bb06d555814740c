"""People in CSV, as spreadsheets and people write it."""

import codecs
import csv
import io
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from roster_files import ADA, HEADER, Account, csv_of, person_in_yaml, problems_of, read

from pulumi_conduit.roster.csv_file import parse_csv
from pulumi_conduit.roster.source import Problems

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


def test_problems_of_a_file_are_reported_by_line_and_column():
    """Columns count characters, whatever the quotes before them."""
    rows = csv_of('"a@b.example","Ü","x",oops', 'c@d.example,"two\nlines",y,1', "c@d.example,x,y,99999999999999999999")

    neither = "is neither a group nor an account that this identity owns"
    owned = "'Double' (3, 4), 'Retail' (1), 'Travel' (2)"
    assert [
        f"people.csv:2:23: accounts: 'oops' {neither}; there are {owned}",
        "people.csv:3:13: first_name: must not hold control, bidi, zero-width or other invisible characters",
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
        (csv_of(f"{ADA},oops").encode(), "2:33: 'oops' is in no column: the first line names 4"),
        (csv_of("ada@acme.example,Ada").encode(), "2:1: last_name: is required"),
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
        line.partition(f": a cell starts with '{start}', or has it behind a separator, which")[0]
        for line in problems_of(rows)
    ]


def test_one_bad_row_hides_no_other():
    """Every problem comes in one go, ordered by place."""
    rows = csv_of("x,,", 'a"b', "a@b.example,,y,", "a@b.example,x,y,Nowhere", ADA)

    assert [2, 2, 2, 2, 3, 4, 4, 5, 5] == [int(line.split(":")[1]) for line in problems_of(rows)]


def test_an_account_that_comes_twice_counts_once():
    """Groups overlap, so that a repeat is no mistake."""
    (ada,) = read(csv_of(ADA.replace(",1", ",2|1|Travel|2"))).people

    assert (1, 2) == ada.accounts


TEXTS = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=12)
SPACES = [one for one in map(chr, range(0x110000)) if one.isspace() and unicodedata.category(one) == "Zs"]
DELIMITERS = st.sampled_from(",;")
TABLES = st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(TEXTS, min_size=width, max_size=width), max_size=5))


def cells_of(text):
    """Return the cells that the reader finds, and demand that it finds no fault but formulas."""
    problems = Problems()
    rows = [[cell.text for cell in row] for row in parse_csv(text, "x.csv", problems)]
    assert all("formula" in reason for _, reason in problems._found)
    return rows


@example([["x0", "x1"], ["\N{CJK COMPATIBILITY IDEOGRAPH-F900}"]], ",", csv.QUOTE_MINIMAL, "\n")
@given(TABLES, DELIMITERS, st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), st.sampled_from(["\n", "\r\n"]))
def test_what_the_standard_library_writes_is_read_back(table, delimiter, quoting, line_end):
    """Any writer of RFC 4180 is understood, in NFC, but for blank rows and spaces of any kind around cells."""
    header = [f"x{number}" for number in range(2)]
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter, quoting=quoting, lineterminator=line_end).writerows([header, *table])
    stripped = [[unicodedata.normalize("NFC", cell).strip() for cell in row] for row in table]

    assert [header, *(row for row in stripped if any(row))] == cells_of(file.getvalue().replace("\r\n", "\n"))


@given(st.text(st.sampled_from('a",;\n é'), max_size=40))
def test_any_text_is_read_to_its_end(text):
    """Whatever quotes do, each cell and each problem stands where the text has it."""
    problems, lines = Problems(), text.split("\n")
    for row in parse_csv(text, "x.csv", problems):
        for cell in row:
            first = cell.text.replace('"', "")[:1]
            assert first.strip("\n") in "\n".join(lines[cell.at.line - 1 :])[cell.at.column - 1 :]
    for at, _ in problems._found:
        assert at.line <= len(lines)
        assert at.column <= len(lines[at.line - 1]) + 1


@pytest.mark.parametrize("space", SPACES, ids=lambda one: f"U+{ord(one):04X}")
@pytest.mark.parametrize(
    "cell", ["{0}Ada{0}", '{0}"Ada"{0}', '"{0}Ada{0}"'], ids=["bare", "around quotes", "in quotes"]
)
def test_space_around_a_cell_does_not_count(space, cell):
    """No endpoint changes names, so that a no-break space at an end would stay for ever."""
    rows = csv_of(ADA.replace("Ada", cell.format(space)), header=HEADER.replace("email", f"{space}email{space}"))

    assert ["Ada"] == [one.first_name for one in read(rows).people]


def test_a_blank_before_an_opening_quote_is_no_part_of_the_cell():
    """In the header, too, whose columns would be lost with it."""
    rows = csv_of(
        'ada@acme.example, "Lovelace, Ada", "Lee ""Jr"""  ,1', header='email, "first_name", "last_name",accounts'
    )

    (ada,) = read(rows).people

    assert ("Lovelace, Ada", 'Lee "Jr"') == (ada.first_name, ada.last_name)


@pytest.mark.parametrize("header", ['email,"first', 'em"ail,first_name', 'email, x"first_name"', "\n" + 'e"mail'])
def test_after_a_header_that_cannot_be_read_there_is_no_other_problem(header):
    """The first person is not taken for the header."""
    problems = problems_of(csv_of(ADA, "x", header=header))

    assert 1 == len(problems)
    assert "quote" in problems[0]


@pytest.mark.parametrize(
    "rows",
    [
        csv_of(f"{ADA},,", header=f"{HEADER},,"),
        csv_of(f"{ADA},,,,"),
        csv_of(f"{ADA}, ,\u00a0", header=f"{HEADER},"),
        csv_of(f"{ADA}", header=f"{HEADER},status"),
        csv_of(f"{ADA}", ",,,,", header=f"{HEADER},status,,"),
        f"sep=,\n{csv_of(ADA)}",
        f"SEP=;\n{csv_of(ADA).replace(',', ';')}",
        f"sep=;;;\n{csv_of(ADA).replace(',', ';')}",
        csv_of(ADA.replace(",1", ",1.0")),
        csv_of(ADA.replace(",1", ",1.00|1")),
    ],
    ids=range(10),
)
def test_what_spreadsheets_leave_behind_does_not_count(rows):
    """Empty columns and cells at the right, Excel's first line, and an account id as a decimal number."""
    (ada,) = read(rows).people

    assert ("ada@acme.example", (1,)) == (ada.email, ada.accounts)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (f"{ADA},,x", "2:34: 'x' is in no column: the first line names 4"),
        (ADA.replace(",1", ",1.5"), "2:31: accounts: '1.5' is neither a group nor"),
        (ADA.replace(",1", ",01.0"), "2:31: accounts: an account id has no leading zero"),
    ],
)
def test_what_is_not_empty_is_never_left_out(row, problem):
    """A cell that is too much is named by what it holds."""
    (found,) = problems_of(csv_of(row))

    assert found.startswith(f"people.csv:{problem}")


@pytest.mark.parametrize("name", ["Jose\u0301", "\u1112\u1161\u11ab", "A\u030a", "\u212bngstr\u00f6m"])
def test_names_are_in_one_form(name):
    """What a Mac or a PDF decomposes is the name that everybody else types."""
    roster = f"groups: {{of {name}: [{name}]}}\n" + person_in_yaml(
        first_name=name, accounts=f"[of {unicodedata.normalize('NFC', name)}]"
    )

    in_csv = read(csv_of(f"ada@acme.example,{name},Lovelace,1")).people[0]
    in_yaml = read(roster, "roster.yaml", lambda: [Account(7, name)]).people[0]

    assert {unicodedata.normalize("NFC", name)} == {in_csv.first_name, in_yaml.first_name}
    assert (7,) == in_yaml.accounts


def test_a_sign_that_is_composed_to_the_delimiter_separates_no_cells():
    """A Greek question mark is a semicolon in Unicode's NFC, and a part of a name."""
    header = HEADER.replace(",", ";")

    assert "Love;lace" == read(csv_of("ada@acme.example;Ada;Love\u037elace;1", header=header)).people[0].last_name
    assert ["people.csv:2:1: accounts: is required"] == problems_of(
        csv_of("bob@acme.example;B;C\u037e5", header=header)
    )


def test_a_column_counts_the_characters_of_the_file():
    """A decomposed letter before a cell is two of them."""
    row = "ada@acme.example,Jose\u0301,Lovelace,01"

    assert ["people.csv:2:33: accounts: an account id has no leading zero"] == problems_of(csv_of(row))


def test_a_label_in_another_form_leads_to_the_same_stack():
    """Two people of visibly the same team must not part."""
    header, rows = f"{HEADER},x_team", (f"{ADA},Caf\u00e9", f"{ADA.replace('ada', 'bob')},Cafe\u0301")

    labels = {one.labels["x_team"] for one in read(csv_of(*rows, header=header)).people}

    assert {"Caf\u00e9"} == labels


@pytest.mark.parametrize(
    "name", ["Ada;=cmd|x", "\uff1dcmd", "Ada; \uff20x", "a,+1", "Ada;-1", "Ada;\u3000=x", "Ada,\xa0@x"]
)
def test_a_formula_behind_a_separator_is_one_too(name):
    """Where a spreadsheet parts cells at another sign than the one who wrote the file."""
    quoted_name = f'"{name}"'

    (problem,) = problems_of(csv_of(ADA.replace("Ada", quoted_name)))

    assert "which a spreadsheet reads as a formula; use YAML for this value" in problem


@pytest.mark.parametrize(
    "character",
    ["\u3164", "\u034f", "\u115f", "\u2800", "\ufe0f", "\uffa0", "\U000e0100", "\u17b4", "\u180e"],
    ids=ascii,
)
def test_a_filler_is_no_part_of_a_name(character):
    """Nothing is seen of it, so two names may look the same."""
    problems = problems_of(csv_of(ADA.replace("Ada", f"A{character}da")))

    assert f"U+{ord(character):04X} is not allowed" in problems[0]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (HEADER.replace(",", "\t"), "are separated by , or ; and not by '\\t'"),
        (HEADER.replace(",", "|"), "are separated by , or ; and not by '|'"),
        (f",{HEADER}", "1:1: this column has no name; remove it, or give it one that begins with x_"),
        (HEADER.replace("first_name", " "), ": this column has no name; remove it, or give it one that begins with x_"),
    ],
    ids=["tabs", "bars", "a number before each row", "in between"],
)
def test_a_first_line_of_another_program_is_told_what_to_change(header, expected):
    """Copied cells are separated by tabs, and data frames number their rows in a column without a name."""
    assert [one for one in problems_of(csv_of(ADA, header=header)) if one.endswith(expected)]
