"""The normal form in which two engines are compared: all that is a fact, nothing that is chance or place."""

import json
from typing import Any

_SECRET_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET_VALUE = "1b47061264138c4ac30d75fd1eb44270"
_BLOB = "__provider"
_CHANCE = ("created", "modified", "sourcePosition", "stackTrace")
_SETS = ("dependencies", "aliases", "replaceWith", "additionalSecretOutputs", "initErrors")


def normal_value(value: Any) -> Any:
    """Return a property value with secrets readable and the provider's blob named."""
    if isinstance(value, list):
        return [normal_value(one) for one in value]
    if not isinstance(value, dict):
        return value
    if value.get(_SECRET_SIGNATURE) == _SECRET_VALUE:
        return {"<secret>": _hidden(value)}
    return {key: "<blob>" if key == _BLOB else normal_value(one) for key, one in value.items()}


def _hidden(secret: dict[str, Any]) -> Any:
    """Return what a secret holds: state writes it as JSON in a string, calls as a value."""
    if "plaintext" in secret:
        return normal_value(json.loads(secret["plaintext"]))
    return normal_value(secret.get("value", "<ciphertext>"))


def normal_calls(calls: list[dict[str, Any]], *, is_ordered: bool) -> list[dict[str, Any]]:
    """Return the provider's calls, as a sequence or as a multiset."""
    found = [normal_value(call) for call in calls]
    return found if is_ordered else sorted(found, key=_text)


def normal_plan(plan: list[tuple[str, str]]) -> list[list[str]]:
    """Return a plan's steps as a multiset, without those of default providers, which the CLI does not show."""
    return sorted([op, urn] for op, urn in plan if not _is_default_provider(urn))


def _is_default_provider(urn: str) -> bool:
    kind, name = urn.split("::")[2:4]
    return kind.startswith("pulumi:providers:") and name.startswith("default")


def normal_resources(deployment: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a deployment's resources as a set: sorted, without times, places and random ids."""
    resources = deployment.get("resources") or []
    labels = _provider_labels(resources)
    return sorted((_resource(one, labels) for one in resources), key=_rank)


def normal_pending(deployment: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what a deployment says was begun and not ended."""
    pending = deployment.get("pending_operations") or []
    return sorted(({"type": one["type"], "urn": one["resource"]["urn"]} for one in pending), key=_text)


def _provider_labels(resources: list[dict[str, Any]]) -> dict[str, str]:
    """Name each provider's random id after what it is, so that what points to it stays comparable."""
    providers = [one for one in resources if one["type"].startswith("pulumi:providers:")]
    return {one["id"]: "<old provider>" if one.get("delete") else "<provider>" for one in providers if "id" in one}


def _resource(resource: dict[str, Any], labels: dict[str, str]) -> dict[str, Any]:
    kept = {key: value for key, value in resource.items() if key not in _CHANCE}
    for key in ("inputs", "outputs"):
        if key in kept:
            kept[key] = normal_value(kept[key])
    for key in _SETS:
        if kept.get(key):
            kept[key] = sorted(kept[key], key=_text)
    return _with_labels(_with_sorted_reasons(kept), labels)


def _with_sorted_reasons(resource: dict[str, Any]) -> dict[str, Any]:
    reasons = resource.get("propertyDependencies")
    if not reasons:
        return resource
    return {**resource, "propertyDependencies": {key: sorted(urns or []) for key, urns in reasons.items()}}


def _with_labels(resource: dict[str, Any], labels: dict[str, str]) -> dict[str, Any]:
    named = dict(resource)
    if named.get("id") in labels:
        named["id"] = labels[named["id"]]
    if named.get("provider"):
        urn, _, id_ = named["provider"].rpartition("::")
        named["provider"] = f"{urn}::{labels.get(id_, '<unknown provider>')}"
    return named


def _rank(resource: dict[str, Any]) -> tuple[str, str]:
    return resource["urn"], _text(resource)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
