"""`pulumi-conduit report`: what a plan does, read from `pulumi preview --json`, with limits.

Knows neither Pulumi's library nor HTTP: a plan is a file that another program wrote.
"""
