"""How an audit is shown: the same findings for a terminal, for Markdown and for a machine, and nothing steers any."""

import json
from dataclasses import replace

import pytest
from corpus import NAMES, steering_of_lines

from pulumi_conduit.cli.audit.audit import Audit
from pulumi_conduit.cli.audit.findings import AuditFinding, FindingKind, NamedAccountId, as_json, as_lines, as_markdown

FOUND = (
    AuditFinding(
        FindingKind.UNDECLARED_USER,
        "eve@acme.example",
        "STANDARD",
        (NamedAccountId(1, "Retail"), NamedAccountId(99, None)),
    ),
    AuditFinding(
        FindingKind.UNDECLARED_GRANT, "ann@acme.example", "", (NamedAccountId(2, "Travel"),), ("proj/dev", "proj/prod")
    ),
    AuditFinding(FindingKind.ADMIN, "admin@acme.example"),
)
REVIEW = Audit(("proj/dev", "proj/prod"), ("3 people", "no company"), FOUND)

TEXT = """\
Compared proj/dev, proj/prod with
  - 3 people
  - no company

ACTIVE people in no stack (1): accepted
  - eve@acme.example; STANDARD; accounts Retail (1), 99

Access that no stack declares (1): declare it, or remove it in Conductor; an exclusive list removes it with \
`pulumi up --refresh`
  - ann@acme.example; accounts Travel (2); in proj/dev, proj/prod

ADMINs, which cannot be managed (1): for information
  - admin@acme.example

1 found, and 1 accepted.
"""

MARKDOWN = """\
## Audit of `proj/dev`, `proj/prod`

2 found.

Compared with

- `3 people`
- `no company`

### ACTIVE people in no stack (1): declare the person, or deactivate them in Conductor

- `eve@acme.example`; `STANDARD`; accounts `Retail` (1), 99

### Access that no stack declares (1): declare it, or remove it in Conductor; an exclusive list removes it with \
`pulumi up --refresh`

- `ann@acme.example`; accounts `Travel` (2); in `proj/dev`, `proj/prod`

### ADMINs, which cannot be managed (1): for information

- `admin@acme.example`
"""


def test_a_terminal_gets_lines_by_kind_with_what_to_do():
    """Kinds that are accepted are shown, and raise no alarm."""
    lines = list(as_lines(REVIEW, ["undeclared-user"]))

    assert TEXT == "".join(f"{line.text}\n" for line in lines)
    assert ["Access that no stack declares (1)"] == [line.text.partition(":")[0] for line in lines if line.is_alarm]


def test_markdown_has_every_text_from_outside_in_a_code_span():
    """A page for an issue or a comment."""
    assert MARKDOWN == as_markdown(REVIEW, []) + "\n"


def test_a_machine_gets_all_of_it():
    """Every finding with its parts, and how many count."""
    told = json.loads(as_json(REVIEW, ["undeclared-grant"]))

    assert (1, ["proj/dev", "proj/prod"], ["3 people", "no company"]) == (
        told["found"],
        told["stacks"],
        told["compared_with"],
    )
    assert {
        "kind": "undeclared-grant",
        "is_problem": True,
        "is_accepted": True,
        "subject": "ann@acme.example",
        "detail": "",
        "accounts": [{"account_id": 2, "name": "Travel"}],
        "stacks": ["proj/dev", "proj/prod"],
        "advice": FindingKind.UNDECLARED_GRANT.advice,
    } == told["findings"][1]
    assert [True, True, False] == [one["is_problem"] for one in told["findings"]]


def test_an_empty_audit_says_that_nothing_was_found():
    """In words, since silence could be a failure."""
    empty = Audit(("proj/dev",), (), ())

    assert "Nothing found." == list(as_lines(empty, []))[-1].text
    assert "\nNothing found.\n" in as_markdown(empty, [])
    assert 0 == json.loads(as_json(empty, []))["found"]


@pytest.mark.parametrize("name", NAMES)
def test_no_text_from_outside_steers_the_reader(name):
    """Not as a subject, a detail, an account or a stack."""
    text = NAMES[name]
    hostile = Audit(
        (text,), (text,), (AuditFinding(FindingKind.UNDECLARED_USER, text, text, (NamedAccountId(1, text),), (text,)),)
    )

    lines = [line.text for line in as_lines(hostile, [])]
    page = as_markdown(hostile, [])

    assert [] == steering_of_lines("\n".join(lines)) == steering_of_lines(page)
    assert (7, 11) == (len(lines), len(page.splitlines()))
    assert not [line for line in lines if line.lstrip().startswith("::")]
    assert text == json.loads(as_json(hostile, []))["findings"][0]["subject"]


def test_an_audit_says_when_it_was_made():
    """A page that was kept says how old it is, in every form."""
    dated = replace(REVIEW, audited_at="2026-11-29 12:05 UTC")

    assert "Compared proj/dev, proj/prod at 2026-11-29 12:05 UTC with" == next(iter(as_lines(dated, []))).text
    assert "\nCompared at 2026-11-29 12:05 UTC with\n" in as_markdown(dated, [])
    assert "2026-11-29 12:05 UTC" == json.loads(as_json(dated, []))["audited_at"]
