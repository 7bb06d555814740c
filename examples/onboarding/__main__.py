"""Onboard everybody in a file. Who leaves is removed from it; `pulumi preview` then shows the deactivation."""

import pulumi

import pulumi_conduit as conduit

everybody = conduit.Roster("team", "roster.yaml")

pulumi.export("people", len(everybody.users))
pulumi.export("page", everybody.companies["ACME"].link_page_url)
