"""The two APIs over HTTP: one client each, typed records, and one transport below both.

`factory` builds the clients; `records` has what they return. Must not know Pulumi, state or declarations. `requests` is
imported in `http` and `connections` only.
"""
