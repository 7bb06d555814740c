"""Exports as `pulumi stack export` writes them, made of what a test is about."""

from __future__ import annotations

import json

PREFIX = "pulumi-python:dynamic/conduit:"
HERE = "https://conductor.example#admin@x.example"
LINK = "https://api.example#0a1b2c"
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}


def resource(kind, object_id, inputs, tenant, **more):
    """Return a resource of ours as an export has it."""
    urn = f"urn:pulumi:dev::proj::{PREFIX}{kind}::{object_id}"
    return {
        "urn": urn,
        "type": f"{PREFIX}{kind}",
        "custom": True,
        "id": object_id,
        "inputs": {"__provider": "gASV", **inputs},
        "outputs": {"__provider": "gASV", **inputs, "tenant": tenant},
        **more,
    }


def user(email, accounts=(1,), tenant=HERE, *, type="READ_ONLY", status="ACTIVE", last_applied=None, **more):  # noqa: A002 - as the property is called
    """Return a recorded user; `last_applied` is what was declared last where that is not what was found."""
    inputs = {"email": email, "initialAccounts": list(accounts), "type": type, "status": status}
    made = resource("ConductorUser", email, inputs, tenant, **more)
    made["outputs"]["lastApplied"] = last_applied or {}
    return made


def grant(email, account, tenant=HERE, **more):
    """Return a recorded grant."""
    return resource("UserAccountAccess", f"{email}:{account}", {"user": email, "accountId": account}, tenant, **more)


def account_list(email, *accounts, tenant=HERE, **more):
    """Return a recorded exclusive list."""
    return resource("UserAccountAccessExclusive", email, {"user": email, "accountIds": list(accounts)}, tenant, **more)


def company(company_id, tenant=LINK, **more):
    """Return a recorded company."""
    return resource("Company", company_id.lower(), {"companyId": company_id}, tenant, **more)


def bucket(name="logs", **more):
    """Return a resource of another provider."""
    return {"urn": f"urn:pulumi:dev::proj::aws:s3:Bucket::{name}", "type": "aws:s3:Bucket", "custom": True, **more}


def export(*resources, stack="dev", project="proj", version=3, pending=None):
    """Return an export as text, with the stack and the provider that every one has."""
    root: dict[str, object] = {"urn": f"urn:pulumi:{stack}::{project}::pulumi:pulumi:Stack::{project}-{stack}"}
    root |= {"type": "pulumi:pulumi:Stack", "custom": False}
    provider = {"urn": "urn:pulumi:dev::proj::pulumi:providers:pulumi-python::default", "custom": True}
    provider |= {"type": "pulumi:providers:pulumi-python", "inputs": {"token": {**SECRET, "ciphertext": "v1:abc"}}}
    deployment = {"manifest": {"version": "v3.260.0"}, "resources": [root, provider, *resources]}
    if pending is not None:
        deployment["pending_operations"] = pending
    return json.dumps({"version": version, "deployment": deployment})
