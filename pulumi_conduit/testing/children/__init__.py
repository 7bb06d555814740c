"""What the embedded engine runs as processes of their own: the user's program, and the SDK's provider server.

Kept apart from the engine, so that a child loads none of it. Nothing here knows the provider.
"""
