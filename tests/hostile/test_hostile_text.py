"""A name is data: exact in the state, and never more than visible text on one line where it is printed."""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from corpus import NAMES, SPEAKABLE, UNSEEN, steering, steering_of_lines
from handler_stack import Stack, account_list, company, grant, user
from sampling import sample

import pulumi_conduit as conduit
from pulumi_conduit.cli.group import commands
from pulumi_conduit.errors import ConduitError, SettingsError, escaped
from pulumi_conduit.program.dynamic_resource import refuse_provider, require_plain
from pulumi_conduit.settings import Settings
from pulumi_conduit.testing.engine import Diagnostic, Result, Step, run
from pulumi_conduit.testing.report import as_json, as_text, error_lines

HERE = Path(__file__).parent
ANN = "ann@acme.example"
HOSTILE_ACCOUNT = 500

every_name = pytest.mark.parametrize(
    "name", sample((pytest.param(name, id=known_as) for known_as, name in NAMES.items()), 3)
)


@pytest.fixture
def stack(sandbox, monkeypatch):
    """Give a handler stack over the sandbox."""
    return Stack(sandbox.environ(), monkeypatch, sandbox.advance)


def said_by(stack, act):
    """Return everything that an operation says, one message per item."""
    try:
        act()
    except ConduitError as error:
        return [*stack.warnings, str(error)]
    except Exception as error:  # noqa: BLE001 -- the stack's own, which lists reasons in lines
        return [*stack.warnings, *str(error).split("\n")]
    return list(stack.warnings)


def assert_visible(messages):
    """Assert that each message is one line of visible text, and that there is one at all."""
    assert messages
    assert [] == [found for message in messages for found in steering(message)]


def assert_visible_lines(text):
    """Assert that a text steers nothing."""
    assert text
    assert [] == steering_of_lines(text)


@pytest.mark.parametrize("name", SPEAKABLE.values(), ids=SPEAKABLE)
def test_a_name_that_can_be_seen_is_stored_exactly(sandbox, stack, name):
    """Whatever it would mean elsewhere: to the APIs and to the state it is a name, in Unicode's NFC."""
    stack.up({"acme": company(name=name), "ann": user(firstName=name, lastName=name)})

    name = unicodedata.normalize("NFC", name)
    assert name == sandbox.link.company("ACME")["name"] == stack.outputs("acme")["name"]
    assert (name, name) == (stack.outputs("ann")["firstName"], stack.outputs("ann")["lastName"])
    assert name == sandbox.conductor.user(ANN)["first_name"]
    assert {"same"} == {
        what for what, _ in stack.preview({"acme": company(name=name), "ann": user(firstName=name, lastName=name)})
    }


@pytest.mark.parametrize("name", UNSEEN.values(), ids=UNSEEN)
def test_a_name_that_hides_something_is_refused_in_the_preview(sandbox, stack, name):
    """In every property that is free text, and without being repeated."""
    program = {"acme": company(name=name), "ann": user(firstName=name, lastName=name)}

    for one, declared in program.items():
        messages = said_by(stack, lambda one=one, declared=declared: stack.preview({one: declared}))
        assert_visible(messages)
        assert all(
            "must not hold control, bidi, zero-width or other invisible characters" in message for message in messages
        )

    assert [] == sandbox.writes()


@every_name
def test_an_actual_name_is_adopted_exactly(sandbox, stack, name):
    """The state says what the API has, character by character; the warning of the adoption is visible text."""
    sandbox.link.put_company("ACME", name=name)

    messages = said_by(stack, lambda: stack.up({"acme": company()}))

    assert name == stack.outputs("acme")["name"]
    assert name == json.loads(json.dumps(stack.outputs("acme")))["name"]
    assert_visible(messages)


@every_name
def test_an_actual_name_in_a_conflict_is_shown_as_visible_text(sandbox, stack, name):
    """Errors and warnings name the actual values: of companies, of users and of accounts."""
    sandbox.link.put_company("ACME", name=name)
    sandbox.conductor.put_user(ANN, first_name=name, last_name=name, accounts=[1, HOSTILE_ACCOUNT, 2])
    conflicts = (
        (stack.up, {"acme": company(name="Acme")}),
        (stack.preview, {"acme": company(name="Acme", importId="ACME")}),
        (stack.up, {"acme": company(name="Acme", onConflict="adopt")}),
        (stack.preview, {"ann": user()}),
        (stack.preview, {"ann": user(importId=ANN)}),
        (stack.preview, {"list": account_list(1)}),
        (stack.preview, {"list": account_list(1, importId=ANN)}),
    )
    for operate, program in conflicts:
        assert_visible(said_by(stack, lambda operate=operate, program=program: operate(program)))


