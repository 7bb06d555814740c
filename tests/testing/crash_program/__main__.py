"""Two versions of a program; an update from the first to the second takes every kind of step."""

import os

import pulumi
from blocking import Thing  # type: ignore[import-not-found] # found beside this program

second = os.environ["VERSION"] == "2"

team = pulumi.ComponentResource("test:index:Team", "team")
inside = pulumi.ResourceOptions(parent=team)

kept = Thing("kept", size=1)
Thing("edited", size=2 if second else 1)
Thing("edited-inside", inside, size=2 if second else 1)
moved = Thing("moved", key="moved-2" if second else "moved-1")
Thing(
    "beside",
    key="beside-2" if second else "beside-1",
    near="moved-2" if second else "moved-1",
    opts=pulumi.ResourceOptions(depends_on=[moved]),
)
rebuilt = Thing("rebuilt", kind="b" if second else "a", first=True)
Thing("follower", near=rebuilt.kind, first=True)
Thing("relocated", inside, key="relocated-2" if second else "relocated-1", first=True)
if second:
    added = Thing("added", inside)
    Thing("added-later", near=added.id, secret=pulumi.Output.secret("s3cr3t"))
else:
    removed = Thing("removed", inside)
    Thing("removed-first", opts=pulumi.ResourceOptions(depends_on=[removed]))
pulumi.export("kept", kept.id)
