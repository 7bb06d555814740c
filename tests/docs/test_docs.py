"""The documentation held to the code: what it links to, shows and lists must be there, and nothing may be left out."""

import inspect
import re
import sys
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest

import pulumi_conduit as conduit
from pulumi_conduit.api.routes import CONDUCTOR_ROUTES, override_routes
from pulumi_conduit.cli.audit.findings import FindingKind
from pulumi_conduit.cli.doctor.findings import Code
from pulumi_conduit.cli.exit_codes import MEANINGS
from pulumi_conduit.cli.group import commands
from pulumi_conduit.sandbox import Fault, Sandbox, Switches
from pulumi_conduit.settings.sources import Names

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("docs", "examples", "templates")
PAGES = [*sorted(ROOT.glob("*.md")), *(page for name in FOLDERS for page in sorted((ROOT / name).rglob("*.md")))]
RESOURCES = (
    conduit.Company,
    conduit.ConductorUser,
    conduit.UserAccountAccess,
    conduit.UserAccountAccessExclusive,
)
NONE = "\N{EN DASH}"
CONTEXT = click.Context(commands)
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`]+)`")
_FIRST_CODE = re.compile(r"^\| `([^`]+)`", re.MULTILINE)

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
resources = pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.__name__)


def read(path):
    """Return a page of the documentation."""
    return (ROOT / path).read_text(encoding="utf-8")


def section(path, heading):
    """Return what stands under a heading of the second level, up to the next one."""
    _, found, rest = read(path).partition(f"\n## {heading}\n")
    assert found, f"{path} has no heading {heading}"
    return re.split(r"^## ", rest, flags=re.MULTILINE)[0]


def table(text, header):
    """Return the rows of the table whose header begins with this word, without header and rule."""
    _, found, rest = text.partition(f"\n| {header} |")
    assert found, f"no table of {header}"
    return rest.split("\n\n")[0].split("\n", 2)[2]


def blocks(text, language):
    """Return the fenced examples in one language."""
    return [body for tag, body in _FENCE.findall(text) if tag == language]