@every_name
def test_a_name_that_changed_outside_is_shown_as_visible_text(sandbox, stack, name):
    """Drift that nothing repairs is a warning with the actual value in it; the state has it exactly."""
    program = {"acme": company(name="Acme"), "ann": user(accounts=[1]), "ann-2": grant(2)}
    stack.up(program)
    sandbox.link.edit_company("ACME", name=name)
    sandbox.conductor.edit_user(ANN, first_name=name)

    stack.refresh()
    messages = [*stack.warnings, *said_by(stack, lambda: stack.preview(program))]

    assert (name, name) == (stack.outputs("acme")["name"], stack.outputs("ann")["firstName"])
    assert_visible(messages)


@pytest.fixture
def sandbox(sandbox):
    """Give a sandbox in which an account may be given any name."""
    sandbox.name_account = lambda name: _named_account(sandbox, name)
    sandbox.name_account("Plain")
    return sandbox


def _named_account(sandbox, name):
    number = max(HOSTILE_ACCOUNT, max(sandbox.conductor.accounts()) + 1)
    if number == HOSTILE_ACCOUNT or name != "Plain":
        sandbox.conductor.add_account(number, name)
        owned = sandbox.conductor.identities()["admin@sandbox.example"]
        sandbox.conductor.edit_identity("admin@sandbox.example", accounts=[*owned, number])
    return number


@every_name
def test_the_name_of_an_account_is_shown_as_visible_text(sandbox, stack, name):
    """The preview of an exclusive list names the accounts that will be removed."""
    number = sandbox.name_account(name)
    sandbox.conductor.put_user(ANN, accounts=[1, number])

    messages = said_by(stack, lambda: stack.preview({"list": account_list(1)}))

    assert_visible(messages)
    assert any(f"({number})" in message for message in messages)


@every_name
@pytest.mark.parametrize("status", [400, 500])
def test_what_an_api_says_in_a_refusal_is_shown_as_visible_text(sandbox, stack, name, status):
    """Its message stands in ours."""
    for route in ("GET /users", "GET /link/company/{id}/", "POST /users"):
        sandbox.faults.add(route, times=None, status=status, body={"message": name})

    for program in ({"acme": company(importId="ACME")}, {"ann": user()}):
        assert_visible([*said_by(stack, lambda program=program: stack.up(program)), "and nothing else"])


@every_name
def test_a_setting_is_shown_as_visible_text_or_not_at_all(name):
    """Whoever sets a variable may get its value back in an error."""
    asks = {
        "CONDUIT_DEADLINE_SECONDS": lambda settings: settings.deadline_s(None),
        "CONDUIT_PREVIEW": lambda settings: settings.preview(None),
        "CONDUIT_MAX_MISSING": lambda settings: settings.max_missing(None),
        "CONDUIT_WORKERS": lambda settings: settings.workers(),
        "CONDUIT_DEBUG": lambda settings: settings.debug(),
        "CONDUIT_ALLOW_MOVE": lambda settings: settings.allow_move(),
        "CONDUCTOR_URL": lambda settings: settings.conductor(None),
    }
    for variable, ask in asks.items():
        with pytest.raises(SettingsError) as caught:
            ask(Settings({variable: name, "CONDUCTOR_USERNAME": "u", "CONDUCTOR_PASSWORD": "p"}, {}))
        assert_visible([str(caught.value)])


@every_name
def test_the_name_of_a_resource_is_shown_as_visible_text(name):
    """The program's own errors begin with it."""
    explicit: Any = SimpleNamespace(provider=SimpleNamespace(package="pulumi-python"), providers=None, parent=None)
    for refuse in (
        lambda: require_plain(name, "on_destroy", Awaitable(), "error"),
        lambda: refuse_provider(name, conduit.Company.type_token(), explicit),
    ):
        with pytest.raises(ConduitError) as caught:
            refuse()
        assert_visible([str(caught.value)])


class Awaitable:
    """Stands for a value that is not known yet."""

    def __await__(self):
        """Be awaitable, which is all that is looked at."""
        return iter(())


