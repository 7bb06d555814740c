"""What an import of the package costs, measured by the modules that it loads, and which names it offers."""

import ast
import importlib
import inspect
import subprocess
import sys

import pytest

import pulumi_conduit as conduit

SERVED = ("api", "settings", "server.dynamic_provider")
DECLARED = """
import asyncio
from pulumi.runtime import mocks

class Echo(mocks.Mocks):
    def new_resource(self, args):
        return args.name, args.inputs

    def call(self, args):
        raise AssertionError(args.token)

async def program():
    ada = conduit.ConductorUser("ada", email="a@b.example", first_name="A", last_name="L", initial_accounts=[1])
    conduit.Company("acme", company_id="ACME")
    conduit.UserAccountAccess("one", user=ada, account_id=2)
    conduit.UserAccountAccessExclusive("all", user="c@d.example", account_ids=[2])
    conduit.Company.get("other", "OTHER")
    await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})

mocks.set_mocks(Echo(), preview=False)
asyncio.get_event_loop().run_until_complete(program())
"""
UNCHANGED = """
import os
from types import SimpleNamespace
from pulumi_conduit.server import dynamic_provider

os.environ.update(CONDUCTOR_URL="https://c.example", CONDUCTOR_USERNAME="admin", CONDUCTOR_PASSWORD="secret")
os.environ.update(CONDUIT_LINK_APP_TOKEN="token", CONDUIT_PREVIEW="offline")
dynamic_provider.configure(SimpleNamespace(get=lambda key: None))
tenants = {
    "company": str(dynamic_provider._CONTEXT[0].sessions.link_tenant(None)),
    "user": str(dynamic_provider._CONTEXT[0].sessions.conductor_tenant(None)),
}
for kind, given in (
    ("company", {"companyId": "ACME", "name": "Acme", "pageEnabled": True}),
    ("user", {"email": "a@b.example", "firstName": "A", "lastName": "L", "initialAccounts": [1.0]}),
    ("grant", {"user": "a@b.example", "accountId": 2.0}),
    ("grant list", {"user": "c@d.example", "accountIds": [2.0]}),
):
    inputs = dynamic_provider.check(kind, {}, given).inputs
    inputs = dynamic_provider.check(kind, inputs, given).inputs
    recorded = {**inputs, "id": "x", "tenant": tenants.get(kind, tenants["user"]), "createdAt": "2026-01-01T00:00:00Z"}
    assert not dynamic_provider.diff(kind, recorded, inputs).changes, kind
"""
TOUCHED = "for name in conduit.__all__: getattr(conduit, name)"


def run(*lines):
    """Run a program in a process of its own and return the words that it prints."""
    code = "\n".join(("import sys", *lines))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own interpreter
    return set(done.stdout.split())


def loaded(*lines, after=""):
    """Return the modules that lines load beyond those of an import."""
    return run(after, "old = {*sys.modules}", *lines, "print(*{*sys.modules} - old)")


def foreign(modules):
    """Return the packages among modules that do not come with Python."""
    return {name.partition(".")[0] for name in modules} - sys.stdlib_module_names


def test_a_bare_import_loads_nothing_but_itself():
    """Who does not use a name does not pay for it, and above all not for Pulumi."""
    found = loaded("import pulumi_conduit")

    assert {"pulumi_conduit"} == {name for name in found if foreign({name})}


@pytest.mark.parametrize("use", ["", TOUCHED, DECLARED], ids=["imported", "touched", "declared"])
def test_a_program_pays_for_what_it_declares_with_and_not_for_what_serves_it(use):
    """Beyond Pulumi's own modules come only ours: no HTTP, no parser, and nothing of the provider process."""
    found = loaded("import pulumi_conduit as conduit", use, after="import pulumi")

    assert {"pulumi_conduit"} == foreign(found)
    assert [] == [name for name in sorted(found) if name.startswith(tuple(f"pulumi_conduit.{one}" for one in SERVED))]


JOINED = (
    *("program", "program.program_hooks"),
    *("sdk_internals", "warnings"),
)
"""What joins every program that imports the package, before a name of it is used."""


def test_in_a_program_a_bare_import_loads_only_what_joins_it():
    """The rest comes with the first name that is used."""
    joined = {f"pulumi_conduit.{module}" for module in JOINED}

    assert {"pulumi_conduit"} | joined == loaded("import pulumi_conduit", after="import pulumi")


