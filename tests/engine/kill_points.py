"""At which calls a run is killed: every mutating call of the update and of the destroy, gathered by when they come.

The calls of one moment are made side by side, so all of them are on their way when the kill comes. Of a chain of calls,
as a person is reactivated with, each is held for a person of its own: `left`, `left2`, `left3`. Names are the proxy's.
"""

from dataclasses import dataclass
from itertools import product

PHASES = ("before", "inside", "after")
VICTIMS = ("provider", "cli")
CHECKPOINTS = ("on", "off")


@dataclass(frozen=True)
class Moment:
    """Calls that are on their way at the same time, and the command that makes them."""

    command: str
    calls: tuple[str, ...]
    rerun: tuple[str, ...] = ()
    """What is typed after the command and `--yes`."""


def _users(*calls):
    return tuple(f"PUT /users/{name}@example.com/{rest}" for name, rest in (call.split("/", 1) for call in calls))


MOMENTS = {
    "first calls of creates and updates": Moment(
        "up",
        (
            "POST /link/company/ NEW",
            "POST /link/company/ADOPTED/",
            "POST /link/company/EDITED/",
            "POST /users fresh@example.com",
            "POST /users asleep@example.com",
            *_users("typed/type STANDARD", "adopted/type READ_ONLY", "resting/status INACTIVE"),
            *_users("back/accounts +1,2", "back2/accounts +1,2", "back3/accounts +1,2"),
            *_users("left/accounts +2", "visitor/accounts +5"),
            *_users("listed/accounts +3", "moved/accounts +3"),
        ),
    ),
    "later calls of creates and updates": Moment(
        "up",
        (
            *_users("asleep/status INACTIVE", "fresh/accounts +2", "visitor/accounts -4", "listed/accounts -2"),
            *_users("left/accounts -1,5", "left2/type STANDARD", "left3/status ACTIVE"),
            *_users("back/accounts -6", "back2/status ACTIVE"),
        ),
        rerun=("--refresh",),
    ),
    "deletes": Moment(
        "up",
        (
            *_users("gone/status INACTIVE", "guest/accounts -2,3", "moved/accounts -2", "host/accounts -2"),
            "POST /link/company/CLOSED/",
        ),
    ),
    "destroy": Moment(
        "destroy",
        (
            *_users("typed/status INACTIVE", "resting/status INACTIVE", "outsider/accounts -2"),
            "POST /link/company/EDITED/",
            "POST /link/company/CLOSED/",
        ),
    ),
}

CELLS = tuple(product(MOMENTS, PHASES, VICTIMS, CHECKPOINTS))
