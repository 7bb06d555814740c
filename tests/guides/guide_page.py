"""What a guide asks its reader to do, in order: commands to run, files to write, output to look for.

- A block in `sh` is run, as it stands.
- A block in `text` is what the commands before it print: each of its lines, among others and in any order, for the
  engine works in parallel; `…` stands for anything, so that what differs from run to run is not compared.
- Any other block is a file. The sentence before it names the file last and ends with a colon: "`__main__.py`:". After
  "Add to `people.csv`:" the block is added to the end of the file.

Must not know how commands are run.
"""

import re
from dataclasses import dataclass

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NAMED = re.compile(r"(?P<more>Add to (?:the end of )?)?`(?P<name>[^`]+)`[^`]*:$")


@dataclass(frozen=True)
class Commands:
    """Lines for a shell."""

    line: int
    text: str


@dataclass(frozen=True)
class File:
    """A file to write, or to add to."""

    line: int
    text: str
    name: str
    is_added: bool


@dataclass(frozen=True)
class Output:
    """What the commands before it print."""

    line: int
    text: str


def steps(markdown):
    """Return what a page asks for, in order; AssertionError for a block that is neither command, output nor file."""
    return [_step(block, markdown) for block in _BLOCK.finditer(markdown)]


def _step(block, markdown):
    language, text = block.groups()
    before = markdown[: block.start()]
    line = before.count("\n") + 1
    if language == "sh":
        return Commands(line, text)
    if language == "text":
        return Output(line, text)
    named = _NAMED.search(_plain(before.rpartition("```")[2]))
    assert named, f"line {line}: the sentence before this block names no file"
    return File(line, text, named["name"], is_added=bool(named["more"]))


def lacking(expected, printed):
    """Return the lines of an expected output that were not printed."""
    lines = [_plain(line) for line in printed.splitlines()]
    patterns = {line: ".*".join(re.escape(part) for part in _plain(line).split("…")) for line in expected.splitlines()}
    return [line for line, pattern in patterns.items() if not any(re.fullmatch(pattern, one) for one in lines)]


def _plain(line):
    return " ".join(line.split())
