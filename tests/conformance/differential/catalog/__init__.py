"""All scenarios, by topic."""

from differential.scenario import Scenario

from . import (
    aliases,
    basics,
    endings,
    failures,
    families,
    gets,
    options,
    pending,
    programs,
    providers,
    refreshes,
    replacement,
    secrecy,
    targets,
)

_TOPICS = (
    basics,
    replacement,
    options,
    pending,
    endings,
    families,
    aliases,
    secrecy,
    providers,
    gets,
    refreshes,
    failures,
    programs,
    targets,
)

SCENARIOS: dict[str, Scenario] = {one.name: one for topic in _TOPICS for one in topic.SCENARIOS}
