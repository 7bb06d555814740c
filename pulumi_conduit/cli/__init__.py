"""The command line, `pulumi-conduit`: one file per command, each loaded only when it is called.

Knows how to start and nothing of any command.
"""

from __future__ import annotations

import sys

__all__ = ["main"]

_FAILED = 3


def main() -> None:
    """Run the command line."""
    try:
        from pulumi_conduit.cli.group import commands  # noqa: PLC0415 - click is an extra, and may be absent
    except ModuleNotFoundError as error:
        if error.name != "click":
            raise
        sys.stderr.write("pulumi-conduit: the command line needs its extra: pip install 'pulumi-conduit[cli]'\n")
        sys.exit(_FAILED)
    from pulumi_conduit.cli.exit_codes import exit_after  # noqa: PLC0415 - likewise

    exit_after(lambda: commands(prog_name="pulumi-conduit"), "pulumi-conduit")
