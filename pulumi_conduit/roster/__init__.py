"""What a roster's file declares: CSV and YAML, read whole, with every problem and its place.

`columns` says what there is to say; `reader` begins. Must not know Pulumi or HTTP: accounts are looked up by whoever
asks for a roster.
"""

from pulumi_conduit.roster.model import Company, DeclaredRoster, Person
from pulumi_conduit.roster.reader import read_roster
from pulumi_conduit.roster.shards import Shard, split

__all__ = ["Company", "DeclaredRoster", "Person", "Shard", "read_roster", "split"]
