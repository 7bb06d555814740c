"""Each guide is followed as a new user would: its commands as they stand, its files, and what it says is printed."""

from pathlib import Path

import pytest
from guide_page import Commands, File, Output, lacking, steps
from guide_shell import written

GUIDES = Path(__file__).resolve().parents[2] / "docs" / "guides"
PAGES = sorted(page.name for page in GUIDES.glob("*.md") if page.name != "README.md")


def _block(step):
    text = step.text if isinstance(step, Commands) else written(step.name, step.text, is_added=step.is_added)
    return step.line, text


@pytest.mark.engine
@pytest.mark.parametrize("name", PAGES)
def test_a_guide_can_be_followed(name, shell):
    """Every command succeeds, and prints what the guide says."""
    asked = steps((GUIDES / name).read_text(encoding="utf-8"))

    ran = shell.run([_block(step) for step in asked if not isinstance(step, Output)])

    assert ran.code == 0, f"{name}, in the block at line {max(ran.printed)}:\n{ran.text}"
    last = 0
    for step in asked:
        if isinstance(step, Output):
            assert [] == lacking(step.text, ran.printed[last]), f"{name}:{step.line}, printed:\n{ran.printed[last]}"
        elif isinstance(step, Commands):
            last = step.line


def test_every_guide_is_in_the_index():
    """Whoever reads the index finds all guides."""
    index = (GUIDES / "README.md").read_text(encoding="utf-8")

    assert set() == {name for name in PAGES if f"]({name})" not in index}


@pytest.mark.parametrize("name", PAGES)
def test_a_guide_has_commands_and_files(name):
    """A page of prose only would be no guide, and nothing of it would be tried."""
    asked = steps((GUIDES / name).read_text(encoding="utf-8"))

    assert {Commands, File} <= {type(step) for step in asked}
