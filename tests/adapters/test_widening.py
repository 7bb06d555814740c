"""Whether the SDK's server can serve more calls at once than it was made for, told without starting one."""

from pulumi_conduit.adapters import server


def test_the_installed_sdk_can_be_widened():
    """Its pool is of the standard library, and is found from within."""
    assert server.can_widen()


def test_a_server_with_another_pool_cannot(mocker):
    """Where the SDK's source names no such pool, nothing is promised."""
    mocker.patch.object(server, "find_spec", return_value=None)

    assert not server.can_widen()


def test_a_pool_that_cannot_be_found_from_within_cannot(mocker):
    """Where this Python hides the pool from its threads, nothing is promised either."""
    mocker.patch.object(server, "widen", return_value=None)

    assert not server.can_widen()
