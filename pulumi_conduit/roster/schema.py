"""The JSON Schema by which editors complete and check a roster in YAML, made of the columns.

An editor does not see what needs the whole file: names twice, groups that are not there. And it takes `123` for a
number where a name is wanted, so that it asks for quotes which the reader does not need.
`python -m pulumi_conduit.roster.schema` prints it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pulumi_conduit.roster.model import COMPANY, LABEL, PERSON, Column
from pulumi_conduit.roster.rows import MAX_ROWS

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["roster_schema", "schema_text"]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_LABELS = {"^x_.": LABEL.schema}
_ANYTHING = {"^x_.": True}


def roster_schema() -> dict[str, Any]:
    """Return the schema."""
    people = {"type": "array", "minItems": 1, "maxItems": MAX_ROWS, "items": _row(PERSON)}
    file = {"type": "string", "pattern": "\\.[cC][sS][vV]$", "description": "A CSV file of people, beside this one."}
    properties = {
        "defaults": _defaults(),
        "groups": _groups(),
        "people": {"oneOf": [people, file]},
        "companies": {"type": "array", "maxItems": MAX_ROWS, "items": _row(COMPANY)},
    }
    closed = _closed(properties, ["people"], _ANYTHING)
    return {"$schema": _DIALECT, "title": "A roster of pulumi-conduit", **closed}


def schema_text() -> str:
    """Return the schema as the text of its file."""
    return json.dumps(roster_schema(), indent=2) + "\n"


def _row(columns: Mapping[str, Column]) -> dict[str, Any]:
    required = [name for name, column in columns.items() if column.is_required and column.is_identity]
    return _closed(_properties(columns), required, _LABELS)


def _defaults() -> dict[str, Any]:
    kinds = {"people": PERSON, "companies": COMPANY}
    shared = {
        kind: {name: column for name, column in columns.items() if not column.is_identity}
        for kind, columns in kinds.items()
    }
    return _closed({kind: _closed(_properties(columns), [], _LABELS) for kind, columns in shared.items()}, [], {})


def _groups() -> dict[str, Any]:
    accounts = {**PERSON["accounts"].schema, "description": "Account ids and exact names of accounts."}
    numbers = {"pattern": "^[0-9]+(\\.0+|( *[;,] *[0-9]+)+)$"}
    names = {"pattern": "^[^|]*[^0-9|][^|]*$", "not": numbers, "maxLength": 1024}
    return {"type": "object", "propertyNames": names, "additionalProperties": accounts}


def _properties(columns: Mapping[str, Column]) -> dict[str, Any]:
    return {name: {**column.schema, "description": column.about} for name, column in columns.items()}


def _closed(properties: Mapping[str, Any], required: list[str], patterns: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        **({"patternProperties": patterns} if patterns else {}),
        **({"required": required} if required else {}),
        "additionalProperties": False,
    }


if __name__ == "__main__":
    print(schema_text(), end="")  # noqa: T201 - to be redirected into a file
