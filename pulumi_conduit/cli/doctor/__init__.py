"""`pulumi-conduit doctor`: checks of settings, machine, network and APIs, each of which returns findings.

A finding is data and never holds a secret. Checks change nothing, and know neither each other nor how it is shown.
"""
