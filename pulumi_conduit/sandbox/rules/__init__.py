"""What the two APIs do, as state and rules; HTTP, threads and the provider's client are unknown here.

Source: the Conduit Link API page and the Conductor User Management API page, 1.0.1. What these leave open is a switch.
"""
