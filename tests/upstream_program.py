"""A resource of another provider that gives values, and is replaced, deleted first, when its size changes."""

import textwrap

HEADER = "import pulumi\nimport pulumi_conduit as conduit\n"
_UPSTREAM = """
    from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider

    class Directory(ResourceProvider):
        def create(self, props):
            given = {"mail": "ada@example.com", "account": 2, "company": "ACME", "name": "b"}
            return CreateResult("one", {**props, **given})

        def diff(self, _id, olds, news):
            changed = ["size"] if olds["size"] != news["size"] else []
            return DiffResult(changes=bool(changed), replaces=changed, delete_before_replace=True)

    class Upstream(Resource):
        mail: pulumi.Output[str]
        account: pulumi.Output[int]
        company: pulumi.Output[str]
        name: pulumi.Output[str]

        def __init__(self, size):
            super().__init__(Directory(), "hr", {"size": size, **dict.fromkeys(("mail", "account", "company", "name"))})

    hr = Upstream(SIZE)
"""


def with_upstream(program, size):
    """Return a program that may use what the resource `hr` gives."""
    return HEADER + textwrap.dedent(_UPSTREAM).replace("SIZE", str(size)) + program
