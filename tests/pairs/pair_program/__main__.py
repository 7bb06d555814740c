"""Declares what the file named by PAIRS_PROGRAM says about one user, so that only data changes from run to run."""

import json
import os
from pathlib import Path

import pulumi

import pulumi_conduit as conduit

told = json.loads(Path(os.environ["PAIRS_PROGRAM"]).read_text(encoding="utf-8"))


def transform(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult:
    """Set properties of the user, as a stack's transformation may."""
    changed = told["transformed"] if isinstance(args.resource, conduit.ConductorUser) else {}
    return pulumi.ResourceTransformationResult({**args.props, **changed}, args.opts)


if told["transformed"]:
    pulumi.runtime.register_stack_transformation(transform)
if told["looked_at"]:
    conduit.ConductorUser.get("look", told["looked_at"])
if told["user"]:
    parent = pulumi.ComponentResource("pairs:index:Team", told["parent"]) if told["parent"] else None
    opts = pulumi.ResourceOptions(parent=parent, **told["opts"])
    ann = conduit.ConductorUser(told["name"], opts=opts, **told["user"])
    below = pulumi.ResourceOptions(parent=parent)
    for account in told["grants"]:
        conduit.UserAccountAccess(
            f"{told['name']}-{account}", user=ann, account_id=account, profile=told["profile"], opts=below
        )
    if told["listed"]:
        conduit.UserAccountAccessExclusive(
            f"{told['name']}-list", user=ann, account_ids=told["listed"], profile=told["profile"], opts=below
        )