@every_name
def test_text_is_escaped_without_loss_of_what_is_visible(name):
    """What cannot be seen is spelled out, and what can be seen stays."""
    assert [] == steering(escaped(name, len(name)))
    assert name in (escaped(name, len(name)), name.encode().decode()) or steering(name)


def hostile_result(name):
    """Return a result of the embedded engine that has the name wherever a name can be."""
    urn = f"urn:pulumi:dev::test::pulumi-python:dynamic/conduit:Company::{name}"
    return Result(
        "up",
        succeeded=False,
        steps=[Step("update", urn, (name,))],
        diagnostics=[Diagnostic("error", urn, name), Diagnostic("warning", "", name)],
        outputs={name: name, "list": [name, {name: name}]},
    )


@every_name
def test_the_report_of_the_embedded_engine_is_visible_text(name):
    """As text each line steers nothing, as JSON every character is there and none is raw."""
    result = hostile_result(name)

    assert_visible_lines(as_text(result))
    assert_visible(error_lines(result))
    printed = json.dumps(as_json(result))
    assert [] == steering(printed)
    assert name == json.loads(printed)["outputs"][name]


@pytest.mark.slow
def test_a_run_over_every_hostile_name_prints_visible_text_only(sandbox, tmp_path, tried):
    """`python -m pulumi_conduit.testing`: account names from the API, a name in the program; text, JSON and state."""
    # In an output the SDK itself takes its word for the unknown for just that.
    names = {*NAMES.values()} - {NAMES["unknown"]}
    for name in sorted(names):
        sandbox.name_account(name)
    said = SPEAKABLE["image"] + SPEAKABLE["markup"]

    text = _cli(sandbox, tmp_path, said, "up")
    in_json = _cli(sandbox, tmp_path, said, "preview", "--json")

    assert_visible_lines(text.stdout)
    assert_visible_lines(in_json.stdout)
    assert ("", "") == (text.stderr, in_json.stderr)
    assert names <= {*json.loads(in_json.stdout)["outputs"]["accounts"]}
    held = json.loads((tmp_path / "state.json").read_text(encoding="utf-8"))["deployment"]["resources"]
    outputs = {one["urn"].rpartition("::")[2]: one.get("outputs", {}) for one in held}
    assert said == outputs["acme"]["name"]
    assert names <= {*outputs["everything-dev"]["accounts"]}
    tried("names printed by the test kit", 2 * len(names))


def _cli(sandbox, folder, name, operation, *options):
    command = [sys.executable, "-m", "pulumi_conduit.testing", operation, "--state", str(folder / "state.json")]
    environ = {**sandbox.environ(), "HOSTILE_NAME": name, "PATH": "", "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(  # noqa: S603 -- this interpreter
        [*command, "--cwd", str(HERE / "all_resources"), *options],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )


@pytest.mark.parametrize("name", sample((name for name in NAMES.values() if "\x00" not in name), 3))
def test_the_command_line_of_the_sandbox_prints_visible_text_only(name):
    """What is refused may be repeated: commands, options and switches."""
    for arguments in (
        ["sandbox", "--switch", name],
        ["sandbox", "--switch", f"{name}=1"],
        ["sandbox", "--switch", f"read_lag={name}"],
        ["sandbox", "--port", name],
        ["sandbox", f"--{name}"],
        [name],
    ):
        ran = CliRunner().invoke(commands, arguments)

        assert ran.exit_code in (2, 3)
        assert_visible_lines(ran.output)


def test_the_sandbox_shows_the_name_of_a_file_as_visible_text(tmp_path):
    """A path is data, too."""
    path = tmp_path / "nowhere" / UNSEEN["title"]

    ran = CliRunner().invoke(commands, ["sandbox", "--port", "0", "--file", str(path)])

    assert_visible_lines(ran.output)


def test_a_program_that_fails_with_hostile_names_is_reported_as_visible_text(tmp_path, conduit_launcher):
    """A message of the program's own is not ours, and still steers nothing in the report."""
    (tmp_path / "Pulumi.yaml").write_text("name: test\nruntime: python\n", encoding="utf-8")
    program = f"import pulumi\nraise pulumi.RunError({' '.join(NAMES.values())!r})\n"
    (tmp_path / "__main__.py").write_text(program, encoding="utf-8")

    result = run("preview", program=tmp_path, state=tmp_path / "state.json", launcher=conduit_launcher)

    assert not result.succeeded
    assert_visible_lines(as_text(result))