def anchor(heading):
    """Return the anchor that a Markdown page gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(path):
    """Return the anchors of a page."""
    text = _FENCE.sub("", path.read_text(encoding="utf-8"))
    return {anchor(heading) for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}


def is_there(page, target):
    """Say whether a relative link leads to a file, and to a heading where it names one."""
    name, _, heading = target.partition("#")
    path = (page.parent / name).resolve() if name else page
    return path.exists() and (not heading or heading in anchors(path))


@cache
def _reachable():
    """Return the pages to which links lead from README; a link to a folder leads to the pages in it."""
    found, todo = set(), [ROOT / "README.md"]
    while todo:
        page = todo.pop()
        if page in found or page.suffix != ".md":
            continue
        found.add(page)
        for target in _LINK.findall(page.read_text(encoding="utf-8")):
            path = (page.parent / target.partition("#")[0]).resolve()
            todo += path.glob("*.md") if path.is_dir() else [path] if path.is_file() else []
    return found


@pages
def test_every_relative_link_leads_somewhere(page):
    """A link to another file exists, and so does the heading that it names."""
    targets = _LINK.findall(page.read_text(encoding="utf-8"))
    relative = [target for target in targets if "://" not in target]
    broken = {target for target in relative if not is_there(page, target)}

    assert set() == broken


@pages
def test_every_python_example_compiles(page):
    """An example in Python is Python."""
    for example in blocks(page.read_text(encoding="utf-8"), "python"):
        compile(example, str(page), "exec")


@pages
def test_every_python_example_uses_public_names_only(page):
    """What an example takes from the package is exported by it."""
    used = {
        name for example in blocks(page.read_text("utf-8"), "python") for name in re.findall(r"conduit\.(\w+)", example)
    }

    assert set() == used - set(conduit.__all__) - {"sandbox"}


def test_every_route_file_shown_is_accepted(tmp_path):
    """A route file can be copied from the documentation."""
    examples = blocks(read("docs/settings.md"), "toml")
    assert examples
    for example in examples:
        (tmp_path / "routes.toml").write_text(example, encoding="utf-8")

        assert CONDUCTOR_ROUTES.keys() == override_routes(CONDUCTOR_ROUTES, str(tmp_path / "routes.toml")).keys()


def test_the_settings_page_names_every_operation():
    """Every operation that a route file may name is listed."""
    text = section("docs/settings.md", "Routes")
    missing = {name for name in CONDUCTOR_ROUTES if f"`{name}`" not in text}

    assert set() == missing


def test_the_settings_table_is_complete():
    """Every setting stands in the table with its variable and its key, and nothing else does."""
    rows = table(section("docs/settings.md", "All settings"), "environment").strip().split("\n")
    listed = {tuple(_CODE.findall("|".join(row.split("|")[1:3]))) for row in rows}
    settings: list[Any] = [field.default for field in fields(Names)]

    assert {(one.variable, f"conduit:{one.key}") if one.key else (one.variable,) for one in settings} == listed


@resources
def test_every_argument_is_documented(resource):
    """The table of arguments is the signature, no more and no less."""
    listed = _FIRST_CODE.findall("\n" + table(section("docs/resources.md", resource.__name__), "argument"))
    taken = inspect.signature(resource.__init__).parameters.keys() - {"self", "resource_name", "opts"}

    assert sorted(taken) == sorted(listed)


def test_the_arguments_of_a_resource_stand_in_one_table():
    """A reader of two tables could find two answers; the generated reference has none."""
    tables = {
        page.relative_to(ROOT).as_posix(): page.read_text("utf-8").count("\n| argument | type |") for page in PAGES
    }

    assert {"docs/resources.md": len(RESOURCES)} == {page: count for page, count in tables.items() if count}


def test_the_settings_stand_in_one_table():
    """The variables, their keys and defaults are one table of one page."""
    pages = [page.relative_to(ROOT).as_posix() for page in PAGES if "\n| environment |" in page.read_text("utf-8")]

    assert ["docs/settings.md"] == pages


def test_the_readme_is_short_and_begins_with_the_two_commands():
    """README ends within 130 lines, and the commands that do all the set-up are on its first screen."""
    lines = read("README.md").splitlines()
    heading = lines.index("## Try it in this checkout")

    assert len(lines) <= 130
    assert ["make demo", "make test"] == [line.partition(" #")[0].strip() for line in lines[heading + 3 : heading + 5]]
    assert heading + 5 <= 40


def test_the_readme_lists_every_command():
    """The table of commands is the command line."""
    listed = _FIRST_CODE.findall("\n" + table(section("README.md", "Commands"), "`pulumi-conduit …`"))

    assert commands.list_commands(CONTEXT) == sorted(listed)


def test_the_exit_codes_of_every_command_stand_in_one_table():
    """Its rows are the commands, its columns the exit codes; a command that finds something says what, and no other."""
    text = section("docs/errors.md", "Exit codes")
    rows = [row.strip("| ").split(" | ") for row in table(text, "command").splitlines()]
    found = [row[0].strip("`") for row in rows if row[2] != NONE]

    assert "\n| command | " + " | ".join(f"{code} {meaning}" for code, meaning in MEANINGS.items()) + " |\n" in text
    assert commands.list_commands(CONTEXT) == [row[0].strip("`") for row in rows]
    assert [name for name in commands.list_commands(CONTEXT) if "FOUND" in source(name)] == found


def loaded(command):
    """Return a command by its name."""
    return commands.get_command(CONTEXT, command)


def source(command):
    """Return the module of a command."""
    module = f"pulumi_conduit.cli.{command}"
    loaded(command)
    return inspect.getsource(sys.modules.get(f"{module}.command") or sys.modules[module])


def test_no_other_page_lists_all_exit_codes():
    """A copy of the table would differ from it one day. The test kit's command is another program."""
    every = re.compile(r"\b0 fine|exits? with 0 if|2 (is|on) wrong usage")
    pages = [page.name for page in PAGES if every.search(page.read_text(encoding="utf-8"))]

    assert ["errors.md", "testing.md"] == sorted(pages)


def test_every_command_is_in_the_table_of_json_and_progress():
    """With its schema, and with progress where it takes --quiet."""
    rows = [row.strip("| ").split(" | ") for row in table(read("docs/commands.md"), "command").splitlines()]
    shown = {row[0].strip("`") for row in rows if row[2][0] != NONE}
    names = commands.list_commands(CONTEXT)

    assert [[f"`{name}`", f"[schema](schemas/{name}.schema.json)"] for name in names] == [row[:2] for row in rows]
    assert shown == {name for name in names if "--quiet" in options(name)}
    assert set(names) == {name for name in names if "--json" in options(name)}


def options(command):
    """Return the options of a command, or those that all its subcommands have."""
    found = loaded(command)
    each = getattr(found, "commands", {"": found}).values()
    return set.intersection(*({text for option in one.params for text in option.opts} for one in each))


DECISIONS = [
    row.split(" | ") for row in table(section("docs/architecture.md", "Where it is decided"), "question").splitlines()
]


@pytest.mark.parametrize(("question", "where", "functions"), DECISIONS, ids=lambda cell: cell.strip("| ")[:40])
def test_the_architecture_page_names_the_functions_that_decide(question, where, functions):
    """Each file that a row names exists, and has, or one beside it has, the functions."""
    names = re.findall(r"`([\w/]+\.py)`", where)
    files = [
        path for name in names for path in (ROOT / "pulumi_conduit").rglob("*.py") if str(path).endswith(f"/{name}")
    ]
    code = "\n".join(path.read_text(encoding="utf-8") for path in files)

    assert names, question
    assert [] == [name for name in names if not any(str(path).endswith(f"/{name}") for path in files)]
    for function in re.findall(r"[\w.]+", functions.replace("|", " ")):
        for part in function.split("."):
            assert re.search(rf"^ *(?:async )?(?:def|class) {part}\b", code, re.MULTILINE), function


