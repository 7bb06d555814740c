"""Parses roster files in CSV and YAML, and reports every problem with its position.

`columns` says what there is to say; `reader` begins. Must not know Pulumi or HTTP: accounts are looked up by whoever
asks for a roster.
"""

from pulumi_conduit.roster.model import CompanyRow, DeclaredRoster, PersonRow
from pulumi_conduit.roster.reader import read_roster
from pulumi_conduit.roster.shards import Shard, split

__all__ = ["CompanyRow", "DeclaredRoster", "PersonRow", "Shard", "read_roster", "split"]
