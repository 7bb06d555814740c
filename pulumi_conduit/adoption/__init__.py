"""What lives in the two APIs as code: what to take, what each piece is in a stack, and the files that say so.

`people` and `companies` look, `entries`, `roster_text` and `program_text` write, each text from one `Inventory`. Must
not know the command line; nothing here changes anything in an API.
"""
