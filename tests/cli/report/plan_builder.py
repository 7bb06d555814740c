"""Plans made by hand, as the CLI prints them: for what no recording shows."""

STACK = "urn:pulumi:dev::onboarding::pulumi:pulumi:Stack::onboarding-dev"
KINDS = {
    "user": "ConductorUser",
    "grant": "UserAccountAccess",
    "list": "UserAccountAccessExclusive",
    "company": "Company",
    "shard": "RosterShard",
}
USER = {"firstName": "Ada", "lastName": "Example", "type": "READ_ONLY", "status": "ACTIVE", "initialAccounts": [1]}
COUNTED = ("create", "update", "delete", "replace")


def urn(kind, name):
    """Return the URN of a resource of ours."""
    return f"urn:pulumi:dev::onboarding::pulumi-python:dynamic/conduit:{KINDS[kind]}::{name}"


def step(op, kind, name, old=None, new=None, **about_old):
    """Return a step as the CLI prints it; `about_old` goes beside the old properties."""
    made = {"op": op, "urn": urn(kind, name)}
    if old is not None:
        made["oldState"] = {"custom": True, "inputs": old, "outputs": old, **about_old}
    if new is not None:
        made["newState"] = {"custom": True, "inputs": new}
    return made


def user(email="ada@acme.example", **more):
    """Return the properties of a user."""
    return {**USER, "email": email, **more}


def plan(*steps, said=(), **more):
    """Return a whole plan: these steps after that of the stack, and (severity, URN, message) of each diagnostic."""
    ops = [one["op"] for one in steps]
    return {
        "steps": [{"op": "same", "urn": STACK, "oldState": {}, "newState": {}}, *steps],
        "changeSummary": {"same": 1, **{op: ops.count(op) for op in COUNTED if op in ops}},
        "diagnostics": [{"severity": severity, "urn": where, "message": text} for severity, where, text in said],
        "duration": 1,
        **more,
    }
