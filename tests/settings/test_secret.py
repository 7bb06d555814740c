"""A secret shows to who asks for it by name, and to nobody else."""

import ast
import copy
import dataclasses
import pickle
import sys
from pathlib import Path

import pytest

import pulumi_conduit.settings
from pulumi_conduit.settings import LinkSettings, Secret

SECRET = Secret("s3cret")


@pytest.mark.parametrize("shown", [repr(SECRET), str(SECRET), f"{SECRET}", f"{SECRET:>20}", "{}".format(SECRET)])  # noqa: UP032 -- every way to show it
def test_a_secret_shows_a_mask(shown):
    """However it is formatted."""
    assert shown == "***"


def test_settings_show_no_secret():
    """The records that hold one print safely."""
    assert repr(LinkSettings("https://a.example", SECRET)) == "LinkSettings(url='https://a.example', token=***)"


def test_a_secret_reveals_itself_on_demand():
    """A request needs the text."""
    assert SECRET.reveal() == "s3cret"


def test_secrets_compare_by_text():
    """Also as keys; a plain text is no secret."""
    assert len({SECRET, Secret("s3cret")}) == 1
    assert Secret("other") != SECRET
    assert SECRET != "s3cret"


@pytest.mark.parametrize(
    "attempt",
    [
        *[lambda protocol=protocol: pickle.dumps(SECRET, protocol) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)],
        lambda: copy.deepcopy(SECRET),
        lambda: dataclasses.asdict(LinkSettings("https://a.example", SECRET)),
    ],
)
def test_a_secret_is_never_serialised(attempt):
    """The engine pickles what a provider holds, and stores it in the state."""
    with pytest.raises(TypeError, match="a secret is never serialised"):
        attempt()


@pytest.mark.parametrize("module", ["__init__", "settings", "sources", "values"])
def test_settings_are_cheap_to_import(module):
    """They are loaded in every program, so they import the standard library and the error tree only."""
    tree = ast.parse(Path(pulumi_conduit.settings.__file__).with_name(f"{module}.py").read_text())
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}

    ours = {name for name in imported if name.partition(".")[0] not in sys.stdlib_module_names}
    assert {name for name in ours if not name.startswith("pulumi_conduit.settings")} <= {"pulumi_conduit.errors"}
