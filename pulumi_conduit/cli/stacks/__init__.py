"""`pulumi-conduit stacks`: the stacks of a split roster, run side by side with Pulumi's Automation API.

`parts` computes the shards, `project` creates and configures stacks, `runner` runs one operation on all.
"""
