"""Companies have no list: each id is asked for once, also when a run is interrupted."""

import json
import os
import time

import pytest

from pulumi_conduit.cli.adopt.companies import read_ids
from pulumi_conduit.errors import InvalidInputError

LOOK = "GET /link/company/{id}/"


@pytest.fixture
def three(conduit_sandbox):
    """Put a person and three companies into the sandbox, and give the ids."""
    conduit_sandbox.conductor.put_user("ada@acme.example")
    conduit_sandbox.link.put_company("Alpha", name="Alpha & Sons", page_enabled=False)
    conduit_sandbox.link.put_company("BETA", name=None)
    conduit_sandbox.link.put_company("GAMMA", name="Gamma")
    conduit_sandbox.forget_requests()
    return "alpha\nBETA\nGAMMA\n"


def test_companies_are_written_as_they_are(adopt, three):
    """Name and page are declared, the id as the API spells it; no name is declared by leaving it out."""
    adopted = adopt(stdin=three)

    assert 0 == adopted.code
    inputs = {
        name: {key: value for key, value in one["inputs"].items() if key != "__provider"}
        for (name, kind), one in adopted.entries().items()
        if kind == "Company"
    }
    defaults = {"onConflict": "error", "onDestroy": "error"}
    assert {
        "team-alpha": {"companyId": "Alpha", "name": "Alpha & Sons", "pageEnabled": False, **defaults},
        "team-beta": {"companyId": "BETA", "pageEnabled": True, **defaults},
        "team-gamma": {"companyId": "GAMMA", "name": "Gamma", "pageEnabled": True, **defaults},
    } == inputs


def test_ids_come_from_a_file_too(adopt, three, tmp_path):
    """One a line, with or without a mark at the beginning; what comes twice counts once, and so does a blank line."""
    file = tmp_path / "companies.txt"
    file.write_bytes(b"\xef\xbb\xbfAlpha\r\n\r\n ALPHA \r\nBETA")

    adopted = adopt("--companies", file)

    assert "1 people, 1 grants, 2 companies" == adopted.output.splitlines()[0]


def test_every_id_that_is_none_is_named_with_its_line():
    """Nothing is asked before all ids are right."""
    with pytest.raises(InvalidInputError) as caught:
        read_ids("ACME\nA-B\nGOOD\n\u202e\n", "companies.txt")

    reason = "company_id: must be 1 to 1024 characters out of A-Z, a-z and 0-9"
    assert f"companies.txt:2:1: {reason}\ncompanies.txt:4:1: {reason}" == str(caught.value)


def test_a_company_that_is_not_there_is_left_out(adopt, three):
    """A typo among the ids ends with 1, and the others are taken."""
    adopted = adopt(stdin=three + "DELTA\n")

    assert 1 == adopted.code
    assert "left out: company 'DELTA': 404: this Link APP has no company of this id" in adopted.output
    assert "1 people, 1 grants, 3 companies" == adopted.output.splitlines()[0]


def test_a_name_that_misleads_an_eye_is_left_out_and_shown_escaped(adopt, three, conduit_sandbox):
    """It cannot be declared, and it is not printed as it is."""
    conduit_sandbox.link.edit_company("BETA", name="a\u202eb")

    adopted = adopt(stdin=three)

    expected = (
        "company 'BETA': name: must not hold control, bidi, zero-width or other invisible characters; it is 'a\\u202eb'"
    )
    assert (1, True) == (adopted.code, f"left out: {expected}\n" in adopted.output)


def test_an_answer_that_cannot_be_read_is_left_out(adopt, three, conduit_sandbox):
    """Nothing is concluded from it."""
    conduit_sandbox.faults.add(LOOK, path="BETA", garbage="wrong_shape", times=None)

    adopted = adopt(stdin=three)

    assert 1 == adopted.code
    assert "left out: company 'BETA': " in adopted.output


def test_an_interrupted_run_goes_on_where_it_was(adopt, three, conduit_sandbox, monkeypatch):
    """What was read is not asked for again, since each look mints a token; then the progress is forgotten."""
    monkeypatch.setenv("CONDUIT_WORKERS", "1")
    conduit_sandbox.faults.add(LOOK, path="GAMMA", status=403, times=None)
    failed = adopt(stdin=three)
    conduit_sandbox.faults.clear()

    assert (3, ["import.json.progress"]) == (failed.code, failed.files())
    assert "\nWhat was read is kept: run the same command again to continue.\n" in failed.output
    conduit_sandbox.forget_requests()
    adopted = adopt(stdin=three)

    assert (0, 1) == (adopted.code, conduit_sandbox.count(LOOK))
    assert "1 people, 1 grants, 3 companies (2 of them read by an earlier run)" == adopted.output.splitlines()[0]
    assert ["import.json", "roster.yaml"] == adopted.files()


