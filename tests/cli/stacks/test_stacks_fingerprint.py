"""What `--resume` goes by: the same text only where the same would be done again."""

from pathlib import Path

import pytest

from pulumi_conduit.cli.stacks.fingerprint import fingerprint

ENVIRON = {"CONDUCTOR_URL": "https://a.example", "CONDUCTOR_PASSWORD": "pw", "HOME": "/"}


@pytest.fixture
def folder(tmp_path):
    """Give a project with dot-names, links, one of them in a circle, and a program outside."""
    project, outside, program = (tmp_path / name for name in ("project", "outside", "program"))
    for one in (project / "data", project / ".hidden", outside / "deeper", program):
        one.mkdir(parents=True)
    for name in ("__main__.py", "data/people.csv", ".roster.yaml", ".hidden/people.csv"):
        (project / name).write_text(name, encoding="utf-8")
    for path in (outside / "people.csv", outside / "deeper/people.csv", program / "__main__.py"):
        path.write_text("a", encoding="utf-8")
    (project / "Pulumi.yaml").write_text("name: p\nruntime: python\nmain: ../program\n", encoding="utf-8")
    (project / "linked").symlink_to(outside)
    (project / "one.csv").symlink_to(outside / "people.csv")
    (outside / "back").symlink_to(project)
    return project


def _lead(link, target):
    link.unlink()
    link.symlink_to(target)


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "data/people.csv").write_text("x"),
        lambda folder: (folder / "data/people.csv").rename(folder / "data/others.csv"),
        lambda folder: (folder / "more.py").touch(),
        lambda folder: (folder / "__main__.py").unlink(),
        lambda folder: (folder / ".roster.yaml").write_text("x"),
        lambda folder: (folder / ".hidden/people.csv").write_text("x"),
        lambda folder: (folder / "linked/people.csv").write_text("x"),
        lambda folder: (folder / "linked/deeper/people.csv").write_text("x"),
        lambda folder: (folder / "one.csv").write_text("x"),
        lambda folder: _lead(folder / "linked", folder / "data"),
        lambda folder: (folder.parent / "program/__main__.py").write_text("x"),
    ],
)
def test_any_change_of_the_project_is_another_run(folder, change):
    """A roster, a program, a stack's config."""
    before = fingerprint(folder, "up", "20", ENVIRON)
    change(folder)

    assert before != fingerprint(folder, "up", "20", ENVIRON)


@pytest.mark.parametrize("key", ["stackConfigDir", "config"])
def test_changed_config_of_a_stack_is_another_run_wherever_it_is(folder, key):
    """The project may name a folder outside itself; other files there are not the project's."""
    (folder / "Pulumi.yaml").write_text(f"name: p\nruntime: python\n{key}: ../config\n", encoding="utf-8")
    config = folder.parent / "config"
    config.mkdir()
    texts = []
    for name, text in [("Pulumi.s0.yaml", "a"), ("Pulumi.s0.yaml", "b"), ("Pulumi.s1.yaml", "b"), ("notes", "b")]:
        (config / name).write_text(text, encoding="utf-8")
        texts.append(fingerprint(folder, "up", "20", ENVIRON))

    assert (3, texts[2]) == (len(set(texts)), texts[3])


def test_without_a_readable_project_file_nothing_is_done_before(folder):
    """The program's folder is not known then."""
    (folder / "Pulumi.yaml").write_text("{", encoding="utf-8")

    assert 2 == len({fingerprint(folder, "up", "20", ENVIRON) for _ in range(2)})


def test_so_is_another_operation_split_or_tenant_and_a_password_is_not(folder):
    """Where things lead to counts; what opens the door does not, and is not in it."""
    same = fingerprint(folder, "up", "20", {**ENVIRON, "CONDUCTOR_PASSWORD": "other", "HOME": "/x"})
    others = [
        fingerprint(folder, "refresh", "20", ENVIRON),
        fingerprint(folder, "up", "21", ENVIRON),
        fingerprint(folder, "up", "20", {**ENVIRON, "CONDUCTOR_URL": "https://b.example"}),
        fingerprint(folder, "up", "20", {**ENVIRON, "CONDUCTOR_URL_B": "https://b.example"}),
    ]

    assert fingerprint(folder, "up", "20", ENVIRON) == same
    assert same not in others


def test_what_is_not_the_users_own_does_not_count(folder):
    """A virtual environment and caches change by themselves."""
    before = fingerprint(folder, "up", "20", ENVIRON)
    for name in (".git/index", "__pycache__/a.pyc", "env/pyvenv.cfg", ".mypy_cache/CACHEDIR.TAG", ".pulumi/state"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()

    assert before == fingerprint(folder, "up", "20", ENVIRON)


def test_what_cannot_be_compared_is_never_done_before(folder, mocker):
    """A link to more than can be read, a file that may not be: every run has a text of its own."""
    texts = {fingerprint(folder, "up", "20", ENVIRON) for _ in range(2)}
    mocker.patch("pulumi_conduit.cli.stacks.fingerprint._MOST_FILES", 3)
    too_many = {fingerprint(folder, "up", "20", ENVIRON) for _ in range(2)}
    mocker.stopall()
    opened = Path.open

    def refuse(path, *arguments, **options):
        if path.is_relative_to(folder):
            raise PermissionError
        return opened(path, *arguments, **options)

    mocker.patch("pathlib.Path.open", refuse)
    unreadable = {fingerprint(folder, "up", "20", ENVIRON) for _ in range(2)}

    assert [1, 2, 2] == [len(texts), len(too_many), len(unreadable)]


def test_the_table_of_routes_counts(folder, tmp_path):
    """It leads requests elsewhere, wherever it lies."""
    routes = tmp_path / "routes.toml"
    routes.write_text("[log_in]", encoding="utf-8")
    environ = {**ENVIRON, "CONDUCTOR_ROUTES": str(routes)}
    before = fingerprint(folder, "up", "20", environ)
    routes.write_text("[get_user]", encoding="utf-8")

    assert before != fingerprint(folder, "up", "20", environ)


def test_a_broken_link_is_no_reason_to_fail(folder):
    """It counts by where it leads."""
    (folder / "nowhere").symlink_to("a")
    before = fingerprint(folder, "up", "20", ENVIRON)
    _lead(folder / "nowhere", "b")

    assert before != fingerprint(folder, "up", "20", ENVIRON)
