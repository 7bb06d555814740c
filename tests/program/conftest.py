"""What the tests of programs share: a project with a roster beside its program, and what Pulumi's mocks need."""

import asyncio
import textwrap

import pytest

FIVE = """\
email,first_name,last_name,type,accounts,access
ada@acme.example,Ada,Lovelace,STANDARD,1|2,
grace@acme.example,Grace,Hopper,,1,
alan@acme.example,Alan,Turing,,1,
katherine@acme.example,Katherine,Johnson,,2|3,exclusive
edsger@acme.example,Edsger,Dijkstra,,4,
"""
PROGRAM = """\
import pulumi
import pulumi_conduit as conduit

{before}
everybody = conduit.Roster({name!r}, {file!r}{more})
{after}
"""


@pytest.fixture
def five():
    """Give a roster of five people, one of them with exclusive access."""
    return FIVE


@pytest.fixture
def declare(tmp_path):
    """Give what writes the project: a roster, and lines of the program around its component."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: rosters\nruntime: python\n", encoding="utf-8")

    def write(roster=FIVE, *, file="people.csv", name="team", more="", before="", after=""):
        (folder / file).write_text(textwrap.dedent(roster), encoding="utf-8")
        program = PROGRAM.format(name=name, file=file, more=more and f", {more}", before=before, after=after)
        (folder / "__main__.py").write_text(program, encoding="utf-8")
        return folder

    return write


@pytest.fixture(autouse=True)
def settled(loop):
    """Let no task of one test outlive it: collected later, it would be an error in another one.

    A test that runs a loop of its own, as the embedded engine does, leaves the thread without one.
    """
    asyncio.set_event_loop(loop)
    yield
    loop.run_until_complete(_settle())


async def _settle():
    others = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.gather(*others, return_exceptions=True)
