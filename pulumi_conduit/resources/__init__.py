"""What every kind of resource means: one declaration, one state and one handler per kind, over what all of them share.

`lifecycle` names the calls that a handler answers; `run` holds what one provider process knows. Must not know Pulumi or
HTTP: the adapters bring the engine, `api` brings the wire.
"""
