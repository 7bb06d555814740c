"""The table of removals in docs/operations.md, on the embedded engine: what the API has, and what is said."""

import pytest
import removal_cases as cases

pytestmark = pytest.mark.embedded
_HEADER = "import pulumi\nimport pulumi_conduit as conduit\n"


@pytest.fixture
def removed(conduit_stack, conduit_sandbox, tmp_path):
    """Return a function that brings the whole program up and takes everything out that is removed."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: team\nruntime: python\n", encoding="utf-8")
    cases.prepare(conduit_sandbox)
    stack = conduit_stack(folder)

    def run(text):
        (folder / "__main__.py").write_text(_HEADER + text, encoding="utf-8")
        return stack.up(), cases.remote_states(conduit_sandbox)

    _, before = run(cases.BEFORE)
    result, after = run(cases.AFTER)
    return result, {label: cases.changes(before[label], after[label]) for label in before}


def test_the_documented_removals_are_what_happens(removed):
    """In the API, and in the words under each resource, once."""
    result, happened = removed
    said = {case.label: "" for case in cases.CASES}
    for case in cases.CASES:
        messages = [one.message for one in result.diagnostics if one.urn.endswith(f"{case.kind}::{case.resource}")]
        assert len(messages) <= 1, messages
        said[case.label] = "".join(messages)

    rows = {row[0]: (row[2], row[3]) for row in cases.documented()}

    assert {label: (happened[label], said[label]) for label in said} == rows
