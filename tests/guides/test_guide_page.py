"""The reading of guides: what is run, written and compared."""

import pytest
from guide_page import Commands, File, Output, lacking, steps
from guide_shell import Shell, written

PAGE = """# A guide

Write `people.csv`:

```csv
email
```

```sh
cat people.csv
```

```text
email
```

A line more. Add
to `people.csv`:

```csv
ada
```
"""


def test_a_page_is_commands_files_and_output_in_order():
    """Each block is what its language and the line before it say."""
    assert steps(PAGE) == [
        File(5, "email\n", "people.csv", is_added=False),
        Commands(9, "cat people.csv\n"),
        Output(13, "email\n"),
        File(20, "ada\n", "people.csv", is_added=True),
    ]


def test_a_block_that_names_no_file_is_refused():
    """Nothing on a page may be there for the looks only, for nobody would notice when it goes wrong."""
    with pytest.raises(AssertionError, match=r"line 3: the sentence before this block names no file"):
        steps("Such as this:\n\n```yaml\na: 1\n```\n")


@pytest.mark.parametrize(
    ("expected", "lacks"),
    [
        ("five\n…one…\n", []),
        ("  one   two\n", []),
        ("one, … four\n", []),
        ("six\none two\nseven\n", ["six", "seven"]),
        ("o.e\none\n", ["o.e", "one"]),
    ],
)
def test_output_is_compared_line_by_line(expected, lacks):
    """Each line must be there, whatever stands around it; spaces do not count, and `…` is anything."""
    assert lacks == lacking(expected, "one two\none, two, three and four\n\nfive\n")


def test_a_shell_keeps_its_variables_and_ends_at_a_failure(tmp_path):
    """Blocks share one shell, each one's output is kept apart, and nothing runs after what failed."""
    shell = Shell(tmp_path, {"PATH": "/usr/bin:/bin"})

    ran = shell.run(
        [(1, "name=Ada"), (3, written("a/b", "it's\n") + "cat a/b; echo $name"), (5, "false"), (7, "echo no")]
    )

    assert ran.code == 1
    assert ran.printed == {1: "", 3: "it's\nAda\n", 5: ""}


def test_what_a_page_installs_must_be_there(shell):
    """The stand-in of pip refuses what the tests do not have, so that a guide cannot ask for something made up."""
    fine = shell.run([(1, "pip install 'pulumi-conduit[sandbox]' pytest")])
    wrong = shell.run([(1, "pip install 'pulumi-conduit[sandbocks]>=0.1' no-such-thing")])

    assert (fine.code, wrong.code) == (0, 1)
    assert "pulumi-conduit[sandbocks], for there is no such extra; no-such-thing" in wrong.text
