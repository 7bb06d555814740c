"""A dynamic provider that logs every call and acts on objects in files; programs import it as `example_provider`.

It is copied beside every program, so it must know nothing of the tests. What an input does:

- `name`: the natural key and the id; a change replaces.
- `replace_on`: further inputs whose change replaces.
- `delete_first`: `diff` answers delete-before-replace.
- `says`: what `diff` answers on a change: "changes" (the default) or "unknown", which lets the engine compare.
- `fill`: values that `check` puts where an input is missing.
- `emit`: output-only values beside `serial`.
- `mute`: `read` returns no inputs.
"""

import json
import os
from pathlib import Path
from typing import Any

import pulumi
from object_store import ObjectStore  # type: ignore[import-not-found] # found beside the program that this is
from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)

Values = dict[str, Any]

_BLOB = "__provider"


def _objects() -> ObjectStore:
    return ObjectStore(Path(os.environ["PROVIDER_OBJECTS"]))


def _note(call: str, **arguments: object) -> None:
    """Append one call to the log; a single write keeps lines whole when processes share the file."""
    line = json.dumps({"call": call, **arguments}, default=_unknown) + "\n"
    with Path(os.environ["PROVIDER_LOG"]).open("a", encoding="utf-8") as log:
        log.write(line)


def _unknown(value: object) -> str:
    """Return what is written for a value that a preview does not know yet; nothing else is foreign to JSON."""
    if type(value).__name__ != "Unknown":
        raise TypeError(f"an argument of type {type(value)}")
    return "<unknown>"


def _stumble(verb: str, key: object) -> None:
    if _objects().is_armed(verb, key):
        raise RuntimeError(f"{verb} of {key} fails")


def _inputs(outputs: Values) -> Values:
    """Return what of an object's outputs was once given."""
    emitted = {"serial", "id_now", *outputs.get("emit", {})}
    return {key: value for key, value in outputs.items() if key not in emitted}


def _changed(olds: Values, news: Values) -> list[str]:
    given = _inputs(olds)
    keys = sorted((given.keys() | news.keys()) - {_BLOB})
    return [key for key in keys if given.get(key) != news.get(key)]


class ExampleProvider(ResourceProvider):
    """Every verb, logged, and as obedient as its inputs and the world's faults ask."""

    serialize_as_secret_always = False

    def configure(self, req: ConfigureRequest) -> None:
        """Write down the configuration this process was given."""
        _note("configure", config=req.config._props)

    def check(self, olds: Values, news: Values) -> CheckResult:
        """Fill in what is missing, or refuse."""
        _note("check", olds=olds, news=news)
        _stumble("check", news.get("name"))
        if _objects().is_armed("reject", news.get("name")):
            return CheckResult(news, [CheckFailure("name", "rejected"), CheckFailure("", "rejected twice")])
        return CheckResult({**news.get("fill", {}), **news}, [])

    def diff(self, id_: str, olds: Values, news: Values) -> DiffResult:
        """Compare the outputs with the new inputs."""
        _note("diff", id=id_, olds=olds, news=news)
        _stumble("diff", id_)
        changed = _changed(olds, news)
        replaces = [key for key in changed if key in ("name", *news.get("replace_on", []))]
        changes = None if changed and news.get("says") == "unknown" else bool(changed)
        return DiffResult(changes=changes, replaces=replaces, delete_before_replace=news.get("delete_first"))

    def create(self, props: Values) -> CreateResult:
        """Make the object; its serial says which of its name it is."""
        _note("create", props=props)
        _stumble("create", props["name"])
        key = props["name"]
        outputs = {**props, **props.get("emit", {}), "serial": _objects().birth(key)}
        _objects().put(key, _plain(outputs))
        return CreateResult(key, outputs)

    def read(self, id_: str, props: Values) -> ReadResult:
        """Return the object as it is now, under the id it has now."""
        _note("read", id=id_, props=props)
        _stumble("read", id_)
        live = _objects().look(id_)
        if live is None:
            return ReadResult("", {})
        id_now = live.pop("id_now", id_)
        return ReadResult(id_now, live, None if live.get("mute") else _inputs(live))

    def update(self, id_: str, olds: Values, news: Values) -> UpdateResult:
        """Write the new values over the old ones."""
        _note("update", id=id_, olds=olds, news=news)
        _stumble("update", id_)
        outputs = {**news, **news.get("emit", {}), "serial": olds.get("serial")}
        _objects().put(id_, _plain(outputs))
        return UpdateResult(outputs)

    def delete(self, id_: str, props: Values) -> None:
        """Remove the object, unless a younger one bears its name already."""
        _note("delete", id=id_, props=props)
        _stumble("delete", id_)
        live = _objects().look(id_)
        if live is not None and live.get("serial") == props.get("serial"):
            _objects().drop(id_)


def _plain(outputs: Values) -> Values:
    return {key: value for key, value in outputs.items() if key != _BLOB}


class Toy(Resource, module="toy", name="Toy"):
    """A resource of the example provider; its name is its label unless given."""

    name: pulumi.Output[str]
    serial: pulumi.Output[str]

    def __init__(self, label: str, opts: pulumi.ResourceOptions | None = None, **inputs: object) -> None:
        """Declare an object."""
        super().__init__(ExampleProvider(), label, {"name": label, **inputs, "serial": None}, opts)


class Gadget(Resource, module="toy", name="Gadget"):
    """The same under another type, for type changes."""

    name: pulumi.Output[str]
    serial: pulumi.Output[str]

    def __init__(self, label: str, opts: pulumi.ResourceOptions | None = None, **inputs: object) -> None:
        """Declare an object."""
        super().__init__(ExampleProvider(), label, {"name": label, **inputs, "serial": None}, opts)


class Group(pulumi.ComponentResource):
    """A component without children of its own; programs give it some."""

    def __init__(self, label: str, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare a group."""
        super().__init__("toy:index:Group", label, None, opts)
