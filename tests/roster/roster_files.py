"""Rosters written to files, read, and what is said of them."""

import json
import tempfile
from pathlib import Path
from typing import NamedTuple

from pulumi_conduit.errors import InvalidInputError
from pulumi_conduit.roster import read_roster


class Account(NamedTuple):
    """What a look-up says."""

    account_id: int
    name: str


ACCOUNTS = [Account(1, "Retail"), Account(2, "Travel"), Account(3, "Double"), Account(4, "Double")]
HEADER = "email,first_name,last_name,accounts"
ADA = "ada@acme.example,Ada,Lovelace,1"
ADA_IN_YAML = "email: ada@acme.example, first_name: Ada, last_name: Lovelace"


def read(content, name="people.csv", accounts=lambda: ACCOUNTS, beside=()):
    """Return what a file of this content declares; `beside` are further files, by name."""
    with tempfile.TemporaryDirectory() as folder:
        for one, text in {**dict(beside), name: content}.items():
            Path(folder, one).write_bytes(text if isinstance(text, bytes) else text.encode())
        try:
            return read_roster(Path(folder, name), accounts)
        except InvalidInputError as error:
            raise InvalidInputError(str(error).replace(f"{folder}/", "")) from None


def problems_of(content, *given, **more):
    """Return everything that is wrong with a file, line by line."""
    try:
        read(content, *given, **more)
    except InvalidInputError as error:
        return str(error).split("\n")
    raise AssertionError("nothing is wrong with it")


def csv_of(*rows, header=HEADER):
    """Return a CSV file of plain rows."""
    return "\n".join([header, *rows]) + "\n"


def person_in_yaml(**more):
    """Return a YAML file of one person; the values are YAML already."""
    values = {"email": "ada@acme.example", "first_name": "Ada", "last_name": "Lovelace", "accounts": "[1]", **more}
    return "people:\n- " + "\n  ".join(f"{key}: {text}" for key, text in values.items()) + "\n"


def quoted(text):
    """Return a text as a scalar of YAML, whatever is in it."""
    return json.dumps(text, ensure_ascii=False)