def test_what_was_read_long_ago_is_read_again(adopt, three, conduit_sandbox, monkeypatch):
    """A company may have been changed since, and the file would give the state other values."""
    monkeypatch.setenv("CONDUIT_WORKERS", "1")
    conduit_sandbox.faults.add(LOOK, path="GAMMA", status=403, times=None)
    progress = adopt(stdin=three).folder / "import.json.progress"
    conduit_sandbox.faults.clear()
    conduit_sandbox.forget_requests()
    two_hours_ago = time.time() - 7200
    os.utime(progress, (two_hours_ago, two_hours_ago))

    adopted = adopt(stdin=three)

    assert (0, 3) == (adopted.code, conduit_sandbox.count(LOOK))
    assert "1 people, 1 grants, 3 companies" == adopted.output.splitlines()[0]


def test_after_a_failure_the_rest_is_not_asked_for(adopt, conduit_sandbox, monkeypatch):
    """A void token must not be tried on every company."""
    monkeypatch.setenv("CONDUIT_WORKERS", "1")
    conduit_sandbox.conductor.put_user("ada@acme.example")
    conduit_sandbox.faults.add(LOOK, status=403, times=None, delay_s=0.01)

    assert 3 == adopt(stdin="\n".join(f"C{number}" for number in range(60))).code
    assert conduit_sandbox.count(LOOK) < 60


def test_ctrl_c_keeps_what_was_read(adopt, three, mocker, monkeypatch):
    """It ends with 3, not with the 1 of a run that found something."""
    monkeypatch.setenv("CONDUIT_WORKERS", "1")
    mocker.patch("pulumi_conduit.cli.adopt.companies.as_completed", side_effect=KeyboardInterrupt)

    failed = adopt(stdin=three)

    assert 3 == failed.code
    assert "Error: interrupted\nWhat was read is kept: run the same command again to continue.\n" == failed.output


def test_progress_holds_no_token_and_survives_a_torn_line(adopt, three, conduit_sandbox, monkeypatch):
    """Only what a state would hold is kept, for its owner; a line that a kill has cut off is read again."""
    monkeypatch.setenv("CONDUIT_WORKERS", "1")
    conduit_sandbox.faults.add(LOOK, path="GAMMA", status=403, times=None)
    progress = adopt(stdin=three).folder / "import.json.progress"
    first, *records = progress.read_text(encoding="utf-8").splitlines()
    conduit_sandbox.faults.clear()

    assert {"tenant"} == json.loads(first).keys()
    assert [{"id", "name", "created_at", "link_page"}] * 2 == [json.loads(one).keys() for one in records]
    assert 0o600 == progress.stat().st_mode & 0o777
    progress.write_text("\n".join([first, records[0], records[1][:20]]), encoding="utf-8")
    conduit_sandbox.faults.add(LOOK, path="GAMMA", status=403)
    conduit_sandbox.forget_requests()

    assert (3, 2) == (adopt(stdin=three).code, conduit_sandbox.count(LOOK))
    assert (0, 3) == (adopt(stdin=three).code, conduit_sandbox.count(LOOK))


@pytest.mark.parametrize(
    "text", ['{"tenant": "https://other.example#abcdef"}\n', "people:\n- email: ada@acme.example\n"]
)
def test_progress_of_something_else_is_refused(adopt, three, conduit_sandbox, text):
    """Companies of another Link APP have other names; whatever else lies there is not ours to read."""
    folder = adopt("--help").folder
    (folder / "import.json.progress").write_text(text, encoding="utf-8")

    refused = adopt(stdin=three)

    expected = "import.json.progress: is the progress of another Link APP; remove it to start over"
    assert (3, f"Error: {expected}\n", 0) == (refused.code, refused.output, conduit_sandbox.count(LOOK))


def test_an_empty_progress_is_none(adopt, three):
    """A kill before the first line leaves nothing to go on from."""
    (adopt("--help").folder / "import.json.progress").touch()

    assert 0 == adopt(stdin=three).code


def test_progress_that_cannot_be_read_is_one_line(adopt, three):
    """As every file is that the system refuses."""
    (adopt("--help").folder / "import.json.progress").mkdir()

    refused = adopt(stdin=three)

    assert (3, "Error: [Errno 21] Is a directory: 'import.json.progress'\n") == (refused.code, refused.output)
