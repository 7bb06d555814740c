"""The two APIs over HTTP: one client each, typed records, and one transport below both.

`connect` builds the clients; `records` holds what they return. Must not know Pulumi, state or what is declared: it
asks, and says truthfully what was returned. `requests` stays in `sender`, `body`, `loss` and `tls`.
"""