EXAMPLES = sorted(path for path in (ROOT / "examples").iterdir() if path.is_dir())


def test_the_index_of_examples_lists_each_of_them():
    """The table is the folders."""
    listed = re.findall(r"^\| \[`(\w+)`\]", read("examples/README.md"), re.MULTILINE)

    assert sorted(listed) == [path.name for path in EXAMPLES]


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda path: path.name)
def test_an_example_is_shorter_than_forty_lines(folder):
    """It is read before it is copied."""
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in folder.rglob("*.py")}

    assert {} == {name: length for name, length in lengths.items() if length >= 40}


@pages
def test_every_page_is_linked(page):
    """From the README each page can be reached; the decisions are linked as a folder."""
    assert page.resolve() in _reachable()


@resources
def test_every_output_is_documented(resource):
    """The table of outputs has the id and every output that is not an argument."""
    listed = _FIRST_CODE.findall("\n" + table(section("docs/resources.md", resource.__name__), "output"))
    outputs = {name for name, kind in resource.__annotations__.items() if "Output[" in str(kind)}

    assert {"id", *(outputs - inspect.signature(resource.__init__).parameters.keys())} == set(listed)


def test_every_function_is_documented():
    """The table has every function but the twins, and nothing that is not exported."""
    rows = _FIRST_CODE.findall("\n" + table(read("docs/functions.md"), "function"))
    plain = {name for name in conduit.__all__ if name.startswith("get_") and not name.endswith("_output")}

    assert plain == {row.partition("(")[0] for row in rows}


def test_every_field_of_the_records_is_documented():
    """The table of records names every field of every record."""
    rows = table(read("docs/functions.md"), "record").strip().split("\n")
    listed = {row.split("`")[1]: set(_CODE.findall(row.split("|")[2])) - {"None"} for row in rows}
    records = (conduit.GetAccountResult, conduit.GetConductorUserResult, conduit.GetCompanyResult)

    assert {one.__name__: {field.name for field in fields(one)} for one in records} == listed


def test_every_switch_is_documented():
    """The table of switches is the class, no more and no less, and each row begins with the default."""
    rows = table(section("docs/sandbox.md", "Switches"), "switch").strip().split("\n")
    listed = {row.split("`")[1]: row.split("|")[2].strip().split(",")[0].strip("`") for row in rows}

    assert {one.name: str(getattr(Switches(), one.name)).replace("None", "none") for one in fields(Switches)} == listed


def test_every_field_of_a_fault_is_documented():
    """Whoever arms a fault finds each of its fields."""
    text = section("docs/sandbox.md", "Faults")
    missing = {field.name for field in fields(Fault) if f"`{field.name}`" not in text}

    assert set() == missing


def test_every_name_of_the_sandbox_is_documented():
    """What the sandbox can do in Python stands in its table."""
    rows = table(section("docs/sandbox.md", "In Python"), "name")
    named = set(re.findall(r"[a-z_]+", " ".join(_CODE.findall(rows))))
    public = {name for name in vars(Sandbox) if not name.startswith("_")} - {"process_id"}

    assert set() == public - named


def test_every_finding_of_doctor_is_documented_with_its_level():
    """The tables are the codes, no more and no less."""
    rows = [row.split("|")[1:3] for row in read("docs/doctor.md").split("\n") if row.startswith("| `")]
    listed = {
        name: level
        for names, levels in rows
        for name, level in zip(_CODE.findall(names), levels.strip().split(", "), strict=False)
        if not name.startswith("--")
    }

    assert {code.code: code.level.value for code in Code} == listed


def test_every_finding_of_audit_is_documented_and_whether_it_counts():
    """The table is the kinds, in their order."""
    rows = table(section("docs/audit.md", "Findings"), "kind").strip().split("\n")
    listed = [(row.split("`")[1], row.split("|")[2].strip()) for row in rows]

    assert [(kind.code, "yes" if kind.is_problem else "no") for kind in FindingKind] == listed


@pytest.mark.parametrize("name", ["doctor", "audit"])
def test_every_option_of_a_command_is_documented(name):
    """The options of a command and those in its page are the same."""
    options = {text for option in loaded(name).params for text in option.opts if text[:2] == "--"}

    listed = re.findall(r"^\| `(--[a-z-]+)", read(f"docs/{name}.md"), re.MULTILINE)

    assert sorted(options) == sorted(listed)
