"""The stand-in held to the descriptions, which were written without it: every operation, well-formed and broken."""

from __future__ import annotations

import pytest

pytest.importorskip("schemathesis", reason="schemathesis needs Python 3.11")

from contract_descriptions import CASES, OPERATIONS, asked_of, described, loaded
from contract_services import token_of

LINK = loaded(described("link"), cases=CASES // OPERATIONS // 2, is_hostile=True)
CONDUCTOR = loaded(described("conductor"), cases=CASES // OPERATIONS // 2, is_hostile=True)


@pytest.fixture(scope="session")
def keys(sandbox):
    """Give the credentials of either API."""
    return {"link": sandbox.link.app_token(), "conductor": token_of(sandbox)}


@LINK.parametrize()
def test_the_stand_in_answers_as_the_link_page_says(case, sandbox, keys, tried):
    """Whatever is asked, the answer is one that the description of the Link API allows."""
    tried["cases"] += 1
    asked_of(case, sandbox.link_url, headers={"Authorization": f"Bearer {keys['link']}"})


@CONDUCTOR.parametrize()
def test_the_stand_in_answers_as_the_conductor_page_says(case, sandbox, keys, tried):
    """Whatever is asked, the answer is one that the description of the Conductor API allows."""
    tried["cases"] += 1
    asked_of(case, sandbox.conductor_url, headers={"Authorization": f"Bearer {keys['conductor']}"})
