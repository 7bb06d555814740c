"""docs/reference.md names every public name, and each has what the site prints: a text, and one for each argument."""

import inspect
import re
from dataclasses import is_dataclass
from pathlib import Path

import click
import pytest

import pulumi_conduit as conduit
from pulumi_conduit.cli.group import commands

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reference.md").read_text(encoding="utf-8")
LISTED = re.findall(r"^::: pulumi_conduit\.(\w+)$", PAGE, re.MULTILINE)
CALLED = {
    name: function
    for name in conduit.__all__
    for function in (getattr(conduit, name), getattr(getattr(conduit, name), "__init__", None))
    if inspect.isfunction(function)
    and not is_dataclass(getattr(conduit, name))
    and function.__module__.startswith("pulumi_conduit.program")
}


def test_every_public_name_is_in_the_reference_once():
    """A new public name without a place in the page fails."""
    assert sorted(conduit.__all__) == sorted(LISTED)


@pytest.mark.parametrize("name", conduit.__all__)
def test_every_public_name_is_documented(name):
    """It has a docstring of its own, none that it inherits."""
    assert (vars(getattr(conduit, name)).get("__doc__") or getattr(conduit, name).__doc__ or "").strip()


@pytest.mark.parametrize("name", CALLED)
def test_every_argument_of_a_public_name_is_documented(name):
    """The docstring says something of each, so that the site's list is whole."""
    said = set(re.findall(r":param (\w+):", CALLED[name].__doc__ or ""))
    taken = inspect.signature(CALLED[name]).parameters.keys() - {"self"}

    assert set() == taken - said


def test_every_command_and_option_is_documented():
    """What mkdocs-click prints of a command is its help; of an option also what it may be."""
    context = click.Context(commands)
    found = {name: commands.get_command(context, name) for name in commands.list_commands(context)}

    assert [] == [name for name, one in found.items() if not (one and one.help)]
    options = [(name, o) for name, one in found.items() if one for o in one.params if o.opts[0][:2] == "--"]
    assert [] == [(name, o.opts) for name, o in options if not o.help and not isinstance(o.type, click.Choice)]
