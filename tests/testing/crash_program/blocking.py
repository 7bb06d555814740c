"""A dynamic provider whose world is a folder of files, and which stops at the point that it is given.

`BLOCK` names the point as `verb:when:key`. There it writes its process id into the file `reached`, and waits for `go`.
"""

import fcntl
import json
import os
import time
from pathlib import Path

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult

WORLD = Path(os.environ["WORLD"])
_alive = (WORLD.parent / "alive").open("w")
fcntl.flock(_alive, fcntl.LOCK_SH)  # released by the end of the process, however it comes


def _point(verb, when, key):
    if os.environ.get("BLOCK") == f"{verb}:{when}:{key}":
        (WORLD.parent / "reached.part").write_text(str(os.getpid()), encoding="utf-8")
        (WORLD.parent / "reached.part").replace(WORLD.parent / "reached")
        while not (WORLD.parent / "go").exists():
            time.sleep(0.005)


def _write(props):
    known = {name: value for name, value in props.items() if name != "__provider"}
    partial = WORLD / f".{props['key']}"
    partial.write_text(json.dumps(known), encoding="utf-8")
    partial.replace(WORLD / props["key"])


class Provider(ResourceProvider):
    """Objects have a natural key: to create one that is there is to take it over."""

    serialize_as_secret_always = False

    def diff(self, id_, olds, news):
        """Ask for a new object where its key or kind changes; with `first` once the old one is gone."""
        changed = [name for name in news if name != "__provider" and olds.get(name) != news[name]]
        replaces = [name for name in changed if name in {"key", "kind", "near"}]
        return DiffResult(bool(changed), replaces, delete_before_replace=bool(news.get("first")))

    def create(self, props):
        """Write the file."""
        _point("create", "before", props["key"])
        _write(props)
        _point("create", "after", props["key"])
        return CreateResult(props["key"], props)

    def read(self, id_, props):
        """Read the file."""
        _point("read", "before", id_)
        path = WORLD / id_
        if not path.exists():
            return ReadResult("", {})
        return ReadResult(id_, {**props, **json.loads(path.read_text(encoding="utf-8"))})

    def update(self, id_, olds, news):
        """Write the file again."""
        _point("update", "before", id_)
        _write(news)
        _point("update", "after", id_)
        return UpdateResult(news)

    def delete(self, id_, props):
        """Remove the file."""
        _point("delete", "before", id_)
        (WORLD / id_).unlink(missing_ok=True)
        _point("delete", "after", id_)


class Thing(Resource, module="blocking", name="Thing"):
    """An object of the world; its key is its name in the program unless given."""

    kind: pulumi.Output[str]

    def __init__(self, label, opts=None, **inputs):
        """Declare it."""
        super().__init__(Provider(), label, {"key": label, **inputs}, opts)
