"""A failure that the program beside this file must show. No credential, no Pulumi CLI and no network."""

import json
from pathlib import Path

import pytest

from pulumi_conduit.testing.stack import OperationFailed

PROGRAM = Path(__file__).parent


def test_an_account_that_does_not_exist_is_an_error(conduit_stack):
    """The provider's own one-line error reaches the test."""
    stack = conduit_stack(PROGRAM, config={"accounts": json.dumps([4711])})

    with pytest.raises(OperationFailed, match="4711"):
        stack.up()
