"""A test of the program beside this file. It needs no credential, no Pulumi CLI and no network."""

from pathlib import Path

PROGRAM = Path(__file__).parent


def test_everybody_is_in_one_of_two_stacks(conduit_stack):
    """The stacks share the people, and neither has somebody of the other."""
    stacks = [conduit_stack(PROGRAM, name=f"team-{k}", config={"conduit:shard": f"{k}/2"}) for k in range(2)]

    first, second = (set(stack.up().outputs["people"]) for stack in stacks)

    assert first
    assert second
    assert {f"{name}@acme.example" for name in ("ada", "alan", "barbara", "grace")} == first | second
    assert not first & second
