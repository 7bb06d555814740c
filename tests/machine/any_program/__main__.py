"""Declares whatever the file named by MACHINE_DECLARATION lists, so that only data changes from run to run."""

import json
import os
from pathlib import Path
from typing import Any

import pulumi

import pulumi_conduit as conduit

KINDS: dict[str, Any] = {
    "company": conduit.Company,
    "user": conduit.ConductorUser,
    "grant": conduit.UserAccountAccess,
    "list": conduit.UserAccountAccessExclusive,
}

declared = {name: pulumi.ComponentResource("test:index:Team", name) for name in ("team-a", "team-b")}
for one in json.loads(Path(os.environ["MACHINE_DECLARATION"]).read_text(encoding="utf-8")):
    given = one["args"] | ({"user": declared[one["user"]]} if "user" in one else {})
    needed = [declared[label] for label in one.get("depends_on", ()) if label in declared and label != one["parent"]]
    opts = pulumi.ResourceOptions(
        parent=declared.get(one["parent"]), aliases=one["aliases"], depends_on=needed, **one.get("options", {})
    )
    kind = KINDS[one["kind"]]
    if "read" in one:
        declared[one["label"]] = kind.get(one["label"], one["read"], opts, **given)
    else:
        declared[one["label"]] = kind(one["label"], opts=opts, **given)
