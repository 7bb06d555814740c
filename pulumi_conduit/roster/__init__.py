"""Parses roster files in CSV and YAML, and reports every problem with its position.

`model` defines the columns and rows; `reader` is the entry point. Must not know Pulumi or HTTP: the caller passes a
function that lists accounts.
"""

from pulumi_conduit.roster.model import CompanyRow, DeclaredRoster, PersonRow
from pulumi_conduit.roster.reader import read_roster
from pulumi_conduit.roster.shards import Shard, split

__all__ = ["CompanyRow", "DeclaredRoster", "PersonRow", "Shard", "read_roster", "split"]
