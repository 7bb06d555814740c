"""What Pulumi's mocks need around them."""

import asyncio

import pytest


@pytest.fixture(autouse=True)
def settled(loop):
    """Let no task of one test outlive it: collected later, it would be an error in another one.

    A test that runs a loop of its own, as the embedded engine does, leaves the thread without one.
    """
    asyncio.set_event_loop(loop)
    yield
    loop.run_until_complete(_settle())


async def _settle():
    others = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.gather(*others, return_exceptions=True)
