"""Everybody in a file: who leaves is removed from it, and `pulumi preview` then shows the deactivation."""

import pulumi

import pulumi_conduit as conduit

everybody = conduit.Roster("team", "roster.yaml")

pulumi.export("people", len(everybody.users))
