"""The program of README does what README says that `pulumi up` prints."""

from pathlib import Path

import pytest
from guide_page import lacking
from guide_shell import written

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")


def block(language):
    """Return the first block in one language."""
    return README.partition(f"```{language}\n")[2].partition("```")[0]


@pytest.mark.engine
def test_the_program_of_the_readme_prints_what_the_readme_says(shell):
    """It is run as it stands, beside the project file that README describes."""
    files = written("Pulumi.yaml", "name: team\nruntime: python\n") + written("__main__.py", block("python"))

    ran = shell.run([(1, files), (2, "pulumi stack init dev && pulumi up --yes")])

    assert (0, []) == (ran.code, lacking(block("text"), ran.text)), ran.text


def test_the_readme_names_that_project_file():
    """The sentence before the program says what the test writes."""
    assert "a `Pulumi.yaml` with `name: team` and `runtime: python`" in README
