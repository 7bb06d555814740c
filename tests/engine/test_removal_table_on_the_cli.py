"""The table of removals in docs/operations.md, on the real CLI: what Pulumi prints beside what happened.

`UPDATE_TABLES=1` writes the table anew.
"""

import os
import re

import removal_cases as cases


def _printed(text, case):
    """Return the last word of the CLI about a resource."""
    pattern = rf"^ *\S* +pulumi-python:dynamic/conduit:{case.kind} {case.resource} ([a-z ]+)\b"
    found = re.findall(pattern, text, re.MULTILINE)
    assert found, (case.label, text)
    return found[-1]


def _said(text, case):
    """Return what the closing diagnostics say of a resource."""
    part = text.partition("Diagnostics:")[2]
    found = re.search(rf"conduit:{case.kind} \({case.resource}\):\n((?: {{4}}.+\n)+)", part)
    lines = [line.strip() for line in found[1].splitlines()] if found else []
    assert len(lines) <= 1, lines
    return "".join(lines).removeprefix("warning: ")


def test_the_table_of_removals_is_what_the_cli_prints_and_what_happens(stack):
    """One run removes every case; the page has each row as it came."""
    cases.prepare(stack.sandbox)
    stack.program(cases.BEFORE)
    assert 0 == stack.up().code
    before = cases.remote_states(stack.sandbox)
    stack.program(cases.AFTER)
    ran = stack.up()
    after = cases.remote_states(stack.sandbox)

    assert 0 == ran.code, ran.text
    labelled = {case.label: case for case in cases.CASES}
    rows = [
        [label, _printed(ran.text, case), cases.changes(before[label], after[label]), _said(ran.text, case)]
        for label, case in labelled.items()
    ]
    if os.environ.get("UPDATE_TABLES") == "1":
        cases.write(rows)
    assert rows == cases.documented()