def test_the_server_loads_no_resources():
    """A stored provider is loaded by its reference, and what programs declare with is not needed to serve."""
    found = loaded(
        "import pulumi_conduit.provider", after="import pulumi; sys.modules['__main__']._PROVIDER_CACHE = {}"
    )

    assert {*JOINED, "provider"} == {
        name.removeprefix("pulumi_conduit.") for name in found if name.startswith("pulumi_conduit.")
    }


def test_a_server_that_finds_nothing_changed_loads_no_http():
    """Check and diff ask nobody, so that the first preview of the day does not wait for what asks."""
    found = loaded(UNCHANGED, after="import pulumi, pulumi.dynamic, dill, grpc._server")

    assert {"pulumi_conduit"} == foreign(found)


@pytest.mark.parametrize("before", ["", "import pulumi"], ids=["alone", "beside Pulumi"])
def test_the_pytest_plugin_sets_no_hook(before):
    """It is loaded in test runs that have nothing to do with us."""
    hook = "import pytest; hook = sys.excepthook"  # pytest may bring a hook of its own

    assert {"True"} == run(before, hook, "import pulumi_conduit.testing.plugin", "print(sys.excepthook is hook)")


def test_the_pytest_plugin_does_not_load_pulumi():
    """Every start of pytest would pay for it."""
    found = loaded("import pulumi_conduit.testing.plugin", after="import pytest")

    assert {"pulumi_conduit", "pulumi_conduit.testing", "pulumi_conduit.testing.plugin"} == {
        name for name in found if name.startswith("pulumi")
    }


@pytest.mark.slow
def test_a_start_of_pytest_does_not_load_pulumi(tmp_path):
    """The entry point must not bring what the plugin leaves out."""
    test = tmp_path / "test_start.py"
    test.write_text(
        "import sys\n\n\ndef test_it(request):\n"
        "    assert 'pulumi_conduit.testing.plugin' in sys.modules\n"
        "    assert 'pulumi' not in sys.modules\n"
    )

    command = [sys.executable, "-m", "pytest", "-q", "--rootdir", tmp_path, test]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)  # noqa: S603 - our own interpreter

    assert "1 passed" in done.stdout
    assert 0 == done.returncode


def imported_for_type_checkers():
    """Return the public names that a type checker sees, each with the module that it sees it in."""
    branches = (node for node in ast.parse(inspect.getsource(conduit)).body if isinstance(node, ast.If))
    imports = next(one.body for one in branches if ast.unparse(one.test) == "TYPE_CHECKING")
    return {name.name: one.module for one in imports if isinstance(one, ast.ImportFrom) for name in one.names}


def test_type_checkers_see_every_public_name_where_it_is_loaded_from():
    """A name that they do not see has no type, and one that they see elsewhere may have another."""
    homes = {name: f"pulumi_conduit.{conduit._MODULE_OF.get(name, 'program.functions')}" for name in conduit.__all__}

    assert imported_for_type_checkers() == homes


@pytest.mark.parametrize("name", conduit.__all__)
def test_a_public_name_is_a_public_name_of_its_home(name):
    """What is loaded is the object of that name, and the same one each time."""
    home = importlib.import_module(imported_for_type_checkers()[name])

    assert name in home.__all__
    assert vars(home)[name] is getattr(conduit, name)


def test_every_public_name_is_listed_before_it_is_used():
    """Editors and prompts complete by it."""
    assert {"True"} == run("import pulumi_conduit", "print({*pulumi_conduit.__all__} <= {*dir(pulumi_conduit)})")


def test_a_star_import_brings_every_public_name():
    """The list of public names is the truth for it, too."""
    assert {"True"} == run(
        "import pulumi_conduit", "from pulumi_conduit import *", "print({*pulumi_conduit.__all__} <= {*dir()})"
    )


@pytest.mark.parametrize("module", ["enums", "errors", "provider"])
def test_modules_are_there_without_an_import_of_their_own(module):
    """Not every error is a public name of the package, and all can be caught."""
    assert {f"pulumi_conduit.{module}"} == run("import pulumi_conduit as conduit", f"print(conduit.{module}.__name__)")


def test_a_name_that_is_not_there_is_an_error():
    """It reads as that of any other module."""
    with pytest.raises(AttributeError, match=r"^module 'pulumi_conduit' has no attribute 'Compnay'$"):
        conduit.Compnay  # type: ignore[attr-defined]  # noqa: B018 - the look is what fails
