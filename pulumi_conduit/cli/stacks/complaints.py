"""What the CLI complains of, as lines for a person: one for each reason, and none of it in the CLI's own wrapping."""

from __future__ import annotations

import json
import re

from pulumi.automation import CommandError

from pulumi_conduit.errors import escaped

__all__ = ["COMPLAINTS", "complaints"]

COMPLAINTS = (CommandError, RuntimeError, ValueError)
"""What the Automation API raises: a command that failed, events that never came, output that is no JSON."""

_LONGEST = 2000  # a message may name a URN and a path
_WRAPPING = re.compile(r"^(code|stdout|stderr): ?")
_MOST_OTHERS = 3


def complaints(error: BaseException) -> list[str]:
    """Return the reasons, each on a line of its own."""
    if isinstance(error, json.JSONDecodeError):
        begin = escaped(" ".join(error.doc.split()), 100) or "nothing"
        return [f"the Pulumi CLI was asked for JSON and printed: {begin}; is `pulumi` on PATH the Pulumi CLI?"]
    if isinstance(error, CommandError):
        return _reasons(str(error))
    return [escaped(" ".join(str(error).split()), _LONGEST) or type(error).__name__]


def _reasons(text: str) -> list[str]:
    """Return what follows `error:`, else the last lines that say anything."""
    lines = [_WRAPPING.sub("", line.strip()) for line in text.splitlines() if not line.strip().startswith("code:")]
    said = [line for line in lines if line]
    wanted = [line[line.index("error:") :].removeprefix("error: ") for line in said if "error:" in line]
    return [escaped(line, _LONGEST) for line in dict.fromkeys(wanted or said[-_MOST_OTHERS:])] or ["it says nothing"]
