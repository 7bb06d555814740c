"""What a fork sees: workflows with the least rights that run the make targets which exist, and templates that parse."""

import re
import runpy
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
EXAMPLES = sorted((ROOT / "examples" / "ci" / "github").glob("*.yml"))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
notes = runpy.run_path(str(ROOT / ".ci" / "release_notes.py"))["notes"]
MAY_WRITE = {
    "attest": {"attestations": "write", "id-token": "write"},
    "publish": {"id-token": "write"},
    "notes": {"contents": "write"},
}
"""The only jobs that may do more than read, with all that they may."""

FORMS = sorted({*(GITHUB / "ISSUE_TEMPLATE").glob("*.yml")} - {GITHUB / "ISSUE_TEMPLATE" / "config.yml"})
workflows = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)


def parsed(path):
    """Return a YAML file as data; `on` is no boolean here."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - all scalars stay text


def steps(path):
    """Return the steps of all jobs of a workflow."""
    return [step for job in parsed(path)["jobs"].values() for step in job["steps"]]


def targets(text):
    """Return the make targets that commands call."""
    return set(re.findall(r"^ *make ([\w-]+)", text, re.MULTILINE))


@workflows
def test_a_job_may_read_and_nothing_else_unless_it_is_named_here(path):
    """A workflow has no rights; each job takes its own."""
    made = parsed(path)
    expected = {name: MAY_WRITE.get(name, {"contents": "read"}) for name in made["jobs"]}

    assert ({}, expected) == (made["permissions"], {name: job["permissions"] for name, job in made["jobs"].items()})


@workflows
def test_no_job_that_may_write_checks_out_or_makes_anything(path):
    """What signs or publishes runs no code of the checkout: it takes what another job has built and tested."""
    writing = [step for name, job in parsed(path)["jobs"].items() if name in MAY_WRITE for step in job["steps"]]

    assert [] == [step for step in writing if "checkout" in step.get("uses", "") or targets(step.get("run", ""))]


@pytest.mark.parametrize("path", [*WORKFLOWS, *EXAMPLES], ids=lambda path: path.name)
def test_every_action_is_pinned_by_digest_with_its_version(path):
    """A tag can be moved; the version beside the digest is for readers and for the bot that proposes the next."""
    used = re.findall(r"uses: (.+)", path.read_text(encoding="utf-8"))

    assert used
    assert [] == [use for use in used if not re.match(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use)]


def test_one_action_has_one_digest_in_a_workflow_of_ours():
    """Two would be two versions to look after."""
    used = {use for path in WORKFLOWS for use in re.findall(r"uses: (.+)", path.read_text(encoding="utf-8"))}

    assert len(used) == len({use.partition("@")[0] for use in used})


@workflows
def test_every_make_target_of_a_workflow_exists(path):
    """A workflow calls make, so that each of its jobs can be run by hand."""
    called = {target for step in steps(path) for target in targets(step.get("run", ""))}

    assert called
    assert set() == called - set(re.findall(r"^([\w-]+):", MAKEFILE, re.MULTILINE))


def test_the_workflow_runs_all_that_the_gate_of_the_repository_runs():
    """`.ci/run` and ci.yml call the same targets."""
    gate = targets((ROOT / ".ci" / "run").read_text(encoding="utf-8"))
    called = {target for step in steps(GITHUB / "workflows" / "ci.yml") for target in targets(step.get("run", ""))}

    assert {"audit", "check", "coverage", "test"} == gate
    assert set() == gate - called


def test_the_matrix_is_the_versions_that_the_package_names():
    """A version that is promised is tested, with each change and before each release."""
    named = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', (ROOT / "pyproject.toml").read_text("utf-8"))
    matrices = [
        job["strategy"]["matrix"]["python"]
        for path in WORKFLOWS
        for name, job in parsed(path)["jobs"].items()
        if name == "test"
    ]

    assert [named, named] == matrices


def test_the_oldest_sdk_of_the_workflow_is_the_oldest_that_the_package_allows():
    """`make test-sdk` installs it."""
    oldest = re.findall(r'"pulumi>=([\d.]+),', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))[0]

    assert [f"{oldest}.0"] == re.findall(r"^SDK = (.+)$", MAKEFILE, re.MULTILINE)


def test_the_hooks_are_the_commands_of_make_check():
    """Who installs pre-commit gets what the gate asks for, no more and no less."""
    recipe = re.findall(r"^check: .*\n((?:\t.+\n)+)", MAKEFILE, re.MULTILINE)[0]
    expected = [line.strip().replace("$(BIN)", ".venv/bin") for line in recipe.splitlines()]
    made = parsed(ROOT / ".pre-commit-config.yaml")

    assert expected == [hook["entry"] for repo in made["repos"] for hook in repo["hooks"]]


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.name)
def test_an_issue_form_has_a_name_and_asks_for_something(path):
    """GitHub shows no form that lacks either."""
    made = parsed(path)
    assert made["name"]
    assert made["description"]
    assert [field for field in made["body"] if field.get("validations") == {"required": "true"}]


CHANGELOG = "# Changelog\n\n## [1.2.3] - {date}\n\n### Added\n\n- A thing.\n\n## [1.2.2] - 2026-01-01\n\n- Older.\n"


def test_the_notes_of_a_release_are_its_section():
    """Neither its heading nor older releases."""
    told = notes("v1.2.3", '__version__ = "1.2.3"\n', CHANGELOG.format(date="2026-12-01"))

    assert "### Added\n\n- A thing.\n" == told


@pytest.mark.parametrize(
    ("tag", "version", "date", "reason"),
    [
        ("v1.2.4", "1.2.3", "2026-12-01", "the tag is 'v1.2.4' but pulumi_conduit.__version__ is '1.2.3'"),
        ("1.2.3", "1.2.3", "2026-12-01", "the tag is '1.2.3' but pulumi_conduit.__version__ is '1.2.3'"),
        ("v2.0.0", "2.0.0", "2026-12-01", "CHANGELOG.md has no section '## [2.0.0] - <date>'"),
        ("v1.2.3", "1.2.3", "unreleased", "CHANGELOG.md says 'unreleased' of 1.2.3"),
    ],
)
def test_a_tag_that_is_not_ready_is_refused(tag, version, date, reason):
    """Nothing is built of it."""
    with pytest.raises(ValueError, match=re.escape(reason)):
        notes(tag, f'__version__ = "{version}"\n', CHANGELOG.format(date=date))


def test_the_changelog_of_this_version_has_a_section():
    """The script finds it in the real files, as soon as it has a date."""
    source = (ROOT / "pulumi_conduit" / "__init__.py").read_text(encoding="utf-8")
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").replace(" - unreleased", " - 2026-12-01", 1)
    version = re.findall(r'__version__ = "(.+)"', source)[0]

    assert "### Added" in notes(f"v{version}", source, changelog)
