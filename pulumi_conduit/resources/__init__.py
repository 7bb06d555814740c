"""What every kind of resource means: one declaration, one state and one handler per kind, over what all of them share.

`lifecycle` is the protocol of a handler; `provider_context` holds what one provider process knows. Must not know Pulumi
or HTTP: `server` talks to the engine, `api` to the two APIs.
"""
