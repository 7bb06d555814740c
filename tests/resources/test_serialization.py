"""What is stored is what JSON knows, whatever a state is made of in memory, and does not change behind its back."""

import json
from dataclasses import dataclass, field
from types import MappingProxyType

import pytest

from pulumi_conduit.resources.serialization import to_properties


@dataclass(frozen=True)
class Made:
    """A record of everything that is stored."""

    ids: object = ()
    named: object = field(default_factory=dict)
    word: str | None = None


@pytest.mark.parametrize(
    ("made", "stored"),
    [
        (Made(ids=(1, 2)), {"ids": [1, 2]}),
        (Made(named=MappingProxyType({"first": 1})), {"named": {"first": 1}}),
        (Made(named={"first": 1}), {"named": {"first": 1}}),
        (Made(word="x"), {"word": "x"}),
        (Made(word=""), {"word": ""}),
        (Made(), {}),
    ],
)
def test_every_value_is_stored_as_json_knows_it(made, stored):
    """Tuples become lists, mappings become dicts, and what is empty by default is left out."""
    assert stored == json.loads(json.dumps(to_properties(made)))


def test_a_stored_mapping_is_a_copy():
    """Whoever changes what was stored does not change the state it came from."""
    made = Made(named={"first": 1})

    to_properties(made)["named"]["first"] = 2

    assert {"first": 1} == made.named
