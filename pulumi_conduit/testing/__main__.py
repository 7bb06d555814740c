"""`python -m pulumi_conduit.testing`: a program on the embedded engine, from a script.

Exit codes: 0 fine, 1 something changes under --expect-no-changes, 2 wrong usage, 3 failed.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

try:
    import click
except ModuleNotFoundError:
    sys.stderr.write("python -m pulumi_conduit.testing needs an extra: pip install 'pulumi-conduit[sandbox]'\n")
    sys.exit(3)

from pulumi_conduit.testing.engine import OPERATIONS, EngineError, Result, Secret, run
from pulumi_conduit.testing.engine.files import importable
from pulumi_conduit.testing.report import as_json, as_text

_CHANGES, _FAILED = 1, 3
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)
_SELECTING = (
    click.option("--exclude", multiple=True, metavar="URN", help="Leave this resource out; repeatable."),
    click.option("--target-dependents", is_flag=True, help="Also what depends on a target."),
    click.option("--target", multiple=True, metavar="URN", help="Only this resource; repeatable."),
)
_REPLACE = click.option("--replace", multiple=True, metavar="URN", help="Replace this resource; repeatable.")


@click.group()
def main() -> None:
    """Run a Pulumi program on an embedded engine, against the sandbox only. For tests and demonstrations."""


def _operation(name: str) -> click.Command:
    chosen = [*_SELECTING, _REPLACE] if name in {"preview", "up"} else _SELECTING

    @click.option("--cwd", type=_FOLDER, default=".", show_default=True, help="The folder of the project.")
    @click.option("--state", type=_FILE, required=True, help="The file that keeps the stack's state.")
    @click.option("--stack", default="dev", show_default=True, help="The name of the stack.")
    @click.option("--config", "plain", multiple=True, metavar="KEY=VALUE", help="A configuration value; repeatable.")
    @click.option(
        "--secret",
        multiple=True,
        metavar="KEY[=VALUE]",
        help="A secret configuration value; KEY alone takes it from the environment.",
    )
    @click.option("--continue-on-error", is_flag=True, help="Go on with what does not need what has failed.")
    @click.option("--expect-no-changes", is_flag=True, help="Exit with 1 if anything changes.")
    @click.option("--json", "is_json", is_flag=True, help="Print the result as JSON.")
    def command(  # noqa: PLR0913, PLR0917 - one parameter per option
        cwd: Path,
        state: Path,
        stack: str,
        plain: tuple[str, ...],
        secret: tuple[str, ...],
        continue_on_error: bool,  # noqa: FBT001 - click gives them by name
        expect_no_changes: bool,  # noqa: FBT001 - likewise
        is_json: bool,  # noqa: FBT001 - likewise
        **selection: Any,
    ) -> None:
        config: dict[str, str | Secret] = {**_pairs(plain)}
        config.update({key: Secret(value) for key, value in _secrets(secret).items()})
        try:
            result = run(
                name,
                program=cwd,
                state=state,
                stack=stack,
                config=config,
                continue_on_error=continue_on_error,
                **selection,
            )
        except EngineError as error:
            _fail(error)
        except KeyboardInterrupt:
            _fail(EngineError("interrupted; what was on its way is kept as pending"))
        click.echo(json.dumps(as_json(result), indent=2) if is_json else as_text(result), nl=is_json)
        sys.exit(_exit_code(result, expect_no_changes=expect_no_changes))

    for option in chosen:
        command = option(command)
    return click.command(name, help=f"{name.capitalize()} the stack.")(command)


def _pairs(given: tuple[str, ...]) -> dict[str, str]:
    for pair in given:
        if "=" not in pair:
            raise click.UsageError(f"{pair!r} is not KEY=VALUE")
    return {key: value for key, _, value in (pair.partition("=") for pair in given)}


def _secrets(given: tuple[str, ...]) -> dict[str, str]:
    """Return secrets by key; one without a value is in the environment, since every user can read command lines."""
    return _pairs(tuple(one if "=" in one else f"{one}={_from_environ(one)}" for one in given))


def _from_environ(key: str) -> str:
    variable = key.partition(":")[2] or key
    if variable not in os.environ:
        raise click.UsageError(f"{key!r} has no value, and the environment has no {variable}")
    return os.environ[variable]


def _exit_code(result: Result, *, expect_no_changes: bool) -> int:
    if not result.succeeded:
        return _FAILED
    return _CHANGES if expect_no_changes and not result.is_unchanged else 0


def _fail(error: EngineError) -> None:
    click.echo(f"error: {error}", err=True)
    sys.exit(_FAILED)


@main.command("export", help="Print the state for `pulumi stack import`.")
@click.option("--state", type=_FILE, required=True, help="The file that keeps the stack's state.")
@click.option("--like", type=_FILE, help="What `pulumi stack export` printed of the stack that takes it over.")
def _export(state: Path, like: Path | None) -> None:
    try:
        click.echo(importable(state, like), nl=False)
    except EngineError as error:
        _fail(error)


for _name in OPERATIONS:
    main.add_command(_operation(_name))

if __name__ == "__main__":
    main(prog_name="python -m pulumi_conduit.testing")
