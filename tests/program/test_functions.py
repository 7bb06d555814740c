"""Looking things up from a program, against the sandbox."""

import os
from typing import Any

import pulumi
import pytest
from pulumi.runtime import mocks

import pulumi_conduit as conduit
from pulumi_conduit.program import functions


class Answers(mocks.Mocks):
    """Answers lookups with what it was given, and remembers them."""

    def __init__(self, answer=None):
        """Take the answer."""
        self.answer = answer
        self.asked = []

    def new_resource(self, args):
        """Refuse: no resource is declared."""
        raise AssertionError(args.name)

    def call(self, args):
        """Answer."""
        self.asked.append((args.token, args.args))
        return self.answer


@pytest.fixture
def sandbox(conduit_sandbox, monkeypatch):
    """Point this process at a sandbox of its own, as a program's environment would."""
    for name, value in conduit_sandbox.environ().items():
        monkeypatch.setenv(name, value)
    mocks.set_mocks(Answers(), preview=False)
    monkeypatch.setattr(functions, "are_mocks_set", lambda: False)
    return conduit_sandbox


def test_accounts_are_found_by_name(sandbox):
    """One list and one login answer every question of a program."""
    accounts = conduit.get_accounts()
    first = accounts[0]

    assert list(range(1, 11)) == [account.account_id for account in accounts]
    assert first == conduit.get_account(name=first.name)
    assert {"POST /login": 1, "GET /accounts": 1} == sandbox.counts()


def test_another_program_in_the_same_process_looks_again(sandbox, monkeypatch):
    """Programs that one process runs in turn share a login, and none is shown what an earlier one saw."""
    programs = [pulumi.Resource("test:index:Program", f"program-{n}", custom=False, dependency=True) for n in range(2)]
    monkeypatch.setattr(functions, "get_root_resource", lambda: programs[0])
    before = [len(conduit.get_accounts()) for _ in range(2)]
    sandbox.conductor.add_account(50, "New")
    sandbox.conductor.edit_identity("admin@sandbox.example", accounts=[*range(1, 11), 50])
    monkeypatch.setattr(functions, "get_root_resource", lambda: programs[1])

    assert [10, 10] == before
    assert 50 == conduit.get_account(name="New").account_id
    assert {"POST /login": 1, "GET /accounts": 2} == sandbox.counts()


def test_an_account_that_no_name_or_two_names_fit_is_an_error(sandbox):
    """A guess would grant the wrong access."""
    sandbox.conductor.add_account(50, "Twice")
    sandbox.conductor.add_account(51, "Twice")
    sandbox.conductor.edit_identity("admin@sandbox.example", accounts=[50, 51])

    for name, count in {"Nowhere": "no account", "Twice": "2 accounts"}.items():
        with pytest.raises(
            conduit.InvalidInputError, match=rf"^get_account: this identity owns {count} named '{name}'"
        ):
            conduit.get_account(name=name)


@pytest.mark.parametrize("name", ["Ame\u0301lie", "Am\u00e9lie "])
def test_an_account_is_found_by_its_composed_name(sandbox, name):
    """A roster finds it so, too, whatever form the API has."""
    sandbox.conductor.add_account(50, name)
    sandbox.conductor.edit_identity("admin@sandbox.example", accounts=[50])

    assert 50 == conduit.get_account(name="Am\u00e9lie").account_id
    assert 50 == conduit.get_account(name=name).account_id


def test_users_are_read_whole(sandbox):
    """INACTIVE and ADMIN users are listed, and one user is read by any spelling of its address."""
    sandbox.conductor.put_user("ada@example.com", first_name="Ada", last_name="L", accounts=[2, 1], status="INACTIVE")

    ada = conduit.GetConductorUserResult(
        email="ada@example.com",
        first_name="Ada",
        last_name="L",
        view="COMPLETE",
        sso_access=False,
        type="READ_ONLY",
        status="INACTIVE",
        accounts=(1, 2),
    )

    assert ada == conduit.get_conductor_user("Ada@Example.com")
    assert ["ada@example.com", "admin@sandbox.example"] == [user.email for user in conduit.get_conductor_users()]
    with pytest.raises(conduit.NotFoundError, match=r"no user 'nobody@example\.com' is visible"):
        conduit.get_conductor_user("nobody@example.com")


def test_a_company_is_read_without_its_token(sandbox):
    """What a program gets holds no secret."""
    made = sandbox.link.put_company("ACME", name="Acme", page_enabled=False)

    acme = conduit.GetCompanyResult(
        company_id="ACME", name="Acme", page_enabled=False, link_page_url=None, created_at=made["created_at"]
    )

    assert acme == conduit.get_company("acme")


@pulumi.runtime.test
def test_outputs_wait_for_their_inputs(sandbox):
    """The twins take inputs and give outputs."""
    name = pulumi.Output.from_input(conduit.get_accounts()[1].name)

    return conduit.get_account_output(name=name).apply(lambda account: account.account_id == 2 or pytest.fail("wrong"))


@pulumi.runtime.test
def test_a_token_is_a_secret(sandbox):
    """It opens a company's data, so it must never be shown or stored in clear."""
    sandbox.link.put_company("ACME", name="Acme", page_enabled=False)
    token = conduit.get_company_token_output("acme")

    async def check():
        assert await token.is_secret()
        assert "default/acme" == sandbox.link.token_opens(await token.future()).lower()

    return pulumi.Output.from_input(check())


