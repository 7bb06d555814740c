"""What helps to test programs that use the provider.

`plugin` has the pytest fixtures, `engine` runs programs without the Pulumi CLI, and `python -m pulumi_conduit.testing`
does so from a script. Nothing is imported here: pytest and the engine's children load this at their start.
"""
