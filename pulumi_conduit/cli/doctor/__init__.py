"""`pulumi-conduit doctor`: checks of settings, machine, network and APIs, each of which yields findings.

A finding is data and never contains a secret. Checks change nothing and are independent of each other.
"""
