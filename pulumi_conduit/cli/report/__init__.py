"""`pulumi-conduit report`: the access changes in the JSON of `pulumi preview --json`, with limits.

Must not know Pulumi's library or HTTP.
"""
