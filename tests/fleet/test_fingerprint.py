"""What `--resume` goes by: the same text only where the same would be done again."""

import pytest

from pulumi_conduit.fleet.fingerprint import fingerprint

ENVIRON = {"CONDUCTOR_URL": "https://a.example", "CONDUCTOR_PASSWORD": "pw", "HOME": "/"}


@pytest.fixture
def folder(tmp_path):
    """Give a project."""
    (tmp_path / "data").mkdir()
    for name in ("Pulumi.yaml", "__main__.py", "data/people.csv"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "data/people.csv").write_text("x"),
        lambda folder: (folder / "data/people.csv").rename(folder / "data/others.csv"),
        lambda folder: (folder / "more.py").touch(),
        lambda folder: (folder / "__main__.py").unlink(),
    ],
)
def test_any_change_of_the_project_is_another_run(folder, change):
    """A roster, a program, a stack's config."""
    before = fingerprint(folder, "up", "20", ENVIRON)
    change(folder)

    assert before != fingerprint(folder, "up", "20", ENVIRON)


def test_so_is_another_operation_split_or_place_and_a_password_is_not(folder):
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
    for name in (".git/index", "__pycache__/a.pyc", "env/pyvenv.cfg"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()

    assert before == fingerprint(folder, "up", "20", ENVIRON)
