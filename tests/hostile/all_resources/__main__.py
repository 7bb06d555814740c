"""A resource of every kind, and every function; the names are what the environment says."""

import os

import pulumi

import pulumi_conduit as conduit

name = os.environ.get("HOSTILE_NAME", "Name")
status = os.environ.get("HOSTILE_STATUS", "ACTIVE")

acme = conduit.Company("acme", company_id="ACME", name=name, on_destroy="disable_page", on_conflict="adopt")
ann = conduit.ConductorUser(
    "ann", email="ann@acme.example", first_name="Ann", last_name="Lee", initial_accounts=[1], status=status
)
bob = conduit.ConductorUser("bob", email="bob@acme.example", first_name="Bob", last_name="Lee", initial_accounts=[3])
conduit.UserAccountAccess("ann-2", user=ann, account_id=2)
conduit.UserAccountAccessExclusive("bob-all", user=bob, account_ids=[3, 4])

pulumi.export("accounts", [account.name for account in conduit.get_accounts()])
pulumi.export("users", len(conduit.get_conductor_users()))
# Only its length leaves the program: who exports a token stores it.
token = conduit.get_company_token_output(acme.company_id)
pulumi.export("length", pulumi.Output.unsecret(token.apply(len)))
