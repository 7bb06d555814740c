"""The beginning of a program with a dynamic resource that does nothing but echo what it is given."""

HEAD = """
import asyncio
import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

class Provider(ResourceProvider):
    serialize_as_secret_always = False
    def create(self, props):
        return CreateResult("id", {**props, "made": "at-home"})

class Thing(Resource, name="Thing"):
    made: pulumi.Output[str]
    def __init__(self, name, opts=None, **inputs):
        super().__init__(Provider(), name, {**inputs, "made": None}, opts)
"""
