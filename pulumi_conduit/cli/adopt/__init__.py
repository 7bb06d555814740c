"""`pulumi-conduit adopt`: existing users and companies as code and as a file for `pulumi import`.

`people` and `companies` read into one `Inventory`; `files` renders it. Never writes to an API.
"""
