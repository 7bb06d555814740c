"""`pulumi-conduit adopt`: users and companies that exist already, as code and as a file for `pulumi import`.

`people` and `companies` read, `import_file`, `roster_text` and `program_text` write, each from one `Inventory`. Nothing
here changes anything in an API.
"""
