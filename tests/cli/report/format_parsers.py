"""What each format of a report says, read back from its own markup into one plain form."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

__all__ = ["ParsedReport", "read_markdown", "read_page", "read_text"]

_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)", re.DOTALL)
_WARNINGS = re.compile(r"<details>.*</details>", re.DOTALL)


@dataclass
class ParsedReport:
    """A report's lines; of a person who, what happens, gains and loses, of a company which and what happens."""

    headline: str = ""
    alarms: list[str] = field(default_factory=list)
    people: list[tuple[str, ...]] = field(default_factory=list)
    companies: list[tuple[str, ...]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def read_text(shown: str) -> ParsedReport:
    """Read what a terminal shows."""
    told = ParsedReport()
    for line in map(_pipeless, shown.splitlines()):
        word, _, rest = line.strip().partition(" ")
        if line.startswith("Access plan: "):
            told.headline = rest.partition(" ")[2]
        elif line.startswith("! "):
            told.alarms.append(rest)
        elif line.startswith("person "):
            told.people.append((rest, "", "", ""))
        elif line.startswith("company "):
            told.companies.append((rest, ""))
        elif line.startswith("note: "):
            told.notes.append(rest)
        elif line.startswith("warning: "):
            told.warnings.append(rest)
        elif line and told.companies:
            told.companies[-1] = (told.companies[-1][0], line.strip())
        elif line:
            who, what, gains, loses = told.people[-1]
            now = {"gains": (who, what, rest, loses), "loses": (who, what, gains, rest)} if what else {}
            told.people[-1] = now.get(word, (who, line.strip(), gains, loses))
    return told


def read_markdown(shown: str) -> ParsedReport:
    """Read what a comment shows once it is rendered."""
    told, is_about_companies = ParsedReport(), False
    body = _WARNINGS.sub("", shown)
    for line in map(_rendered, body.splitlines()[1:]):
        if line.startswith("### Access plan: "):
            told.headline = line.partition(": ")[2]
        elif line.startswith("> "):
            told.alarms.append(line[2:])
        elif line.startswith("| "):
            cells = tuple(cell.strip(" ") for cell in line.strip("|").split("|"))
            is_about_companies = is_about_companies or cells[0] == "Company"
            (told.companies if is_about_companies else told.people).append(cells)
        elif line:
            told.notes.append(line)
    told.people, told.companies = told.people[2:], told.companies[2:]  # the heads of the tables
    told.warnings = [_rendered(one)[2:] for one in shown.splitlines() if one.startswith("- ")]
    return told


def _rendered(line: str) -> str:
    """Return a line without its code spans' fences and its stress, which is ours and outside of spans."""
    parts, end = [], 0
    for span in _SPAN.finditer(line):
        inside = span[2]
        is_padded = inside.startswith(" ") and inside.endswith(" ") and inside.strip(" ")
        parts += [line[end : span.start()].replace("**", ""), inside[1:-1] if is_padded else inside]
        end = span.end()
    return "".join([*parts, line[end:].replace("**", "")])


def read_page(shown: str) -> ParsedReport:
    """Read what a browser shows, the matrix aside."""
    return _Page(shown).told


class _Page(HTMLParser):
    def __init__(self, shown: str) -> None:
        super().__init__(convert_charrefs=True)
        self.told = ParsedReport()
        self._text: list[str] = []
        self._cells: list[str] = []
        self._kind = self._section = ""
        self.feed(shown)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "section":
            self._section = given.get("aria-labelledby") or ""
        if tag == "tr":
            self._cells = []
        if tag in {"p", "li", "th", "td", "tr"}:
            self._text, self._kind = [], given.get("class") or ""

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        text = _pipeless("".join(self._text))
        if tag == "p" and self._section != "matrix":
            self._tell(text)
        elif tag == "li":
            self.told.warnings.append(text)
        elif tag in {"th", "td"}:
            self._cells.append(text)
        elif tag == "tr" and self._section in {"people", "companies"} and self._cells[1] != "What happens":
            getattr(self.told, self._section).append(tuple(self._cells))

    def _tell(self, text: str) -> None:
        if self._kind == "headline":
            self.told.headline = text
        else:
            {"alarm": self.told.alarms, "note": self.told.notes}[self._kind].append(text)


def _pipeless(text: str) -> str:
    """Return text as Markdown must write it, where a pipe would end a cell."""
    return text.replace("|", "\\x7c")
