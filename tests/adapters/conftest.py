"""What Pulumi's mocks need around them."""

import asyncio

import pytest
from pulumi.runtime import mocks


@pytest.fixture(scope="session", autouse=True)
def loop():
    """Give Pulumi's mocks the one event loop that a program would run in, and close those that they make and forget."""
    ensure = mocks._ensure_event_loop
    made = [asyncio.new_event_loop()]
    asyncio.set_event_loop(made[0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mocks, "_ensure_event_loop", lambda: made.append(ensure()))
        yield made[0]
    asyncio.set_event_loop(None)
    for one in made:
        one.close()


@pytest.fixture(autouse=True)
def settled(loop):
    """Let no task of one test outlive it: collected later, it would be an error in another one."""
    yield
    loop.run_until_complete(_settle())


async def _settle():
    others = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.gather(*others, return_exceptions=True)