def test_a_token_of_a_company_that_is_not_there_yet_names_the_output_to_pass(sandbox):
    """A text does not wait for the company that the program creates."""
    mint = pulumi.runtime.test(lambda: conduit.get_company_token_output("GLOBEX"))

    with pytest.raises(conduit.NotFoundError, match="creates the company, pass its `company_id` output"):
        mint()


@pulumi.runtime.test
def test_a_token_is_not_minted_in_a_preview(sandbox):
    """A preview has no side effect and knows no token."""
    mocks.set_mocks(Answers(), preview=True)
    token = conduit.get_company_token_output("acme")

    async def check():
        assert await token.is_secret()
        assert not await token.is_known()
        assert {} == sandbox.counts()

    return pulumi.Output.from_input(check())


ACCOUNT: dict[str, Any] = {"accountId": 1, "name": "Travel", "createdAt": "2026-01-01T00:00:00Z"}
ADA = {
    "email": "ada@example.com",
    "firstName": "Ada",
    "last_name": "L",
    "view": "COMPLETE",
    "ssoAccess": False,
    "type": "READ_ONLY",
    "status": None,
    "accounts": [1, 2],
}
ACME = {"companyId": "ACME", "name": None, "pageEnabled": False, "linkPageUrl": None, "createdAt": "then"}
MOCKED_ADA = conduit.GetConductorUserResult("ada@example.com", "Ada", "L", "COMPLETE", False, "READ_ONLY", None, (1, 2))  # noqa: FBT003


@pytest.fixture
def answers(sandbox, monkeypatch):
    """Set mocks, as the unit tests of a program do whose shell has credentials, and give what sets their answer."""
    monkeypatch.undo()
    for name, value in sandbox.environ().items():
        monkeypatch.setenv(name, value)
    answering = Answers()
    mocks.set_mocks(answering, preview=False)
    yield answering
    assert {} == sandbox.counts()


@pytest.mark.parametrize(
    ("function", "arguments", "answer", "expected", "asked"),
    [
        (
            "get_accounts",
            {},
            {"accounts": [ACCOUNT]},
            [conduit.GetAccountResult(1, "Travel", ACCOUNT["createdAt"])],
            {},
        ),
        ("get_accounts", {"profile": "b"}, ({"accounts": []}, []), [], {"profile": "b"}),
        ("get_conductor_users", {}, {"users": [ADA]}, [MOCKED_ADA], {}),
        ("get_conductor_user", {"email": "ada@example.com"}, ADA, MOCKED_ADA, {"email": "ada@example.com"}),
        (
            "get_company",
            {"company_id": "ACME"},
            ACME,
            conduit.GetCompanyResult("ACME", None, False, None, "then"),  # noqa: FBT003
            {"companyId": "ACME"},
        ),
    ],
)
def test_under_mocks_the_mocks_are_asked_and_no_api(answers, function, arguments, answer, expected, asked):
    """The unit tests of a program must not log in with what the shell has."""
    answers.answer = answer

    assert expected == getattr(conduit, function)(**arguments)
    assert [asked] == [arguments for _, arguments in answers.asked]
    first, *rest = function.split("_")
    assert [f"conduit:index:{first}{''.join(map(str.capitalize, rest))}"] == [token for token, _ in answers.asked]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (None, "get_accounts: under pulumi.runtime.set_mocks no API is used, and Mocks.call returned nothing"),
        ({}, "get_accounts: under pulumi.runtime.set_mocks no API is used, and Mocks.call returned nothing"),
        ({"users": []}, "get_accounts: the result of Mocks.call lacks the list 'accounts'"),
        ({"accounts": [{"accountId": 1}]}, "get_accounts: the result of Mocks.call lacks name, created_at"),
        ({"accounts": [7]}, "get_accounts: the result of Mocks.call lacks account_id, name, created_at"),
    ],
)
def test_mocks_without_a_result_fail_with_what_is_missing(answers, answer, why):
    """Many answer everything with an empty map."""
    answers.answer = answer

    with pytest.raises(conduit.InvalidInputError, match=f"^{why}"):
        conduit.get_accounts()


def test_mocks_without_a_token_fail_with_what_is_missing(answers):
    """The text None would be taken for one."""
    answers.answer = {"companyId": "ACME"}

    with pytest.raises(conduit.InvalidInputError, match=r"^get_company_token: the result of Mocks\.call lacks token$"):
        pulumi.runtime.test(lambda: conduit.get_company_token_output("ACME"))()


@pulumi.runtime.test
def test_a_token_is_the_mocks_own_under_mocks(answers):
    """It is a secret there, too."""
    answers.answer = {"token": "made up"}
    token = conduit.get_company_token_output("ACME")

    async def check():
        assert [True, "made up"] == [await token.is_secret(), await token.future()]

    return pulumi.Output.from_input(check())


def test_an_inline_program_without_settings_fails_with_whose_environment_counts(monkeypatch):
    """The variables of a workspace reach the provider, and not the process of the host."""
    for name in [one for one in os.environ if one.startswith(("CONDUIT_", "CONDUCTOR_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(functions, "are_mocks_set", lambda: False)
    monkeypatch.setattr(functions, "is_inline", lambda: True)

    with pytest.raises(conduit.SettingsError, match=r"is not set.* does not have the env_vars of its workspace: set"):
        conduit.get_accounts()


def test_a_name_with_a_slip_names_the_nearest(sandbox):
    """And one that is like no other names none."""
    with pytest.raises(conduit.InvalidInputError, match=r"not exactly one; the nearest are 'Travel'$"):
        conduit.get_account(name="Travell")
    with pytest.raises(conduit.InvalidInputError, match=r"not exactly one$"):
        conduit.get_account(name="Zzzzzz")
