"""Runs a Pulumi program as the Python language host does, behind the fence and tied to the engine.

After `pulumi-language-python-exec` of pulumi/pulumi; the settings come as JSON in the first argument.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
import runpy
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pulumi
import pulumi.runtime

from pulumi_conduit.testing.children.guard import end_with_engine, guard_network

_FAILED = 1
_FAILED_AND_SAID_WHY = 32  # as the language host exits


def _configure(settings: dict[str, Any]) -> None:
    pulumi.runtime.set_all_config(pulumi.runtime.get_config_env(), pulumi.runtime.get_config_secret_keys_env())
    known = inspect.signature(pulumi.runtime.Settings.__init__).parameters
    pulumi.runtime.configure(
        pulumi.runtime.Settings(**{name: value for name, value in settings.items() if name in known})
    )


def _run(program: str) -> int:
    try:
        asyncio.get_event_loop().run_until_complete(pulumi.runtime.run_in_stack(lambda: _run_path(program)))
    except pulumi.RunError as error:
        pulumi.log.error(str(error))
        return _FAILED
    except Exception:  # noqa: BLE001 - the edge of the user's program
        pulumi.log.error(f"Program failed with an unhandled exception:\n{_users_part(program)}")
        return _FAILED_AND_SAID_WHY
    return 0


def _run_path(program: str) -> None:
    # Under the language host the program is the first to import this package, which joins the program that imports it.
    package = __package__.partition(".")[0]
    for module in [one for one in sys.modules if one == package or one.startswith(f"{package}.")]:
        del sys.modules[module]
    runpy.run_path(program, run_name="__main__")


def _users_part(program: str) -> str:
    """Return the traceback from the first frame of the user's program on."""
    frames = traceback.extract_tb(sys.exc_info()[2])
    main = Path(program) / "__main__.py" if Path(program).is_dir() else Path(program)
    for number, frame in enumerate(frames):
        if Path(frame.filename).absolute() == main.absolute():
            return traceback.format_exc(limit=number - len(frames))
    return traceback.format_exc()


def main() -> None:
    """Run the program, and leave with the exit code that the language host would have."""
    settings = json.loads(sys.argv[1])
    program = settings.pop("program")
    sys.argv = [program]
    # A program that is written anew within the second would be taken from its cache, which goes by seconds.
    sys.dont_write_bytecode = True
    end_with_engine()
    # The engine drops debug messages, and the SDK waits for each: four or five requests per resource.
    pulumi.log.debug = lambda *_, **__: None
    _configure(settings)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    executor = ThreadPoolExecutor(max_workers=settings["parallel"] * 4)
    loop.set_default_executor(executor)
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # a failed program leaves futures behind on purpose
    guard_network()
    code = _FAILED
    try:
        code = _run(program)
    finally:
        executor.shutdown(wait=True)
        loop.close()
        sys.stdout.flush()
        sys.stderr.flush()
    sys.exit(code)


if __name__ == "__main__":
    main()
