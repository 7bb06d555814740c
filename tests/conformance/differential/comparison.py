"""What differs between two runners, one line per fact, so that a failing test can be read."""

import json
from collections import Counter
from itertools import zip_longest
from typing import Any

Observed = dict[str, Any]


def differences(expected: list[Observed], seen: list[Observed]) -> list[str]:
    """Return one line per difference of two runs, each with the number of its step, from 1 on."""
    nothing: Observed = {}
    pairs: list[tuple[Observed, Observed]] = list(zip_longest(expected, seen, fillvalue=nothing))
    return [
        f"step {n} {one.get('operation')}: {line}"
        for n, (one, two) in enumerate(pairs, start=1)
        for line in step_differences(one, two)
    ]


def step_differences(expected: Observed, seen: Observed) -> list[str]:
    """Return one line per difference of two steps; the two are named after what is right and what is tried."""
    facts = sorted(expected.keys() | seen.keys())
    return [line for fact in facts for line in _fact(fact, expected.get(fact), seen.get(fact))]


def _fact(fact: str, expected: Any, seen: Any) -> list[str]:
    if expected == seen:
        return []
    if not (isinstance(expected, list) and isinstance(seen, list)):
        return [f"{fact}: expected {expected!r}, got {seen!r}"]
    missing, surplus = _surplus(expected, seen), _surplus(seen, expected)
    lines = [f"{fact}: missing {one}" for one in missing] + [f"{fact}: surplus {one}" for one in surplus]
    return lines or [f"{fact}: the same, in another order: expected {_brief(expected)}, got {_brief(seen)}"]


def _surplus(these: list[Any], those: list[Any]) -> list[str]:
    return sorted((Counter(map(_text, these)) - Counter(map(_text, those))).elements())


def _brief(calls: list[Any]) -> str:
    return ", ".join(_text(call) for call in calls)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
