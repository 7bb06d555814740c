"""`pulumi-conduit stacks`: the stacks of a split roster, run side by side with Pulumi's Automation API.

`parts` says which there are, `project` makes and configures them, `operation` runs one, `runner` all.
"""
