"""A project is read as Pulumi reads it, and what the embedded engine cannot do with it is said in one line."""

import json

import pytest

from pulumi_conduit.testing.engine import EngineError, Secret, run
from pulumi_conduit.testing.engine.projects import Project


@pytest.fixture
def folder(tmp_path):
    """Return a way to fill a folder: its files by name."""

    def fill(**files):
        for name, text in {"Pulumi": "name: proj\nruntime: python\n", **files}.items():
            (tmp_path / f"{name.replace('__', '.')}.yaml").write_text(text, encoding="utf-8")
        return tmp_path

    return fill


def test_the_program_is_the_folder_unless_main_names_another(folder):
    """`main` may name a folder or a file; the program runs in the folder."""
    root = folder()
    (root / "src").mkdir()
    (root / "src" / "app.py").touch()

    assert (root, ".") == _place(root)
    assert (root / "src", ".") == _place(folder(Pulumi="name: proj\nruntime: python\nmain: src\n"))
    assert (root / "src", "app.py") == _place(folder(Pulumi="name: proj\nruntime: python\nmain: src/app.py\n"))


def _place(root):
    project = Project.load(root, "dev", {})
    return project.folder, project.main


def test_a_yml_file_and_a_runtime_with_options_will_do(tmp_path):
    """Both spellings of the file, and both of the runtime, are Pulumi's."""
    (tmp_path / "Pulumi.yml").write_text("name: proj\nruntime: {name: python, options: {}}\n", encoding="utf-8")

    assert "proj" == Project.load(tmp_path, "dev", {}).name


def test_configuration_is_layered_and_qualified(folder):
    """What is given goes before the stack's file, that before the project's defaults; a bare key is the project's."""
    root = folder(
        Pulumi="name: proj\nruntime: python\nconfig: {a: 1, b: {default: x}, c: {value: [1]}, d: {type: string}}\n",
        Pulumi__dev='config:\n  "proj:b": y\n  aws:region: eu\n',
    )

    loaded = Project.load(root, "dev", {"proj:b": "z", "e": Secret("s3cr3t")})

    assert {"proj:a": "1", "proj:b": "z", "proj:c": "[1]", "aws:region": "eu", "proj:e": Secret("s3cr3t")} == dict(
        loaded.config
    )


def test_another_stacks_file_is_not_read(folder):
    """The stack's name picks the file."""
    root = folder(Pulumi__prod="config:\n  proj:a: 1\n")

    assert {} == Project.load(root, "dev", {}).config


def test_programs_get_their_configuration_and_what_of_it_is_secret(folder):
    """The program's process expects all values in the clear, and the names of the secret ones beside."""
    root = folder(Pulumi="name: proj\nruntime: python\nconfig: {a: {value: s3cr3t, secret: true}, b: {value: true}}\n")

    environ = Project.load(root, "dev", {}).environ

    assert {"proj:a": "s3cr3t", "proj:b": "true"} == json.loads(environ["PULUMI_CONFIG"])
    assert ["proj:a"] == json.loads(environ["PULUMI_CONFIG_SECRET_KEYS"])


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"Pulumi": "runtime: python\n"}, "the project has no name"),
        ({"Pulumi": "name: proj\nruntime: nodejs\n"}, "the embedded engine runs Python programs only"),
        ({"Pulumi": "name: proj\n"}, "the embedded engine runs Python programs only"),
        ({"Pulumi": "- a\n"}, "is not a mapping"),
        ({"Pulumi": "a: [\n"}, "cannot be read: while parsing a flow node"),
        ({"Pulumi": "name: proj\nruntime: python\nmain: nowhere\n"}, "project 'main' could not be read"),
        ({"Pulumi__dev": "environment: [a]\n"}, "uses an environment, which the embedded engine does not support"),
        ({"Pulumi__dev": "config: {proj:a: {secure: AAAA}}\n"}, "proj:a is encrypted, and the embedded engine has no"),
        ({"Pulumi__dev": "config: {proj:a: {b: [{secure: AAAA}]}}\n"}, "proj:a is encrypted"),
        ({"Pulumi": "name: proj\nruntime: python\nconfig: [a]\n"}, "config is not a mapping"),
        ({"Pulumi__dev": "config: [a]\n"}, "config is not a mapping"),
    ],
)
def test_a_project_that_cannot_be_run_is_refused_in_one_line(folder, files, expected):
    """The error names the place and the reason, and is no traceback."""
    with pytest.raises(EngineError) as refused:
        Project.load(folder(**files), "dev", {})

    assert expected in str(refused.value)
    assert 1 == len(str(refused.value).splitlines())


def test_a_folder_without_a_project_is_refused(tmp_path):
    """Nothing is run, and no state is begun, where there is no project."""
    with pytest.raises(EngineError, match=r"holds no Pulumi\.yaml"):
        run("up", program=tmp_path, state=tmp_path / "state.json")

    assert [] == list(tmp_path.iterdir())


def test_an_operation_that_there_is_not_is_refused(folder):
    """A misspelled operation names those that there are."""
    with pytest.raises(EngineError, match="there is no operation import; there are preview, up, refresh, destroy"):
        run("import", program=folder(), state=folder() / "state.json")
