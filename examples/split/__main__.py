"""One roster in several stacks: each declares the rows of its shard, which `conduit:shard` of its config names.

`pulumi-conduit stacks up --stack-prefix team- --shards 2` runs all of them and writes that config.
"""

import pulumi

import pulumi_conduit as conduit

everybody = conduit.Roster("team", "people.csv")

pulumi.export("people", sorted(everybody.users))
