"""The stacks of a roster that is split, run side by side with Pulumi's Automation API, for the command `stacks`.

`parts` says which there are, `project` makes and configures them, `operation` runs one, `side_by_side` all. Must not
know how a roster is declared, nor how anything is shown.
"""
