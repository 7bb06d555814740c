"""A test of the program beside this file. It needs no credential, no Pulumi CLI and no network."""

import json
from pathlib import Path

PROGRAM = Path(__file__).parent


def test_one_id_is_two_companies(conduit_stack, conduit_sandbox):
    """Each tenant has a company of its own; profile `b` is the sandbox's second Link APP."""
    environ = conduit_sandbox.environ(link_app="b")
    profile = {"linkUrl": environ["CONDUIT_LINK_URL"], "linkAppToken": environ["CONDUIT_LINK_APP_TOKEN"]}
    stack = conduit_stack(PROGRAM, config={"conduit:profiles": json.dumps({"b": profile})})

    outputs = stack.up().outputs

    assert outputs["ours"] != outputs["theirs"]
    assert conduit_sandbox.link.company("ACME")["name"] == "Acme, our customer"
    assert conduit_sandbox.link.company("ACME", app="b")["name"] == "Acme, a partner's"
