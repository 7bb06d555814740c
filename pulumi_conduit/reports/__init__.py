"""A plan told to whoever reviews it: read from `pulumi preview --json`, judged against limits, written as a report.

Knows neither Pulumi's library nor HTTP: a plan is a file of somebody else's making.
"""
