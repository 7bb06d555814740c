"""The table "What a removal does" of docs/operations.md: resources of each kind and policy that leave one program.

Each case has objects of its own, so that one program has them all and one run removes them all. Must not know what runs
the program.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).parents[1] / "docs" / "operations.md"
_HEADING, _END = "## What a removal does", "\n## "
_HEAD = ["removed from the program", "Pulumi prints", "what happened in the API", "what the provider says beside it"]
_USER = 'first_name="F", last_name="L", initial_accounts=[1]'


@dataclass(frozen=True)
class Case:
    """What is removed, how a program has it, and what is left of that program."""

    label: str
    kind: str
    resource: str
    before: str
    after: str
    about: str
    """The email or the company id whose state in the API tells what happened."""


def _user(name: str, more: str = "") -> str:
    return f'{name} = conduit.ConductorUser("{name}", email="{_email(name)}", {_USER}{more})\n'


def _grant(name: str, user: str, more: str = "") -> str:
    return f'conduit.UserAccountAccess("{name}-travel", user={user}, account_id=2{more})\n'


def _company(name: str, more: str) -> str:
    return f'conduit.Company("{name}", company_id="{name.upper()}"{more})\n'


def _email(name: str) -> str:
    return f"{name}@acme.example"


def _removed_user(label: str, name: str, more: str = "", grants: str = "") -> Case:
    return Case(label, "ConductorUser", name, _user(name, more) + grants, "", _email(name))


def _removed_grant(label: str, name: str, more: str = "") -> Case:
    before = _user(name) + _grant(name, name, more)
    return _removed_access(label, "UserAccountAccess", f"{name}-travel", before, _user(name))


def _removed_access(label: str, kind: str, resource: str, before: str, after: str) -> Case:
    return Case(label, kind, resource, before, after, _email(resource.partition("-")[0]))


def _removed_company(label: str, name: str, more: str) -> Case:
    return Case(label, "Company", name, _company(name, more), "", name.upper())


_RETAIN = ', on_destroy="retain"'
_LISTED = _user("lee", "") + 'conduit.UserAccountAccessExclusive("lee-all", user=lee, account_ids=[1, 2])\n'
_WITH_GRANT = _user("ann") + _grant("ann", "ann")
_OF_OTHERS = 'conduit.UserAccountAccess("zoe-retail", user="zoe@acme.example", account_id=1)\n'
CASES = (
    _removed_user("a user", "ada"),
    _removed_user("a user that the stack had adopted", "bob"),
    _removed_user("a user declared INACTIVE", "cleo", ', status="INACTIVE"'),
    _removed_user('a user with `on_destroy="retain"`', "dan", _RETAIN),
    Case(
        "a user that another resource declares now (a rename without an alias)",
        "ConductorUser",
        "eve",
        _user("eve"),
        _user("eve").replace('"eve"', '"eva"'),
        _email("eve"),
    ),
    _removed_access("a grant, with its user", "UserAccountAccess", "ann-travel", _WITH_GRANT, ""),
    _removed_grant("a grant whose user stays", "fay"),
    _removed_grant("a grant with `retain_on_delete`", "gus", ", opts=pulumi.ResourceOptions(retain_on_delete=True)"),
    _removed_access("the last grant of a user of another stack", "UserAccountAccess", "zoe-retail", _OF_OTHERS, ""),
    _removed_access("a list whose user stays", "UserAccountAccessExclusive", "lee-all", _LISTED, _user("lee")),
    _removed_company('a company with `on_destroy="disable_page"`', "hal", ', on_destroy="disable_page"'),
    _removed_company('a company with `on_destroy="retain"`', "ivy", _RETAIN),
)
BEFORE = "".join(case.before for case in CASES)
AFTER = "".join(case.after for case in CASES)


def prepare(sandbox) -> None:
    """Make what exists before the program does."""
    sandbox.conductor.put_user(_email("bob"), first_name="F", last_name="L", accounts=[1])
    sandbox.conductor.put_user(_email("zoe"), first_name="F", last_name="L", accounts=[1])


def remote_states(sandbox) -> dict[str, dict[str, str]]:
    """Return what the API has of each case, in words."""
    return {case.label: _remote(sandbox, case.about) for case in CASES}


def _remote(sandbox, about: str) -> dict[str, str]:
    if "@" not in about:
        return {"page": "open" if sandbox.link.company(about)["page_enabled"] else "closed"}
    user = sandbox.conductor.user(about)
    accounts = ", ".join(map(str, user["accounts"])) or "none"
    return {"status": user["status"], "accounts": accounts}


def changes(before: dict[str, str], after: dict[str, str]) -> str:
    """Return what became of one object."""
    changed = [f"{name} {was} → {after[name]}" for name, was in before.items() if after[name] != was]
    return ", ".join(changed) or f"nothing: {', '.join(f'{name} {value}' for name, value in after.items())}"


def table(rows: list[list[str]]) -> str:
    """Return rows as Markdown."""
    lines = [_HEAD, ["---"] * len(_HEAD), *rows]
    return "\n".join(f"| {' | '.join(cell or 'nothing' for cell in row)} |" for row in lines)


def documented() -> list[list[str]]:
    """Return the rows that the page has."""
    section = _section(FILE.read_text(encoding="utf-8"))
    lines = [line for line in section.splitlines() if line.startswith("| ")][2:]
    return [["" if cell == "nothing" else cell for cell in line.strip("| ").split(" | ")] for line in lines]


def write(rows: list[list[str]]) -> None:
    """Write the rows into the page."""
    page = FILE.read_text(encoding="utf-8")
    section = _section(page)
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    FILE.write_text(page.replace("\n".join(lines), table(rows)), encoding="utf-8")


def _section(page: str) -> str:
    return page.partition(_HEADING)[2].partition(_END)[0]
